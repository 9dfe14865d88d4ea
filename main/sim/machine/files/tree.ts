import type { VirtualTime } from '../../time/clock.ts'

/** Who acts on files. */
export interface Credentials {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** Supplementary groups by id. */
  readonly groups: readonly number[]
}

interface InodeBase {
  readonly ino: number
  mode: number
  uid: number
  gid: number
  mtime: VirtualTime
  links: number
}

export interface FileInode extends InodeBase {
  readonly kind: 'file'
  /** Holds `size` bytes, perhaps with room after them. */
  data: Uint8Array
  size: number
  /** Made on every read from the machine's live state (`/proc`, `/sys`); such a file has no stored bytes. */
  readonly generate?: () => string
  /** Device files swallow or make bytes. */
  readonly device?: 'null' | 'zero' | 'random' | 'full' | 'tty'
}

export interface DirectoryInode extends InodeBase {
  readonly kind: 'directory'
  readonly entries: Map<string, Inode>
}

export interface SymlinkInode extends InodeBase {
  readonly kind: 'symlink'
  readonly target: string
}

export type Inode = FileInode | DirectoryInode | SymlinkInode

/** errno names as the kernel gives them, with libc's words. */
const ERRNO = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EEXIST: 'File exists',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  ENOTEMPTY: 'Directory not empty',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
  EINVAL: 'Invalid argument',
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
  EFBIG: 'File too large',
  EDQUOT: 'Disk quota exceeded',
} as const

export type ErrnoCode = keyof typeof ERRNO

/** A failed file operation; `reason` is libc's text, `message` has Node's form (`ENOENT: …, open '/x'`), which just-bash reads. */
export class FileError extends Error {
  readonly code: ErrnoCode
  readonly reason: string
  readonly path: string
  constructor(code: ErrnoCode, operation: string, path: string) {
    super(`${code}: ${ERRNO[code].toLowerCase()}, ${operation} '${path}'`)
    this.code = code
    this.reason = ERRNO[code]
    this.path = path
  }
}

/** Largest single file, and all written files together: they live in the simulation's memory, unlike the disk they pretend to be on. */
const MAX_FILE_BYTES = 64 * 1024 * 1024
const MAX_WRITTEN_BYTES = 256 * 1024 * 1024

/** The disk of a machine: inodes under one root, and which paths changed since they were last saved. */
export interface FileTree {
  readonly root: DirectoryInode
  readonly now: () => VirtualTime
  /** Absolute paths whose content, attributes or existence changed. */
  readonly dirty: Set<string>
  /** Bytes of stored file content. */
  storedBytes: number
  file(mode: number, owner: Pick<Credentials, 'uid' | 'gid'>, content?: FileInode['generate'] | Uint8Array | string, device?: FileInode['device']): FileInode
  directory(mode: number, owner: Pick<Credentials, 'uid' | 'gid'>): DirectoryInode
  symlink(target: string, owner: Pick<Credentials, 'uid' | 'gid'>): SymlinkInode
  /** Replaces or extends a file's bytes; throws EFBIG and EDQUOT. */
  store(inode: FileInode, bytes: Uint8Array, append: boolean, path: string): void
}

const EMPTY = new Uint8Array()
const encoder = new TextEncoder()

export const createTree = (now: () => VirtualTime): FileTree => {
  let ino = 2
  const base = (mode: number, owner: Pick<Credentials, 'uid' | 'gid'>) => ({ ino: ino++, mode, uid: owner.uid, gid: owner.gid, mtime: now(), links: 1 })
  const tree: FileTree = {
    root: { kind: 'directory', ...base(0o755, { uid: 0, gid: 0 }), entries: new Map() },
    now,
    dirty: new Set(),
    storedBytes: 0,
    file: (mode, owner, content, device) => {
      const inode = {
        kind: 'file' as const,
        ...base(mode, owner),
        data: EMPTY as Uint8Array,
        size: 0,
        ...(typeof content === 'function' && { generate: content }),
        ...(device && { device }),
      }
      if (content && typeof content !== 'function') {
        inode.data = typeof content === 'string' ? encoder.encode(content) : content
        inode.size = inode.data.length
        tree.storedBytes += inode.size
      }
      return inode
    },
    directory: (mode, owner) => ({ kind: 'directory', ...base(mode, owner), entries: new Map() }),
    symlink: (target, owner) => ({ kind: 'symlink', ...base(0o777, owner), target }),
    store: (inode, bytes, append, path) => {
      const start = append ? inode.size : 0
      const size = start + bytes.length
      if (size > MAX_FILE_BYTES) throw new FileError('EFBIG', 'write', path)
      if (tree.storedBytes + size - inode.size > MAX_WRITTEN_BYTES) throw new FileError('EDQUOT', 'write', path)
      if (append && size <= inode.data.length) inode.data.set(bytes, start)
      else if (append && inode.size > 0) {
        const grown = new Uint8Array(Math.max(size, inode.data.length * 2, 256))
        grown.set(inode.data.subarray(0, inode.size))
        grown.set(bytes, start)
        inode.data = grown
      } else inode.data = bytes.slice()
      tree.storedBytes += size - inode.size
      inode.size = size
      inode.mtime = now()
    },
  }
  return tree
}

/** Resolves `path` against `cwd` into an absolute path without `.`, `..` and doubled slashes. */
export const normalise = (cwd: string, path: string): string => {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') parts.pop()
    else parts.push(part)
  }
  return `/${parts.join('/')}`
}
