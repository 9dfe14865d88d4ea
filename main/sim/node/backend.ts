import { ApiError } from '../apiserver/errors.ts'
import type { KubeletBackend, LogOptions } from '../apiserver/kubelet-backend.ts'
import type { KubeObject } from '../apiserver/object.ts'
import type { Pod } from '../apiserver/resources/types.ts'
import type { Clock } from '../time/clock.ts'
import type { LogLine, Process } from './process.ts'
import type { Runtime } from './runtime.ts'

/** A node as the API server reaches it. */
export interface NodeEndpoint {
  readonly address: string
  readonly runtime: Runtime
  /** False while its kubelet does not answer on port 10250. */
  readonly reachable: boolean
}

const FOLLOW_POLL_MS = 1000
const encoder = new TextEncoder()

const badRequest = (message: string) => new ApiError(400, 'BadRequest', message)

/** RFC 3339 with nanoseconds, as the CRI log files carry it. */
const nanoTime = (time: number) => new Date(Math.floor(time)).toISOString().replace('Z', '000000Z')

/** Which process's log is meant, or the kubelet's refusal (pkg/kubelet validateContainerLogStatus). */
const processOf = (runtime: Runtime, pod: Pod, { container, previous }: LogOptions): Process => {
  const { name, uid } = pod.metadata
  const sandbox = runtime.sandboxes.get(uid) ?? runtime.retired.get(uid)
  const current = sandbox?.containers.get(container)
  if (previous) {
    const before = current?.process.exit ? current : sandbox?.previous.get(container)
    if (!before) throw badRequest(`previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} not found`)
    return before.process
  }
  if (current) return current.process
  const status = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])].find(other => other.name === container)
  const waiting = `container ${JSON.stringify(container)} in pod ${JSON.stringify(name)} is waiting to start`
  const reason = status?.state?.waiting?.reason
  if (status?.state?.terminated) throw badRequest(`unable to retrieve container logs for ${status.state.terminated.containerID}`)
  if (reason === 'ErrImagePull') throw badRequest(`${waiting}: image can't be pulled`)
  if (reason === 'ImagePullBackOff') throw badRequest(`${waiting}: trying and failing to pull image`)
  throw badRequest(`${waiting}: ${reason ?? 'ContainerCreating'}`)
}

const selected = (lines: readonly LogLine[], options: LogOptions, now: number): readonly LogLine[] => {
  const since =
    options.sinceTime !== undefined ? Date.parse(options.sinceTime) : options.sinceSeconds !== undefined ? now - options.sinceSeconds * 1000 : undefined
  const recent = since === undefined ? lines : lines.filter(({ time }) => time >= since)
  return options.tailLines === undefined ? recent : recent.slice(Math.max(0, recent.length - options.tailLines))
}

/** A kubelet with enableDebuggingHandlers off opens no streams into its pods (pkg/kubelet/server InstallDebuggingDisabledHandlers). */
const NO_STREAMS = { status: 405, text: 'Debug endpoints are disabled.' }

/** How K3s tells that a kubelet did not answer through the tunnel that its agent holds open. */
const dialing = (address: string) => `proxy error from 127.0.0.1:6443 while dialing ${address}:10250, code 502: 502 Bad Gateway`

/** What the API server asks of kubelets: logs of containers, read from the runtime of the pod's node. */
export const kubeletBackend = (clock: Clock, nodeOf: (name: string) => NodeEndpoint | undefined): KubeletBackend => ({
  logs: async function* (object: KubeObject, options: LogOptions, signal: AbortSignal) {
    const pod = object as Pod
    const node = nodeOf(pod.spec.nodeName!)
    if (!node?.reachable) {
      const address = node?.address ?? pod.status.hostIP ?? ''
      throw new ApiError(
        500,
        undefined,
        `Get "https://${address}:10250/containerLogs/${pod.metadata.namespace}/${pod.metadata.name}/${options.container}": ${dialing(address)}`,
      )
    }
    const process = processOf(node.runtime, pod, options)
    let left = options.limitBytes ?? Infinity
    const format = (lines: readonly LogLine[]): Uint8Array => {
      const bytes = encoder.encode(lines.map(({ time, text }) => (options.timestamps ? `${nanoTime(time)} ${text}\n` : `${text}\n`)).join(''))
      const cut = bytes.length > left ? bytes.subarray(0, left) : bytes
      left -= cut.length
      return cut
    }
    const first = process.log()
    let last = first.at(-1)
    const chunk = format(selected(first, options, clock.now))
    if (chunk.length > 0) yield chunk
    while (options.follow && left > 0 && !signal.aborted) {
      if (process.exit) return
      const next = process.nextOutputAt()
      try {
        await clock.sleep(Math.min(Math.max((next ?? Infinity) - clock.now, 1), FOLLOW_POLL_MS), signal)
      } catch {
        return
      }
      const lines = process.log()
      // Old lines are dropped from the front, so what is new is found by identity.
      const fresh = last === undefined ? lines : lines.slice(lines.lastIndexOf(last) + 1)
      last = lines.at(-1)
      if (fresh.length > 0) yield format(fresh)
    }
  },
  stream: object => {
    const pod = object as Pod
    const node = nodeOf(pod.spec.nodeName!)
    if (!node?.reachable) throw new ApiError(500, undefined, `error dialing backend: ${dialing(node?.address ?? pod.status.hostIP ?? '')}`)
    return NO_STREAMS
  },
})
