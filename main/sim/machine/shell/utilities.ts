import type { IFileSystem } from 'just-bash'
import { type CommandContext, readBytes } from '../commands/command.ts'
import { FileError, normalise } from '../files/tree.ts'
import { justBash } from './syntax.ts'

/** Text and file tools that are just-bash's; everything about the machine is a command of ours. */
export const utilities: ReadonlySet<string> = new Set([
  'awk',
  'base64',
  'basename',
  'cmp',
  'column',
  'comm',
  'cut',
  'dirname',
  'du',
  'expand',
  'expr',
  'file',
  'find',
  'fold',
  'gunzip',
  'gzip',
  'join',
  'jq',
  'md5sum',
  'nl',
  'od',
  'paste',
  'rev',
  'sed',
  'sha1sum',
  'sha256sum',
  'sort',
  'split',
  'strings',
  'tac',
  'tar',
  'tr',
  'unexpand',
  'wc',
  'zcat',
])

/** How many operands a tool takes before it stops reading its standard input, and which options swallow the next word. */
const READING: Readonly<Record<string, { readonly operands: number; readonly valued: string; readonly scriptOptions?: readonly string[] }>> = {
  awk: { operands: 1, valued: 'Fvf', scriptOptions: ['-f'] },
  sed: { operands: 1, valued: 'efl', scriptOptions: ['-e', '-f'] },
  jq: { operands: 1, valued: '' },
  sort: { operands: 0, valued: 'ktSTo' },
  cut: { operands: 0, valued: 'dfcb' },
  nl: { operands: 0, valued: 'bwsvifnhl' },
  fold: { operands: 0, valued: 'w' },
  base64: { operands: 0, valued: 'w' },
  od: { operands: 0, valued: 'AtNjw' },
  column: { operands: 0, valued: 'sco' },
  split: { operands: 0, valued: 'lbna' },
  tr: { operands: 99, valued: '' },
}
const NEVER = new Set(['basename', 'cmp', 'comm', 'dirname', 'du', 'expr', 'file', 'find', 'join'])

const readsInput = (argv: readonly string[]): boolean => {
  const name = argv[0]!
  if (name === 'tr') return true
  if (argv.slice(1).includes('-')) return true
  if (name === 'tar') return argv[1]?.includes('f') !== true
  if (NEVER.has(name)) return false
  const rule = READING[name] ?? { operands: 0, valued: '' }
  let operands = 0
  let allowed = rule.operands
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i]!
    if (word === '--') {
      operands += argv.length - i - 1
      break
    }
    if (!word.startsWith('-') || word === '-') operands++
    else {
      if (rule.scriptOptions?.some(option => word === option || (word.startsWith(option) && !word.startsWith('--')))) allowed = 0
      if (!word.startsWith('--') && rule.valued.includes(word.at(-1)!)) i++
    }
  }
  return operands <= allowed
}

