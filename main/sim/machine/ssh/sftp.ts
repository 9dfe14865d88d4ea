import ssh2, { type Attributes, type FileEntry, type SFTPWrapper } from 'ssh2'
import { groupName, modeText, userName } from '../commands/ls.ts'
import { calendar } from '../commands/options.ts'
import type { Files, Stat } from '../files/files.ts'
import { type Credentials, FileError, normalise } from '../files/tree.ts'
import type { SimulatedMachine } from '../machine.ts'
import { homeOf } from '../shell/session.ts'

const { OPEN_MODE, STATUS_CODE } = ssh2.utils.sftp

const TYPE_BITS: Readonly<Record<Stat['kind'], number>> = { file: 0o100000, directory: 0o040000, symlink: 0o120000, device: 0o020000 }

const attributes = (stat: Stat): Attributes => ({
  mode: TYPE_BITS[stat.kind] | stat.mode,
  uid: stat.uid,
  gid: stat.gid,
  size: stat.size,
  atime: Math.floor(stat.mtime / 1000),
  mtime: Math.floor(stat.mtime / 1000),
})

interface OpenFile {
  readonly kind: 'file'
  readonly path: string
  readonly append: boolean
  readonly writable: boolean
  /** The file as it is being written; put on the disk when it is closed, or when it has grown by a lot. */
  bytes: Buffer
  size: number
  changed: boolean
  /** Asked for with the open, given once the file is complete. */
  readonly mode: number | undefined
}
interface OpenDirectory {
  readonly kind: 'directory'
  readonly path: string
  listed: boolean
}

/** Open handles a client may hold at once. */
const MAX_HANDLES = 256

