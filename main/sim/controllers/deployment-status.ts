import type { Deployment, DeploymentCondition, ReplicaSet } from '../apiserver/resources/types.ts'
import { rfc3339 } from '../time/clock.ts'
import type { VirtualTime } from '../time/clock.ts'
import { desiredOf, maxUnavailable, sumOf } from './deployment-rollout.ts'

// Status and conditions of a Deployment (pkg/controller/deployment/progress.go, sync.go).

export type Status = Deployment['status']

export const conditionOf = (status: Status, type: string): DeploymentCondition | undefined => status.conditions?.find(condition => condition.type === type)

export const newCondition = (type: string, status: 'True' | 'False' | 'Unknown', reason: string, message: string, now: VirtualTime): DeploymentCondition => ({
  type,
  status,
  lastUpdateTime: rfc3339(now),
  lastTransitionTime: rfc3339(now),
  reason,
  message,
})

/** Nothing new when status and reason are the same; the transition time stays while the status does. */
export const withCondition = (status: Status, condition: DeploymentCondition): Status => {
  const old = conditionOf(status, condition.type)
  if (old?.status === condition.status && old.reason === condition.reason) return status
  const added = old?.status === condition.status ? { ...condition, lastTransitionTime: old.lastTransitionTime! } : condition
  return { ...status, conditions: [...(status.conditions ?? []).filter(({ type }) => type !== condition.type), added] }
}

const withoutCondition = (status: Status, type: string): Status =>
  conditionOf(status, type) ? { ...status, conditions: status.conditions!.filter(condition => condition.type !== type) } : status

const NO_DEADLINE = 2 ** 31 - 1
export const hasDeadline = ({ spec }: Deployment): boolean => spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE

export const isComplete = (deployment: Deployment, status: Status): boolean => {
  const desired = desiredOf(deployment)
  return (
    (status.updatedReplicas ?? 0) === desired &&
    (status.replicas ?? 0) === desired &&
    (status.availableReplicas ?? 0) === desired &&
    (status.observedGeneration ?? 0) >= deployment.metadata.generation!
  )
}

const oldReplicas = (status: Status) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)

const hasProgressed = (before: Status, after: Status): boolean =>
  (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
  oldReplicas(after) < oldReplicas(before) ||
  (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
  (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)

const deadlineOf = (deployment: Deployment, condition: DeploymentCondition): VirtualTime =>
  Date.parse(condition.lastUpdateTime!) + deployment.spec.progressDeadlineSeconds! * 1000

const hasTimedOut = (deployment: Deployment, status: Status, now: VirtualTime): boolean => {
  const condition = conditionOf(status, 'Progressing')
  if (!condition || condition.reason === 'NewReplicaSetAvailable') return false
  return condition.reason === 'ProgressDeadlineExceeded' || deadlineOf(deployment, condition) < now
}

/** Milliseconds until it is time to look whether the rollout is stuck; undefined when that is of no interest. */
export const untilStuck = (deployment: Deployment, status: Status, now: VirtualTime): number | undefined => {
  const condition = conditionOf(deployment.status, 'Progressing')
  if (!hasDeadline(deployment) || !condition || isComplete(deployment, status) || condition.reason === 'ProgressDeadlineExceeded') return undefined
  return Math.max(0, deadlineOf(deployment, condition) - now) + 1000
}

/** Counts of nothing are left out, as the API server would. */
const nonZero = <T extends Record<string, number>>(counts: T): Partial<T> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<T>

/** Replica counts and the Available condition. */
export const countedStatus = (deployment: Deployment, all: readonly ReplicaSet[], current: ReplicaSet | undefined, now: VirtualTime): Status => {
  const replicas = sumOf(all, 'replicas')
  const available = sumOf(all, 'availableReplicas')
  const knowsTerminating = all.every(set => set.status.terminatingReplicas !== undefined)
  const counted: Status = {
    observedGeneration: deployment.metadata.generation,
    ...nonZero({
      replicas,
      updatedReplicas: current?.status.replicas ?? 0,
      readyReplicas: sumOf(all, 'readyReplicas'),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, replicas - available),
    }),
    ...(knowsTerminating && { terminatingReplicas: sumOf(all, 'terminatingReplicas') }),
    ...(deployment.status.conditions && { conditions: deployment.status.conditions }),
    ...(deployment.status.collisionCount !== undefined && { collisionCount: deployment.status.collisionCount }),
  }
  return withCondition(
    counted,
    available >= desiredOf(deployment) - maxUnavailable(deployment)
      ? newCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
      : newCondition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', now),
  )
}

/** The status during a rollout: counts, and whether it gets on. */
export const rolloutStatus = (deployment: Deployment, all: readonly ReplicaSet[], current: ReplicaSet | undefined, now: VirtualTime): Status => {
  let status = countedStatus(deployment, all, current, now)
  if (!hasDeadline(deployment)) status = withoutCondition(status, 'Progressing')
  const old = conditionOf(deployment.status, 'Progressing')
  const wasComplete = status.replicas === status.updatedReplicas && old?.reason === 'NewReplicaSetAvailable'
  if (hasDeadline(deployment) && !wasComplete) {
    const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
    if (isComplete(deployment, status))
      status = withCondition(status, newCondition('Progressing', 'True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`, now))
    else if (hasProgressed(deployment.status, status)) {
      const condition = newCondition('Progressing', 'True', 'ReplicaSetUpdated', `${subject} is progressing.`, now)
      status = withCondition(
        withoutCondition(status, 'Progressing'),
        old?.status === 'True' ? { ...condition, lastTransitionTime: old.lastTransitionTime! } : condition,
      )
    } else if (hasTimedOut(deployment, status, now))
      status = withCondition(status, newCondition('Progressing', 'False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`, now))
  }
  const failing = (current && failureOf(current)) ?? all.map(failureOf).find(condition => condition)
  return failing
    ? withCondition(
        status,
        newCondition('ReplicaFailure', failing.status as 'True', failing.reason!, failing.message!, Date.parse(failing.lastTransitionTime!)),
      )
    : withoutCondition(status, 'ReplicaFailure')
}

const failureOf = (set: ReplicaSet) => set.status.conditions?.find(({ type }) => type === 'ReplicaFailure')

/** Conditions apart, zeros are the same as nothing. */
export const sameStatus = (a: Status, b: Status): boolean => {
  const counts = (status: Status) =>
    JSON.stringify([
      status.terminatingReplicas,
      ...Object.entries(status)
        .filter(([field, value]) => field !== 'conditions' && field !== 'terminatingReplicas' && value)
        .toSorted(),
    ])
  return counts(a) === counts(b) && JSON.stringify((a.conditions ?? []).map(withOrder)) === JSON.stringify((b.conditions ?? []).map(withOrder))
}

const withOrder = ({ type, status, lastUpdateTime, lastTransitionTime, reason, message }: DeploymentCondition) => [
  type,
  status,
  lastUpdateTime,
  lastTransitionTime,
  reason,
  message,
]
