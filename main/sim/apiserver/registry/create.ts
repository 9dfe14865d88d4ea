import { rfc3339 } from '../../time/clock.ts'
import { storeKey } from '../../store/store.ts'
import type { FieldError, ResourceDefinition } from '../definition.ts'
import { cloneJson } from '../json.ts'
import { metadataErrors, orderedMetadata } from '../metadata.ts'
import type { KubeObject } from '../object.ts'
import type { Plan, RequestContext } from '../request.ts'
import { alreadyExists, badRequest, invalid, unknownError } from '../status.ts'
import { strategyContext, type Registry } from './environment.ts'

/** Names are cut so that a suffix still fits a DNS label (k8s.io/apiserver/pkg/storage/names). */
const GENERATED_BASE_MAX = 58
const SUFFIX_LENGTH = 5
/** A generated name that is taken is drawn again this often (feature RetryGenerateName). */
const GENERATE_ATTEMPTS = 8

/** Runs a strategy; what it cannot allocate becomes a 422. */
export const withFieldErrors = (definition: ResourceDefinition, name: string, run: () => void): void => {
  try {
    run()
  } catch (error) {
    if (Array.isArray(error)) throw invalid(definition, name, error as FieldError[])
    throw error
  }
}

/** The plan of POST on a collection. `body` is the object, which stays untouched, or decodes it. */
export const createPlan = (
  registry: Registry,
  definition: ResourceDefinition,
  namespace: string,
  body: object | ((context: RequestContext) => object),
): Plan => {
  const bucket = registry.bucketOf(definition)
  return {
    operation: 'CREATE',
    draft: context => {
      const { kind: _kind, apiVersion: _apiVersion, metadata: given, ...rest } = (typeof body === 'function' ? body(context) : cloneJson(body)) as KubeObject
      const draft = {
        kind: definition.kind,
        apiVersion: definition.group ? `${definition.group}/${definition.version}` : definition.version,
        metadata: given,
        ...rest,
      } as KubeObject
      const metadata = ((draft as { metadata?: KubeObject['metadata'] }).metadata ??= {} as KubeObject['metadata'])
      if (definition.namespaced) {
        if (metadata.namespace && metadata.namespace !== namespace)
          throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
        metadata.namespace = namespace
      } else if (metadata.namespace) {
        throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
      }
      definition.defaults?.(draft)
      context.candidate = draft
    },
    prepare: context => {
      const draft = context.candidate!
      const { metadata } = draft
      // Upstream's etcd layer refuses this, without a reason.
      if (metadata.resourceVersion && metadata.resourceVersion !== '0') throw unknownError('resourceVersion should not be set on objects to be created')
      delete (metadata as Partial<typeof metadata>).resourceVersion
      delete metadata.deletionTimestamp
      delete metadata.deletionGracePeriodSeconds
      delete metadata.managedFields
      delete (metadata as { selfLink?: string }).selfLink
      if (!metadata.name && metadata.generateName) metadata.name = generateName(registry, bucket, metadata.generateName, metadata.namespace)
      metadata.uid = registry.random.uuid()
      metadata.creationTimestamp = rfc3339(registry.clock.now)
      if (definition.generation) metadata.generation = 1
      draft.metadata = orderedMetadata(metadata)
      const strategy = strategyContext(registry)
      context.rollback = strategy.rollback
      withFieldErrors(definition, draft.metadata.name ?? '', () => definition.prepareForCreate?.(draft, strategy.context))
    },
    validate: context => {
      const draft = context.candidate!
      const errors = [...metadataErrors(definition, draft), ...(definition.validate?.(draft) ?? [])]
      if (errors.length > 0) throw invalid(definition, draft.metadata.name ?? '', errors)
      const warnings = definition.warnings?.(draft, undefined)
      if (warnings) context.warnings.push(...warnings)
    },
    commit: context => {
      const draft = context.candidate!
      const key = storeKey(draft.metadata.namespace, draft.metadata.name)
      if (bucket.get(key)) throw alreadyExists(definition, draft.metadata.name)
      context.code = 201
      if (context.options.dryRun) {
        context.rollback?.()
        delete (draft.metadata as Partial<typeof draft.metadata>).resourceVersion
        return draft
      }
      registry.store.put(bucket, key, draft)
      return draft
    },
  }
}

const generateName = (registry: Registry, bucket: ReturnType<Registry['bucketOf']>, base: string, namespace: string | undefined): string => {
  const stem = base.slice(0, GENERATED_BASE_MAX)
  for (let attempt = 1; ; attempt++) {
    const name = stem + registry.random.suffix(SUFFIX_LENGTH)
    if (attempt === GENERATE_ATTEMPTS || !bucket.get(storeKey(namespace, name))) return name
  }
}
