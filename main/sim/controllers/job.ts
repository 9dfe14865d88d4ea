import { isDeepStrictEqual } from 'node:util'
import { hasReason } from '../apiserver/errors.ts'
import type { Job, Pod } from '../apiserver/resources/types.ts'
import { jobs, pods } from '../apiserver/resources/types.ts'
import { keyOf, splitKey } from '../client/informer.ts'
import { labelSelector } from '../client/labels.ts'
import { workqueue } from '../client/workqueue.ts'
import { rfc3339 } from '../time/clock.ts'
import type { Controller } from './controller.ts'
import { expectations } from './expectations.ts'
import {
  conditionOf,
  countsOf,
  failureOf,
  hasFailed,
  hasTracking,
  isFinished,
  lastFinish,
  newCondition,
  SUCCESS,
  TRACKING,
  untilDeadline,
  withCondition,
} from './job-status.ts'
import type { Status, Verdict } from './job-status.ts'
import { controllerOf, isActive, isTerminating } from './objects.ts'
import { claimPods, podControl, podFromTemplate, slowStart } from './pods.ts'

const BURST = 500
/** A failed pod is replaced after 10 s, 20 s, … up to 10 minutes. */
const BACKOFF_MS = { first: 10_000, most: 600_000 }

/** Runs pods until enough of them succeed (pkg/controller/job), for jobs whose pods have no index. */
export const jobController: Controller = {
  name: 'job-controller',
  start: context => {
    const { clock, client, podsByOwner } = context
    const recorder = context.recorder('job-controller')
    const control = podControl(client, recorder)
    const all = context.informer(jobs)
    const podInformer = context.informer(pods)
    const expected = expectations(clock)
    /** Failures since the last success, and when the last one was. */
    const failures = new Map<string, { count: number; at: number }>()

    const release = async (pod: Pod) => {
      const { namespace, name, uid, finalizers } = pod.metadata
      await client
        .patch(pods, namespace, name, 'merge', { metadata: { uid, finalizers: finalizers!.filter(finalizer => finalizer !== TRACKING) } })
        .catch((error: unknown) => {
          if (!hasReason(error, 'NotFound', 'Conflict')) throw error
        })
    }

    const remove = async (key: string, job: Job, victims: readonly Pod[]) => {
      expected.expectDeletions(
        key,
        victims.map(({ metadata }) => metadata.uid),
      )
      await Promise.all(
        victims.map(pod =>
          control.delete(job, pod).catch((error: unknown) => {
            expected.deleted(key, pod.metadata.uid)
            if (!hasReason(error, 'NotFound')) throw error
          }),
        ),
      )
    }

    const waitOf = (key: string): number => {
      const known = failures.get(key)
      return known ? known.at + Math.min(BACKOFF_MS.first * 2 ** (known.count - 1), BACKOFF_MS.most) - clock.now : 0
    }

    /** Starts or stops pods; returns how many are active then. */
    const manage = async (key: string, job: Job, active: readonly Pod[], terminating: number, succeeded: number): Promise<number> => {
      const { completions, podReplacementPolicy } = job.spec
      const parallelism = job.spec.parallelism ?? 1
      const wanted = completions === undefined ? (succeeded > 0 ? active.length : parallelism) : Math.min(completions - succeeded, parallelism)
      if (active.length > Math.max(0, wanted)) {
        const surplus = active
          .toSorted((a, b) => Number(Boolean(a.spec.nodeName)) - Number(Boolean(b.spec.nodeName)))
          .slice(0, active.length - Math.max(0, wanted))
        await remove(key, job, surplus)
        return active.length - surplus.length
      }
      const missing = Math.min(wanted - active.length - (podReplacementPolicy === 'Failed' ? terminating : 0), BURST)
      if (missing <= 0) return active.length
      const wait = waitOf(key)
      if (wait > 0) {
        queue.addAfter(key, wait)
        return active.length
      }
      const draft = podFromTemplate(job, {
        ...job.spec.template,
        metadata: { ...job.spec.template.metadata, finalizers: [...(job.spec.template.metadata?.finalizers ?? []), TRACKING] },
      })
      expected.expectCreations(key, missing)
      const { succeeded: created, error } = await slowStart(missing, () => control.create(job, draft))
      for (let i = created; i < missing; i++) expected.created(key)
      if (error !== undefined) throw error
      return active.length + created
    }

    const sync = async (key: string) => {
      const { namespace, name } = splitKey(key)
      const job = all.get(namespace, name)
      if (!job) {
        expected.forget(key)
        failures.delete(key)
        return
      }
      if (job.spec.completionMode === 'Indexed' || (job.spec.managedBy !== undefined && job.spec.managedBy !== 'kubernetes.io/job-controller')) return
      const isCurrent = async () => {
        const fresh = await client.get(jobs, namespace, name)
        return fresh.metadata.uid === job.metadata.uid && !isTerminating(fresh)
      }
      const owned = await claimPods(client, podsByOwner, job, labelSelector(job.spec.selector), isCurrent)
      if (isFinished(job) || isTerminating(job)) {
        for (const pod of owned) if (hasTracking(pod)) await release(pod)
        return
      }
      const settled = expected.satisfied(key)
      const old = job.status
      const uncounted = { succeeded: old.uncountedTerminatedPods?.succeeded ?? [], failed: old.uncountedTerminatedPods?.failed ?? [] }
      const tracked = owned.filter(hasTracking)
      const newlySucceeded = tracked.filter(pod => pod.status.phase === 'Succeeded' && !uncounted.succeeded.includes(pod.metadata.uid))
      const newlyFailed = tracked.filter(pod => hasFailed(job, pod) && !uncounted.failed.includes(pod.metadata.uid))
      const succeeded = (old.succeeded ?? 0) + uncounted.succeeded.length + newlySucceeded.length
      const failed = (old.failed ?? 0) + uncounted.failed.length + newlyFailed.length
      if (newlySucceeded.length > 0) failures.delete(key)
      if (newlyFailed.length > 0) failures.set(key, { count: (failures.get(key)?.count ?? 0) + newlyFailed.length, at: lastFinish(newlyFailed, clock.now) })

      let conditions = [...(old.conditions ?? [])]
      let startTime = old.startTime
      if (!startTime && !job.spec.suspend) startTime = rfc3339(clock.now)
      const active = owned.filter(isActive)
      let count = active.length
      const terminating = owned.filter(pod => isTerminating(pod) && pod.status.phase !== 'Failed' && pod.status.phase !== 'Succeeded').length
      let verdict: Verdict | undefined = failureOf({ ...job, status: { ...old, startTime } }, owned, failed, clock.now)
      if (verdict || job.spec.suspend) {
        if (settled && active.length > 0) {
          await remove(key, job, active)
          count = 0
        }
      } else if (conditionOf(job, 'SuccessCriteriaMet')) verdict = SUCCESS
      else {
        if (settled) count = await manage(key, job, active, terminating, succeeded)
        const { completions } = job.spec
        if (completions === undefined ? succeeded > 0 && count === 0 : succeeded >= completions && count === 0) verdict = SUCCESS
      }

      if (verdict) conditions = withCondition(conditions, newCondition(verdict.type, 'True', verdict.reason, verdict.message, clock.now))
      const suspended = old.conditions?.find(({ type }) => type === 'Suspended')?.status === 'True'
      const isSuspendedNow = Boolean(job.spec.suspend) && count === 0 && !verdict
      if (isSuspendedNow && !suspended) conditions = withCondition(conditions, newCondition('Suspended', 'True', 'JobSuspended', 'Job suspended', clock.now))
      else if (suspended && !job.spec.suspend && !verdict) {
        conditions = withCondition(conditions, newCondition('Suspended', 'False', 'JobResumed', 'Job resumed', clock.now))
        startTime = rfc3339(clock.now)
      }

      // First the status names the pods that are about to be counted, then they lose their mark, then they are counted:
      // whenever this stops in between, none is counted twice or forgotten.
      const write = async (current: Job, next: Omit<Status, 'startTime'>): Promise<Job> => {
        const status = {
          ...next,
          ...(conditions.length > 0 && { conditions }),
          ...(startTime && !isSuspendedNow && { startTime }),
          ...(old.completionTime && { completionTime: old.completionTime }),
        } as Status
        return isDeepStrictEqual(JSON.parse(JSON.stringify(current.status)), JSON.parse(JSON.stringify(status)))
          ? current
          : client.update(jobs, { ...current, status }, 'status')
      }
      let current = job
      const finishing = [...newlySucceeded, ...newlyFailed]
      if (finishing.length > 0) {
        const names = (list: readonly Pod[], before: readonly string[]) => [...before, ...list.map(({ metadata }) => metadata.uid)]
        const lists = { succeeded: names(newlySucceeded, uncounted.succeeded), failed: names(newlyFailed, uncounted.failed) }
        const uncountedTerminatedPods = {
          ...(lists.succeeded.length > 0 && { succeeded: lists.succeeded }),
          ...(lists.failed.length > 0 && { failed: lists.failed }),
        }
        current = await write(current, { ...countsOf(owned, count, old.succeeded ?? 0, old.failed ?? 0), uncountedTerminatedPods })
      }
      for (const pod of tracked)
        if (finishing.includes(pod) || uncounted.succeeded.includes(pod.metadata.uid) || uncounted.failed.includes(pod.metadata.uid)) await release(pod)
      // The end is told once every pod has ended.
      const isOver = verdict !== undefined && count === 0 && terminating === 0
      if (isOver)
        conditions = withCondition(
          conditions,
          newCondition(verdict!.type === 'FailureTarget' ? 'Failed' : 'Complete', 'True', verdict!.reason, verdict!.message, clock.now),
        )
      const completed = isOver && verdict!.type === 'SuccessCriteriaMet' ? { completionTime: rfc3339(clock.now) } : {}
      await write(current, { ...countsOf(owned, count, succeeded, failed), uncountedTerminatedPods: {}, ...completed } as Status)

      if (isSuspendedNow && !suspended) recorder.event(job, 'Normal', 'Suspended', 'Job suspended')
      else if (suspended && !job.spec.suspend && !verdict) recorder.event(job, 'Normal', 'Resumed', 'Job resumed')
      if (isOver) {
        if (verdict!.type === 'SuccessCriteriaMet') recorder.event(job, 'Normal', 'Completed', 'Job completed')
        else recorder.event(job, 'Warning', verdict!.reason, verdict!.message)
      }
      const left = untilDeadline({ ...job, status: { ...old, startTime } }, clock.now)
      if (left !== undefined && !verdict) queue.addAfter(key, Math.max(0, left))
    }
    const queue = workqueue(clock, sync)

    const enqueue = (job: Job) => queue.add(keyOf(job))
    const enqueueOwner = (pod: Pod): string | undefined => {
      const reference = controllerOf(pod)
      if (reference?.kind !== 'Job') return undefined
      const key = `${pod.metadata.namespace}/${reference.name}`
      queue.add(key)
      return key
    }
    context.whenSynced([all, podInformer], () => {
      all.on({ added: enqueue, updated: enqueue, deleted: enqueue })
      podInformer.on({
        added: pod => {
          const key = enqueueOwner(pod)
          if (key !== undefined) expected.appeared(key, pod)
        },
        updated: (pod, old) => {
          if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) enqueueOwner(old)
          const key = enqueueOwner(pod)
          if (key !== undefined && isTerminating(pod)) expected.deleted(key, pod.metadata.uid)
          // Whose job is gone is nobody's to count.
          if (isTerminating(pod) && hasTracking(pod) && key !== undefined && !all.get(...ownerPath(key))) void release(pod).catch(() => undefined)
        },
        deleted: pod => {
          const key = enqueueOwner(pod)
          if (key !== undefined) expected.deleted(key, pod.metadata.uid)
        },
      })
    })
    return queue
  },
}

const ownerPath = (key: string): [string | undefined, string] => {
  const { namespace, name } = splitKey(key)
  return [namespace, name]
}
