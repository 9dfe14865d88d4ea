import { rfc3339 } from '../../time/clock.ts'
import { storeKey, type Bucket } from '../../store/store.ts'
import type { DeleteOptions } from '../../client/client.ts'
import type { ResourceDefinition } from '../definition.ts'
import { ApiError, type Status } from '../errors.ts'
import { equalJson } from '../json.ts'
import type { KubeObject, ObjectMeta } from '../object.ts'
import type { Plan, RequestContext } from '../request.ts'
import { notFound } from '../status.ts'
import { strategyContext, type Registry } from './environment.ts'

/** Kinds whose DELETE answers with the object instead of a Status (ReturnDeletedObject). */
const RETURNS_OBJECT = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'resourcequotas',
  'persistentvolumes',
  'persistentvolumeclaims',
  'podtemplates',
  'storageclasses',
  'volumeattachments',
  'csidrivers',
  'csinodes',
])

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

/** The plan of DELETE on one object (registry/generic/registry.Store.Delete). */
export const deletePlan = (registry: Registry, definition: ResourceDefinition, namespace: string, name: string, options: DeleteOptions): Plan => {
  const bucket = registry.bucketOf(definition)
  const key = storeKey(definition.namespaced ? namespace : undefined, name)
  return {
    operation: 'DELETE',
    draft: context => {
      const old = bucket.get(key)
      if (!old) throw notFound(definition, name)
      checkPreconditions(definition, old, options)
      context.old = old
    },
    commit: context => deleteObject(registry, bucket, definition, key, options, context),
  }
}

/** Deletes what stands under `key`, at once or by marking it; returns what the client is told. */
export const deleteObject = (
  registry: Registry,
  bucket: Bucket,
  definition: ResourceDefinition,
  key: string,
  options: DeleteOptions,
  context: Pick<RequestContext, 'options'>,
): KubeObject | Status => {
  const stored = bucket.get(key)
  if (!stored) throw notFound(definition, key.slice(key.indexOf('/') + 1))
  checkPreconditions(definition, stored, options)
  if (definition.group === '' && definition.resource === 'namespaces') return deleteNamespace(registry, bucket, definition, key, stored, context.options.dryRun)

  const { metadata, grace } = gracefully(registry, definition, stored, options)
  if (grace === 'pending') return stored
  const finalizers = finalizersAfter(stored.metadata.finalizers ?? [], options)
  if (!equalJson(finalizers, stored.metadata.finalizers ?? [])) {
    if (finalizers.length > 0) metadata.finalizers = finalizers
    else delete metadata.finalizers
  }
  if (finalizers.length > 0 && grace === undefined && !metadata.deletionTimestamp) markDeleted(metadata, registry, 0)
  const marked: KubeObject = { ...stored, metadata }
  const waits = finalizers.length > 0 || (grace !== undefined && grace > 0)
  const changed = !equalJson({ ...metadata, resourceVersion: '' }, { ...stored.metadata, resourceVersion: '' })
  if (!context.options.dryRun && changed && (waits || grace !== undefined)) registry.store.put(bucket, key, marked)
  if (waits) return changed ? marked : stored

  const last = context.options.dryRun ? marked : registry.store.remove(bucket, key)
  if (!context.options.dryRun) definition.afterDelete?.(stored, strategyContext(registry).context)
  if (RETURNS_OBJECT.has(definition.resource)) return changed && grace !== undefined ? marked : last
  return deletedStatus(definition, stored)
}

const deletedStatus = (definition: ResourceDefinition, { metadata }: KubeObject): Status => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: { name: metadata.name, ...(definition.group && { group: definition.group }), kind: definition.resource, uid: metadata.uid },
})

const checkPreconditions = (definition: ResourceDefinition, { metadata }: KubeObject, { preconditions }: DeleteOptions) => {
  const fail = (why: string) => {
    const kind = definition.kind
    throw new ApiError(
      409,
      'Conflict',
      `Operation cannot be fulfilled on ${definition.group ? `${kind}.${definition.group}` : kind} "${metadata.name}": ${why}`,
      {
        name: metadata.name,
        ...(definition.group && { group: definition.group }),
        kind,
      },
    )
  }
  if (preconditions?.uid && preconditions.uid !== metadata.uid)
    fail(
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    )
  if (preconditions?.resourceVersion && preconditions.resourceVersion !== metadata.resourceVersion)
    fail(
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    )
}

const markDeleted = (metadata: ObjectMeta, registry: Registry, grace: number) => {
  metadata.deletionTimestamp = rfc3339(registry.clock.now + grace * 1000)
  metadata.deletionGracePeriodSeconds = grace
  if (metadata.generation) metadata.generation++
}

/**
 * What the grace period makes of metadata (rest.BeforeDelete): `grace` is the period now in force, undefined for kinds
 * that know none, and 'pending' when the deletion that is under way stays as it is.
 */
const gracefully = (
  registry: Registry,
  definition: ResourceDefinition,
  stored: KubeObject,
  options: DeleteOptions,
): { metadata: ObjectMeta; grace: number | 'pending' | undefined } => {
  const metadata = { ...stored.metadata }
  const requested = options.gracePeriodSeconds !== undefined && options.gracePeriodSeconds < 0 ? 1 : options.gracePeriodSeconds
  if (metadata.deletionTimestamp) {
    const current = metadata.deletionGracePeriodSeconds ?? 0
    if (current === 0) return { metadata, grace: undefined }
    // Only a shorter period may be asked for.
    if (requested === undefined || requested >= current) return { metadata, grace: 'pending' }
    metadata.deletionTimestamp = rfc3339(Date.parse(metadata.deletionTimestamp) - current * 1000 + requested * 1000)
    metadata.deletionGracePeriodSeconds = requested
    return { metadata, grace: requested }
  }
  const grace = definition.gracePeriod?.(stored, requested)
  if (grace !== undefined) markDeleted(metadata, registry, grace)
  return { metadata, grace }
}

/** Finalizers after the deletion's policy had its say (deletionFinalizersForGarbageCollection). */
const finalizersAfter = (finalizers: readonly string[], { propagationPolicy }: DeleteOptions): string[] => {
  const orphan = propagationPolicy ? propagationPolicy === 'Orphan' : finalizers.includes(ORPHAN)
  const foreground = propagationPolicy ? propagationPolicy === 'Foreground' : finalizers.includes(FOREGROUND)
  const kept = finalizers.filter(finalizer => finalizer !== ORPHAN && finalizer !== FOREGROUND)
  return [...kept, ...(orphan ? [ORPHAN] : []), ...(foreground ? [FOREGROUND] : [])]
}

type Namespace = KubeObject & { spec?: { finalizers?: string[] }; status?: { phase?: string } }

/** A namespace is marked first and goes when its own finalizers are gone (pkg/registry/core/namespace/storage). */
const deleteNamespace = (
  registry: Registry,
  bucket: Bucket,
  definition: ResourceDefinition,
  key: string,
  stored: Namespace,
  dryRun: boolean,
): KubeObject | Status => {
  if (!stored.metadata.deletionTimestamp) {
    const marked: Namespace = {
      ...stored,
      metadata: { ...stored.metadata, deletionTimestamp: rfc3339(registry.clock.now) },
      status: { ...stored.status, phase: 'Terminating' },
    }
    if (!dryRun) registry.store.put(bucket, key, marked)
    return marked
  }
  if ((stored.spec?.finalizers?.length ?? 0) > 0 || (stored.metadata.finalizers?.length ?? 0) > 0) return stored
  if (!dryRun) registry.store.remove(bucket, key)
  return deletedStatus(definition, stored)
}
