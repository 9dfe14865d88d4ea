import type { CommandContext, Input, Output, Tty } from '../commands/command.ts'
import type { Files } from '../files/files.ts'
import type { Credentials } from '../files/tree.ts'
import type { SimulatedMachine } from '../machine.ts'
import type { Clock } from '../../time/clock.ts'
import type { Random } from '../../time/random.ts'
import type { Gate } from './gate.ts'
import type { ShellState } from './state.ts'
import type { Script } from './syntax.ts'
import type { Terminal } from './terminal.ts'

export interface Descriptor {
  readonly input?: Input
  readonly output?: Output
}

export type ProgramContext = Pick<CommandContext, 'user' | 'env' | 'cwd' | 'stdin' | 'stdout' | 'stderr' | 'signal'>

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
  /** Runs the program at `path`. Never rejects: an interrupt gives 130, a broken pipe 141; the caller looks at its own signal. */
  runProgram(given: ProgramContext, path: string, argv: readonly string[]): Promise<number>
  /** To be awaited in every loop: lets others run, and costs virtual time when a loop spins. */
  breathe(): Promise<void>
}

/** Where a piece of script runs: the shell's memory, its open files, and the world around. */
export interface Frame {
  readonly host: Host
  readonly state: ShellState
  readonly user: Credentials
  readonly files: Files
  readonly io: ReadonlyMap<number, Descriptor>
  readonly signal: AbortSignal
  readonly interactive: boolean
  /** Closed while the job is stopped; absent where there is no job control. */
  readonly gate?: Gate | undefined
  /** What errors begin with: `bash` at a prompt or with -c, the script's name and line otherwise. */
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly hostname: string
  readonly startedAt: number
  home(name: string): string | undefined
  /** Runs a text in this very shell (`eval`, `source`, traps). */
  run(text: string): Promise<number>
  substitute(script: Script): Promise<string>
  processSubstitution(script: Script, direction: 'input' | 'output'): Promise<string>
}

/** `break`, `continue`, `return` and `exit` on their way to where they end. */
export class Jump {
  readonly kind: 'break' | 'continue' | 'return' | 'exit'
  readonly value: number
  constructor(kind: Jump['kind'], value: number) {
    this.kind = kind
    this.value = value
  }
}

/** A line ends because of Ctrl-C; `status` is what the program made of it (ping sums up and is content). */
export class Interrupted extends Error {
  readonly status: number
  constructor(status: number) {
    super('interrupted')
    this.status = status
  }
}

export type FrameOptions = Pick<Frame, 'host' | 'state' | 'user' | 'files' | 'io' | 'signal' | 'interactive' | 'name' | 'gate'>

/** Scripts name the line: `bash: line 3: `, dash `sh: 3: `. */
export const lineOf = (frame: Pick<Frame, 'interactive' | 'name' | 'state'>): string =>
  frame.interactive ? '' : frame.name === 'sh' ? `${frame.state.line}: ` : `line ${frame.state.line}: `

export const complain = async (frame: Frame, text: string): Promise<void> => {
  await frame.io.get(2)?.output?.write(`${frame.name}: ${lineOf(frame)}${text}\n`)
}
