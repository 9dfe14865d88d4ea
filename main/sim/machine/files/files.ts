import { type Credentials, type DirectoryInode, type ErrnoCode, FileError, type FileInode, type FileTree, type Inode, normalise } from './tree.ts'

export interface Stat {
  readonly kind: 'file' | 'directory' | 'symlink' | 'device'
  readonly ino: number
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly links: number
  readonly mtime: number
}

/** A machine's files as one user may use them. Paths are absolute, or relative to `cwd` where it was given; all calls throw FileError. */
export interface Files {
  readonly user: Credentials
  stat(path: string): Stat
  /** Does not follow a symbolic link at the end. */
  lstat(path: string): Stat
  exists(path: string): boolean
  readFile(path: string): Uint8Array
  readText(path: string): string
  writeFile(path: string, content: Uint8Array | string, mode?: number): void
  appendFile(path: string, content: Uint8Array | string): void
  /** Names, sorted as ls sorts them in the C locale. */
  readdir(path: string): string[]
  mkdir(path: string, options?: { readonly recursive?: boolean; readonly mode?: number }): void
  /** Removes a file, a link, or an empty directory. */
  remove(path: string): void
  rename(from: string, to: string): void
  symlink(target: string, path: string): void
  link(existing: string, path: string): void
  readlink(path: string): string
  realpath(path: string): string
  chmod(path: string, mode: number): void
  chown(path: string, uid: number | undefined, gid: number | undefined): void
  utimes(path: string, mtime: number): void
  /** May this user read (4), write (2), execute (1) it? */
  access(path: string, want: number): boolean
}

const MAX_LINKS = 40
const encoder = new TextEncoder()
const bytesOf = (content: Uint8Array | string) => (typeof content === 'string' ? encoder.encode(content) : content)

const allowed = (inode: Inode, user: Credentials, want: number): boolean => {
  if (user.uid === 0) return (want & 1) === 0 || inode.kind === 'directory' || (inode.mode & 0o111) !== 0
  const shift = inode.uid === user.uid ? 6 : inode.gid === user.gid || user.groups.includes(inode.gid) ? 3 : 0
  return ((inode.mode >> shift) & want) === want
}

