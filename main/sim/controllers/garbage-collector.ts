import { hasReason } from '../apiserver/errors.ts'
import type { KubeObject, OwnerReference } from '../apiserver/object.ts'
import type { Informer } from '../client/informer.ts'
import { workqueue } from '../client/workqueue.ts'
import type { Controller, ServedType } from './controller.ts'
import { isTerminating } from './objects.ts'

const FOREGROUND = 'foregroundDeletion'
const ORPHAN = 'orphan'

interface Member {
  readonly type: ServedType
  object: KubeObject
}

/**
 * Deletes what has lost its owners, and carries out foreground deletion and orphaning, over all kinds that can be
 * deleted, listed and watched (pkg/controller/garbagecollector). Objects are known by uid; edges by ownerReferences.
 */
export const garbageCollector: Controller = {
  name: 'garbage-collector-controller',
  account: 'generic-garbage-collector',
  start: context => {
    const { clock, client } = context
    const recorder = context.recorder('garbage-collector-controller')
    const members = new Map<string, Member>()
    const dependents = new Map<string, Set<string>>()
    const types = context.resourceTypes().filter(type => ['delete', 'list', 'watch'].every(verb => type.verbs.includes(verb)) && type.resource !== 'events')
    const byKind = new Map(types.map(type => [`${type.group ? `${type.group}/` : ''}${type.version}/${type.kind}`, type]))

    const owners = (object: KubeObject): readonly OwnerReference[] => object.metadata.ownerReferences ?? []
    const dependentsOf = (uid: string): Member[] => [...(dependents.get(uid) ?? [])].flatMap(id => members.get(id) ?? [])

    const link = (object: KubeObject) => {
      for (const { uid } of owners(object)) {
        let edge = dependents.get(uid)
        if (!edge) dependents.set(uid, (edge = new Set()))
        edge.add(object.metadata.uid)
      }
    }
    const unlink = (object: KubeObject) => {
      for (const { uid } of owners(object)) {
        const edge = dependents.get(uid)
        edge?.delete(object.metadata.uid)
        if (edge?.size === 0) dependents.delete(uid)
      }
    }

    /** Is the owner that a reference means really gone? The graph may be behind, the API server is not. */
    const isGone = async (reference: OwnerReference, dependent: KubeObject): Promise<boolean> => {
      if (members.has(reference.uid)) return false
      const type = byKind.get(`${reference.apiVersion}/${reference.kind}`)
      // A kind that nobody serves cannot be judged.
      if (!type) return false
      const namespace = type.namespaced ? dependent.metadata.namespace : undefined
      if (type.namespaced && namespace === undefined) {
        recorder.event(
          dependent,
          'Warning',
          'OwnerRefInvalidNamespace',
          `ownerRef [${reference.apiVersion}/${reference.kind}, namespace: , name: ${reference.name}, uid: ${reference.uid}] does not exist in namespace ""`,
        )
        return false
      }
      try {
        return (await client.get(type, namespace, reference.name)).metadata.uid !== reference.uid
      } catch (error) {
        if (hasReason(error, 'NotFound')) return true
        throw error
      }
    }

    const isWaitingForDependents = (reference: OwnerReference): boolean => {
      const owner = members.get(reference.uid)?.object
      return owner !== undefined && isTerminating(owner) && (owner.metadata.finalizers?.includes(FOREGROUND) ?? false)
    }

    const remove = async ({ type, object }: Member, propagationPolicy: 'Background' | 'Foreground' | 'Orphan'): Promise<void> => {
      const { namespace, name, uid } = object.metadata
      try {
        await client.delete(type, namespace, name, { propagationPolicy, preconditions: { uid } })
      } catch (error) {
        if (!hasReason(error, 'NotFound', 'Conflict')) throw error
      }
    }

    const setReferences = async ({ type, object }: Member, keep: (reference: OwnerReference) => boolean): Promise<void> => {
      const { namespace, name, uid } = object.metadata
      const kept = owners(object).filter(keep)
      try {
        await client.patch(type, namespace, name, 'merge', { metadata: { uid, ownerReferences: kept.length > 0 ? kept : null } })
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error
      }
    }

    const removeFinalizer = async ({ type, object }: Member, finalizer: string): Promise<void> => {
      const { namespace, name, uid } = object.metadata
      try {
        const live = await client.get(type, namespace, name)
        if (live.metadata.uid !== uid || !live.metadata.finalizers?.includes(finalizer)) return
        await client.patch(type, namespace, name, 'merge', {
          metadata: { resourceVersion: live.metadata.resourceVersion, finalizers: live.metadata.finalizers.filter(other => other !== finalizer) },
        })
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error
      }
    }

    /** An owner being deleted: orphans its dependents, or waits for those that block it. */
    const processOwner = async (member: Member): Promise<void> => {
      const { finalizers = [], uid } = member.object.metadata
      if (finalizers.includes(ORPHAN)) {
        for (const dependent of dependentsOf(uid)) await setReferences(dependent, reference => reference.uid !== uid)
        return removeFinalizer(member, ORPHAN)
      }
      if (!finalizers.includes(FOREGROUND)) return
      const blocking = dependentsOf(uid).filter(({ object }) => owners(object).some(reference => reference.uid === uid && reference.blockOwnerDeletion))
      if (blocking.length === 0) return removeFinalizer(member, FOREGROUND)
      for (const dependent of dependentsOf(uid)) queue.add(dependent.object.metadata.uid)
    }

    /** An object with owners: deleted once none of them is left. */
    const processDependent = async (member: Member): Promise<void> => {
      const { object } = member
      const references = owners(object)
      if (references.length === 0 || isTerminating(object)) return
      const solid: OwnerReference[] = []
      const dangling: OwnerReference[] = []
      const waiting: OwnerReference[] = []
      for (const reference of references) {
        if (await isGone(reference, object)) dangling.push(reference)
        else if (isWaitingForDependents(reference)) waiting.push(reference)
        else solid.push(reference)
      }
      if (solid.length > 0) {
        if (dangling.length + waiting.length > 0) await setReferences(member, reference => solid.includes(reference))
        return
      }
      if (waiting.length > 0) {
        // Circles of owners that all wait for each other would never end: such a dependent no longer blocks.
        const hasOwnDependents = dependentsOf(object.metadata.uid).length > 0
        return remove(member, hasOwnDependents ? 'Foreground' : 'Background')
      }
      const { finalizers = [] } = object.metadata
      await remove(member, finalizers.includes(ORPHAN) ? 'Orphan' : finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background')
    }

    const queue = workqueue(
      clock,
      async uid => {
        const member = members.get(uid)
        if (!member) return
        if (isTerminating(member.object)) await processOwner(member)
        else await processDependent(member)
      },
      { workers: 20 },
    )

    const needsWork = (object: KubeObject): boolean =>
      isTerminating(object)
        ? (object.metadata.finalizers?.some(finalizer => finalizer === ORPHAN || finalizer === FOREGROUND) ?? false)
        : owners(object).some(reference => !members.has(reference.uid) || isWaitingForDependents(reference))

    let stopped = false
    const informers = types.map(type => ({ type, informer: context.informer(type) as Informer<KubeObject> }))
    context.whenSynced(informers.map(({ informer }) => informer) as never, () => {
      if (stopped) return
      // First the whole graph, then judgement: an owner may be listed after its dependents.
      for (const { type, informer } of informers)
        for (const object of informer.list()) {
          members.set(object.metadata.uid, { type, object })
          link(object)
        }
      for (const { object } of members.values()) if (needsWork(object)) queue.add(object.metadata.uid)
      for (const { type, informer } of informers)
        informer.on({
          added: object => {
            if (members.get(object.metadata.uid)?.object === object) return
            members.set(object.metadata.uid, { type, object })
            link(object)
            if (needsWork(object)) queue.add(object.metadata.uid)
          },
          updated: (object, old) => {
            const member = members.get(object.metadata.uid)
            if (member) member.object = object
            else members.set(object.metadata.uid, { type, object })
            const changed = object.metadata.ownerReferences !== old.metadata.ownerReferences
            if (changed) {
              unlink(old)
              link(object)
              for (const { uid } of owners(old)) if (members.get(uid) && isTerminating(members.get(uid)!.object)) queue.add(uid)
            }
            if ((changed || isTerminating(object)) && needsWork(object)) queue.add(object.metadata.uid)
          },
          deleted: object => {
            members.delete(object.metadata.uid)
            unlink(object)
            for (const dependent of dependents.get(object.metadata.uid) ?? []) queue.add(dependent)
            for (const { uid } of owners(object)) if (members.get(uid) && isTerminating(members.get(uid)!.object)) queue.add(uid)
          },
        })
    })
    return {
      dispose: () => {
        stopped = true
        queue.dispose()
      },
    }
  },
}
