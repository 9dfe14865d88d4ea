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

/** What the API server asks of a node's kubelet. Every member rejects with ApiError. */
export interface KubeletBackend {
  logs(pod: KubeObject, options: LogOptions, signal: AbortSignal): AsyncIterable<Uint8Array>
  /** What the kubelet answers a request to open a stream into a pod (exec, attach, port-forward). Throws ApiError. */
  stream(pod: KubeObject): { readonly status: number; readonly text: string }
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
  pods(): readonly {
    readonly namespace: string
    readonly name: string
    readonly labels?: Record<string, string>
    readonly containers: readonly { readonly name: string; readonly usage: Usage }[]
  }[]
}

/** Answers `/api/v1/nodes/<name>/proxy/<path>` with JSON; undefined where the kubelet has no such path. */
export type NodeProxy = (node: string, path: string) => object | undefined
