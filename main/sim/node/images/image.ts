import type { VirtualTime } from '../../time/clock.ts'

/** Where a container's main process runs. */
export interface ContainerContext {
  /** Command and arguments after Kubernetes' merge with the image's entrypoint and cmd. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly hostname: string
  readonly podIP: string
  readonly nodeName: string
  readonly startedAt: VirtualTime
  readonly tag: string
}

/** What a process does next: write a line, or let virtual time pass. */
export type Step = { readonly print: string; readonly stderr?: boolean } | { readonly sleepMs: number }

/** The result of looking at a process from outside (HTTP status, exit code and output of an exec). */
export interface ExecResult {
  readonly code: number
  readonly output: string
}

/**
 * A process's whole behaviour. `run` is drawn from as time passes, and lazily: nobody steps through a program that
 * cannot end by itself until somebody reads its log.
 */
export interface Program {
  /** The returned number is its exit code; undefined means that it goes on until it is told to stop. */
  run(): Generator<Step, number | undefined>
  /** False for servers: only a signal ends them. */
  readonly endsByItself: boolean
  /** TCP ports it listens on, from `listenAfterMs` after its start. */
  readonly ports: readonly number[]
  readonly listenAfterMs: number
  /** How it takes SIGTERM; 'ignored' is killed when the grace period is over (a shell that is PID 1, for instance). */
  readonly onTerm: { readonly afterMs: number; readonly code: number } | 'ignored'
  /** Answer to a GET once it listens; the default is 200. */
  readonly httpStatus?: (path: string, port: number) => number
  /** Runs a command beside it, in its file system. */
  readonly exec?: (argv: readonly string[], now: VirtualTime) => ExecResult
}

/** An image: what a registry tells of it, and what its process does. One file each, listed in `index.ts`. */
export interface Image {
  /** Full names, with registry and library: `docker.io/library/nginx`. */
  readonly repositories: readonly string[]
  /** Compressed size in bytes, as the registry and `node.status.images` count it. */
  readonly sizeBytes: number
  /** The newest `major.minor` that was published; a higher version does not exist. */
  readonly newest?: string
  /** Further tags than versions, `latest` and the usual variants. */
  readonly tags?: readonly string[]
  readonly entrypoint: readonly string[]
  readonly cmd: readonly string[]
  /** Has a shell and the usual small commands in it. */
  readonly shell: boolean
  /** Further programs that may be started by name. */
  readonly programs?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** What it takes when nobody uses it; the load model varies around it. */
  readonly load: { readonly cpuMilli: number; readonly memoryBytes: number }
  /** Its own main process. */
  program(context: ContainerContext): Program
}

export const MiB = 1024 ** 2

/** A server: writes its start-up lines, listens, and goes on until SIGTERM. */
export const server = (options: {
  readonly ports?: readonly number[]
  readonly listenAfterMs?: number
  readonly lines?: () => Iterable<string>
  readonly onTerm?: Program['onTerm']
  readonly httpStatus?: Program['httpStatus']
}): Program => ({
  endsByItself: false,
  ports: options.ports ?? [],
  listenAfterMs: options.listenAfterMs ?? 100,
  onTerm: options.onTerm ?? { afterMs: 80, code: 0 },
  httpStatus: options.httpStatus,
  *run() {
    for (const print of options.lines?.() ?? []) yield { print }
    return undefined
  },
})

const two = (n: number) => String(n).padStart(2, '0')

/** `2026/11/20 20:51:26` in UTC, as nginx and Go's log package write it. */
export const slashTime = (time: VirtualTime): string => {
  const t = new Date(time)
  return `${t.getUTCFullYear()}/${two(t.getUTCMonth() + 1)}/${two(t.getUTCDate())} ${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** `20 Nov 2026 20:51:26.123`, as Redis writes it. */
export const redisTime = (time: VirtualTime): string => {
  const t = new Date(time)
  return `${two(t.getUTCDate())} ${MONTHS[t.getUTCMonth()]} ${t.getUTCFullYear()} ${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())}.${String(t.getUTCMilliseconds()).padStart(3, '0')}`
}

/** `I1120 20:51:26.123000       1`, the head of a klog line. */
export const klogHead = (time: VirtualTime, pid = 1, severity = 'I'): string => {
  const t = new Date(time)
  const micros = `${String(t.getUTCMilliseconds()).padStart(3, '0')}000`
  return `${severity}${two(t.getUTCMonth() + 1)}${two(t.getUTCDate())} ${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())}.${micros} ${String(pid).padStart(7)}`
}
