import { storeKey } from '../../store/store.ts'
import type { ResourceDefinition } from '../definition.ts'
import { ApiError } from '../errors.ts'
import { invalidValue } from '../fielderrors.ts'
import { cloneJson, equalJson } from '../json.ts'
import { metadataUpdateErrors, orderedMetadata } from '../metadata.ts'
import type { KubeObject, ObjectMeta } from '../object.ts'
import type { Plan, RequestContext } from '../request.ts'
import { badRequest, conflict, invalid, notFound, qualifiedResource, staleResourceVersion, unknownError } from '../status.ts'
import { createPlan, withFieldErrors } from './create.ts'
import { strategyContext, type Registry } from './environment.ts'

/** Kinds whose strategy forbids an update without a resourceVersion (AllowUnconditionalUpdate). */
const CONDITIONAL = new Set([
  'leases.coordination.k8s.io',
  'poddisruptionbudgets.policy',
  'customresourcedefinitions.apiextensions.k8s.io',
  'apiservices.apiregistration.k8s.io',
])
/** Kinds that a PUT creates where they are missing (AllowCreateOnUpdate). */
const CREATE_ON_UPDATE = new Set([
  'leases.coordination.k8s.io',
  'events',
  'endpoints',
  'limitranges',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
])

/** What part of the object a request may change. */
export type Scope = 'object' | 'status' | 'finalize'

export interface UpdateRequest {
  readonly definition: ResourceDefinition
  readonly namespace: string
  readonly name: string
  readonly scope: Scope
  /** Gives the wanted object from the stored one; neither is changed by the plan. Throws ApiError. */
  readonly change: (old: KubeObject, context: RequestContext) => object
  /** PUT: the body is the whole object. A patch is applied to the stored one. */
  readonly whole: boolean
  /** Turns the stored object into the answer (scale). */
  readonly answer?: (object: KubeObject) => unknown
}

/** The plan of PUT and PATCH on an object or its status. */
export const updatePlan = (registry: Registry, request: UpdateRequest): Plan => {
  const { definition, namespace, name, scope } = request
  const bucket = registry.bucketOf(definition)
  const key = storeKey(definition.namespaced ? namespace : undefined, name)
  const answer = request.answer ?? ((object: KubeObject): unknown => object)
  let creation: Plan | undefined

  return {
    operation: 'UPDATE',
    draft: context => {
      const old = bucket.get(key)
      if (!old) {
        if (request.whole && scope === 'object' && CREATE_ON_UPDATE.has(qualifiedResource(definition))) {
          creation = createPlan(registry, definition, namespace, request.change({} as KubeObject, context))
          return creation.draft!(context)
        }
        throw notFound(definition, name)
      }
      const wanted = request.change(old, context) as KubeObject
      const metadata = (wanted.metadata ?? {}) as Partial<ObjectMeta>
      checkIdentity(request, metadata)
      checkVersion(request, metadata, old)
      context.old = old
      context.candidate = scope === 'object' ? wholeDraft(definition, wanted, old) : partDraft(scope, wanted, old)
    },
    prepare: context => {
      if (creation) return creation.prepare!(context)
      const old = context.old!
      const draft = context.candidate!
      keepServerMetadata(draft, old)
      if (scope !== 'object') return
      const strategy = strategyContext(registry)
      context.rollback = strategy.rollback
      withFieldErrors(definition, name, () => definition.prepareForUpdate?.(draft, old, strategy.context))
      if (definition.generation && specChanged(draft, old)) draft.metadata.generation = (old.metadata.generation ?? 0) + 1
    },
    validate: context => {
      if (creation) return creation.validate!(context)
      const old = context.old!
      const draft = context.candidate!
      const errors = metadataUpdateErrors(draft, old)
      if (scope === 'object') errors.push(...(definition.validate?.(draft) ?? []), ...(definition.validateUpdate?.(draft, old) ?? []))
      else if (scope === 'status') errors.push(...(definition.validateStatusUpdate?.(draft, old) ?? []))
      if (errors.length > 0) throw invalid(definition, name, errors)
      if (scope === 'object') {
        const warnings = definition.warnings?.(draft, old)
        if (warnings) context.warnings.push(...warnings)
      }
    },
    commit: context => {
      if (creation) return answer(creation.commit(context) as KubeObject)
      const old = context.old!
      const draft = context.candidate!
      // Something else may have written while a stage waited.
      if (bucket.get(key) !== old) throw staleResourceVersion(definition, name)
      if (shareUnchanged(draft, old)) return answer(old)
      if (context.options.dryRun) {
        context.rollback?.()
        draft.metadata.resourceVersion = old.metadata.resourceVersion
        return answer(draft)
      }
      if (isReleased(draft)) {
        draft.metadata.resourceVersion = old.metadata.resourceVersion
        registry.store.remove(bucket, key)
        definition.afterDelete?.(old, strategyContext(registry).context)
        return answer(draft)
      }
      registry.store.put(bucket, key, draft)
      return answer(draft)
    },
  }
}

