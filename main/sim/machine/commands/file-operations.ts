import type { Files } from '../files/files.ts'
import { FileError, normalise } from '../files/tree.ts'
import type { Command, CommandContext } from './command.ts'
import { readOptions, refuse } from './options.ts'

const base = (path: string) => path.replace(/\/+$/, '').split('/').at(-1) ?? path
const isDirectory = (fs: Files, path: string) => fs.exists(path) && fs.stat(path).kind === 'directory'
const missing = (context: CommandContext, name: string, what = 'missing operand') =>
  refuse(context, name, `${what}\nTry '${name} --help' for more information.`)

/** Runs `work` for each operand; a FileError is told in the words `say` gives it and makes the status 1. */
const each = async (
  context: CommandContext,
  name: string,
  operands: readonly string[],
  say: (operand: string, reason: string) => string,
  work: (operand: string) => void | Promise<void>,
): Promise<number> => {
  let status = 0
  for (const operand of operands) {
    try {
      await work(operand)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      status = await refuse(context, name, say(operand, error.reason))
    }
  }
  return status
}

export const mkdir: Command = {
  name: 'mkdir',
  summary: 'make directories',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['p', 'v', 'parents', 'verbose'], ['m', 'mode'])
    if (!options) return 1
    if (options.operands.length === 0) return missing(context, 'mkdir')
    const mode = options.flags.get('m') ?? options.flags.get('mode')
    return each(
      context,
      'mkdir',
      options.operands,
      (path, reason) => `cannot create directory ‘${path}’: ${reason}`,
      async path => {
        context.fs.mkdir(path, {
          recursive: options.flags.has('p') || options.flags.has('parents'),
          ...(mode !== undefined && /^[0-7]+$/.test(mode) && { mode: Number.parseInt(mode, 8) }),
        })
        if (options.flags.has('v')) await context.stdout.write(`mkdir: created directory '${path}'\n`)
      },
    )
  },
}

export const rmdir: Command = {
  name: 'rmdir',
  summary: 'remove empty directories',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['p', 'v'])
    if (!options) return 1
    if (options.operands.length === 0) return missing(context, 'rmdir')
    return each(
      context,
      'rmdir',
      options.operands,
      (path, reason) => `failed to remove '${path}': ${reason}`,
      path => {
        if (context.fs.lstat(path).kind !== 'directory') throw new FileError('ENOTDIR', 'rmdir', path)
        context.fs.remove(path)
      },
    )
  },
}

export const rm: Command = {
  name: 'rm',
  aliases: ['unlink'],
  summary: 'remove files or directories',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['r', 'R', 'f', 'v', 'i', 'I', 'd', 'recursive', 'force', 'verbose', 'no-preserve-root'])
    if (!options) return 1
    const recursive = ['r', 'R', 'recursive'].some(flag => options.flags.has(flag))
    const force = options.flags.has('f') || options.flags.has('force')
    if (options.operands.length === 0) return force ? 0 : missing(context, 'rm')
    let status = 0
    const remove = async (path: string): Promise<void> => {
      try {
        const stat = context.fs.lstat(path)
        if (stat.kind === 'directory' && recursive) for (const name of context.fs.readdir(path)) await remove(`${path.replace(/\/$/, '')}/${name}`)
        if (stat.kind === 'directory' && !recursive && !options.flags.has('d')) {
          status = await refuse(context, 'rm', `cannot remove '${path}': Is a directory`)
          return
        }
        context.fs.remove(path)
        if (options.flags.has('v')) await context.stdout.write(`removed ${stat.kind === 'directory' ? 'directory ' : ''}'${path}'\n`)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        if (!(force && error.code === 'ENOENT')) status = await refuse(context, 'rm', `cannot remove '${path}': ${error.reason}`)
      }
    }
    for (const path of options.operands) {
      if (normalise(context.cwd, path) === '/' && recursive && !options.flags.has('no-preserve-root')) {
        status = await refuse(context, 'rm', "it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe")
        continue
      }
      if (path === '.' || path === '..' || /\/\.{1,2}\/?$/.test(path)) {
        status = await refuse(context, 'rm', `refusing to remove '.' or '..' directory: skipping '${path}'`)
        continue
      }
      await remove(path)
    }
    return status
  },
}

