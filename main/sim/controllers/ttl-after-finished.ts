import { hasReason } from '../apiserver/errors.ts'
import type { Job } from '../apiserver/resources/types.ts'
import { jobs } from '../apiserver/resources/types.ts'
import { keyOf, splitKey } from '../client/informer.ts'
import { workqueue } from '../client/workqueue.ts'
import type { Controller } from './controller.ts'
import { conditionOf } from './job-status.ts'
import { isTerminating } from './objects.ts'

/** When a finished job may go; undefined while it runs, or when it is to stay. */
const expiryOf = (job: Job): number | undefined => {
  const end = conditionOf(job, 'Complete') ?? conditionOf(job, 'Failed')
  return end && job.spec.ttlSecondsAfterFinished !== undefined && !isTerminating(job)
    ? Date.parse(end.lastTransitionTime!) + job.spec.ttlSecondsAfterFinished * 1000
    : undefined
}

/** Deletes finished jobs after ttlSecondsAfterFinished (pkg/controller/ttlafterfinished). */
export const ttlAfterFinishedController: Controller = {
  name: 'ttl-after-finished-controller',
  start: ({ clock, client, informer, whenSynced }) => {
    const all = informer(jobs)
    const queue = workqueue(clock, async key => {
      const { namespace, name } = splitKey(key)
      const job = all.get(namespace, name)
      const expiry = job && expiryOf(job)
      if (expiry === undefined) return
      if (expiry > clock.now) return queue.addAfter(key, expiry - clock.now)
      await client.delete(jobs, namespace, name, { propagationPolicy: 'Foreground', preconditions: { uid: job!.metadata.uid } }).catch((error: unknown) => {
        if (!hasReason(error, 'NotFound')) throw error
      })
    })
    const look = (job: Job) => expiryOf(job) !== undefined && queue.add(keyOf(job))
    whenSynced([all], () => all.on({ added: look, updated: look }))
    return queue
  },
}
