import type { Node, Pod } from '../apiserver/resources/types.ts'
import { matchesNode, requiredNodes } from '../scheduler/node-selection.ts'
import { allocatableOf, podRequests, resourcesOf } from '../scheduler/resources.ts'

/** Why a node does not take a pod that was bound to it (pkg/kubelet/lifecycle/predicate.go), or undefined. */
export const admitPod = (pod: Pod, node: Node, others: Iterable<Pod>): { readonly reason: string; readonly message: string } | undefined => {
  if (!matchesNode(requiredNodes(pod), node))
    return { reason: 'NodeAffinity', message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector" }
  const capacity = allocatableOf(node.status.allocatable as Record<string, string>)
  const wanted = resourcesOf(podRequests(pod))
  let count = 0
  let [cpu, memory, storage] = [0, 0, 0]
  for (const other of others) {
    count++
    const used = resourcesOf(podRequests(other))
    cpu += used.cpu
    memory += used.memory
    storage += used.ephemeralStorage
  }
  const short = (name: string, requested: number, used: number, total: number) =>
    requested > 0 && used + requested > total
      ? { reason: `OutOf${name}`, message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${total}` }
      : undefined
  return (
    short('pods', 1, count, capacity.pods) ??
    short('cpu', wanted.cpu, cpu, capacity.cpu) ??
    short('memory', wanted.memory, memory, capacity.memory) ??
    short('ephemeral-storage', wanted.ephemeralStorage, storage, capacity.ephemeralStorage)
  )
}