const copy = (fs: Files, from: string, to: string, preserve: boolean) => {
  const stat = fs.lstat(from)
  if (stat.kind === 'symlink' && preserve) return fs.symlink(fs.readlink(from), to)
  if (fs.stat(from).kind === 'directory') {
    if (!fs.exists(to)) fs.mkdir(to, { mode: stat.mode })
    for (const name of fs.readdir(from)) copy(fs, `${from}/${name}`, `${to}/${name}`, preserve)
  } else fs.writeFile(to, fs.readFile(from), stat.mode & ~0o022)
  if (!preserve) return
  fs.chmod(to, stat.mode)
  fs.utimes(to, stat.mtime)
  if (fs.user.uid === 0) fs.chown(to, stat.uid, stat.gid)
}

export const cp: Command = {
  name: 'cp',
  summary: 'copy files and directories',
  run: async (context, argv) => {
    const options = await readOptions(
      context,
      argv,
      [...'rRapfvinuLdPTs', 'recursive', 'archive', 'force', 'verbose', 'preserve', 'no-clobber'],
      ['t', 'target-directory'],
    )
    if (!options) return 1
    const { flags } = options
    const target = flags.get('t') ?? flags.get('target-directory') ?? options.operands.at(-1)
    const sources = flags.has('t') || flags.has('target-directory') ? options.operands : options.operands.slice(0, -1)
    if (target === undefined) return missing(context, 'cp', 'missing file operand')
    if (sources.length === 0) return missing(context, 'cp', `missing destination file operand after '${target}'`)
    const into = isDirectory(context.fs, target)
    if (sources.length > 1 && !into)
      return refuse(context, 'cp', `target '${target}': ${context.fs.exists(target) ? 'Not a directory' : 'No such file or directory'}`)
    const recursive = ['r', 'R', 'a', 'recursive', 'archive'].some(flag => flags.has(flag))
    return each(
      context,
      'cp',
      sources,
      (path, reason) =>
        context.fs.exists(path)
          ? context.fs.access(path, 4)
            ? `cannot create regular file '${into ? `${target.replace(/\/$/, '')}/${base(path)}` : target}': ${reason}`
            : `cannot open '${path}' for reading: ${reason}`
          : `cannot stat '${path}': ${reason}`,
      async path => {
        const to = into ? `${target.replace(/\/$/, '')}/${base(path)}` : target
        const stat = context.fs.stat(path)
        if (stat.kind === 'directory' && !recursive) return void (await refuse(context, 'cp', `-r not specified; omitting directory '${path}'`))
        if (stat.kind === 'directory' && `${normalise(context.cwd, to)}/`.startsWith(`${normalise(context.cwd, path)}/`))
          return void (await refuse(context, 'cp', `cannot copy a directory, '${path}', into itself, '${to}'`))
        if (flags.has('n') && context.fs.exists(to)) return
        copy(context.fs, path, to, flags.has('a') || flags.has('p') || flags.has('archive'))
        if (flags.has('v')) await context.stdout.write(`'${path}' -> '${to}'\n`)
      },
    )
  },
}

export const mv: Command = {
  name: 'mv',
  summary: 'move (rename) files',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['f', 'v', 'i', 'n', 'u', 'T', 'force', 'verbose'], ['t'])
    if (!options) return 1
    const target = options.flags.get('t') ?? options.operands.at(-1)
    const sources = options.flags.has('t') ? options.operands : options.operands.slice(0, -1)
    if (target === undefined) return missing(context, 'mv', 'missing file operand')
    if (sources.length === 0) return missing(context, 'mv', `missing destination file operand after '${target}'`)
    const into = isDirectory(context.fs, target)
    if (sources.length > 1 && !into) return refuse(context, 'mv', `target '${target}': Not a directory`)
    return each(
      context,
      'mv',
      sources,
      (path, reason) =>
        context.fs.exists(path)
          ? `cannot move '${path}' to '${into ? `${target.replace(/\/$/, '')}/${base(path)}` : target}': ${reason}`
          : `cannot stat '${path}': ${reason}`,
      async path => {
        const to = into ? `${target.replace(/\/$/, '')}/${base(path)}` : target
        if (options.flags.has('n') && context.fs.exists(to)) return
        context.fs.rename(path, to)
        if (options.flags.has('v')) await context.stdout.write(`renamed '${path}' -> '${to}'\n`)
      },
    )
  },
}