/** The tree through one user's eyes. `onRandom` fills reads of /dev/urandom. */
export const filesFor = (tree: FileTree, user: Credentials, randomBytes: (length: number) => Uint8Array): Files => {
  /** Walks to the directory that holds the last component; follows links on the way. */
  const walk = (
    path: string,
    operation: string,
    follow: boolean,
    depth = 0,
  ): { parent: DirectoryInode; name: string; inode: Inode | undefined; path: string } => {
    if (depth > MAX_LINKS) throw new FileError('ELOOP', operation, path)
    const absolute = normalise('/', path)
    const parts = absolute === '/' ? [] : absolute.slice(1).split('/')
    let directory = tree.root
    let at = ''
    for (let i = 0; i < parts.length; i++) {
      const name = parts[i]!
      if (name.length > 255) throw new FileError('ENAMETOOLONG', operation, path)
      if (!allowed(directory, user, 1)) throw new FileError('EACCES', operation, path)
      const inode = directory.entries.get(name)
      const last = i === parts.length - 1
      if (inode?.kind === 'symlink' && (!last || follow)) {
        const target = normalise(at || '/', inode.target)
        return walk(last ? target : `${target}/${parts.slice(i + 1).join('/')}`, operation, follow, depth + 1)
      }
      if (last) return { parent: directory, name, inode, path: `${at}/${name}` }
      if (!inode) throw new FileError('ENOENT', operation, path)
      if (inode.kind !== 'directory') throw new FileError('ENOTDIR', operation, path)
      directory = inode
      at += `/${name}`
    }
    return { parent: tree.root, name: '', inode: tree.root, path: '/' }
  }
  const find = (path: string, operation: string, follow = true) => {
    const found = walk(path, operation, follow)
    if (!found.inode) throw new FileError('ENOENT', operation, path)
    if (path.endsWith('/') && path !== '/' && found.inode.kind === 'file') throw new FileError('ENOTDIR', operation, path)
    return { ...found, inode: found.inode }
  }
  const fail = (code: ErrnoCode, operation: string, path: string): never => {
    throw new FileError(code, operation, path)
  }
  const mayChange = (parent: DirectoryInode, operation: string, path: string, victim?: Inode) => {
    if (!allowed(parent, user, 3)) fail('EACCES', operation, path)
    if (victim && parent.mode & 0o1000 && user.uid !== 0 && victim.uid !== user.uid && parent.uid !== user.uid) fail('EPERM', operation, path)
    if (victim && isGenerated(victim)) fail('EPERM', operation, path)
  }
  const isGenerated = (inode: Inode) => inode.kind === 'file' && inode.generate !== undefined
  const touch = (directory: DirectoryInode) => {
    directory.mtime = tree.now()
  }
  const markTree = (inode: Inode, path: string) => {
    tree.dirty.add(path)
    if (inode.kind === 'directory') for (const [name, child] of inode.entries) markTree(child, `${path}/${name}`)
  }
  const statOf = (inode: Inode): Stat => ({
    kind: inode.kind === 'file' && inode.device ? 'device' : inode.kind,
    ino: inode.ino,
    mode: inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    size: inode.kind === 'file' ? inode.size : inode.kind === 'symlink' ? encoder.encode(inode.target).length : 4096,
    links: inode.kind === 'directory' ? 2 + [...inode.entries.values()].filter(child => child.kind === 'directory').length : inode.links,
    mtime: isGenerated(inode) ? tree.now() : inode.mtime,
  })
  const write = (path: string, content: Uint8Array | string, append: boolean, mode = 0o666 & ~0o022) => {
    const found = walk(path, 'open', true)
    const bytes = bytesOf(content)
    if (!found.inode) {
      mayChange(found.parent, 'open', path)
      const inode = tree.file(mode, user)
      tree.store(inode, bytes, false, path)
      found.parent.entries.set(found.name, inode)
      touch(found.parent)
      tree.dirty.add(found.path)
      return
    }
    if (found.inode.kind !== 'file') return fail('EISDIR', 'open', path)
    if (!allowed(found.inode, user, 2)) fail('EACCES', 'open', path)
    if (found.inode.device === 'full') fail('ENOSPC', 'write', path)
    if (found.inode.device) return
    if (isGenerated(found.inode)) fail(user.uid === 0 ? 'EINVAL' : 'EACCES', 'write', path)
    tree.store(found.inode, bytes, append, path)
    tree.dirty.add(found.path)
  }
  const content = (inode: FileInode, path: string): Uint8Array => {
    if (inode.generate) return encoder.encode(inode.generate())
    if (inode.device === 'zero') return fail('EFBIG', 'read', path)
    if (inode.device === 'random') return randomBytes(4096)
    return inode.data.subarray(0, inode.size)
  }

  const files: Files = {
    user,
    stat: path => statOf(find(path, 'stat').inode),
    lstat: path => statOf(find(path, 'lstat', false).inode),
    exists: path => {
      try {
        return walk(path, 'access', true).inode !== undefined
      } catch {
        return false
      }
    },
    readFile: path => {
      const { inode } = find(path, 'open')
      if (inode.kind !== 'file') return fail('EISDIR', 'read', path)
      if (!allowed(inode, user, 4)) fail('EACCES', 'open', path)
      return content(inode, path)
    },
    readText: path => new TextDecoder().decode(files.readFile(path)),
    writeFile: (path, bytes, mode) => write(path, bytes, false, mode),
    appendFile: (path, bytes) => write(path, bytes, true),
    readdir: path => {
      const { inode } = find(path, 'scandir')
      if (inode.kind !== 'directory') return fail('ENOTDIR', 'scandir', path)
      if (!allowed(inode, user, 4)) fail('EACCES', 'scandir', path)
      return [...inode.entries.keys()].toSorted()
    },
    mkdir: (path, options) => {
      if (options?.recursive) {
        let at = ''
        for (const part of normalise('/', path).split('/').slice(1)) {
          at += `/${part}`
          const found = walk(at, 'mkdir', true)
          if (!found.inode) files.mkdir(at, { mode: options.mode })
          else if (found.inode.kind !== 'directory') fail(at === normalise('/', path) ? 'EEXIST' : 'ENOTDIR', 'mkdir', path)
        }
        return
      }
      const found = walk(path, 'mkdir', false)
      if (found.inode) fail('EEXIST', 'mkdir', path)
      mayChange(found.parent, 'mkdir', path)
      found.parent.entries.set(found.name, tree.directory(options?.mode ?? 0o755, user))
      touch(found.parent)
      tree.dirty.add(found.path)
    },
    remove: path => {
      const found = find(path, 'unlink', false)
      if (found.name === '') fail('EPERM', 'rmdir', path)
      mayChange(found.parent, 'unlink', path, found.inode)
      if (found.inode.kind === 'directory' && found.inode.entries.size > 0) fail('ENOTEMPTY', 'rmdir', path)
      found.parent.entries.delete(found.name)
      found.inode.links--
      if (found.inode.kind === 'file' && found.inode.links === 0) tree.storedBytes -= found.inode.size
      touch(found.parent)
      tree.dirty.add(found.path)
    },
    rename: (from, to) => {
      const source = find(from, 'rename', false)
      const target = walk(to, 'rename', false)
      mayChange(source.parent, 'rename', from, source.inode)
      mayChange(target.parent, 'rename', to, target.inode)
      if (source.inode === target.inode) return
      if (source.inode.kind === 'directory' && `${target.path}/`.startsWith(`${source.path}/`)) fail('EINVAL', 'rename', to)
      if (target.inode) {
        if (target.inode.kind === 'directory') {
          if (source.inode.kind !== 'directory') fail('EISDIR', 'rename', to)
          if (target.inode.entries.size > 0) fail('ENOTEMPTY', 'rename', to)
        } else if (source.inode.kind === 'directory') fail('ENOTDIR', 'rename', to)
        if (target.inode.kind === 'file' && --target.inode.links === 0) tree.storedBytes -= target.inode.size
      }
      markTree(source.inode, source.path)
      source.parent.entries.delete(source.name)
      target.parent.entries.set(target.name, source.inode)
      markTree(source.inode, target.path)
      touch(source.parent)
      touch(target.parent)
    },
    symlink: (target, path) => {
      const found = walk(path, 'symlink', false)
      if (found.inode) fail('EEXIST', 'symlink', path)
      mayChange(found.parent, 'symlink', path)
      found.parent.entries.set(found.name, tree.symlink(target, user))
      touch(found.parent)
      tree.dirty.add(found.path)
    },
    link: (existing, path) => {
      const source = find(existing, 'link')
      if (source.inode.kind === 'directory') fail('EPERM', 'link', existing)
      const found = walk(path, 'link', false)
      if (found.inode) fail('EEXIST', 'link', path)
      mayChange(found.parent, 'link', path)
      source.inode.links++
      found.parent.entries.set(found.name, source.inode)
      touch(found.parent)
      tree.dirty.add(found.path)
    },
    readlink: path => {
      const { inode } = find(path, 'readlink', false)
      return inode.kind === 'symlink' ? inode.target : fail('EINVAL', 'readlink', path)
    },
    realpath: path => find(path, 'realpath').path,
    chmod: (path, mode) => {
      const found = find(path, 'chmod')
      if (user.uid !== 0 && user.uid !== found.inode.uid) fail('EPERM', 'chmod', path)
      found.inode.mode = mode & 0o7777
      tree.dirty.add(found.path)
    },
    chown: (path, uid, gid) => {
      const found = find(path, 'chown')
      const ownGroup = uid === undefined && gid !== undefined && found.inode.uid === user.uid && (gid === user.gid || user.groups.includes(gid))
      if (user.uid !== 0 && !ownGroup) fail('EPERM', 'chown', path)
      found.inode.uid = uid ?? found.inode.uid
      found.inode.gid = gid ?? found.inode.gid
      tree.dirty.add(found.path)
    },
    utimes: (path, mtime) => {
      const found = find(path, 'utime')
      if (user.uid !== found.inode.uid && !allowed(found.inode, user, 2)) fail('EACCES', 'utime', path)
      found.inode.mtime = mtime
      tree.dirty.add(found.path)
    },
    access: (path, want) => {
      try {
        return allowed(find(path, 'access').inode, user, want)
      } catch {
        return false
      }
    },
  }
  return files
}
