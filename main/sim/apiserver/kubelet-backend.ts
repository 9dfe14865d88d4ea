import type { KubeObject } from './object.ts'

/** Query of pods/log, parsed. */
export interface LogOptions {
  readonly container: string
  readonly follow: boolean
  readonly previous: boolean
  readonly timestamps: boolean
  readonly tailLines?: number
  readonly sinceSeconds?: number
  /** RFC 3339. */
  readonly sinceTime?: string
  readonly limitBytes?: number
}

export interface ExecOptions {
  readonly container: string
  readonly command: readonly string[]
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  readonly tty: boolean
}

/** One process in a container, as the API server hands it through between client and kubelet. */
export interface ExecStreams {
  readonly stdin: AsyncIterable<Uint8Array>
  stdout(chunk: Uint8Array): void
  stderr(chunk: Uint8Array): void
  onResize(listener: (columns: number, rows: number) => void): void
  readonly signal: AbortSignal
}

/** What the API server asks of a node's kubelet. Every member rejects with ApiError. */
export interface KubeletBackend {
  logs(pod: KubeObject, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>
  /** Resolves with the exit code. */
  exec?(pod: KubeObject, options: ExecOptions, streams: ExecStreams): Promise<number>
}

/** Usage of one node or container, from a kubelet's view. */
export interface Usage {
  /** Nanocores. */
  readonly cpuNano: number
  readonly memoryBytes: number
}

/** What metrics-server knows; undefined while it does not run. */
export interface MetricsSource {
  nodes(): readonly { readonly name: string; readonly labels?: Record<string, string>; readonly usage: Usage }[]
  pods(): readonly { readonly namespace: string; readonly name: string; readonly labels?: Record<string, string>; readonly containers: readonly { readonly name: string; readonly usage: Usage }[] }[]
}

/** Answers `/api/v1/nodes/<name>/proxy/<path>` with JSON; undefined where the kubelet has no such path. */
export type NodeProxy = (node: string, path: string) => object | undefined
