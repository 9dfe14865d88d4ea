import type { Cancel, Clock, VirtualTime } from '../time/clock.ts'
import type { ContainerContext, ExecResult, Image, Program } from './images/image.ts'
import { isShellCommand, shellProgram } from './images/shell.ts'

export interface LogLine {
  readonly time: VirtualTime
  readonly stderr: boolean
  readonly text: string
}

/** Lines kept of one process: the kubelet rotates at 10 MiB, which for our programs is about that many. */
const MAX_LINES = 5000

/** A program that was left running for long is not stepped through from its start, but goes on from now. */
const MAX_CATCH_UP_STEPS = 50_000

export interface Exit {
  readonly time: VirtualTime
  readonly code: number
  readonly reason?: 'OOMKilled'
}

/** A running (or ended) main process of a container. */
export interface Process {
  readonly startedAt: VirtualTime
  readonly exit: Exit | undefined
  /** What it has written until now. */
  log(): readonly LogLine[]
  /** When it will write next, if that is known and it writes again by itself. */
  nextOutputAt(): VirtualTime | undefined
  isListening(port: number): boolean
  /** True once nothing about it changes by itself any more: what a probe sees now, it always sees. */
  readonly settled: boolean
  httpStatus(path: string, port: number): number
  exec(argv: readonly string[]): ExecResult
  /** SIGTERM, and SIGKILL after `graceMs`. */
  stop(graceMs: number): void
  /** Ends it with this code, at once. */
  kill(code: number, reason?: 'OOMKilled'): void
  /** Power is gone: it neither exits nor does anything more. */
  vanish(): void
}

/** What the runtime says when the command is not in the image, or undefined when it is. */
export const missingCommand = (image: Image, argv: readonly string[]): string | undefined => {
  const name = argv[0]
  if (name === undefined) return undefined
  const known = image.entrypoint[0] === name || image.cmd[0] === name || image.programs?.includes(name) || (image.shell && isShellCommand(name))
  if (known) return undefined
  const why = name.startsWith('/') || name.startsWith('./') ? `stat ${name}: no such file or directory` : 'executable file not found in $PATH'
  return `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "${name}": ${why}`
}

const programOf = (image: Image, context: ContainerContext): Program => {
  const name = context.argv[0]
  const own = name === undefined || name === image.entrypoint[0] || (image.entrypoint.length === 0 && name === image.cmd[0]) || image.programs?.includes(name)
  return own ? image.program(context) : shellProgram(context)
}

/** Starts `image`'s process; `onExit` is called once, on a task of the clock. */
export const startProcess = (clock: Clock, image: Image, context: ContainerContext, onExit: (exit: Exit) => void): Process => {
  const { startedAt } = context
  const program = programOf(image, context)
  const lines: LogLine[] = []
  let run: ReturnType<Program['run']> | undefined
  /** Virtual time the program has come to; it is stepped through lazily. */
  let cursor = startedAt
  let waiting = false
  let finished = false
  let exit: Exit | undefined
  let timer: Cancel | undefined
  let gone = false

  const end = (code: number, reason?: 'OOMKilled') => {
    if (exit || gone) return
    timer?.()
    exit = { time: clock.now, code, ...(reason && { reason }) }
    onExit(exit)
  }

  /** Steps until the program waits for a time after now, or is over. */
  const advance = () => {
    if (finished || gone) return
    run ??= program.run()
    const until = exit?.time ?? clock.now
    for (let steps = 0; cursor <= until; steps++) {
      waiting = false
      const next = run.next()
      if (next.done) {
        finished = true
        if (next.value !== undefined) {
          const code = next.value
          if (program.endsByItself) timer = clock.soon(() => end(code))
        }
        return
      }
      if ('print' in next.value) {
        lines.push({ time: cursor, stderr: next.value.stderr === true, text: next.value.print })
        if (lines.length > MAX_LINES) lines.splice(0, MAX_LINES / 2)
      } else {
        cursor += next.value.sleepMs
        waiting = true
        if (steps > MAX_CATCH_UP_STEPS) cursor = Math.max(cursor, until + 1)
      }
    }
  }

  const tick = () => {
    advance()
    if (!finished && !exit && !gone) timer = clock.after(Math.max(1, cursor - clock.now), tick)
  }
  if (program.endsByItself) timer = clock.after(0, tick)

  return {
    startedAt,
    get exit() {
      return exit
    },
    log: () => {
      advance()
      return lines
    },
    nextOutputAt: () => {
      advance()
      return finished || exit || !waiting ? undefined : cursor
    },
    isListening: port => !exit && !gone && program.ports.includes(port) && clock.now >= startedAt + program.listenAfterMs,
    get settled() {
      return !program.endsByItself && clock.now >= startedAt + program.listenAfterMs
    },
    httpStatus: (path, port) => program.httpStatus?.(path, port) ?? 200,
    exec: argv => {
      const missing = missingCommand(image, argv)
      if (missing) return { code: -1, output: missing.slice(missing.indexOf('exec: ')) }
      advance()
      return (program.exec ?? shellProgram(context).exec!)(argv, clock.now)
    },
    stop: graceMs => {
      if (exit || gone) return
      if (program.onTerm !== 'ignored' && program.onTerm.afterMs <= graceMs) {
        const { afterMs, code } = program.onTerm
        clock.after(afterMs, () => end(code))
      } else clock.after(graceMs, () => end(137))
    },
    kill: end,
    vanish: () => {
      gone = true
      timer?.()
    },
  }
}