export const touch: Command = {
  name: 'touch',
  summary: 'change file timestamps',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['a', 'm', 'c', 'no-create'], ['d', 't', 'r', 'date'])
    if (!options) return 1
    if (options.operands.length === 0) return missing(context, 'touch', 'missing file operand')
    const text = options.flags.get('d') ?? options.flags.get('date')
    const time =
      text === undefined
        ? context.clock.now
        : Date.parse(/\d{4}-\d\d-\d\d( |$)/.test(text) ? `${text.replace(' ', 'T')}${text.includes(':') ? 'Z' : ''}` : text)
    if (Number.isNaN(time)) return refuse(context, 'touch', `invalid date format ‘${text}’`)
    return each(
      context,
      'touch',
      options.operands,
      (path, reason) => `cannot touch '${path}': ${reason}`,
      path => {
        if (!context.fs.exists(path)) {
          if (options.flags.has('c') || options.flags.has('no-create')) return
          context.fs.writeFile(path, '')
        }
        context.fs.utimes(path, time)
      },
    )
  },
}

export const ln: Command = {
  name: 'ln',
  summary: 'make links between files',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['s', 'f', 'n', 'v', 'r', 'T', 'symbolic', 'force'])
    if (!options) return 1
    const [target, given = '.'] = options.operands
    if (target === undefined) return missing(context, 'ln', 'missing file operand')
    const symbolic = options.flags.has('s') || options.flags.has('symbolic')
    const path = isDirectory(context.fs, given) && !options.flags.has('n') && !options.flags.has('T') ? `${given.replace(/\/$/, '')}/${base(target)}` : given
    return each(
      context,
      'ln',
      [target],
      (_path, reason) => `failed to create ${symbolic ? 'symbolic' : 'hard'} link '${path}'${symbolic ? '' : ` => '${target}'`}: ${reason}`,
      () => {
        if (options.flags.has('f') || options.flags.has('force')) {
          try {
            context.fs.remove(path)
          } catch (error) {
            if (!(error instanceof FileError && error.code === 'ENOENT')) throw error
          }
        }
        if (symbolic) context.fs.symlink(target, path)
        else context.fs.link(target, path)
      },
    )
  },
}

export const readlink: Command = {
  name: 'readlink',
  aliases: ['realpath'],
  summary: 'print resolved symbolic links or canonical file names',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['f', 'e', 'm', 'n', 's', 'q', 'z'])
    if (!options) return 1
    const resolve = argv[0] === 'realpath' || ['f', 'e', 'm'].some(flag => options.flags.has(flag))
    return each(
      context,
      argv[0]!,
      options.operands,
      (path, reason) => `${path}: ${reason}`,
      async path => {
        let result: string
        if (!resolve) result = context.fs.readlink(path)
        else if (context.fs.exists(path) || options.flags.has('e')) result = context.fs.realpath(path)
        else result = normalise(context.cwd, path)
        await context.stdout.write(`${result}\n`)
      },
    )
  },
}

export const mktemp: Command = {
  name: 'mktemp',
  summary: 'create a temporary file or directory',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['d', 'u', 'q', 't', 'directory'], ['p', 'tmpdir', 'suffix'])
    if (!options) return 1
    const template = options.operands[0] ?? 'tmp.XXXXXXXXXX'
    if (!/X{3,}/.test(template)) return refuse(context, 'mktemp', `too few X's in template ‘${template}’`)
    const name = template.replace(/X+(?=[^X]*$)/, run => context.random.suffix(run.length))
    const path = options.operands[0] && !options.flags.has('t') && !options.flags.has('p') ? name : `${options.flags.get('p') ?? '/tmp'}/${name}`
    if (options.flags.has('d') || options.flags.has('directory')) context.fs.mkdir(path, { mode: 0o700 })
    else context.fs.writeFile(path, '', 0o600)
    await context.stdout.write(`${path}\n`)
    return 0
  },
}
