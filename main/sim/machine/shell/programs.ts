import type { Clock } from '../../time/clock.ts'
import { BrokenPipe, type Command, type CommandContext, type Input, type Output, type Tty } from '../commands/command.ts'
import { commands } from '../commands/index.ts'
import type { Files } from '../files/files.ts'
import { FileError, normalise } from '../files/tree.ts'
import type { SimulatedMachine } from '../machine.ts'
import { createFrame, type Descriptor, type Frame, lineOf, runToExit } from './evaluate.ts'
import { newState } from './state.ts'
import { bytesInput, toBytes } from './streams.ts'
import { suggestPackage } from './suggestions.ts'
import type { Terminal } from './terminal.ts'
import { runUtility, utilities } from './utilities.ts'

/** What all programs of one login (or one `ssh host command`) share. */
export interface Host {
  readonly machine: SimulatedMachine
  readonly tty: Tty | undefined
  /** `/dev/tty` */
  readonly terminal: Descriptor | undefined
  /** For programs that start a shell at a prompt. */
  readonly terminalDevice: Terminal | undefined
  /** The login's end: lost connection, power off. */
  readonly signal: AbortSignal
  readonly startedAt: number
  /** Files of process substitutions, removed when the line is done. */
  readonly temporary: string[]
  /** Lines typed before, for `history`; absent where nobody types. */
  readonly history: { readonly lines: readonly string[]; clear(): void } | undefined
  nextPid(): number
  /** To be awaited in every loop: lets others run, and costs virtual time when a loop spins. */
  breathe(): Promise<void>
}

/** Steps between two rests: often enough that nobody notices, rarely enough to be fast. */
const STEPS_PER_REST = 64
/** A spinning loop uses CPU time like any other: every so many rests cost a millisecond, or virtual time could not pass any more. */
const RESTS_PER_MILLISECOND = 8

export const createHost = (machine: SimulatedMachine, terminal: Terminal | undefined, signal: AbortSignal, history?: Host['history']): Host => {
  let steps = 0
  let rests = 0
  let pid = 2000 + machine.random.below(30_000)
  return {
    machine,
    tty: terminal?.tty,
    terminal: terminal && { input: terminal.input, output: terminal.output },
    terminalDevice: terminal,
    signal,
    history,
    startedAt: machine.clock.now,
    temporary: [],
    nextPid: () => (pid += 1 + machine.random.below(3)),
    breathe: () => {
      if (++steps % STEPS_PER_REST !== 0) return Promise.resolve()
      return rest(machine.clock, ++rests % RESTS_PER_MILLISECOND === 0 ? 1 : 0)
    },
  }
}

const rest = (clock: Clock, ms: number) => new Promise<void>(resolve => void clock.after(ms, resolve))

const pathOf = (command: Command, name: string) => (command.path ? `${command.path.slice(0, command.path.lastIndexOf('/'))}/${name}` : `/usr/bin/${name}`)
let paths: Map<string, Command> | undefined
/** Made on first use: commands that start shells import this module. */
const byPath = (): ReadonlyMap<string, Command> =>
  (paths ??= new Map(commands.flatMap(command => [command.name, ...(command.aliases ?? [])].map(name => [pathOf(command, name), command] as const))))

/** Paths of the programs that every machine has. */
export const installedPrograms = (): string[] => [
  ...[...byPath()].filter(([, command]) => !command.installed).map(([path]) => path),
  ...[...utilities].map(name => `/usr/bin/${name}`),
]

/** Paths of the programs that are on this machine only under a condition, such as those that come with K3s. */
export const conditionalPrograms = (machine: SimulatedMachine): string[] =>
  [...byPath()].filter(([, command]) => command.installed?.(machine)).map(([path]) => path)

type Found = { readonly path: string } | { readonly problem: 'missing' | 'absent' | 'denied' | 'directory'; readonly status: number }

