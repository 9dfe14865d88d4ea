import type { VirtualTime } from '../../time/clock.ts'
import { humanDuration, since } from '../../../../shared/kubernetes/duration.ts'
import type { ContainerStatus, Pod } from './types.ts'

/** How many restarts there were, and when the last run of a container ended. */
interface Restarts {
  readonly count: number
  readonly last: number
}

const noRestarts: Restarts = { count: 0, last: 0 }

const withRestarts = (restarts: Restarts, status: ContainerStatus): Restarts => {
  const finished = status.lastState?.terminated?.finishedAt
  return { count: restarts.count + status.restartCount, last: finished ? Math.max(restarts.last, Date.parse(finished)) : restarts.last }
}

const exitText = ({ reason, signal, exitCode }: { reason?: string; signal?: number; exitCode: number }): string =>
  reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`)

const isTrue = (pod: Pod, type: string): boolean => pod.status.conditions?.some(condition => condition.type === type && condition.status === 'True') ?? false

/** What `kubectl get pods` says about a pod (printPod): ready containers, status and restarts. */
export const summarizePod = (pod: Pod, now: VirtualTime): { readonly ready: string; readonly status: string; readonly restarts: string } => {
  const { spec, status, metadata } = pod
  const sidecars = new Set((spec.initContainers ?? []).filter(container => container.restartPolicy === 'Always').map(container => container.name))
  const total = (spec.containers?.length ?? 0) + sidecars.size
  let ready = 0
  let reason: string = status.reason || (status.phase ?? '')
  if (status.conditions?.some(condition => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated')) reason = 'SchedulingGated'

  let restarts = noRestarts
  let sidecarRestarts = noRestarts
  let initializing = false
  for (const [index, container] of (status.initContainerStatuses ?? []).entries()) {
    restarts = withRestarts(restarts, container)
    const isSidecar = sidecars.has(container.name)
    if (isSidecar) sidecarRestarts = withRestarts(sidecarRestarts, container)
    const { terminated, waiting } = container.state ?? {}
    if (terminated?.exitCode === 0) continue
    if (isSidecar && container.started) {
      if (container.ready) ready++
      continue
    }
    if (terminated) reason = `Init:${exitText(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`
    else reason = `Init:${index}/${spec.initContainers?.length ?? 0}`
    initializing = true
    break
  }

  if (!initializing || isTrue(pod, 'Initialized')) {
    restarts = sidecarRestarts
    let hasRunning = false
    for (const container of [...(status.containerStatuses ?? [])].reverse()) {
      restarts = withRestarts(restarts, container)
      const { terminated, waiting, running } = container.state ?? {}
      if (waiting?.reason) reason = waiting.reason
      else if (terminated) reason = exitText(terminated)
      else if (container.ready && running) {
        hasRunning = true
        ready++
      }
    }
    // A finished container beside a running one does not make the pod finished.
    if (reason === 'Completed' && hasRunning) reason = isTrue(pod, 'Ready') ? 'Running' : 'NotReady'
  }

  if (metadata.deletionTimestamp && status.reason === 'NodeLost') reason = 'Unknown'
  else if (metadata.deletionTimestamp && status.phase !== 'Succeeded' && status.phase !== 'Failed') reason = 'Terminating'

  return {
    ready: `${ready}/${total}`,
    status: reason,
    restarts: restarts.count > 0 && restarts.last > 0 ? `${restarts.count} (${humanDuration(now - restarts.last)} ago)` : String(restarts.count),
  }
}

const readinessGates = ({ spec, status }: Pod): string => {
  const gates = spec.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const met = gates.filter(gate => status.conditions?.some(condition => condition.type === gate.conditionType && condition.status === 'True')).length
  return `${met}/${gates.length}`
}

export const podCells = (pod: Pod, now: VirtualTime): string[] => {
  const { ready, status, restarts } = summarizePod(pod, now)
  return [
    pod.metadata.name,
    ready,
    status,
    restarts,
    since(pod.metadata.creationTimestamp, now),
    pod.status.podIPs?.[0]?.ip || pod.status.podIP || '<none>',
    pod.spec.nodeName || '<none>',
    pod.status.nominatedNodeName || '<none>',
    readinessGates(pod),
  ]
}
