import type { Job, JobCondition, Pod } from '../apiserver/resources/types.ts'
import { rfc3339 } from '../time/clock.ts'
import type { VirtualTime } from '../time/clock.ts'
import { isReady, isTerminating } from './objects.ts'

export type Status = Job['status']

export const TRACKING = 'batch.kubernetes.io/job-tracking'

export const hasTracking = (pod: Pod): boolean => pod.metadata.finalizers?.includes(TRACKING) ?? false

export const conditionOf = (job: Job, type: string): JobCondition | undefined =>
  job.status.conditions?.find(condition => condition.type === type && condition.status === 'True')

export const isFinished = (job: Job): boolean => conditionOf(job, 'Complete') !== undefined || conditionOf(job, 'Failed') !== undefined

/** A pod that is being deleted counts as failed, unless failed pods alone are replaced (podReplacementPolicy). */
export const hasFailed = (job: Job, pod: Pod): boolean =>
  pod.status.phase === 'Failed' || (job.spec.podReplacementPolicy !== 'Failed' && isTerminating(pod) && pod.status.phase !== 'Succeeded')

const finishedAt = (pod: Pod, now: VirtualTime): VirtualTime => {
  const times = (pod.status.containerStatuses ?? []).flatMap(({ state }) => (state?.terminated?.finishedAt ? [Date.parse(state.terminated.finishedAt)] : []))
  if (times.length > 0) return Math.max(...times)
  return isTerminating(pod) ? Date.parse(pod.metadata.deletionTimestamp!) - (pod.metadata.deletionGracePeriodSeconds ?? 0) * 1000 : now
}

export const lastFinish = (pods: readonly Pod[], now: VirtualTime): VirtualTime => Math.max(...pods.map(pod => finishedAt(pod, now)))

export interface Verdict {
  readonly type: 'FailureTarget' | 'SuccessCriteriaMet'
  readonly reason: string
  readonly message: string
}

const restartsOf = (pod: Pod) =>
  [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])].reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0)

/** Why the job has to fail now, if it has to (job_controller.go, syncJob). */
export const failureOf = (job: Job, pods: readonly Pod[], failed: number, now: VirtualTime): Verdict | undefined => {
  const told = conditionOf(job, 'FailureTarget')
  if (told) return { type: 'FailureTarget', reason: told.reason!, message: told.message! }
  const limit = job.spec.backoffLimit ?? 6
  const restarts =
    job.spec.template.spec?.restartPolicy === 'OnFailure'
      ? pods.filter(({ status }) => status.phase === 'Running' || status.phase === 'Pending').reduce((sum, pod) => sum + restartsOf(pod), 0)
      : 0
  if (failed > limit || (limit === 0 ? restarts > 0 : restarts >= limit))
    return { type: 'FailureTarget', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  const left = untilDeadline(job, now)
  if (left !== undefined && left <= 0) return { type: 'FailureTarget', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
  return undefined
}

/** Milliseconds until activeDeadlineSeconds is over; undefined without one, or while suspended. */
export const untilDeadline = (job: Job, now: VirtualTime): number | undefined =>
  job.spec.activeDeadlineSeconds === undefined || !job.status.startTime || job.spec.suspend
    ? undefined
    : Date.parse(job.status.startTime) + job.spec.activeDeadlineSeconds * 1000 - now

export const SUCCESS: Verdict = { type: 'SuccessCriteriaMet', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' }

export const newCondition = (type: string, status: 'True' | 'False', reason: string, message: string, now: VirtualTime): JobCondition =>
  ({ type, status, lastProbeTime: rfc3339(now), lastTransitionTime: rfc3339(now), reason, message }) as JobCondition

export const withCondition = (conditions: readonly JobCondition[], next: JobCondition): JobCondition[] => {
  const old = conditions.find(({ type }) => type === next.type)
  return old?.status === next.status ? [...conditions] : [...conditions.filter(({ type }) => type !== next.type), next]
}

/** Counts as they stand in the status: of nothing, active, succeeded and failed are left out. */
export const countsOf = (pods: readonly Pod[], active: number, succeeded: number, failed: number): Partial<Status> => ({
  ...(active > 0 && { active }),
  ...(succeeded > 0 && { succeeded }),
  ...(failed > 0 && { failed }),
  ready: pods.filter(pod => isReady(pod) && !isTerminating(pod) && pod.status.phase === 'Running').length,
  terminating: pods.filter(pod => isTerminating(pod) && pod.status.phase !== 'Failed' && pod.status.phase !== 'Succeeded').length,
})
