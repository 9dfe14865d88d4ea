import type { Deployment, ReplicaSet } from '../apiserver/resources/types.ts'
import { scaledValue } from './objects.ts'

// The arithmetic of rollouts, free of any request (pkg/controller/deployment/util).

export const REVISION = 'deployment.kubernetes.io/revision'
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history'
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas'
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas'
export const HASH_LABEL = 'pod-template-hash'

export const desiredOf = (deployment: Deployment): number => deployment.spec.replicas ?? 1
export const sizeOf = (set: ReplicaSet): number => set.spec.replicas ?? 1
export const isRolling = (deployment: Deployment): boolean => deployment.spec.strategy?.type !== 'Recreate'

export const sumOfSizes = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + sizeOf(set), 0)
export const sumOf = (sets: readonly ReplicaSet[], field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas'): number =>
  sets.reduce((sum, set) => sum + (set.status[field] ?? 0), 0)

export const withPods = (sets: readonly ReplicaSet[]): ReplicaSet[] => sets.filter(set => sizeOf(set) > 0)

const byName = (a: ReplicaSet, b: ReplicaSet) => (a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0)
export const byAge = (a: ReplicaSet, b: ReplicaSet): number =>
  a.metadata.creationTimestamp === b.metadata.creationTimestamp ? byName(a, b) : a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1

/** Surge rounds up, unavailable rounds down; at least one of them is more than nothing. */
const fenceposts = (deployment: Deployment): { surge: number; unavailable: number } => {
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {}
  const surge = scaledValue(maxSurge, desiredOf(deployment), 'up')
  const unavailable = scaledValue(maxUnavailable, desiredOf(deployment), 'down')
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}
export const maxSurge = (deployment: Deployment): number => (isRolling(deployment) ? fenceposts(deployment).surge : 0)
export const maxUnavailable = (deployment: Deployment): number =>
  !isRolling(deployment) || desiredOf(deployment) === 0 ? 0 : Math.min(fenceposts(deployment).unavailable, desiredOf(deployment))

/** How large the new ReplicaSet may be now, beside the others. */
export const newSize = (deployment: Deployment, all: readonly ReplicaSet[], size: number): number => {
  const desired = desiredOf(deployment)
  if (!isRolling(deployment)) return desired
  const room = desired + maxSurge(deployment) - sumOfSizes(all)
  return room <= 0 ? size : size + Math.min(room, desired - size)
}

/** How many pods of old ReplicaSets that never became available may go. */
export const unhealthyRoom = (deployment: Deployment, all: readonly ReplicaSet[], current: ReplicaSet): number =>
  sumOfSizes(all) - (desiredOf(deployment) - maxUnavailable(deployment)) - (sizeOf(current) - (current.status.availableReplicas ?? 0))

/** The only ReplicaSet with pods, or the newest when none has any. */
export const activeOrLatest = (current: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined => {
  const active = withPods(current ? [...old, current] : old)
  if (active.length > 1) return undefined
  return active[0] ?? current ?? old.toSorted(byAge).at(-1)
}

const annotatedNumber = (set: ReplicaSet, annotation: string): number | undefined => {
  const text = set.metadata.annotations?.[annotation]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}
export const annotatedDesired = (set: ReplicaSet): number | undefined => annotatedNumber(set, DESIRED_REPLICAS)
export const revisionOf = (set: ReplicaSet): number => annotatedNumber(set, REVISION) ?? 0

/** The new ReplicaSet has all pods, and all are available. */
export const isSaturated = (deployment: Deployment, set: ReplicaSet | undefined): boolean =>
  set !== undefined &&
  sizeOf(set) === desiredOf(deployment) &&
  annotatedDesired(set) === desiredOf(deployment) &&
  (set.status.availableReplicas ?? 0) === desiredOf(deployment)

/** Halves away from zero, as integer.RoundToInt32. */
const round = (value: number) => (value < 0 ? Math.ceil(value - 0.5) : Math.floor(value + 0.5))

const fraction = (deployment: Deployment, set: ReplicaSet): number => {
  if (desiredOf(deployment) === 0) return -sizeOf(set)
  const before = annotatedNumber(set, MAX_REPLICAS) || (deployment.status.replicas ?? 0)
  return round((sizeOf(set) * (desiredOf(deployment) + maxSurge(deployment))) / before) - sizeOf(set)
}

/** New sizes when a deployment is scaled in the middle of a rollout: each ReplicaSet by its share, what is left over to the largest. */
export const proportionalSizes = (deployment: Deployment, active: readonly ReplicaSet[]): Map<string, number> => {
  const desired = desiredOf(deployment)
  const change = (desired > 0 ? desired + maxSurge(deployment) : 0) - sumOfSizes(active)
  const bySize = active.toSorted((a, b) => sizeOf(b) - sizeOf(a) || (change > 0 ? -byAge(a, b) : byAge(a, b)))
  const sizes = new Map<string, number>()
  let added = 0
  for (const set of bySize) {
    const left = change - added
    const share =
      change === 0 || left === 0 || sizeOf(set) === 0 ? 0 : change > 0 ? Math.min(fraction(deployment, set), left) : Math.max(fraction(deployment, set), left)
    sizes.set(set.metadata.name, sizeOf(set) + share)
    added += share
  }
  const largest = bySize[0]
  if (largest) sizes.set(largest.metadata.name, Math.max(0, sizes.get(largest.metadata.name)! + change - added))
  return sizes
}
