import type { Files } from '../files/files.ts'
import { FileError } from '../files/tree.ts'
import type { Command, CommandContext } from './command.ts'
import { groupName, modeText, userName } from './ls.ts'
import { calendar, readOptions, refuse } from './options.ts'

/** Applies `755`, `u+x,g-w`, `a=rX` to a mode; undefined when it is none. */
const changeMode = (text: string, mode: number, directory: boolean): number | undefined => {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8)
  let result = mode
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)((?:[-+=][rwxXst]*)+)$/.exec(clause)
    if (!match) return undefined
    const who = match[1] === '' || match[1]!.includes('a') ? 'ugo' : match[1]!
    for (const [, operator, letters] of match[2]!.matchAll(/([-+=])([rwxXst]*)/g)) {
      let bits = 0
      for (const one of who) {
        const shift = one === 'u' ? 6 : one === 'g' ? 3 : 0
        let mask = 0
        if (letters!.includes('r')) mask |= 4
        if (letters!.includes('w')) mask |= 2
        if (letters!.includes('x') || (letters!.includes('X') && (directory || mode & 0o111))) mask |= 1
        bits |= mask << shift
        if (operator === '=') result &= ~(7 << shift)
        if (letters!.includes('s')) bits |= one === 'u' ? 0o4000 : one === 'g' ? 0o2000 : 0
      }
      if (letters!.includes('t')) bits |= 0o1000
      result = operator === '-' ? result & ~bits : result | bits
    }
  }
  return result
}

const walk = (fs: Files, path: string, visit: (path: string) => void) => {
  visit(path)
  if (fs.lstat(path).kind === 'directory') for (const name of fs.readdir(path)) walk(fs, `${path.replace(/\/$/, '')}/${name}`, visit)
}

const forEach = async (
  context: CommandContext,
  name: string,
  paths: readonly string[],
  recursive: boolean,
  what: (path: string, error: FileError) => string,
  work: (path: string) => void,
): Promise<number> => {
  let status = 0
  for (const path of paths) {
    try {
      if (recursive) walk(context.fs, path, work)
      else work(path)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      status = await refuse(context, name, error.code === 'ENOENT' ? `cannot access '${path}': ${error.reason}` : what(path, error))
    }
  }
  return status
}

export const chmod: Command = {
  name: 'chmod',
  summary: 'change file mode bits',
  run: async (context, argv) => {
    const words = argv.slice(1).filter(word => !/^-[Rvcf]+$|^--/.test(word))
    const recursive = argv.some(word => /^-[vcf]*R/.test(word) || word === '--recursive')
    const [mode, ...paths] = words
    if (mode === undefined || paths.length === 0)
      return refuse(context, 'chmod', `missing operand${mode === undefined ? '' : ` after ‘${mode}’`}\nTry 'chmod --help' for more information.`)
    if (changeMode(mode, 0, false) === undefined) return refuse(context, 'chmod', `invalid mode: ‘${mode}’\nTry 'chmod --help' for more information.`)
    return forEach(
      context,
      'chmod',
      paths,
      recursive,
      (path, error) => `changing permissions of '${path}': ${error.reason}`,
      path => {
        const stat = context.fs.stat(path)
        context.fs.chmod(path, changeMode(mode, stat.mode, stat.kind === 'directory')!)
      },
    )
  },
}

export const chown: Command = {
  name: 'chown',
  aliases: ['chgrp'],
  summary: 'change file owner and group',
  run: async (context, argv) => {
    const name = argv[0]!
    const words = argv.slice(1).filter(word => !/^-[RvcfhHLP]+$|^--/.test(word))
    const recursive = argv.some(word => /^-[a-zA-Z]*R/.test(word) || word === '--recursive')
    const [owner, ...paths] = words
    if (owner === undefined || paths.length === 0) return refuse(context, name, `missing operand${owner === undefined ? '' : ` after ‘${owner}’`}`)
    const [userText, groupText] = name === 'chgrp' ? ['', owner] : owner.split(/[:.]/)
    const user = userText ? context.machine.users.find(one => one.name === userText || String(one.uid) === userText) : undefined
    if (userText && !user) return refuse(context, name, `invalid user: ‘${owner}’`)
    const group = groupText ? context.machine.groups.find(one => one.name === groupText || String(one.gid) === groupText) : undefined
    if (groupText && !group) return refuse(context, name, `invalid group: ‘${owner}’`)
    return forEach(
      context,
      name,
      paths,
      recursive,
      (path, error) => `changing ${name === 'chgrp' ? 'group' : 'ownership'} of '${path}': ${error.reason}`,
      path => context.fs.chown(path, user?.uid, group?.gid ?? (groupText === '' ? user?.gid : undefined)),
    )
  },
}