/** Looks a program up as a shell does: by path when there is a slash, else along PATH. */
export const findProgram = (_host: Pick<Host, 'machine'>, files: Files, name: string, path: string, cwd: string): Found => {
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

export type ProgramContext = Pick<CommandContext, 'user' | 'env' | 'cwd' | 'stdin' | 'stdout' | 'stderr' | 'signal'>

/** Runs the program at `path`. Never rejects: an interrupt gives 130, a broken pipe 141; the caller looks at its own signal. */
export const runProgram = async (host: Host, given: ProgramContext, path: string, argv: readonly string[]): Promise<number> => {
  const context = contextFor(host, given)
  const name = argv[0]!
  try {
    const real = context.fs.realpath(path)
    const command = byPath().get(real) ?? byPath().get(path)
    const tool = real.slice(real.lastIndexOf('/') + 1)
    if (command && (!command.installed || command.installed(host.machine)))
      return await command.run(context, [name.slice(name.lastIndexOf('/') + 1), ...argv.slice(1)])
    if (real.startsWith('/usr/bin/') && utilities.has(tool)) return await runUtility(context, [tool, ...argv.slice(1)])
    return await runFile(context, host, real, argv)
  } catch (error) {
    if (context.signal.aborted) return 130
    if (error instanceof BrokenPipe) return 141
    const text = error instanceof FileError ? `${error.path}: ${error.reason}` : (error as Error).message
    await given.stderr.write(`${name}: ${text}\n`).catch(() => undefined)
    return 1
  }
}

/** A file that is not one of our programs: a script for a shell, or nothing the kernel can run. */
const runFile = async (context: CommandContext, host: Host, path: string, argv: readonly string[]): Promise<number> => {
  const text = context.fs.readText(path)
  const interpreter = /^#!\s*(\S+)(?:[ \t]+(\S+))?/.exec(text)
  const program = interpreter?.[1]?.endsWith('/env') ? interpreter[2] : interpreter?.[1]
  if (text.includes('\0')) {
    await context.stderr.write(`bash: ${argv[0]}: cannot execute binary file: Exec format error\n`)
    return 126
  }
  const shell = program?.slice(program.lastIndexOf('/') + 1)
  if (shell !== undefined && !['bash', 'sh', 'dash'].includes(shell)) {
    await context.stderr.write(
      interpreter![1]!.endsWith('/env')
        ? `/usr/bin/env: ‘${shell}’: No such file or directory\n`
        : `bash: ${argv[0]}: ${interpreter![1]}: bad interpreter: No such file or directory\n`,
    )
    return interpreter![1]!.endsWith('/env') ? 127 : 126
  }
  return runShell(host, context, text, argv[0]!, argv.slice(1))
}

/** A shell of its own for a script: `bash file`, `sh -c`, a file with `#!`. */
export const runShell = (host: Host, given: ProgramContext, text: string, zero: string, positional: readonly string[]): Promise<number> => {
  const state = newState(given.cwd, zero, host.nextPid(), given.env)
  state.positional = positional
  const io = new Map<number, Descriptor>([
    [0, { input: given.stdin }],
    [1, { output: given.stdout }],
    [2, { output: given.stderr }],
  ])
  const frame = createFrame({
    host,
    state,
    user: given.user,
    files: host.machine.files(given.user),
    io,
    signal: given.signal,
    interactive: false,
    name: zero.slice(zero.lastIndexOf('/') + 1) === 'sh' ? 'sh' : zero,
  })
  return runToExit(frame, text)
}

/** Writes a program may still do after it was interrupted: `ping` sums up, `watch` gives the screen back. */
const LAST_WORDS = 4

const hosts = new WeakMap<CommandContext, Host>()

/** The login a command runs in, for commands that start shells (`bash`, `sudo -i`). */
export const hostOf = (context: CommandContext): Host => hosts.get(context)!

export const contextFor = (host: Host, given: ProgramContext): CommandContext => {
  const { machine } = host
  let lastWords = 0
  const rested = (output: Output): Output => ({
    isTty: output.isTty,
    write: async data => {
      await host.breathe()
      if (given.signal.aborted && ++lastWords > LAST_WORDS) throw given.signal.reason
      await output.write(data)
    },
  })
  const fs = relativeFiles(machine.files(given.user), given.cwd)
  const context: CommandContext = {
    ...given,
    machine,
    clock: machine.clock,
    random: machine.random,
    fs,
    stdout: rested(given.stdout),
    stderr: rested(given.stderr),
    tty: host.tty,
    open: path => openInput(host, fs, path),
    which: name => {
      const found = findProgram(host, fs, name, given.env['PATH'] ?? '', given.cwd)
      return 'path' in found ? found.path : undefined
    },
    run: async (argv, changes) => {
      const merged = { ...given, ...changes }
      const found = findProgram(host, machine.files(merged.user), argv[0]!, merged.env['PATH'] ?? '', merged.cwd)
      return 'path' in found ? runProgram(host, merged, found.path, argv) : found.status
    },
    shell: async (script, changes) => {
      const merged = { ...given, ...changes }
      try {
        return await runShell(host, merged, script, 'sh', [])
      } catch (error) {
        if (merged.signal.aborted) return 130
        throw error
      }
    },
  }
  hosts.set(context, host)
  return context
}

/** The same files, with relative paths taken from `cwd`. */
const relativeFiles = (files: Files, cwd: string): Files => {
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
