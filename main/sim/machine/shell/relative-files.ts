import type { Files } from '../files/files.ts'
import { FileError } from '../files/tree.ts'

/** The same files, with relative paths taken from `cwd`. */
export const relativeFiles = (files: Files, cwd: string): Files => {
  const at = (path: string) => (path === '' ? '' : path.startsWith('/') ? path : `${cwd}/${path}`)
  const say = <T>(path: string, work: () => T): T => {
    if (path === '') throw new FileError('ENOENT', 'open', path)
    try {
      return work()
    } catch (error) {
      throw error instanceof FileError ? new FileError(error.code, 'open', path) : error
    }
  }
  return {
    user: files.user,
    stat: path => say(path, () => files.stat(at(path))),
    lstat: path => say(path, () => files.lstat(at(path))),
    exists: path => path !== '' && files.exists(at(path)),
    readFile: path => say(path, () => files.readFile(at(path))),
    readText: path => say(path, () => files.readText(at(path))),
    writeFile: (path, content, mode) => say(path, () => files.writeFile(at(path), content, mode)),
    appendFile: (path, content) => say(path, () => files.appendFile(at(path), content)),
    readdir: path => say(path, () => files.readdir(at(path))),
    mkdir: (path, options) => say(path, () => files.mkdir(at(path), options)),
    remove: path => say(path, () => files.remove(at(path))),
    rename: (from, to) => say(from, () => files.rename(at(from), at(to))),
    symlink: (target, path) => say(path, () => files.symlink(target, at(path))),
    link: (existing, path) => say(path, () => files.link(at(existing), at(path))),
    readlink: path => say(path, () => files.readlink(at(path))),
    realpath: path => say(path, () => files.realpath(at(path))),
    chmod: (path, mode) => say(path, () => files.chmod(at(path), mode)),
    chown: (path, uid, gid) => say(path, () => files.chown(at(path), uid, gid)),
    utimes: (path, mtime) => say(path, () => files.utimes(at(path), mtime)),
    access: (path, want) => files.access(at(path), want),
  }
}