const checkIdentity = ({ definition, namespace, name }: UpdateRequest, metadata: Partial<ObjectMeta>) => {
  if (!metadata.name) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  if (metadata.namespace && metadata.namespace !== (definition.namespaced ? namespace : ''))
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

const checkVersion = ({ definition, name, whole, namespace }: UpdateRequest, metadata: Partial<ObjectMeta>, old: KubeObject) => {
  const version = metadata.resourceVersion
  if (version && version !== '0' && version !== old.metadata.resourceVersion) {
    if (!/^\d+$/.test(version)) throw unknownError(`strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`)
    throw staleResourceVersion(definition, name)
  }
  if (metadata.uid && metadata.uid !== old.metadata.uid) {
    if (!whole) {
      const error = invalidValue('metadata.uid', metadata.uid, 'field is immutable')
      throw invalid(definition, name, [error, error])
    }
    const path = `/registry/${definition.resource}/${definition.namespaced ? `${namespace}/` : ''}${name}`
    throw conflict(
      definition,
      name,
      `StorageError: invalid object, Code: 4, Key: ${path}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${old.metadata.uid}`,
    )
  }
  if ((!version || version === '0') && CONDITIONAL.has(qualifiedResource(definition))) {
    const error = invalidValue('metadata.resourceVersion', 0, 'must be specified for an update')
    throw new ApiError(422, 'Invalid', `${qualifiedResource(definition)} ${JSON.stringify(name)} is invalid: ${error.field}: ${error.message}`, {
      name,
      ...(definition.group && { group: definition.group }),
      kind: definition.resource,
      causes: [error],
    })
  }
}

const wholeDraft = (definition: ResourceDefinition, wanted: KubeObject, old: KubeObject): KubeObject => {
  const draft = cloneJson(wanted)
  draft.apiVersion = old.apiVersion
  draft.kind = old.kind
  definition.defaults?.(draft)
  return draft
}

type WithParts = KubeObject & { spec?: Record<string, unknown>; status?: unknown }

/** Everything from the stored object but the part that the subresource is about, and labels and the like. */
const partDraft = (scope: 'status' | 'finalize', wanted: WithParts, old: WithParts): KubeObject => {
  const metadata = cloneJson(wanted.metadata)
  if (scope === 'finalize')
    return { ...old, metadata: { ...old.metadata }, spec: { ...old.spec, finalizers: cloneJson(wanted.spec?.['finalizers']) } } as KubeObject
  const { ownerReferences } = old.metadata
  const { ownerReferences: _dropped, ...rest } = metadata
  return { ...old, metadata: { ...rest, ...(ownerReferences && { ownerReferences }) }, status: cloneJson(wanted.status) } as KubeObject
}

/** What belongs to the server alone stays as it was (rest.BeforeUpdate). */
const keepServerMetadata = (draft: KubeObject, old: KubeObject) => {
  const { metadata } = draft
  const keep = <K extends keyof ObjectMeta>(field: K) => {
    if (old.metadata[field] === undefined) delete metadata[field]
    else metadata[field] = old.metadata[field]
  }
  keep('uid')
  keep('namespace')
  keep('creationTimestamp')
  keep('deletionTimestamp')
  keep('deletionGracePeriodSeconds')
  keep('generation')
  keep('generateName')
  keep('managedFields')
  // Whoever leaves the version out means the present one.
  keep('resourceVersion')
  draft.metadata = orderedMetadata(metadata)
}

/** True when anything but metadata and status differs. */
const specChanged = (draft: KubeObject, old: KubeObject): boolean => {
  const parts = { ...draft, metadata: undefined, status: undefined, kind: undefined, apiVersion: undefined }
  const before = { ...old, metadata: undefined, status: undefined, kind: undefined, apiVersion: undefined }
  return !equalJson(parts, before)
}

/**
 * Points what did not change at the stored object's own parts, so that revisions share memory.
 * True when nothing changed at all: then nothing is written.
 */
const shareUnchanged = (draft: KubeObject, old: KubeObject): boolean => {
  const to = draft as unknown as Record<string, unknown>
  const from = old as unknown as Record<string, unknown>
  let same = true
  for (const part in from) {
    if (part === 'metadata' || to[part] === from[part]) continue
    if (equalJson(to[part], from[part])) to[part] = from[part]
    else same = false
  }
  for (const part in to) if (!(part in from) && to[part] !== undefined) same = false
  const metadata = to['metadata'] as Record<string, unknown>
  const before = old.metadata as unknown as Record<string, unknown>
  for (const field in before) {
    if (field === 'resourceVersion' || metadata[field] === before[field]) continue
    if (equalJson(metadata[field], before[field])) metadata[field] = before[field]
    else same = false
  }
  for (const field in metadata) if (!(field in before) && metadata[field] !== undefined) same = false
  return same
}

/** True when an object that is being deleted has nothing left to wait for (ShouldDeleteDuringUpdate). */
const isReleased = (object: KubeObject): boolean => {
  const { metadata } = object
  if (!metadata.deletionTimestamp || (metadata.finalizers?.length ?? 0) > 0 || (metadata.deletionGracePeriodSeconds ?? 0) !== 0) return false
  if (object.kind !== 'Namespace' || object.apiVersion !== 'v1') return true
  return ((object as WithParts).spec?.['finalizers'] as string[] | undefined)?.length === 0 || (object as WithParts).spec?.['finalizers'] === undefined
}
