import type { ConditionStatus, EventSummary, NodeSummary, PodSummary, Resources, Usage, WorkloadSummary } from '../../shared/domain/cluster.ts'
import { type Pod, podStatus, podTone } from './pod-status.ts'
import { milli, whole } from './quantity.ts'

type Quantities = Readonly<Record<string, string>>

interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly creationTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** The fields of a Node that its summary is made of. */
export interface Node {
  readonly metadata: Metadata
  readonly spec?: {
    readonly unschedulable?: boolean
    readonly podCIDR?: string
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[]
  }
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason?: string
      readonly message?: string
      readonly lastTransitionTime?: string
    }[]
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    readonly capacity?: Quantities
    readonly allocatable?: Quantities
    readonly nodeInfo?: Readonly<Record<string, string>>
  }
}

export interface Workload {
  readonly kind?: string
  readonly metadata: Metadata
  readonly spec?: {
    readonly replicas?: number
    readonly completions?: number
    readonly parallelism?: number
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly image?: string }[] } }
  }
  readonly status?: Readonly<Record<string, unknown>>
}

export interface KubeEvent {
  readonly metadata: Metadata
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  /** events.k8s.io/v1 says note, regarding and series. */
  readonly note?: string
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly namespace?: string }
  readonly regarding?: { readonly kind?: string; readonly name?: string; readonly namespace?: string }
  readonly count?: number
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string }
  readonly eventTime?: string | null
  readonly firstTimestamp?: string | null
  readonly lastTimestamp?: string | null
}

const NODE_ROLE = 'node-role.kubernetes.io/'

const resources = (quantities: Quantities = {}): Resources => ({
  cpuMilli: milli(quantities.cpu),
  memoryBytes: whole(quantities.memory),
  storageBytes: whole(quantities['ephemeral-storage']),
  pods: whole(quantities.pods),
})

export const noResources: Resources = { cpuMilli: 0, memoryBytes: 0, storageBytes: 0, pods: 0 }

const conditionStatus = (status: string | undefined): ConditionStatus => (status === 'True' || status === 'False' ? status : 'Unknown')

/** Roles as kubectl's ROLES column finds them: both label forms (kubernetes pkg/printers, findNodeRoles). */
const nodeRoles = (labels: Readonly<Record<string, string>>): readonly string[] => {
  const roles = new Set<string>()
  for (const [label, value] of Object.entries(labels)) {
    if (label.startsWith(NODE_ROLE) && label.length > NODE_ROLE.length) roles.add(label.slice(NODE_ROLE.length))
    else if (label === 'kubernetes.io/role' && value !== '') roles.add(value)
  }
  return [...roles].toSorted()
}

export const summariseNode = (node: Node, requested: Resources, usage?: Usage): NodeSummary => {
  const { metadata, spec = {}, status = {} } = node
  const info = status.nodeInfo ?? {}
  const internalIP = status.addresses?.find(address => address.type === 'InternalIP')?.address
  const labels = metadata.labels ?? {}
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    ready: conditionStatus(status.conditions?.find(condition => condition.type === 'Ready')?.status),
    unschedulable: spec.unschedulable ?? false,
    roles: nodeRoles(labels),
    conditions: (status.conditions ?? []).map(condition => ({
      type: condition.type,
      status: conditionStatus(condition.status),
      reason: condition.reason ?? '',
      message: condition.message ?? '',
      since: condition.lastTransitionTime ?? '',
    })),
    taints: (spec.taints ?? []).map(({ key, value, effect }) => ({ key, effect, ...(value === undefined ? {} : { value }) })),
    labels,
    createdAt: metadata.creationTimestamp ?? '',
    kubeletVersion: info.kubeletVersion ?? '',
    osImage: info.osImage ?? '',
    kernelVersion: info.kernelVersion ?? '',
    containerRuntime: info.containerRuntimeVersion ?? '',
    architecture: info.architecture ?? '',
    machineID: info.machineID ?? '',
    ...(internalIP === undefined ? {} : { internalIP }),
    ...(spec.podCIDR === undefined ? {} : { podCIDR: spec.podCIDR }),
    capacity: resources(status.capacity),
    allocatable: resources(status.allocatable),
    requested,
    ...(usage === undefined ? {} : { usage }),
  }
}

