import type { Clock } from '../../time/clock.ts'
import type { Random } from '../../time/random.ts'
import type { Files } from '../files/files.ts'
import type { Credentials } from '../files/tree.ts'
import type { SimulatedMachine } from '../machine.ts'

/** Bytes going to a terminal, a pipe, a file or nowhere. */
export interface Output {
  readonly isTty: boolean
  /**
   * Text goes out as UTF-8. Resolves when the reader has room again: await it in anything that may write much or for ever.
   * Rejects with BrokenPipe when nobody reads any more, which ends the command like SIGPIPE.
   */
  write(data: string | Uint8Array): Promise<void>
}

/** Bytes coming from a terminal, a pipe, a file or nowhere. */
export interface Input {
  readonly isTty: boolean
  /** The next bytes, or undefined at the end. On a terminal: a line (cooked), or keys while `tty.raw` is held. */
  read(): Promise<Uint8Array | undefined>
  /** Gives bytes back that were read and not wanted (`head`, `read` stop in the middle of a chunk). */
  unread(bytes: Uint8Array): void
}

/** The terminal a program runs on. */
export interface Tty {
  readonly columns: number
  readonly rows: number
  /** `$TERM` as the client asked for it. */
  readonly term: string
  onResize(listener: () => void): () => void
  /** Takes the keyboard: bytes arrive unechoed and Ctrl-C is a byte, until the returned function is called. */
  raw(): () => void
}

/** What a program sees of the world. All of it belongs to this one run. */
export interface CommandContext {
  readonly machine: SimulatedMachine
  readonly clock: Clock
  readonly random: Random
  readonly user: Credentials
  /** Exported variables. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** The machine's files with this user's permissions; errors are FileError with `code` ('ENOENT', 'EACCES', …). */
  readonly fs: Files
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  /** The controlling terminal, when there is one. */
  readonly tty: Tty | undefined
  /** Aborted by Ctrl-C, a lost connection, or power loss. A command that lets the abort error through exits with 130. */
  readonly signal: AbortSignal
  /** Runs another program with this context (`sudo`, `watch`, `xargs`), changed as given. Exit code 127 when there is none of that name. */
  run(argv: readonly string[], changes?: Partial<Pick<CommandContext, 'user' | 'env' | 'cwd' | 'stdin' | 'stdout' | 'stderr' | 'signal'>>): Promise<number>
  /** Where a program of that name lies by this context's PATH. */
  which(name: string): string | undefined
  /** Bytes of a file, a device that never ends, or a pipe: for programs that read their operands piece by piece. */
  open(path: string): Input
  /** Runs a line of shell (`sh -c`) with this context, changed as given. */
  shell(script: string, changes?: Partial<Pick<CommandContext, 'user' | 'env' | 'cwd' | 'stdin' | 'stdout' | 'stderr' | 'signal'>>): Promise<number>
}

/** What Tab completes: the words before the one being typed (the first is the command), and its beginning. */
export interface CompletionRequest {
  readonly words: readonly string[]
  readonly prefix: string
  readonly context: CommandContext
}

/** A program on the simulated machine. To add one: a file here, and a line in `index.ts`. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** Where it lies; `/usr/bin/<name>` by default. */
  readonly path?: string
  /** Other names that run the same program; argv[0] tells. */
  readonly aliases?: readonly string[]
  /** Only on machines for which this holds (`kubectl` needs K3s installed). */
  readonly installed?: (machine: SimulatedMachine) => boolean
  /** `argv[0]` is the name. Resolves to the exit code. */
  run(context: CommandContext, argv: readonly string[]): Promise<number>
  /** Candidates for Tab that begin with `prefix`; undefined leaves it to file names. */
  complete?(request: CompletionRequest): Promise<readonly string[] | undefined>
}

/** Nobody reads what is written: the shell ends the command with 141, silently. */
export class BrokenPipe extends Error {
  readonly code = 'EPIPE'
  constructor() {
    super('Broken pipe')
  }
}

/** Everything until the end, as UTF-8 text. */
export const readText = async (input: Input): Promise<string> => new TextDecoder().decode(await readBytes(input))

/** Everything until the end. */
export const readBytes = async (input: Input): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  for (let chunk = await input.read(); chunk; chunk = await input.read()) chunks.push(chunk)
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

const decoder = new TextDecoder()

/** Line by line without the line feed; a last line without one counts too. Bytes after an early `break` are given back. */
export async function* readLines(input: Input): AsyncGenerator<string> {
  let rest: Uint8Array = new Uint8Array()
  try {
    for (;;) {
      const end = rest.indexOf(10)
      if (end >= 0) {
        const line = decoder.decode(rest.subarray(0, end))
        rest = rest.subarray(end + 1)
        yield line
        continue
      }
      const chunk = await input.read()
      if (!chunk) break
      rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    }
    if (rest.length > 0) {
      const line = decoder.decode(rest)
      rest = new Uint8Array()
      yield line
    }
  } finally {
    if (rest.length > 0) input.unread(rest)
  }
}
