import type { Node, Pod, ReplicaSet, Service } from '../apiserver/resources/types.ts'
import { labelsSelector } from '../client/labels.ts'
import type { Labels, Selector } from '../client/labels.ts'
import { imageCatalogue } from './images.ts'
import { addPod, nodeInfo, removePod, setNode } from './node-info.ts'
import type { NodeInfo } from './node-info.ts'
import { podInfo } from './pod-info.ts'
import type { PodInfo } from './pod-info.ts'

/** An object that decides which pods belong together, for default spreading: the Service's or the owner's selector. */
export interface Workloads {
  services(namespace: string): Iterable<Service>
  /** ReplicaSet, ReplicationController or StatefulSet. */
  owner(namespace: string, kind: string, name: string): ReplicaSet | undefined
  namespaceLabels(namespace: string): Labels | undefined
}

/** How many pods that a selector selects run on each node; terminating pods do not count. */
interface PodCount {
  on(node: NodeInfo): number
}

/** The values of one topology label, numbered. */
interface Domains {
  readonly size: number
  /** A node's number by its slot; -1 without the label. */
  readonly bySlot: Int32Array
}

/** Pod counts kept per namespace and selector; the least recently used is given up beyond this number. */
const MAX_COUNTS = 256

class TrackedCount implements PodCount {
  readonly namespace: string
  readonly selector: Selector
  private bySlot: Int32Array

  constructor(namespace: string, selector: Selector, slots: number) {
    this.namespace = namespace
    this.selector = selector
    this.bySlot = new Int32Array(slots)
  }

  on(node: NodeInfo): number {
    return node.slot < this.bySlot.length ? this.bySlot[node.slot]! : 0
  }

  step(node: NodeInfo, pod: Pod, by: 1 | -1): void {
    const { metadata } = pod
    if (metadata.namespace !== this.namespace || metadata.deletionTimestamp !== undefined || !this.selector.matches(metadata.labels)) return
    if (node.slot >= this.bySlot.length) {
      const larger = new Int32Array(2 * (node.slot + 1))
      larger.set(this.bySlot)
      this.bySlot = larger
    }
    this.bySlot[node.slot]! += by
  }

  clear(node: NodeInfo): void {
    if (node.slot < this.bySlot.length) this.bySlot[node.slot] = 0
  }
}

/**
 * The scheduler's picture of the cluster: nodes, the pods on them, and pods assumed to be where they were just sent
 * (pkg/scheduler/backend/cache). Everything derived is kept incrementally, so that a decision costs what it looks at.
 */
export interface Cluster {
  /** All nodes, interleaved across zones. */
  readonly nodes: readonly NodeInfo[]
  readonly nodesWithAffinity: ReadonlySet<NodeInfo>
  readonly nodesWithAntiAffinity: ReadonlySet<NodeInfo>
  readonly workloads: Workloads
  node(name: string): NodeInfo | undefined
  /** Is the image on any node? Names as normalised by ImageLocality. */
  hasImage(name: string): boolean
  podCount(namespace: string, selector: Selector): PodCount
  domains(topologyKey: string): Domains
  /** Called before each decision: takes a look at what has changed since the last one. */
  refresh(): void
  setNode(node: Node): void
  removeNode(name: string): void
  /** Adds a pod that has a node, or takes over what changed about it. */
  setPod(pod: Pod): void
  removePod(uid: string): void
  /** Counts a pod on a node before the API server knows of it. */
  assume(pod: PodInfo, node: string): void
  /** Takes back `assume`, unless the pod has been seen on its node since. */
  forget(uid: string): void
  isAssumed(uid: string): boolean
  /** Takes a pod off (or puts one on) a node for a what-if question; the caller undoes it before the next decision. */
  take(node: NodeInfo, pod: PodInfo): void
  put(node: NodeInfo, pod: PodInfo): void
}

/** As util/node.GetZoneKey: region and zone, empty when neither label is there. */
const zoneOf = (node: Node): string => {
  const labels = node.metadata.labels ?? {}
  const region = labels['topology.kubernetes.io/region'] ?? labels['failure-domain.beta.kubernetes.io/region'] ?? ''
  const zone = labels['topology.kubernetes.io/zone'] ?? labels['failure-domain.beta.kubernetes.io/zone'] ?? ''
  return region || zone ? `${region}:\0:${zone}` : ''
}