/** `web-7d4b9c6f5d` of pod-template-hash `7d4b9c6f5d` belongs to Deployment `web`. */
const owner = ({ metadata }: Pod): string | undefined => {
  const controller = metadata.ownerReferences?.find(reference => reference.controller)
  if (!controller) return undefined
  const hash = metadata.labels?.['pod-template-hash']
  if (controller.kind === 'ReplicaSet' && hash && controller.name.endsWith(`-${hash}`)) return `Deployment/${controller.name.slice(0, -hash.length - 1)}`
  return `${controller.kind}/${controller.name}`
}

export const summarisePod = (pod: Pod): PodSummary => {
  const columns = podStatus(pod)
  const unschedulable =
    pod.status?.conditions?.some(condition => condition.type === 'PodScheduled' && condition.status === 'False' && condition.reason === 'Unschedulable') ??
    false
  const ownedBy = owner(pod)
  return {
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    uid: pod.metadata.uid ?? '',
    status: columns.status,
    tone: podTone(columns, unschedulable),
    readyContainers: columns.ready,
    containers: columns.total,
    restarts: columns.restarts,
    ...(pod.spec.nodeName ? { node: pod.spec.nodeName } : {}),
    ...(pod.status?.podIP ? { ip: pod.status.podIP } : {}),
    ...(ownedBy === undefined ? {} : { owner: ownedBy }),
    images: pod.spec.containers.map(container => container.image ?? ''),
    createdAt: pod.metadata.creationTimestamp ?? '',
  }
}

/**
 * What a pod asks of its node, or undefined once it has ended: the sum of its containers and sidecars, or its largest
 * init step together with the sidecars started before it, plus overhead (k8s.io/component-helpers/resource, PodRequests).
 */
export const podRequests = (pod: Pod): Resources | undefined => {
  if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return undefined
  const sum = (read: (quantities: Quantities | undefined) => number): number => {
    let running = pod.spec.containers.reduce((total, container) => total + read(container.resources?.requests), 0)
    let sidecars = 0
    let largest = 0
    for (const container of pod.spec.initContainers ?? []) {
      const own = read(container.resources?.requests)
      if (container.restartPolicy === 'Always') {
        running += own
        sidecars += own
        largest = Math.max(largest, sidecars)
      } else largest = Math.max(largest, own + sidecars)
    }
    return Math.max(running, largest) + read(pod.spec.overhead)
  }
  return {
    cpuMilli: sum(list => milli(list?.cpu)),
    memoryBytes: sum(list => whole(list?.memory)),
    storageBytes: sum(list => whole(list?.['ephemeral-storage'])),
    pods: 1,
  }
}

const number = (value: unknown, fallback = 0): number => (typeof value === 'number' ? value : fallback)

export const summariseWorkload = (kind: WorkloadSummary['kind'], { metadata, spec = {}, status = {} }: Workload): WorkloadSummary => {
  const counts = {
    Deployment: () => [number(status.readyReplicas), number(spec.replicas, 1)],
    StatefulSet: () => [number(status.readyReplicas), number(spec.replicas, 1)],
    DaemonSet: () => [number(status.numberReady), number(status.desiredNumberScheduled)],
    Job: () => [number(status.succeeded), number(spec.completions ?? spec.parallelism, 1)],
  } satisfies Record<WorkloadSummary['kind'], () => number[]>
  const [ready, desired] = counts[kind]()
  return {
    kind,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    uid: metadata.uid ?? '',
    ready: ready!,
    desired: desired!,
    images: spec.template?.spec?.containers?.map(container => container.image ?? '') ?? [],
    createdAt: metadata.creationTimestamp ?? '',
  }
}

export const summariseEvent = (event: KubeEvent): EventSummary => {
  const object = event.involvedObject ?? event.regarding ?? {}
  return {
    uid: event.metadata.uid ?? '',
    type: event.type === 'Warning' ? 'Warning' : 'Normal',
    reason: event.reason ?? '',
    message: (event.message ?? event.note ?? '').trimEnd(),
    object: `${object.kind ?? ''}/${object.name ?? ''}`,
    namespace: event.metadata.namespace ?? '',
    count: event.series?.count ?? event.count ?? 1,
    lastSeen: event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? event.metadata.creationTimestamp ?? '',
  }
}
