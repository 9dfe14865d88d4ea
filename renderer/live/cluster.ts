import type { ClusterEntry, ClusterUpdate, ContractError } from '../../shared/contract/contract.ts'
import type { EventSummary, NodeSummary, PodSummary, WorkloadSummary } from '../../shared/domain/cluster.ts'
import { createHistory } from './history.ts'
import { createTable, type Table } from './table.ts'

/** Where the cluster's stream stands. `ready` once the first snapshot is in; it stays in view while the connection is down. */
export interface ClusterStatus {
  readonly ready: boolean
  readonly entry?: ClusterEntry
  /** Why the stream itself failed (the cluster's own trouble is in `entry.connection`). */
  readonly error?: ContractError
}

/** One cluster as the renderer knows it, kept current by `apply`; nothing in here knows React. */
export interface LiveCluster {
  readonly nodes: Table<NodeSummary>
  readonly pods: Table<PodSummary>
  readonly workloads: Table<WorkloadSummary>
  readonly events: Table<EventSummary>
  readonly history: ReturnType<typeof createHistory>
  status(): ClusterStatus
  subscribeStatus(listener: () => void): () => void
  apply(update: ClusterUpdate): void
  fail(error: ContractError): void
}

export const createLiveCluster = (): LiveCluster => {
  const nodes = createTable<NodeSummary>(node => node.name)
  const pods = createTable<PodSummary>(pod => pod.uid)
  const workloads = createTable<WorkloadSummary>(workload => workload.uid)
  const events = createTable<EventSummary>(event => event.uid)
  const history = createHistory()
  let status: ClusterStatus = { ready: false }
  const listeners = new Set<() => void>()
  const become = (next: ClusterStatus) => {
    status = next
    for (const listener of listeners) listener()
  }

  return {
    nodes,
    pods,
    workloads,
    events,
    history,
    status: () => status,
    subscribeStatus: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    apply: update => {
      switch (update.type) {
        case 'snapshot':
          history.add(update.summary.nodes)
          nodes.replace(update.summary.nodes)
          pods.replace(update.summary.pods)
          workloads.replace(update.summary.workloads)
          events.replace(update.summary.events)
          return become({ ready: true, entry: update.entry })
        case 'delta': {
          const { upserted, removed } = update.delta
          if (upserted.nodes) history.add(upserted.nodes)
          if (removed.nodes) history.forget(removed.nodes)
          nodes.change(upserted.nodes ?? [], removed.nodes ?? [])
          pods.change(upserted.pods ?? [], removed.pods ?? [])
          workloads.change(upserted.workloads ?? [], removed.workloads ?? [])
          events.change(upserted.events ?? [], removed.events ?? [])
          return
        }
        case 'connection':
          return become({ ready: status.ready, entry: update.entry })
        default:
          update satisfies never
      }
    },
    fail: error => become({ ...status, error }),
  }
}
