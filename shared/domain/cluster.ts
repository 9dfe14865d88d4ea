/** What the renderer knows of a cluster: small summaries, never whole Kubernetes objects. */

export type ConditionStatus = 'True' | 'False' | 'Unknown'

export interface Condition {
  readonly type: string
  readonly status: ConditionStatus
  readonly reason: string
  readonly message: string
  /** RFC 3339. */
  readonly since: string
}

/** CPU in millicores, memory and storage in bytes, pods as a count. */
export interface Resources {
  readonly cpuMilli: number
  readonly memoryBytes: number
  readonly storageBytes: number
  readonly pods: number
}

export interface Usage {
  readonly cpuMilli: number
  readonly memoryBytes: number
  /** RFC 3339, end of the window it was measured over. */
  readonly at: string
}

export interface NodeSummary {
  readonly name: string
  readonly uid: string
  readonly ready: ConditionStatus
  readonly unschedulable: boolean
  /** Sorted, without the `node-role.kubernetes.io/` prefix; empty for agents. */
  readonly roles: readonly string[]
  readonly conditions: readonly Condition[]
  readonly taints: readonly { key: string; value?: string; effect: string }[]
  readonly labels: Readonly<Record<string, string>>
  readonly createdAt: string
  readonly kubeletVersion: string
  readonly osImage: string
  readonly kernelVersion: string
  readonly containerRuntime: string
  readonly architecture: string
  readonly internalIP?: string
  readonly machineID: string
  readonly podCIDR?: string
  readonly capacity: Resources
  readonly allocatable: Resources
  /** Sum of the requests of the node's non-terminated pods, and their number. */
  readonly requested: Resources
  /** From metrics.k8s.io; absent until the first sample. */
  readonly usage?: Usage
}

export interface PodSummary {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  /** As kubectl's STATUS column: Running, ContainerCreating, CrashLoopBackOff, Terminating, … */
  readonly status: string
  /** Groups statuses for colour: what a person has to do about it. */
  readonly tone: 'ok' | 'progress' | 'warning' | 'error' | 'done'
  readonly readyContainers: number
  readonly containers: number
  readonly restarts: number
  readonly node?: string
  readonly ip?: string
  /** `Deployment/web` and the like; absent for a bare pod. */
  readonly owner?: string
  readonly images: readonly string[]
  readonly createdAt: string
}

export interface WorkloadSummary {
  readonly kind: 'Deployment' | 'DaemonSet' | 'StatefulSet' | 'Job'
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly ready: number
  readonly desired: number
  readonly images: readonly string[]
  readonly createdAt: string
}

export interface EventSummary {
  readonly uid: string
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
  /** `Pod/web-1` */
  readonly object: string
  readonly namespace: string
  readonly count: number
  readonly lastSeen: string
}

export interface ClusterSummary {
  readonly nodes: readonly NodeSummary[]
  readonly pods: readonly PodSummary[]
  readonly workloads: readonly WorkloadSummary[]
  readonly events: readonly EventSummary[]
}

/** Batched changes, keyed by uid (nodes by name). A batch is applied whole, in order. */
export interface ClusterDelta {
  readonly upserted: Partial<ClusterSummary>
  /** uids (node names) that are gone. */
  readonly removed: {
    readonly nodes?: readonly string[]
    readonly pods?: readonly string[]
    readonly workloads?: readonly string[]
    readonly events?: readonly string[]
  }
}
