import type { Node, Taint } from '../apiserver/resources/types.ts'
import type { Labels } from '../client/labels.ts'
import { allocatableOf, noResources } from './resources.ts'
import type { Resources } from './resources.ts'
import type { Image } from './images.ts'
import type { HostPort, PodInfo } from './pod-info.ts'

/** A node with its pods and the sums over them, kept up to date pod by pod. */
export interface NodeInfo {
  readonly name: string
  /** A small number of its own while the node is there: counts per node are kept in arrays. */
  readonly slot: number
  node: Node
  labels: Labels
  taints: readonly Taint[]
  allocatable: Resources & { pods: number }
  readonly pods: Map<string, PodInfo>
  /** Pods with any (anti-)affinity, and those with required anti-affinity. */
  readonly podsWithAffinity: Set<PodInfo>
  readonly podsWithAntiAffinity: Set<PodInfo>
  readonly requested: Resources
  nonZeroCpu: number
  nonZeroMemory: number
  usedPorts: HostPort[]
  images: ReadonlyMap<string, Image>
  /** On how many nodes each image was when this node last changed: kube-scheduler's snapshots do not look again. */
  readonly imageSpread: Map<string, number>
}

const NO_LABELS: Labels = {}
const NO_TAINTS: readonly Taint[] = []

export const nodeInfo = (node: Node, slot: number): NodeInfo => ({
  name: node.metadata.name,
  slot,
  node,
  labels: node.metadata.labels ?? NO_LABELS,
  taints: node.spec.taints ?? NO_TAINTS,
  allocatable: allocatableOf(node.status.allocatable as Record<string, string>),
  pods: new Map(),
  podsWithAffinity: new Set(),
  podsWithAntiAffinity: new Set(),
  requested: noResources(),
  nonZeroCpu: 0,
  nonZeroMemory: 0,
  usedPorts: [],
  images: new Map(),
  imageSpread: new Map(),
})

export const setNode = (info: NodeInfo, node: Node): void => {
  info.node = node
  info.labels = node.metadata.labels ?? NO_LABELS
  info.taints = node.spec.taints ?? NO_TAINTS
  info.allocatable = allocatableOf(node.status.allocatable as Record<string, string>)
}

const account = (info: NodeInfo, pod: PodInfo, sign: 1 | -1) => {
  const { requested } = info
  const { requests } = pod
  requested.cpu += sign * requests.cpu
  requested.memory += sign * requests.memory
  requested.ephemeralStorage += sign * requests.ephemeralStorage
  if (requests.scalars) {
    requested.scalars ??= new Map()
    for (const [name, amount] of requests.scalars) requested.scalars.set(name, (requested.scalars.get(name) ?? 0) + sign * amount)
  }
  info.nonZeroCpu += sign * pod.nonZeroCpu
  info.nonZeroMemory += sign * pod.nonZeroMemory
}

export const addPod = (info: NodeInfo, pod: PodInfo): void => {
  info.pods.set(pod.uid, pod)
  if (pod.antiAffinity.length > 0) info.podsWithAntiAffinity.add(pod)
  if (pod.antiAffinity.length > 0 || pod.affinity.length > 0 || pod.preferredAffinity.length > 0 || pod.preferredAntiAffinity.length > 0)
    info.podsWithAffinity.add(pod)
  account(info, pod, 1)
  if (pod.ports.length > 0) info.usedPorts = [...info.usedPorts, ...pod.ports]
}

export const removePod = (info: NodeInfo, pod: PodInfo): void => {
  if (!info.pods.delete(pod.uid)) return
  info.podsWithAntiAffinity.delete(pod)
  info.podsWithAffinity.delete(pod)
  account(info, pod, -1)
  if (pod.ports.length > 0) info.usedPorts = [...info.pods.values()].flatMap(other => other.ports)
}
