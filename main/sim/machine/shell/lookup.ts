import type { Input } from '../commands/command.ts'
import type { Files } from '../files/files.ts'
import { FileError, normalise } from '../files/tree.ts'
import { type Frame, type Host, lineOf } from './frame.ts'
import { bytesInput, toBytes } from './streams.ts'
import { suggestPackage } from './suggestions.ts'

type Found = { readonly path: string } | { readonly problem: 'missing' | 'absent' | 'denied' | 'directory'; readonly status: number }

/** Looks a program up as a shell does: by path when there is a slash, else along PATH. */
export const findProgram = (files: Files, name: string, path: string, cwd: string): Found => {
  const check = (candidate: string): Found | undefined => {
    try {
      if (files.stat(candidate).kind === 'directory') return { problem: 'directory', status: 126 }
      return files.access(candidate, 1) ? { path: candidate } : { problem: 'denied', status: 126 }
    } catch (error) {
      if (error instanceof FileError) return error.code === 'EACCES' ? { problem: 'denied', status: 126 } : undefined
      throw error
    }
  }
  if (name.includes('/')) return check(normalise(cwd, name)) ?? { problem: 'missing', status: 127 }
  for (const directory of path.split(':')) {
    const found = check(normalise(cwd, `${directory || '.'}/${name}`))
    if (found && 'path' in found) return found
  }
  return { problem: 'absent', status: 127 }
}

/** What the shell says of a name it cannot run; at a prompt, Ubuntu's command-not-found answers. */
export const describeProgram = (
  frame: Pick<Frame, 'name' | 'interactive' | 'state'>,
  name: string,
  problem: 'missing' | 'absent' | 'denied' | 'directory',
): string => {
  switch (problem) {
    case 'missing':
      return `${frame.name}: ${lineOf(frame)}${name}: No such file or directory\n`
    case 'denied':
      return `${frame.name}: ${lineOf(frame)}${name}: Permission denied\n`
    case 'directory':
      return `${frame.name}: ${lineOf(frame)}${name}: Is a directory\n`
    case 'absent':
      return (
        (frame.interactive && suggestPackage(name)) ||
        (frame.interactive ? `${name}: command not found\n` : `${frame.name}: ${lineOf(frame)}${name}: ${frame.name === 'sh' ? '' : 'command '}not found\n`)
      )
  }
}

const CHUNK = 65_536

/** A file's bytes piece by piece; /dev/zero and /dev/urandom never end. Throws FileError at once when it cannot be opened. */
export const openInput = (host: Pick<Host, 'machine'>, files: Files, path: string): Input => {
  const stat = files.stat(path)
  if (stat.kind === 'directory') throw new FileError('EISDIR', 'read', path)
  if (stat.kind === 'device' && /\/(zero|full)$/.test(path)) return endless(() => new Uint8Array(CHUNK))
  if (stat.kind === 'device' && path.endsWith('random')) return endless(() => Uint8Array.from({ length: 4096 }, () => host.machine.random.below(256)))
  if (stat.kind === 'device') return bytesInput('')
  const bytes = toBytes(files.readFile(path))
  let at = 0
  let given: Uint8Array | undefined
  return {
    isTty: false,
    read: () => {
      const back = given
      given = undefined
      if (back) return Promise.resolve(back)
      if (at >= bytes.length) return Promise.resolve(undefined)
      const chunk = bytes.subarray(at, at + CHUNK)
      at += chunk.length
      return Promise.resolve(chunk)
    },
    unread: rest => {
      given = given ? Buffer.concat([rest, given]) : rest
    },
  }
}

const endless = (make: () => Uint8Array): Input => {
  let given: Uint8Array | undefined
  return {
    isTty: false,
    read: () => {
      const back = given
      given = undefined
      return Promise.resolve(back ?? make())
    },
    unread: rest => {
      given = rest
    },
  }
}
