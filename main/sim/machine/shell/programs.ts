import type { Clock } from '../../time/clock.ts'
import { BrokenPipe, type Command, type CommandContext, type Output } from '../commands/command.ts'
import { FileError } from '../files/tree.ts'
import type { SimulatedMachine } from '../machine.ts'
import { createFrame, runToExit } from './evaluate.ts'
import type { Descriptor, Host, ProgramContext } from './frame.ts'
import { findProgram, openInput } from './lookup.ts'
import { relativeFiles } from './relative-files.ts'
import { newState } from './state.ts'
import type { Terminal } from './terminal.ts'
import { runUtility, utilities } from './utilities.ts'

/** Steps between two rests: often enough that nobody notices, rarely enough to be fast. */
const STEPS_PER_REST = 64
/** A spinning loop uses CPU time like any other: every so many rests cost a millisecond, or virtual time could not pass any more. */
const RESTS_PER_MILLISECOND = 8
/** The most that a sudden end of the simulation can take of what a running command wrote. */
const FLUSH_MS = 1000

export const createHost = (machine: SimulatedMachine, terminal: Terminal | undefined, signal: AbortSignal, history?: Host['history']): Host => {
  let steps = 0
  let rests = 0
  let flushedAt = machine.clock.now
  let pid = 2000 + machine.random.below(30_000)
  const host: Host = {
    machine,
    tty: terminal?.tty,
    terminal: terminal && { input: terminal.input, output: terminal.output },
    terminalDevice: terminal,
    signal,
    history,
    startedAt: machine.clock.now,
    temporary: [],
    nextPid: () => (pid += 1 + machine.random.below(3)),
    runProgram: (given, path, argv) => runProgram(host, given, path, argv),
    breathe: () => {
      // A long command's writes are on the disk soon, not at its end only.
      if (machine.clock.now - flushedAt >= FLUSH_MS) {
        flushedAt = machine.clock.now
        machine.flush()
      }
      if (++steps % STEPS_PER_REST !== 0) return Promise.resolve()
      return rest(machine.clock, ++rests % RESTS_PER_MILLISECOND === 0 ? 1 : 0)
    },
  }
  return host
}

const rest = (clock: Clock, ms: number) => new Promise<void>(resolve => void clock.after(ms, resolve))

const pathOf = (command: Command, name: string) => (command.path ? `${command.path.slice(0, command.path.lastIndexOf('/'))}/${name}` : `/usr/bin/${name}`)

const tables = new WeakMap<readonly Command[], ReadonlyMap<string, Command>>()
const byPath = ({ programs }: SimulatedMachine): ReadonlyMap<string, Command> => {
  let table = tables.get(programs)
  if (!table)
    tables.set(
      programs,
      (table = new Map(programs.flatMap(command => [command.name, ...(command.aliases ?? [])].map(name => [pathOf(command, name), command] as const)))),
    )
  return table
}

/** Paths of the programs that every machine has. */
export const installedPrograms = (machine: SimulatedMachine): string[] => [
  ...[...byPath(machine)].filter(([, command]) => !command.installed).map(([path]) => path),
  ...[...utilities].map(name => `/usr/bin/${name}`),
]

/** Paths of the programs that are on this machine only under a condition, such as those that come with K3s. */
export const conditionalPrograms = (machine: SimulatedMachine): string[] =>
  [...byPath(machine)].filter(([, command]) => command.installed?.(machine)).map(([path]) => path)

const runProgram = async (host: Host, given: ProgramContext, path: string, argv: readonly string[]): Promise<number> => {
  const context = contextFor(host, given)
  const name = argv[0]!
  try {
    const real = context.fs.realpath(path)
    const command = byPath(host.machine).get(real) ?? byPath(host.machine).get(path)
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
      const found = findProgram(fs, name, given.env['PATH'] ?? '', given.cwd)
      return 'path' in found ? found.path : undefined
    },
    run: async (argv, changes) => {
      const merged = { ...given, ...changes }
      const found = findProgram(machine.files(merged.user), argv[0]!, merged.env['PATH'] ?? '', merged.cwd)
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
