import { hasReason } from '../apiserver/errors.ts'
import type { KubeObject } from '../apiserver/object.ts'
import type { Namespace } from '../apiserver/resources/types.ts'
import { namespaces } from '../apiserver/resources/types.ts'
import { workqueue } from '../client/workqueue.ts'
import { rfc3339 } from '../time/clock.ts'
import type { Controller, ServedType } from './controller.ts'
import { isTerminating } from './objects.ts'

/** Deletion starts this much later, so that every API server has heard of it (namespaceDeletionGracePeriod). */
const DELETION_GRACE_MS = 5000
/** Looked at again while something remains. */
const RETRY_MS = 1000

type Condition = NonNullable<Namespace['status']['conditions']>[number]
type Verdict = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>

interface Remaining {
  readonly counts: ReadonlyMap<string, number>
  readonly finalizers: ReadonlyMap<string, number>
  readonly failures: readonly string[]
}

/** The five conditions of a terminating namespace (namespaced_resources_deleter.go, status_condition_utils.go). */
export const verdicts = ({ counts, finalizers, failures }: Remaining): Verdict[] => {
  const list = (entries: ReadonlyMap<string, number>, joint: string) => [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name}${joint}${count} resource instances`).join(', ')
  return [
    { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' },
    { type: 'NamespaceDeletionGroupVersionParsingFailure', status: 'False', reason: 'ParsedGroupVersions', message: 'All legacy kube types successfully parsed' },
    failures.length > 0
      ? { type: 'NamespaceDeletionContentFailure', status: 'True', reason: 'ContentDeletionFailed', message: `Failed to delete all resource types, ${failures.length} remaining: ${failures.toSorted().join(', ')}` }
      : { type: 'NamespaceDeletionContentFailure', status: 'False', reason: 'ContentDeleted', message: 'All content successfully deleted, may be waiting on finalization' },
    counts.size > 0
      ? { type: 'NamespaceContentRemaining', status: 'True', reason: 'SomeResourcesRemain', message: `Some resources are remaining: ${list(counts, '. has ')}` }
      : { type: 'NamespaceContentRemaining', status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' },
    finalizers.size > 0
      ? { type: 'NamespaceFinalizersRemaining', status: 'True', reason: 'SomeFinalizersRemain', message: `Some content in the namespace has finalizers remaining: ${list(finalizers, ' in ')}` }
      : { type: 'NamespaceFinalizersRemaining', status: 'False', reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' },
  ]
}

/** Empties namespaces that are being deleted, pods first, and lets them go (pkg/controller/namespace). */
export const namespaceController: Controller = {
  name: 'namespace-controller',
  start: context => {
    const { clock, client } = context
    const informer = context.informer(namespaces)

    /** Deletes what a type has in the namespace; returns what is still there afterwards. */
    const empty = async (type: ServedType, namespace: string): Promise<readonly KubeObject[]> => {
      const { items } = await client.list(type, { namespace })
      for (const item of items) {
        if (isTerminating(item)) continue
        try {
          await client.delete(type, namespace, item.metadata.name, { propagationPolicy: 'Background' })
        } catch (error) {
          if (!hasReason(error, 'NotFound')) throw error
        }
      }
      return items.length === 0 ? items : (await client.list(type, { namespace })).items
    }

    const emptyAll = async (namespace: string): Promise<Remaining & { readonly podsRemain: boolean }> => {
      const types = context.resourceTypes().filter(type => type.namespaced && type.verbs.includes('delete') && type.verbs.includes('list'))
      const counts = new Map<string, number>()
      const finalizers = new Map<string, number>()
      const failures: string[] = []
      const clear = async (type: ServedType) => {
        const name = type.group ? `${type.resource}.${type.group}` : type.resource
        try {
          const left = await empty(type, namespace)
          if (left.length > 0) counts.set(name, left.length)
          for (const object of left) for (const finalizer of object.metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1)
        } catch (error) {
          failures.push(`${name}: ${(error as Error).message}`)
        }
      }
      const pods = types.filter(type => type.group === '' && type.resource === 'pods')
      for (const type of pods) await clear(type)
      const podsRemain = counts.size > 0
      if (!podsRemain) for (const type of types) if (!pods.includes(type)) await clear(type)
      // As long as pods remain, nothing is said of the rest yet.
      return { counts: podsRemain ? new Map() : counts, finalizers: podsRemain ? new Map() : finalizers, failures, podsRemain }
    }

    const report = async (namespace: Namespace, remaining: Remaining): Promise<void> => {
      const present = namespace.status.conditions ?? []
      const conditions = verdicts(remaining).map((verdict): Condition => {
        const old = present.find(({ type }) => type === verdict.type)
        if (old && old.status === verdict.status && old.reason === verdict.reason && old.message === verdict.message) return old
        return { ...verdict, lastTransitionTime: old?.status === verdict.status ? old.lastTransitionTime : rfc3339(clock.now) } as Condition
      })
      if (conditions.every((found, index) => found === present[index])) return
      await client.update(namespaces, { ...namespace, status: { ...namespace.status, conditions } }, 'status')
    }

    const queue = workqueue(clock, async name => {
      const namespace = informer.get(undefined, name)
      if (!namespace || !isTerminating(namespace)) return
      if (!namespace.spec.finalizers?.includes('kubernetes')) return
      const remaining = await emptyAll(name)
      try {
        if (remaining.podsRemain || remaining.counts.size > 0 || remaining.failures.length > 0) {
          await report(namespace, remaining)
          return queue.addAfter(name, RETRY_MS)
        }
        const fresh = await client.get(namespaces, undefined, name)
        await client.update(namespaces, { ...fresh, spec: { ...fresh.spec, finalizers: fresh.spec.finalizers?.filter(finalizer => finalizer !== 'kubernetes') } }, 'finalize')
      } catch (error) {
        if (hasReason(error, 'NotFound')) return
        throw error
      }
    })

    const consider = (namespace: Namespace) => {
      if (!isTerminating(namespace)) return
      queue.addAfter(namespace.metadata.name, Math.max(0, Date.parse(namespace.metadata.deletionTimestamp!) + DELETION_GRACE_MS - clock.now))
    }
    context.whenSynced([informer] as never, () => informer.on({ added: consider, updated: (namespace, old) => isTerminating(namespace) && !isTerminating(old) && consider(namespace) }))
    return queue
  },
}
