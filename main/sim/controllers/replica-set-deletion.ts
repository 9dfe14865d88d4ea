import type { Pod } from '../apiserver/resources/types.ts'
import type { VirtualTime } from '../time/clock.ts'
import { isReady, podCondition } from './objects.ts'

const PHASE_RANK: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'

const restarts = (pod: Pod) => (pod.status.containerStatuses ?? []).reduce((most, status) => Math.max(most, status.restartCount ?? 0), 0)

const deletionCost = (pod: Pod): number => {
  const value = pod.metadata.annotations?.[DELETION_COST] ?? '0'
  return /^[+-]?\d+$/.test(value) && Math.abs(Number(value)) < 2 ** 31 ? Number(value) : 0
}

/** Ages are compared by the power of two of their seconds, so that scaling down does not favour one node. */
const ageBucket = (since: string | undefined, now: VirtualTime): number => {
  const seconds = since === undefined ? -1 : Math.floor((now - Date.parse(since)) / 1000)
  return seconds <= 0 ? -1 : Math.floor(Math.log2(seconds))
}

/** Orders pods of one ReplicaSet by how dispensable they are, first to go first (controller_utils.go, ActivePodsWithRanks). `rank` is how many pods of the same workload share the pod's node. */
export const byDispensability =
  (rank: (pod: Pod) => number, now: VirtualTime) =>
  (a: Pod, b: Pod): number => {
    const assigned = Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName))
    if (assigned !== 0) return assigned
    const phase = (PHASE_RANK[a.status.phase ?? 'Unknown'] ?? 0) - (PHASE_RANK[b.status.phase ?? 'Unknown'] ?? 0)
    if (phase !== 0) return phase
    const ready = Number(isReady(a)) - Number(isReady(b))
    if (ready !== 0) return ready
    const cost = deletionCost(a) - deletionCost(b)
    if (cost !== 0) return cost
    const crowding = rank(b) - rank(a)
    if (crowding !== 0) return crowding
    if (isReady(a)) {
      const [readyA, readyB] = [podCondition(a, 'Ready')!.lastTransitionTime, podCondition(b, 'Ready')!.lastTransitionTime]
      if (readyA !== readyB) {
        const bucket = ageBucket(readyA, now) - ageBucket(readyB, now)
        return bucket !== 0 ? bucket : a.metadata.uid < b.metadata.uid ? -1 : 1
      }
    }
    const restarted = restarts(b) - restarts(a)
    if (restarted !== 0) return restarted
    if (a.metadata.creationTimestamp !== b.metadata.creationTimestamp) {
      const bucket = ageBucket(a.metadata.creationTimestamp, now) - ageBucket(b.metadata.creationTimestamp, now)
      return bucket !== 0 ? bucket : a.metadata.uid < b.metadata.uid ? -1 : 1
    }
    return 0
  }
