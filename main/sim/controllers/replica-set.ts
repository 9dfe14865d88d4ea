import { hasReason } from '../apiserver/errors.ts'
import type { Pod, ReplicaSet } from '../apiserver/resources/types.ts'
import { pods, replicaSets } from '../apiserver/resources/types.ts'
import { keyOf, splitKey } from '../client/informer.ts'
import { labelSelector, labelsSelector } from '../client/labels.ts'
import type { Labels, Selector } from '../client/labels.ts'
import { workqueue } from '../client/workqueue.ts'
import { rfc3339 } from '../time/clock.ts'
import type { Controller } from './controller.ts'
import { expectations } from './expectations.ts'
import { controllerOf, isActive, isAvailable, isReady, isTerminating, untilAvailable } from './objects.ts'
import { claimPods, podControl, podFromTemplate, slowStart } from './pods.ts'
import { byDispensability } from './replica-set-deletion.ts'

type Status = ReplicaSet['status']
type Condition = NonNullable<Status['conditions']>[number]

/**
 * Readiness of pods changes in bursts; the status follows once for all changes of this span, which grows with the set
 * (upstream's client does no more than 20 requests a second).
 */
const statusDelay = (set: ReplicaSet | undefined): number => Math.max(10, (set?.spec.replicas ?? 0) / 5)

/** At most so many pods are created or deleted in one go. */
const BURST = 500

const selectors = new WeakMap<object, Selector>()
/** Compiled once per `key`, which stays the same object while it does not change. */
const compiled = (key: object, make: () => Selector): Selector => {
  let selector = selectors.get(key)
  if (!selector) selectors.set(key, (selector = make()))
  return selector
}
const selectorOf = (set: ReplicaSet): Selector => compiled(set.spec.selector, () => labelSelector(set.spec.selector))
const templateSelectorOf = (set: ReplicaSet): Selector =>
  compiled(set.spec.template!, () => labelsSelector((set.spec.template!.metadata?.labels ?? {}) as Labels))