export const stat: Command = {
  name: 'stat',
  summary: 'display file or file system status',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['L', 'f', 't', 'dereference'], ['c', 'format', 'printf'])
    if (!options) return 1
    if (options.operands.length === 0) return refuse(context, 'stat', "missing operand\nTry 'stat --help' for more information.")
    const format = options.flags.get('c') ?? options.flags.get('format') ?? options.flags.get('printf')
    let status = 0
    for (const path of options.operands) {
      try {
        const value = options.flags.has('L') ? context.fs.stat(path) : context.fs.lstat(path)
        const kind = {
          file: value.size === 0 ? 'regular empty file' : 'regular file',
          directory: 'directory',
          symlink: 'symbolic link',
          device: 'character special file',
        }[value.kind]
        const when = calendar(value.mtime)
        const time = `${when.date} ${when.clock}.${String(Math.floor(value.mtime % 1000)).padStart(3, '0')}000000 +0000`
        const blocks = value.kind === 'file' || value.kind === 'directory' ? Math.ceil(value.size / 4096) * 8 : 0
        const octal = value.mode.toString(8)
        const fields: Readonly<Record<string, string>> = {
          n: path,
          N: value.kind === 'symlink' ? `'${path}' -> '${context.fs.readlink(path)}'` : `'${path}'`,
          s: String(value.size),
          a: octal,
          A: modeText(value),
          u: String(value.uid),
          U: userName(context.machine, value.uid),
          g: String(value.gid),
          G: groupName(context.machine, value.gid),
          F: kind,
          i: String(value.ino),
          h: String(value.links),
          b: String(blocks),
          B: '512',
          y: time,
          Y: String(Math.floor(value.mtime / 1000)),
          x: time,
          X: String(Math.floor(value.mtime / 1000)),
          z: time,
          Z: String(Math.floor(value.mtime / 1000)),
          o: '4096',
          f: ({ file: 0o100000, directory: 0o40000, symlink: 0o120000, device: 0o20000 }[value.kind] | value.mode).toString(16),
          '%': '%',
        }
        if (format !== undefined) {
          await context.stdout.write(
            format
              .replace(/%([a-zA-Z%])/g, (all, letter: string) => fields[letter] ?? all)
              .replaceAll('\\n', '\n')
              .replaceAll('\\t', '\t') + (options.flags.has('printf') ? '' : '\n'),
          )
          continue
        }
        await context.stdout.write(
          `  File: ${value.kind === 'symlink' ? `${path} -> ${context.fs.readlink(path)}` : path}\n  Size: ${String(value.size).padEnd(10)}\tBlocks: ${String(blocks).padEnd(10)} IO Block: 4096   ${kind}\nDevice: 259,2\tInode: ${String(value.ino).padEnd(11)} Links: ${value.links}\nAccess: (${octal.padStart(4, '0')}/${modeText(value)})  Uid: (${String(value.uid).padStart(5)}/${userName(context.machine, value.uid).padStart(8)})   Gid: (${String(value.gid).padStart(5)}/${groupName(context.machine, value.gid).padStart(8)})\nAccess: ${time}\nModify: ${time}\nChange: ${time}\n Birth: ${time}\n`,
        )
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        status = await refuse(context, 'stat', `cannot statx '${path}': ${error.reason}`)
      }
    }
    return status
  },
}