/** Sed and awk programs that look at each line by itself, so that an endless input can be worked off piece by piece. */
const isLinewise = (argv: readonly string[]): boolean => {
  const name = argv[0]!
  const operands = argv.slice(1).filter(word => !word.startsWith('-'))
  const script = operands[0] ?? ''
  if (name === 'tr') return true
  if (name === 'cut' || name === 'rev') return true
  if (name === 'sed')
    return !argv.includes('-i') && script.split(/[;\n]/).every(part => /^\s*(\/(\\.|[^/\\])*\/\s*!?\s*)?(s([^\w\s]).*|d|p|y.*)?\s*$/.test(part))
  if (name === 'awk') return !/\b(BEGIN|END|NR|FNR|getline)\b|\+\+|--|[^=!<>~]=[^=~]|\[/.test(script)
  return false
}

/** Runs one of just-bash's tools on the machine's files. Line-wise ones work on what has come so far; the others wait for the end. */
export const runUtility = async (context: CommandContext, argv: readonly string[]): Promise<number> => {
  const { Bash, defineCommand } = await justBash()
  const name = argv[0]!
  const reads = readsInput(argv)
  const execPrograms = name === 'find' && argv.some(word => word.startsWith('-exec') || word === '-ok') ? programsOf(argv) : []
  const customCommands = execPrograms.map(program =>
    defineCommand(program, async (args, inner) => {
      const out: Uint8Array[] = []
      const err: Uint8Array[] = []
      const sink = (chunks: Uint8Array[]) => ({
        isTty: false,
        write: (data: string | Uint8Array) => Promise.resolve(void chunks.push(typeof data === 'string' ? Buffer.from(data) : data)),
      })
      const exitCode = await context.run([program, ...args], { cwd: inner.cwd, stdout: sink(out), stderr: sink(err) })
      return { stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8'), exitCode }
    }),
  )
  const unreadable: string[] = []
  const bash = new Bash({
    fs: name === 'find' || name === 'du' ? skippingUnreadable(fileSystem(context), context, [...argv.slice(1), '.'], unreadable) : fileSystem(context),
    cwd: context.cwd,
    env: { ...context.env, PATH: '/usr/bin:/bin' },
    defenseInDepth: false,
    customCommands,
    executionLimits: LIMITS,
    sleep: ms => context.clock.sleep(ms, context.signal),
  })
  const once = async (stdin: Uint8Array): Promise<number> => {
    const result = await bash.exec(name, {
      args: argv.slice(1),
      stdin: Buffer.from(stdin).toString('latin1'),
      stdinKind: 'bytes',
      signal: context.signal,
      replaceEnv: false,
    })
    context.signal.throwIfAborted()
    if (result.stdout)
      await context.stdout.write(result.stdoutKind === 'bytes' || result.stdoutEncoding === 'binary' ? Buffer.from(result.stdout, 'latin1') : result.stdout)
    if (result.stderr) await context.stderr.write(result.stderr.replaceAll('bash: ', `${name}: `))
    for (const path of unreadable)
      await context.stderr.write(name === 'find' ? `find: ‘${path}’: Permission denied\n` : `du: cannot read directory '${path}': Permission denied\n`)
    return unreadable.length > 0 ? 1 : result.exitCode
  }
  if (!reads) return once(new Uint8Array())
  if (!isLinewise(argv)) return once(await readBytes(context.stdin))
  let rest: Uint8Array = new Uint8Array()
  let ran = false
  for (let chunk = await context.stdin.read(); chunk; chunk = await context.stdin.read()) {
    const all = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const end = all.lastIndexOf(10) + 1
    rest = all.subarray(end)
    if (end === 0) continue
    ran = true
    const status = await once(all.subarray(0, end))
    if (status !== 0) return status
  }
  return rest.length > 0 || !ran ? once(rest) : 0
}

const programsOf = (argv: readonly string[]): string[] =>
  argv.flatMap((word, i) => (/^-(exec|execdir|ok)$/.test(word) && argv[i + 1] && !utilities.has(argv[i + 1]!) ? [argv[i + 1]!] : []))

/** Enough for a lab's files, bounded so that no tool can hold the simulation up. */
const LIMITS = { maxExecutionTimeMs: Number.POSITIVE_INFINITY, maxOutputSize: 128 * 1024 * 1024, maxStringLength: 128 * 1024 * 1024 }

/** `find` and `du` tell of a directory they may not read, take it for empty and go on. */
const skippingUnreadable = (files: IFileSystem, context: CommandContext, operands: readonly string[], unreadable: string[]): IFileSystem => {
  const skip = (path: string) => (error: unknown) => {
    if (!(error instanceof FileError) || error.code !== 'EACCES') throw error
    const operand = operands.find(one => `${path}/`.startsWith(`${normalise(context.cwd, one)}/`))
    const named = operand === undefined ? path : operand + path.slice(normalise(context.cwd, operand).length)
    if (!unreadable.includes(named)) unreadable.push(named)
    return []
  }
  return {
    ...files,
    readdir: path => files.readdir(path).catch(skip(path)),
    readdirWithFileTypes: path => files.readdirWithFileTypes!(path).catch(skip(path)),
  }
}

/** The machine's files in the shape just-bash wants. */
const fileSystem = (context: CommandContext): IFileSystem => {
  const { fs } = context
  const text = (bytes: Uint8Array, encoding?: string) => Buffer.from(bytes).toString(encoding === 'binary' || encoding === 'latin1' ? 'latin1' : 'utf8')
  const encodingOf = (options: unknown) => (typeof options === 'string' ? options : (options as { encoding?: string } | undefined)?.encoding)
  const toStat = (stat: ReturnType<typeof fs.stat>) => ({
    isFile: stat.kind === 'file' || stat.kind === 'device',
    isDirectory: stat.kind === 'directory',
    isSymbolicLink: stat.kind === 'symlink',
    mode: stat.mode,
    size: stat.size,
    mtime: new Date(stat.mtime),
    ino: stat.ino,
    dev: 1,
  })
  const bytesOf = (content: string | Uint8Array, options: unknown) =>
    typeof content === 'string' ? Buffer.from(content, encodingOf(options) === 'binary' || encodingOf(options) === 'latin1' ? 'latin1' : 'utf8') : content
  const removeTree = (path: string) => {
    if (fs.lstat(path).kind === 'directory') for (const name of fs.readdir(path)) removeTree(`${path}/${name}`)
    fs.remove(path)
  }
  const copyTree = (from: string, to: string, recursive: boolean) => {
    const stat = fs.stat(from)
    if (stat.kind !== 'directory') return fs.writeFile(to, fs.readFile(from), stat.mode)
    if (!recursive) throw new FileError('EISDIR', 'cp', from)
    if (!fs.exists(to)) fs.mkdir(to, { mode: stat.mode })
    for (const name of fs.readdir(from)) copyTree(`${from}/${name}`, `${to}/${name}`, true)
  }
  return {
    readFile: async (path, options) => text(fs.readFile(path), encodingOf(options)),
    readFileBuffer: async path => fs.readFile(path),
    writeFile: async (path, content, options) => fs.writeFile(path, bytesOf(content, options)),
    appendFile: async (path, content, options) => fs.appendFile(path, bytesOf(content, options)),
    exists: async path => fs.exists(path),
    stat: async path => toStat(fs.stat(path)),
    lstat: async path => toStat(fs.lstat(path)),
    mkdir: async (path, options) => fs.mkdir(path, options ?? {}),
    readdir: async path => fs.readdir(path),
    readdirWithFileTypes: async path =>
      fs.readdir(path).map(name => {
        const { kind } = fs.lstat(`${path}/${name}`)
        return { name, isFile: kind === 'file' || kind === 'device', isDirectory: kind === 'directory', isSymbolicLink: kind === 'symlink' }
      }),
    rm: async (path, options) => {
      if (options?.force && !fs.exists(path)) return
      if (options?.recursive) removeTree(path)
      else fs.remove(path)
    },
    cp: async (from, to, options) => copyTree(from, to, options?.recursive ?? false),
    mv: async (from, to) => fs.rename(from, to),
    resolvePath: (base, path) => normalise(base, path),
    getAllPaths: () => [],
    chmod: async (path, mode) => fs.chmod(path, mode),
    symlink: async (target, path) => fs.symlink(target, path),
    link: async (existing, path) => fs.link(existing, path),
    readlink: async path => fs.readlink(path),
    realpath: async path => fs.realpath(path),
    utimes: async (path, _atime, mtime) => fs.utimes(path, mtime.getTime()),
  }
}
