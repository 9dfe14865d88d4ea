import { hasReason } from '../apiserver/errors.ts'
import type { KubeObject } from '../apiserver/object.ts'
import type { Namespace } from '../apiserver/resources/types.ts'
import { namespaces, pods } from '../apiserver/resources/types.ts'
import { workqueue } from '../client/workqueue.ts'
import { rfc3339 } from '../time/clock.ts'
import type { Controller, ServedType } from './controller.ts'

/** Other API servers may not have heard of the deletion yet; content is deleted only after this long. */
const GRACE_MS = 5000
/** What finalizers are given before the controller looks again. */
const FINALIZER_SECONDS = 15
const FINALIZER = 'kubernetes'

/** What is left of one type after everything was asked to go. */
interface Remains {
  readonly type: ServedType
  readonly objects: readonly KubeObject[]
}

type Condition = NonNullable<Namespace['status']['conditions']>[number]

const conditionsFor = (remains: readonly Remains[], errors: readonly string[], now: string): Condition[] => {
  const counts = remains
    .filter(({ objects }) => objects.length > 0)
    .map(({ type, objects }) => `${type.resource}.${type.group} has ${objects.length} resource instances`)
  const finalizers = new Map<string, number>()
  for (const { objects } of remains)
    for (const object of objects) for (const finalizer of object.metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
  const held = [...finalizers].map(([name, count]) => `${name} in ${count} resource instances`)
  const condition = (type: string, status: 'True' | 'False', reason: string, message: string): Condition => ({
    type,
    status,
    lastTransitionTime: now,
    reason,
    message,
  })
  return [
    condition('NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'),
    condition('NamespaceDeletionGroupVersionParsingFailure', 'False', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'),
    errors.length > 0
      ? condition(
          'NamespaceDeletionContentFailure',
          'True',
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${errors.length} remaining: ${errors.toSorted().join(', ')}`,
        )
      : condition('NamespaceDeletionContentFailure', 'False', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'),
    counts.length > 0
      ? condition('NamespaceContentRemaining', 'True', 'SomeResourcesRemain', `Some resources are remaining: ${counts.toSorted().join(', ')}`)
      : condition('NamespaceContentRemaining', 'False', 'ContentRemoved', 'All content successfully removed'),
    held.length > 0
      ? condition(
          'NamespaceFinalizersRemaining',
          'True',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${held.toSorted().join(', ')}`,
        )
      : condition('NamespaceFinalizersRemaining', 'False', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'),
  ]
}

/** Keeps the transition time of what has not changed; undefined when nothing has. */
const mergedConditions = (old: readonly Condition[], next: readonly Condition[]): Condition[] | undefined => {
  let changed = false
  const merged = next.map(condition => {
    const before = old.find(({ type }) => type === condition.type)
    if (before?.status === condition.status && before.reason === condition.reason && before.message === condition.message) return before
    changed = true
    return before?.status === condition.status ? { ...condition, lastTransitionTime: before.lastTransitionTime! } : condition
  })
  return changed ? merged : undefined
}

/** Empties namespaces that are being deleted, pods first, and lets them go (pkg/controller/namespace/deletion). */
export const namespaceController: Controller = {
  name: 'namespace-controller',
  start: ({ clock, client, informer, whenSynced, resourceTypes }) => {
    const spaces = informer(namespaces)

    const empty = async (type: ServedType, namespace: string): Promise<Remains> => {
      const before = await client.list(type, { namespace })
      await Promise.all(
        before.items.map(async ({ metadata }) => {
          if (metadata.deletionTimestamp !== undefined) return
          await client.delete(type, namespace, metadata.name, { propagationPolicy: 'Background' }).catch((error: unknown) => {
            if (!hasReason(error, 'NotFound')) throw error
          })
        }),
      )
      return { type, objects: before.items.length > 0 ? (await client.list(type, { namespace })).items : [] }
    }

    /** Seconds until it is worth looking again; 0 when nothing is left. */
    const estimate = ({ type, objects }: Remains): number => {
      if (objects.length === 0) return 0
      const grace = type.resource === 'pods' && type.group === '' ? Math.max(...objects.map(({ metadata }) => metadata.deletionGracePeriodSeconds ?? 0)) : 0
      if (grace > 0) return grace
      if (objects.some(({ metadata }) => metadata.finalizers?.length)) return FINALIZER_SECONDS
      throw new Error(
        `unexpected items still remain in namespace: ${objects[0]!.metadata.namespace} for gvr: ${type.group}/${type.version}, Resource=${type.resource}`,
      )
    }

    const queue = workqueue(clock, async name => {
      const space = spaces.get(undefined, name)
      if (!space?.metadata.deletionTimestamp || !space.spec.finalizers?.includes(FINALIZER)) return
      const types = resourceTypes().filter(({ namespaced, verbs }) => namespaced && verbs.includes('delete') && verbs.includes('list'))
      const isPods = (type: ServedType) => type.group === pods.group && type.resource === pods.resource
      const remains: Remains[] = []
      const errors: string[] = []
      let seconds = 0
      const work = async (type: ServedType, isTold: boolean) => {
        try {
          const left = await empty(type, name)
          if (isTold) remains.push(left)
          seconds = Math.max(seconds, estimate(left))
        } catch (error) {
          errors.push((error as Error).message)
        }
      }
      // Pods go before what they may need on the way out; nothing else is touched, or told of, while some are left.
      for (const type of types.filter(isPods)) await work(type, false)
      if (seconds === 0 && errors.length === 0) for (const type of types) if (!isPods(type)) await work(type, true)

      let current = space
      const conditions = mergedConditions(space.status.conditions ?? [], conditionsFor(remains, errors, rfc3339(clock.now)))
      if (conditions) current = await client.update(namespaces, { ...space, status: { ...space.status, conditions } }, 'status')
      if (errors.length > 0) throw new Error(errors.join(', '))
      if (seconds > 0) return queue.addAfter(name, (Math.floor(seconds / 2) + 1) * 1000)
      await client.update(namespaces, { ...current, spec: { finalizers: current.spec.finalizers!.filter(finalizer => finalizer !== FINALIZER) } }, 'finalize')
    })
    const look = (space: Namespace) => space.metadata.deletionTimestamp !== undefined && queue.addAfter(space.metadata.name, GRACE_MS)
    whenSynced([spaces], () => {
      spaces.on({ added: look, updated: (space, old) => (old.metadata.deletionTimestamp === undefined ? look(space) : undefined) })
    })
    return queue
  },
}