const sameLabels = (a: Labels | undefined, b: Labels | undefined): boolean => a === b || JSON.stringify(a) === JSON.stringify(b)

/** True when nothing the scheduler looks at has changed; of a bound pod's spec only the containers' resources can. */
const isSame = (before: Pod, after: Pod): boolean =>
  before.spec.containers === after.spec.containers &&
  before.metadata.deletionTimestamp === after.metadata.deletionTimestamp &&
  sameLabels(before.metadata.labels, after.metadata.labels) &&
  !after.status.containerStatuses?.some(status => status.resources || status.allocatedResources)

export const cluster = (workloads: Workloads): Cluster => {
  const byName = new Map<string, NodeInfo>()
  /** Pods whose node is not (or no longer) there, by node name. */
  const homeless = new Map<string, Map<string, PodInfo>>()
  const places = new Map<string, { readonly info: PodInfo; readonly node: string }>()
  const assumed = new Set<string>()
  const zones = new Map<string, string[]>()
  const images = imageCatalogue()
  const counts = new Map<string, TrackedCount>()
  const countsOfNamespace = new Map<string, Set<TrackedCount>>()
  const nodesWithAffinity = new Set<NodeInfo>()
  const nodesWithAntiAffinity = new Set<NodeInfo>()
  const changed = new Set<NodeInfo>()
  const domains = new Map<string, Domains>()
  const freeSlots: number[] = []
  let slots = 0
  let order: NodeInfo[] | undefined

  const joinZone = (node: Node) => {
    const zone = zoneOf(node)
    const members = zones.get(zone)
    if (members) members.push(node.metadata.name)
    else zones.set(zone, [node.metadata.name])
  }
  const leaveZone = (node: Node) => {
    const zone = zoneOf(node)
    const members = zones.get(zone)?.filter(name => name !== node.metadata.name)
    if (members?.length) zones.set(zone, members)
    else zones.delete(zone)
  }
  const interleave = (): NodeInfo[] => {
    const lists = [...zones.values()]
    const longest = lists.reduce((most, list) => Math.max(most, list.length), 0)
    const result: NodeInfo[] = []
    for (let i = 0; i < longest; i++) for (const list of lists) if (i < list.length) result.push(byName.get(list[i]!)!)
    return result
  }

  const count = (node: NodeInfo, pod: Pod, step: 1 | -1) => {
    const tracked = countsOfNamespace.get(pod.metadata.namespace!)
    if (tracked) for (const entry of tracked) entry.step(node, pod, step)
  }
  const put = (node: NodeInfo, info: PodInfo) => {
    addPod(node, info)
    count(node, info.pod, 1)
    if (node.podsWithAffinity.size > 0) nodesWithAffinity.add(node)
    if (node.podsWithAntiAffinity.size > 0) nodesWithAntiAffinity.add(node)
  }
  const take = (node: NodeInfo, info: PodInfo) => {
    removePod(node, info)
    count(node, info.pod, -1)
    if (node.podsWithAffinity.size === 0) nodesWithAffinity.delete(node)
    if (node.podsWithAntiAffinity.size === 0) nodesWithAntiAffinity.delete(node)
  }

  const place = (info: PodInfo, nodeName: string) => {
    places.set(info.uid, { info, node: nodeName })
    const node = byName.get(nodeName)
    if (node) {
      changed.add(node)
      return put(node, info)
    }
    let waiting = homeless.get(nodeName)
    if (!waiting) homeless.set(nodeName, (waiting = new Map()))
    waiting.set(info.uid, info)
  }
  const displace = (uid: string) => {
    const found = places.get(uid)
    if (!found) return
    places.delete(uid)
    const node = byName.get(found.node)
    if (node) {
      changed.add(node)
      return take(node, found.info)
    }
    const waiting = homeless.get(found.node)
    waiting?.delete(uid)
    if (waiting?.size === 0) homeless.delete(found.node)
  }

  const track = (namespace: string, selector: Selector): TrackedCount => {
    const entry = new TrackedCount(namespace, selector, slots)
    for (const node of byName.values()) for (const { pod } of node.pods.values()) entry.step(node, pod, 1)
    return entry
  }

  return {
    get nodes() {
      return (order ??= interleave())
    },
    nodesWithAffinity,
    nodesWithAntiAffinity,
    workloads,
    node: name => byName.get(name),
    refresh: () => {
      for (const node of changed) for (const [name, image] of node.images) node.imageSpread.set(name, image.nodes.size)
      changed.clear()
    },
    hasImage: name => images.has(name),
    podCount: (namespace, selector) => {
      if (selector.isEmpty) return { on: () => 0 }
      const key = `${namespace} ${selector.key}`
      let entry = counts.get(key)
      if (entry) counts.delete(key)
      else {
        entry = track(namespace, selector)
        const siblings = countsOfNamespace.get(namespace)
        if (siblings) siblings.add(entry)
        else countsOfNamespace.set(namespace, new Set([entry]))
      }
      counts.set(key, entry)
      if (counts.size > MAX_COUNTS) {
        const [oldestKey, oldest] = counts.entries().next().value!
        counts.delete(oldestKey)
        countsOfNamespace.get(oldest.namespace)!.delete(oldest)
      }
      return entry
    },
    domains: topologyKey => {
      let found = domains.get(topologyKey)
      if (!found) {
        const numbers = new Map<string, number>()
        const bySlot = new Int32Array(slots).fill(-1)
        for (const { slot, labels } of byName.values()) {
          const value = labels[topologyKey]
          if (value === undefined) continue
          if (!numbers.has(value)) numbers.set(value, numbers.size)
          bySlot[slot] = numbers.get(value)!
        }
        domains.set(topologyKey, (found = { size: numbers.size, bySlot }))
      }
      return found
    },
    setNode: node => {
      const name = node.metadata.name
      let info = byName.get(name)
      if (!info || info.node.metadata.labels !== node.metadata.labels) domains.clear()
      if (info) {
        if (zoneOf(info.node) !== zoneOf(node)) {
          leaveZone(info.node)
          joinZone(node)
          order = undefined
        }
        images.remove(info.node)
        setNode(info, node)
      } else {
        info = nodeInfo(node, freeSlots.pop() ?? slots++)
        byName.set(name, info)
        joinZone(node)
        order = undefined
        for (const pod of homeless.get(name)?.values() ?? []) put(info, pod)
        homeless.delete(name)
      }
      info.images = images.add(node)
      info.imageSpread.clear()
      changed.add(info)
    },
    removeNode: name => {
      const info = byName.get(name)
      if (!info) return
      for (const pod of info.pods.values()) {
        let waiting = homeless.get(name)
        if (!waiting) homeless.set(name, (waiting = new Map()))
        waiting.set(pod.uid, pod)
      }
      byName.delete(name)
      changed.delete(info)
      leaveZone(info.node)
      images.remove(info.node)
      nodesWithAffinity.delete(info)
      nodesWithAntiAffinity.delete(info)
      for (const entry of counts.values()) entry.clear(info)
      freeSlots.push(info.slot)
      domains.clear()
      order = undefined
    },
    setPod: pod => {
      const uid = pod.metadata.uid
      const found = places.get(uid)
      assumed.delete(uid)
      if (found && found.node === pod.spec.nodeName && isSame(found.info.pod, pod)) {
        found.info.pod = pod
        const node = byName.get(found.node)
        if (node && node.images.size > 0) changed.add(node)
        return
      }
      displace(uid)
      place(podInfo(pod, false), pod.spec.nodeName!)
    },
    removePod: uid => {
      assumed.delete(uid)
      displace(uid)
    },
    assume: (info, node) => {
      assumed.add(info.uid)
      // Pod-level requests count on a node, not in the scores of the pod being placed.
      place('resources' in info.pod.spec ? podInfo(info.pod, false) : info, node)
    },
    forget: uid => {
      if (assumed.delete(uid)) displace(uid)
    },
    isAssumed: uid => assumed.has(uid),
    take,
    put,
  }
}

/** The selector of everything that a pod belongs to: its Services' and its owner's (plugins/helper/spread.go, DefaultSelector). */
export const workloadSelectors = (workloads: Workloads, pod: Pod): { readonly labels: Record<string, string>; readonly owner: ReplicaSet | undefined } => {
  const labels: Record<string, string> = {}
  const namespace = pod.metadata.namespace!
  for (const service of workloads.services(namespace)) {
    const selector = service.spec.selector as Labels | undefined
    if (selector && Object.keys(selector).length > 0 && labelsSelector(selector).matches(pod.metadata.labels)) Object.assign(labels, selector)
  }
  const reference = pod.metadata.ownerReferences?.find(reference => reference.controller)
  return { labels, owner: reference && workloads.owner(namespace, reference.kind, reference.name) }
}