/** The status that follows from the pods (replica_set_utils.go, calculateStatus). */
const replicaSetStatus = (
  set: ReplicaSet,
  owned: readonly Pod[],
  failure: { readonly reason: string; readonly message: string } | undefined,
  now: number,
): Status => {
  const labelled = templateSelectorOf(set)
  const minReadySeconds = set.spec.minReadySeconds ?? 0
  let replicas = 0
  let fullyLabeled = 0
  let ready = 0
  let available = 0
  let terminating = 0
  for (const pod of owned) {
    if (isActive(pod)) {
      replicas++
      if (labelled.matches(pod.metadata.labels)) fullyLabeled++
      if (!isReady(pod)) continue
      ready++
      if (isAvailable(pod, minReadySeconds, now)) available++
    } else if (isTerminating(pod) && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed') terminating++
  }
  const old = set.status.conditions?.find(({ type }) => type === 'ReplicaFailure')
  const failing: Condition | undefined = failure && (old ?? { type: 'ReplicaFailure', status: 'True', lastTransitionTime: rfc3339(now), ...failure })
  return {
    replicas,
    ...(fullyLabeled > 0 && { fullyLabeledReplicas: fullyLabeled }),
    ...(ready > 0 && { readyReplicas: ready }),
    ...(available > 0 && { availableReplicas: available }),
    terminatingReplicas: terminating,
    observedGeneration: set.metadata.generation,
    ...(failing && { conditions: [failing] }),
  } as Status
}

const sameStatus = (a: Status, b: Status): boolean =>
  a.replicas === b.replicas &&
  (a.fullyLabeledReplicas ?? 0) === (b.fullyLabeledReplicas ?? 0) &&
  (a.readyReplicas ?? 0) === (b.readyReplicas ?? 0) &&
  (a.availableReplicas ?? 0) === (b.availableReplicas ?? 0) &&
  a.terminatingReplicas === b.terminatingReplicas &&
  (a.observedGeneration ?? 0) === (b.observedGeneration ?? 0) &&
  JSON.stringify(a.conditions ?? []) === JSON.stringify(b.conditions ?? [])

/** Keeps as many pods of a template as wanted (pkg/controller/replicaset). */
export const replicaSetController: Controller = {
  name: 'replicaset-controller',
  start: context => {
    const { clock, client, podsByOwner } = context
    const recorder = context.recorder('replicaset-controller')
    const control = podControl(client, recorder)
    const sets = context.informer(replicaSets)
    const podInformer = context.informer(pods)
    const expected = expectations(clock)

    const scale = async (key: string, set: ReplicaSet, owned: readonly Pod[]): Promise<{ reason: string; error: unknown } | undefined> => {
      const active = owned.filter(isActive)
      const missing = (set.spec.replicas ?? 1) - active.length
      if (missing > 0) {
        const count = Math.min(missing, BURST)
        expected.expectCreations(key, count)
        const { succeeded, error } = await slowStart(count, async () => {
          try {
            await control.create(set, podFromTemplate(set, set.spec.template!))
          } catch (error) {
            expected.created(key)
            if (hasReason(error, 'Forbidden') && error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')) return
            throw error
          }
        })
        // What was never tried will never be seen.
        if (error !== undefined) for (let i = succeeded; i < count; i++) expected.created(key)
        return error === undefined ? undefined : { reason: 'FailedCreate', error }
      }
      if (missing === 0) return undefined
      const victims = active.sort(byDispensability(nodeCrowding(set, active), clock.now)).slice(0, Math.min(-missing, BURST))
      expected.expectDeletions(
        key,
        victims.map(pod => pod.metadata.uid),
      )
      const results = await Promise.allSettled(
        victims.map(async pod => {
          try {
            await control.delete(set, pod)
          } catch (error) {
            expected.deleted(key, pod.metadata.uid)
            if (!hasReason(error, 'NotFound')) throw error
          }
        }),
      )
      const failed = results.find(result => result.status === 'rejected')
      return failed && { reason: 'FailedDelete', error: failed.reason }
    }

    /** Pods of all ReplicaSets of the same owner count, so that a rollout thins out crowded nodes. */
    const nodeCrowding = (set: ReplicaSet, active: readonly Pod[]) => {
      const counts = new Map<string, number>()
      const count = (pod: Pod) => pod.spec.nodeName && counts.set(pod.spec.nodeName, (counts.get(pod.spec.nodeName) ?? 0) + 1)
      const owner = controllerOf(set)?.uid
      if (owner === undefined) active.forEach(count)
      else
        for (const sibling of sets.inNamespace(set.metadata.namespace!))
          if (controllerOf(sibling)?.uid === owner) for (const pod of podsByOwner.ownedBy(sibling.metadata.uid)) if (isActive(pod)) count(pod)
      return (pod: Pod) => (pod.spec.nodeName ? (counts.get(pod.spec.nodeName) ?? 0) : 0)
    }

    const sync = async (key: string) => {
      const { namespace, name } = splitKey(key)
      const set = sets.get(namespace, name)
      if (!set) return expected.forget(key)
      const settled = expected.satisfied(key)
      const selector = selectorOf(set)
      const isCurrent = async () => {
        const fresh = await client.get(replicaSets, namespace, name)
        return fresh.metadata.uid === set.metadata.uid && !isTerminating(fresh)
      }
      const owned = await claimPods(client, podsByOwner, set, selector, isCurrent)
      const failure = settled && !isTerminating(set) ? await scale(key, set, owned) : undefined
      const status = replicaSetStatus(set, owned, failure && { reason: failure.reason, message: (failure.error as Error).message }, clock.now)
      if (!sameStatus(set.status, status)) await client.update(replicaSets, { ...set, status }, 'status')
      if (failure) throw failure.error
      const minReadySeconds = set.spec.minReadySeconds ?? 0
      const waits = minReadySeconds > 0 ? owned.flatMap(pod => untilAvailable(pod, minReadySeconds, clock.now) ?? []) : []
      if (waits.length > 0) queue.addAfter(key, Math.min(...waits))
    }
    const queue = workqueue(clock, sync)

    const following = new Set<string>()
    const followStatus = (key: string) => {
      if (following.has(key)) return
      following.add(key)
      const { namespace, name } = splitKey(key)
      clock.after(statusDelay(sets.get(namespace, name)), () => {
        following.delete(key)
        queue.add(key)
      })
    }

    /** As long as something expected is still to come, there is nothing to do but to follow with the status. */
    const enqueue = (key: string) => (expected.satisfied(key) ? queue.add(key) : followStatus(key))
    const ownerKey = (pod: Pod): string | undefined => {
      const reference = controllerOf(pod)
      return reference?.kind === 'ReplicaSet' ? `${pod.metadata.namespace}/${reference.name}` : undefined
    }
    const enqueueSelecting = (pod: Pod) => {
      if (controllerOf(pod)) return
      for (const set of sets.inNamespace(pod.metadata.namespace!)) if (selectorOf(set).matches(pod.metadata.labels)) queue.add(keyOf(set))
    }

    context.whenSynced([sets, podInformer], () => {
      const touch = (set: ReplicaSet) => queue.add(keyOf(set))
      sets.on({
        added: touch,
        // Its own status comes back to it, too.
        updated: (set, old) =>
          set.spec === old.spec && set.metadata.deletionTimestamp === old.metadata.deletionTimestamp ? followStatus(keyOf(set)) : touch(set),
        deleted: touch,
      })
      podInformer.on({
        added: pod => {
          const key = ownerKey(pod)
          if (key === undefined) return enqueueSelecting(pod)
          expected.appeared(key, pod)
          enqueue(key)
        },
        updated: (pod, old) => {
          const key = ownerKey(pod)
          if (key !== undefined && isTerminating(pod) && !isTerminating(old)) {
            expected.deleted(key, pod.metadata.uid)
            return enqueue(key)
          }
          const before = pod.metadata.ownerReferences === old.metadata.ownerReferences ? key : ownerKey(old)
          if (before !== undefined && before !== key) queue.add(before)
          const isRelabelled = pod.metadata.labels !== old.metadata.labels
          // What cannot change the count of active pods is not urgent.
          if (key === undefined) {
            if (isRelabelled || before !== key) enqueueSelecting(pod)
          } else if (isRelabelled || before !== key || !isActive(pod)) queue.add(key)
          else followStatus(key)
        },
        deleted: pod => {
          const key = ownerKey(pod)
          if (key === undefined) return
          expected.deleted(key, pod.metadata.uid)
          enqueue(key)
        },
      })
    })
    return queue
  },
}
