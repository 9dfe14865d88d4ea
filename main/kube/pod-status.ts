import type { PodSummary } from '../../shared/domain/cluster.ts'

interface ContainerState {
  readonly waiting?: { readonly reason?: string }
  readonly running?: object
  readonly terminated?: { readonly reason?: string; readonly signal?: number; readonly exitCode: number }
}

interface ContainerStatus {
  readonly name: string
  readonly ready?: boolean
  readonly started?: boolean
  readonly restartCount?: number
  readonly state?: ContainerState
}

interface Container {
  readonly name: string
  readonly image?: string
  readonly restartPolicy?: string
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> }
}

/** The fields of a Pod that its summary is made of. */
export interface Pod {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly creationTimestamp?: string
    readonly deletionTimestamp?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly controller?: boolean }[]
  }
  readonly spec: {
    readonly nodeName?: string
    readonly containers: readonly Container[]
    readonly initContainers?: readonly Container[]
    readonly overhead?: Readonly<Record<string, string>>
  }
  readonly status?: {
    readonly phase?: string
    readonly reason?: string
    readonly podIP?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[]
    readonly containerStatuses?: readonly ContainerStatus[]
    readonly initContainerStatuses?: readonly ContainerStatus[]
  }
}

export interface PodStatus {
  readonly status: string
  readonly ready: number
  readonly total: number
  readonly restarts: number
}

const terminatedText = ({ reason, signal, exitCode }: NonNullable<ContainerState['terminated']>): string =>
  reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`)

const isSidecar = (container: Container | undefined): boolean => container?.restartPolicy === 'Always'

/** The STATUS, READY and RESTARTS columns exactly as the API server's printer makes them (kubernetes pkg/printers/internalversion, printPod). */
export const podStatus = (pod: Pod): PodStatus => {
  const { spec, status = {} } = pod
  const specOf = new Map(spec.initContainers?.map(container => [container.name, container]))
  let reason = status.reason || status.phase || ''
  let total = spec.containers.length
  let ready = 0
  let restarts = 0
  let sidecarRestarts = 0

  if (status.conditions?.some(condition => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated')) reason = 'SchedulingGated'

  const initContainers = status.initContainerStatuses ?? []
  for (const container of initContainers) if (isSidecar(specOf.get(container.name))) total++
  let initializing = false
  for (const [index, container] of initContainers.entries()) {
    restarts += container.restartCount ?? 0
    const sidecar = isSidecar(specOf.get(container.name))
    if (sidecar) sidecarRestarts += container.restartCount ?? 0
    const { waiting, terminated } = container.state ?? {}
    if (terminated?.exitCode === 0) continue
    if (sidecar && container.started) {
      if (container.ready) ready++
      continue
    }
    if (terminated) reason = `Init:${terminatedText(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`
    else reason = `Init:${index}/${spec.initContainers?.length ?? 0}`
    initializing = true
    break
  }

  const initialized = status.conditions?.some(condition => condition.type === 'Initialized' && condition.status === 'True') ?? false
  if (!initializing || initialized) {
    restarts = sidecarRestarts
    let hasRunning = false
    for (const container of [...(status.containerStatuses ?? [])].toReversed()) {
      restarts += container.restartCount ?? 0
      const { waiting, terminated, running } = container.state ?? {}
      if (waiting?.reason) reason = waiting.reason
      else if (terminated) reason = terminatedText(terminated)
      else if (container.ready && running) {
        hasRunning = true
        ready++
      }
    }
    if (reason === 'Completed' && hasRunning) {
      reason = status.conditions?.some(condition => condition.type === 'Ready' && condition.status === 'True') ? 'Running' : 'NotReady'
    }
  }

  if (pod.metadata.deletionTimestamp && status.reason === 'NodeLost') reason = 'Unknown'
  else if (pod.metadata.deletionTimestamp && status.phase !== 'Succeeded' && status.phase !== 'Failed') reason = 'Terminating'
  return { status: reason, ready, total, restarts }
}

const PROGRESS = new Set(['Pending', 'ContainerCreating', 'PodInitializing', 'Terminating', 'SchedulingGated'])
const DONE = new Set(['Succeeded', 'Completed'])

/** What a person has to do about a pod in that state. `unschedulable`: the scheduler found no node for it. */
export const podTone = ({ status, ready, total }: PodStatus, unschedulable: boolean): PodSummary['tone'] => {
  if (DONE.has(status)) return 'done'
  if (status === 'Running') return ready === total ? 'ok' : 'warning'
  if (unschedulable && status === 'Pending') return 'warning'
  if (PROGRESS.has(status) || /^Init:\d+\/\d+$/.test(status)) return 'progress'
  if (status === 'NotReady' || status === 'Unknown') return 'warning'
  return 'error'
}
