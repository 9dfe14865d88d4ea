import type { Node } from '../../apiserver/resources/types.ts'
import { MAX_NODE_SCORE } from '../framework.ts'
import type { Plugin, Rejection } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'
import { allocatableOf } from '../resources.ts'

const NAME = 'NodeResourcesFit'

/** Rejections of nodes are the same few again and again. */
const known = new Map<string, Rejection>()
const insufficient = (reasons: readonly string[], unresolvable: boolean): Rejection => {
  const key = `${unresolvable} ${reasons.join(', ')}`
  let found = known.get(key)
  if (!found) known.set(key, (found = { plugin: NAME, reasons, unresolvable }))
  return found
}

/** Everything that is missing on the node; a request above the whole node cannot be helped by evicting pods. */
const check = ({ requests }: PodInfo, { allocatable, requested, pods }: Pick<NodeInfo, 'allocatable' | 'requested' | 'pods'>): Rejection | undefined => {
  const crowded = pods.size + 1 > allocatable.pods
  const noCpu = requests.cpu > 0 && requests.cpu > allocatable.cpu - requested.cpu
  const noMemory = requests.memory > 0 && requests.memory > allocatable.memory - requested.memory
  const noStorage = requests.ephemeralStorage > 0 && requests.ephemeralStorage > allocatable.ephemeralStorage - requested.ephemeralStorage
  let noScalar = false
  if (requests.scalars)
    for (const [name, amount] of requests.scalars)
      if (amount > 0 && amount > (allocatable.scalars?.get(name) ?? 0) - (requested.scalars?.get(name) ?? 0)) noScalar = true
  if (!crowded && !noCpu && !noMemory && !noStorage && !noScalar) return undefined
  const reasons: string[] = []
  let unresolvable = false
  if (crowded) reasons.push('Too many pods')
  if (noCpu) {
    reasons.push('Insufficient cpu')
    unresolvable ||= requests.cpu > allocatable.cpu
  }
  if (noMemory) {
    reasons.push('Insufficient memory')
    unresolvable ||= requests.memory > allocatable.memory
  }
  if (noStorage) {
    reasons.push('Insufficient ephemeral-storage')
    unresolvable ||= requests.ephemeralStorage > allocatable.ephemeralStorage
  }
  for (const [name, amount] of (noScalar && requests.scalars) || []) {
    const has = allocatable.scalars?.get(name) ?? 0
    if (amount === 0 || amount <= has - (requested.scalars?.get(name) ?? 0)) continue
    reasons.push(`Insufficient ${name}`)
    unresolvable ||= amount > has
  }
  return insufficient(reasons, unresolvable)
}

const leastAllocated = (requested: number, allocatable: number): number =>
  requested > allocatable ? 0 : Math.trunc(((allocatable - requested) * MAX_NODE_SCORE) / allocatable)

/** Would the pod fit on the node if the node were empty? */
const fitsEmpty = (pod: PodInfo, node: Node): boolean =>
  check(pod, {
    allocatable: allocatableOf(node.status.allocatable as Record<string, string>),
    requested: { cpu: 0, memory: 0, ephemeralStorage: 0, scalars: undefined },
    pods: new Map(),
  }) === undefined

/** Keeps pods off nodes without the room they request, and prefers nodes with most left (LeastAllocated over CPU and memory). */
export const nodeResourcesFit: Plugin = {
  name: NAME,
  weight: 1,
  preFilter: pod => ({ filter: node => check(pod, node) }),
  preScore: pod => ({
    score: node => {
      const { cpu, memory } = node.allocatable
      let sum = 0
      let count = 0
      if (cpu > 0) {
        sum += leastAllocated(node.nonZeroCpu + pod.nonZeroCpu, cpu)
        count++
      }
      if (memory > 0) {
        sum += leastAllocated(node.nonZeroMemory + pod.nonZeroMemory, memory)
        count++
      }
      return count === 0 ? 0 : Math.trunc(sum / count)
    },
  }),
  mayHelp: (event, pod) => {
    switch (event.kind) {
      case 'PodDeleted':
        return true
      case 'PodUpdated':
        return event.pod.spec.containers !== event.old.spec.containers || event.pod.status.containerStatuses !== event.old.status.containerStatuses
      case 'SelfUpdated':
        return event.pod.spec.containers !== event.old.spec.containers
      case 'NodeAdded':
        return fitsEmpty(pod, event.node)
      case 'NodeUpdated':
        return JSON.stringify(event.node.status.allocatable) !== JSON.stringify(event.old.status.allocatable) && fitsEmpty(pod, event.node)
      default:
        return false
    }
  },
}