/** SFTP version 3, as OpenSSH's sftp-server speaks it (draft-ietf-secsh-filexfer-02), on the machine's files. */
export const serveSftp = (machine: SimulatedMachine, user: Credentials, sftp: SFTPWrapper, connected: AbortSignal): void => {
  const files: Files = machine.files(user)
  const home = homeOf(machine, user)
  const handles = new Map<number, OpenFile | OpenDirectory>()
  let next = 0
  const at = (path: string) => normalise(home, path)

  const statusOf = (error: unknown): number => {
    if (!(error instanceof FileError)) return STATUS_CODE.FAILURE
    return error.code === 'ENOENT' || error.code === 'ENOTDIR'
      ? STATUS_CODE.NO_SUCH_FILE
      : error.code === 'EACCES' || error.code === 'EPERM'
        ? STATUS_CODE.PERMISSION_DENIED
        : STATUS_CODE.FAILURE
  }
  /** Does the work and answers OK; work that answers by itself returns false. */
  const answer = (id: number, work: () => boolean | void) => {
    try {
      connected.throwIfAborted()
      if (work() !== false) {
        machine.flush()
        sftp.status(id, STATUS_CODE.OK)
      }
    } catch (error) {
      sftp.status(id, statusOf(error))
    }
  }
  const open = (handle: OpenFile | OpenDirectory): Buffer => {
    const number = next++
    handles.set(number, handle)
    const buffer = Buffer.alloc(4)
    buffer.writeUInt32BE(number)
    return buffer
  }
  const handleOf = (buffer: Buffer) => (buffer.length === 4 ? handles.get(buffer.readUInt32BE()) : undefined)
  const setAttributes = (path: string, given: Attributes) => {
    if (given.size !== undefined) {
      const before = files.readFile(path)
      const after = new Uint8Array(given.size)
      after.set(before.subarray(0, given.size))
      files.writeFile(path, after)
    }
    if (given.mode !== undefined) files.chmod(path, given.mode & 0o7777)
    if (given.uid !== undefined && given.gid !== undefined) files.chown(path, given.uid, given.gid)
    if (given.mtime !== undefined) files.utimes(path, Number(given.mtime) * 1000)
  }
  const save = (handle: OpenFile) => {
    if (!handle.changed) return
    files.writeFile(handle.path, handle.bytes.subarray(0, handle.size))
    handle.changed = false
  }
  const longName = (name: string, stat: Stat) => {
    const time = calendar(stat.mtime)
    return `${modeText(stat)} ${String(stat.links).padStart(4)} ${userName(machine, stat.uid).padEnd(8)} ${groupName(machine, stat.gid).padEnd(8)} ${String(stat.size).padStart(8)} ${time.month} ${String(time.day).padStart(2)} ${time.short} ${name}`
  }

  sftp.on('error', () => undefined)
  sftp.on('end', () => {
    // scp takes a missing exit status for a failure; ssh2 offers none for subsystems, only its protocol layer does.
    const { _protocol, outgoing } = sftp as unknown as {
      _protocol: { exitStatus(channel: number, status: number): void }
      outgoing: { id: number; state: string }
    }
    if (outgoing.state === 'open' || outgoing.state === 'eof') _protocol.exitStatus(outgoing.id, 0)
    sftp.end()
  })
  sftp.on('close', () => {
    for (const handle of handles.values()) {
      try {
        if (handle.kind === 'file') save(handle)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
      }
    }
    handles.clear()
    machine.flush()
  })
  sftp.on('REALPATH', (id, path) => {
    const filename = at(path || '.')
    sftp.name(id, [{ filename, longname: filename, attrs: {} as Attributes }])
  })
  sftp.on('STAT', (id, path) =>
    answer(id, () => {
      sftp.attrs(id, attributes(files.stat(at(path))))
      return false
    }),
  )
  sftp.on('LSTAT', (id, path) =>
    answer(id, () => {
      sftp.attrs(id, attributes(files.lstat(at(path))))
      return false
    }),
  )
  sftp.on('OPEN', (id, name, flags, given) =>
    answer(id, () => {
      if (handles.size >= MAX_HANDLES) throw new Error('too many open files')
      const path = at(name)
      const writable = (flags & (OPEN_MODE.WRITE | OPEN_MODE.APPEND)) !== 0
      const exists = files.exists(path)
      if (exists && flags & OPEN_MODE.CREAT && flags & OPEN_MODE.EXCL) throw new FileError('EEXIST', 'open', path)
      if (!exists && !(flags & OPEN_MODE.CREAT)) throw new FileError('ENOENT', 'open', path)
      const mode = given.mode === undefined ? undefined : given.mode & 0o7777
      if (writable && (!exists || flags & OPEN_MODE.TRUNC)) files.writeFile(path, '', mode === undefined ? undefined : mode & ~0o022)
      else if (writable) files.appendFile(path, '')
      const content = flags & OPEN_MODE.READ || (writable && !(flags & OPEN_MODE.TRUNC)) ? Buffer.from(files.readFile(path)) : Buffer.alloc(0)
      sftp.handle(
        id,
        open({ kind: 'file', path, writable, append: (flags & OPEN_MODE.APPEND) !== 0, bytes: content, size: content.length, changed: false, mode }),
      )
      return false
    }),
  )
  sftp.on('READ', (id, buffer, offset, length) => {
    const handle = handleOf(buffer)
    if (handle?.kind !== 'file') return void sftp.status(id, STATUS_CODE.FAILURE)
    if (offset >= handle.size) return void sftp.status(id, STATUS_CODE.EOF)
    sftp.data(id, handle.bytes.subarray(offset, Math.min(handle.size, offset + length)))
  })
  sftp.on('WRITE', (id, buffer, offset, data) =>
    answer(id, () => {
      const handle = handleOf(buffer)
      if (handle?.kind !== 'file' || !handle.writable) throw new Error('bad handle')
      const start = handle.append ? handle.size : offset
      const end = start + data.length
      if (end > MAX_TRANSFER) throw new FileError('EFBIG', 'write', handle.path)
      if (end > handle.bytes.length) {
        const grown = Buffer.alloc(Math.max(end, handle.bytes.length * 2, 65_536))
        handle.bytes.copy(grown, 0, 0, handle.size)
        handle.bytes = grown
      }
      data.copy(handle.bytes, start)
      handle.size = Math.max(handle.size, end)
      handle.changed = true
      sftp.status(id, STATUS_CODE.OK)
      return false
    }),
  )
  sftp.on('CLOSE', (id, buffer) =>
    answer(id, () => {
      const handle = handleOf(buffer)
      if (!handle) throw new Error('bad handle')
      handles.delete(buffer.readUInt32BE())
      if (handle.kind === 'file') save(handle)
    }),
  )
  sftp.on('FSTAT', (id, buffer) =>
    answer(id, () => {
      const handle = handleOf(buffer)
      if (!handle) throw new Error('bad handle')
      const stat = files.stat(handle.path)
      sftp.attrs(id, attributes(handle.kind === 'file' ? { ...stat, size: Math.max(handle.size, handle.writable ? 0 : stat.size) } : stat))
      return false
    }),
  )
  sftp.on('FSETSTAT', (id, buffer, given) =>
    answer(id, () => {
      const handle = handleOf(buffer)
      if (!handle) throw new Error('bad handle')
      if (handle.kind === 'file') {
        if (given.size !== undefined) {
          handle.size = Math.min(handle.size, given.size)
          handle.changed = true
        }
        save(handle)
      }
      setAttributes(handle.path, given)
    }),
  )
  sftp.on('SETSTAT', (id, path, given) => answer(id, () => setAttributes(at(path), given)))
  sftp.on('OPENDIR', (id, path) =>
    answer(id, () => {
      if (handles.size >= MAX_HANDLES) throw new Error('too many open files')
      files.readdir(at(path))
      sftp.handle(id, open({ kind: 'directory', path: at(path), listed: false }))
      return false
    }),
  )
  sftp.on('READDIR', (id, buffer) =>
    answer(id, () => {
      const handle = handleOf(buffer)
      if (handle?.kind !== 'directory') throw new Error('bad handle')
      if (handle.listed) {
        sftp.status(id, STATUS_CODE.EOF)
        return false
      }
      handle.listed = true
      const entries: FileEntry[] = ['.', '..', ...files.readdir(handle.path)].map(name => {
        const stat = files.lstat(normalise(handle.path, name))
        return { filename: name, longname: longName(name, stat), attrs: attributes(stat) }
      })
      sftp.name(id, entries)
      return false
    }),
  )
  sftp.on('REMOVE', (id, path) =>
    answer(id, () => {
      if (files.lstat(at(path)).kind === 'directory') throw new FileError('EISDIR', 'unlink', path)
      files.remove(at(path))
    }),
  )
  sftp.on('RMDIR', (id, path) =>
    answer(id, () => {
      if (files.lstat(at(path)).kind !== 'directory') throw new FileError('ENOTDIR', 'rmdir', path)
      files.remove(at(path))
    }),
  )
  sftp.on('MKDIR', (id, path, given) => answer(id, () => files.mkdir(at(path), { mode: given.mode === undefined ? 0o755 : given.mode & 0o777 & ~0o022 })))
  sftp.on('RENAME', (id, from, to) =>
    answer(id, () => {
      if (files.exists(at(to))) throw new FileError('EEXIST', 'rename', to)
      files.rename(at(from), at(to))
    }),
  )
  sftp.on('READLINK', (id, path) =>
    answer(id, () => {
      const target = files.readlink(at(path))
      sftp.name(id, [{ filename: target, longname: target, attrs: {} as Attributes }])
      return false
    }),
  )
  // All clients send the target first, as OpenSSH does against the draft; ssh2 turns the two round for those it knows as OpenSSH.
  const turned = (sftp as unknown as { readonly _isOpenSSH?: boolean })._isOpenSSH === true
  sftp.on('SYMLINK', (id, first, second) => answer(id, () => (turned ? files.symlink(second, at(first)) : files.symlink(first, at(second)))))
}

/** As the largest file a machine holds. */
const MAX_TRANSFER = 64 * 1024 * 1024
