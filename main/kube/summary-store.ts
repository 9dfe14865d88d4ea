import type { ClusterDelta, ClusterSummary, EventSummary, NodeSummary, PodSummary, Resources, Usage, WorkloadSummary } from '../../shared/domain/cluster.ts'
import type { ObjectChange } from './connection.ts'
import type { Pod } from './pod-status.ts'
import {
  type KubeEvent,
  type Node,
  noResources,
  podRequests,
  summariseEvent,
  summariseNode,
  summarisePod,
  summariseWorkload,
  type Workload,
} from './summary.ts'

/** The newest events kept: what a person can scroll through. A busy cluster makes tens of thousands an hour. */
const MAX_EVENTS = 1000

export interface SummaryStore {
  snapshot(): ClusterSummary
  node(change: ObjectChange): void
  pod(change: ObjectChange): void
  workload(kind: WorkloadSummary['kind'], change: ObjectChange): void
  event(change: ObjectChange): void
  /** Usage by node name, as metrics.k8s.io has it now. */
  usage(usage: ReadonlyMap<string, Usage>): void
  /** What changed since the last call, or undefined. */
  takeDelta(): ClusterDelta | undefined
}

const add = (to: Resources, amount: Resources, sign: 1 | -1): Resources => ({
  cpuMilli: to.cpuMilli + sign * amount.cpuMilli,
  memoryBytes: to.memoryBytes + sign * amount.memoryBytes,
  storageBytes: to.storageBytes + sign * amount.storageBytes,
  pods: to.pods + sign * amount.pods,
})

/** One kind of summary: what is there, and which keys changed since the last delta. */
const table = <T>() => {
  const rows = new Map<string, T>()
  const upserted = new Set<string>()
  const removed = new Set<string>()
  return {
    rows,
    /** Ignores what looks as before: most updates of a quiet cluster touch only fields nobody is shown. */
    put: (key: string, row: T) => {
      const old = rows.get(key)
      if (old !== undefined && JSON.stringify(old) === JSON.stringify(row)) return
      rows.set(key, row)
      upserted.add(key)
      removed.delete(key)
    },
    drop: (key: string) => {
      if (!rows.delete(key)) return
      upserted.delete(key)
      removed.add(key)
    },
    take: () => {
      const delta = { upserted: [...upserted].map(key => rows.get(key)!), removed: [...removed] }
      upserted.clear()
      removed.clear()
      return delta
    },
  }
}

/** Keeps the summaries of one cluster from the changes of its objects; holds no whole pods. */
export const summaryStore = (): SummaryStore => {
  const nodes = table<NodeSummary>()
  const pods = table<PodSummary>()
  const workloads = table<WorkloadSummary>()
  const events = table<EventSummary>()
  const nodeObjects = new Map<string, Node>()
  const requested = new Map<string, Resources>()
  const placements = new Map<string, { readonly node: string; readonly requests: Resources }>()
  const dirtyNodes = new Set<string>()
  let usages: ReadonlyMap<string, Usage> = new Map()

  const refreshNodes = () => {
    for (const name of dirtyNodes) {
      const node = nodeObjects.get(name)
      if (node) nodes.put(name, summariseNode(node, requested.get(name) ?? noResources, usages.get(name)))
    }
    dirtyNodes.clear()
  }

  const account = (node: string, requests: Resources, sign: 1 | -1) => {
    requested.set(node, add(requested.get(node) ?? noResources, requests, sign))
    dirtyNodes.add(node)
  }

  return {
    snapshot: () => {
      refreshNodes()
      return { nodes: [...nodes.rows.values()], pods: [...pods.rows.values()], workloads: [...workloads.rows.values()], events: [...events.rows.values()] }
    },
    node: ({ type, object }) => {
      const { name } = object.metadata
      if (type === 'deleted') {
        nodeObjects.delete(name)
        nodes.drop(name)
      } else {
        nodeObjects.set(name, object as unknown as Node)
        dirtyNodes.add(name)
      }
    },
    pod: ({ type, object }) => {
      const uid = object.metadata.uid ?? ''
      const placed = placements.get(uid)
      if (placed) account(placed.node, placed.requests, -1)
      placements.delete(uid)
      if (type === 'deleted') return pods.drop(uid)
      const pod = object as unknown as Pod
      pods.put(uid, summarisePod(pod))
      const requests = pod.spec.nodeName ? podRequests(pod) : undefined
      if (!requests) return
      placements.set(uid, { node: pod.spec.nodeName!, requests })
      account(pod.spec.nodeName!, requests, 1)
    },
    workload: (kind, { type, object }) => {
      const uid = object.metadata.uid ?? ''
      if (type === 'deleted') workloads.drop(uid)
      else workloads.put(uid, summariseWorkload(kind, object as unknown as Workload))
    },
    event: ({ type, object }) => {
      const uid = object.metadata.uid ?? ''
      if (type === 'deleted') return events.drop(uid)
      const summary = summariseEvent(object as unknown as KubeEvent)
      // A repeated event moves to the end: the oldest are the first to go.
      if (events.rows.get(uid)?.lastSeen !== summary.lastSeen) events.rows.delete(uid)
      events.put(uid, summary)
      for (const oldest of events.rows.keys()) {
        if (events.rows.size <= MAX_EVENTS) break
        events.drop(oldest)
      }
    },
    usage: usage => {
      for (const name of new Set([...usages.keys(), ...usage.keys()])) dirtyNodes.add(name)
      usages = usage
    },
    takeDelta: () => {
      refreshNodes()
      const taken = { nodes: nodes.take(), pods: pods.take(), workloads: workloads.take(), events: events.take() }
      const changed = Object.entries(taken).filter(([, delta]) => delta.upserted.length > 0 || delta.removed.length > 0)
      if (changed.length === 0) return undefined
      const pick = (part: 'upserted' | 'removed') =>
        Object.fromEntries(changed.filter(([, delta]) => delta[part].length > 0).map(([name, delta]) => [name, delta[part]]))
      return { upserted: pick('upserted'), removed: pick('removed') }
    },
  }
}
