import { storeKey } from '../../store/store.ts'
import { rfc3339 } from '../../time/clock.ts'
import type { DeleteOptions } from '../../client/client.ts'
import type { ResourceDefinition } from '../definition.ts'
import type { KubeObject } from '../object.ts'
import { deleteObject } from '../registry/delete.ts'
import type { Registry } from '../registry/environment.ts'
import type { Plan } from '../request.ts'
import type { Pod } from '../resources/types.ts'
import { badRequest, notFound, tooManyRequests } from '../status.ts'
import { selectorMatches } from '../selectors.ts'
import { created } from './binding.ts'

interface Eviction {
  readonly metadata?: { readonly name?: string }
  readonly deleteOptions?: DeleteOptions & { readonly dryRun?: readonly string[] }
}

type Budget = KubeObject & {
  spec: {
    selector?: { matchLabels?: Record<string, string>; matchExpressions?: { key: string; operator: string; values?: string[] }[] }
    unhealthyPodEvictionPolicy?: string
  }
  status?: {
    disruptionsAllowed?: number
    currentHealthy?: number
    desiredHealthy?: number
    observedGeneration?: number
    disruptedPods?: Record<string, string>
  }
}

/** POST pods/eviction: deletes a pod as far as its disruption budget allows (pkg/registry/core/pod/storage/eviction.go). */
export const evictionPlan = (registry: Registry, definition: ResourceDefinition, namespace: string, name: string, body: object): Plan => {
  const bucket = registry.bucketOf(definition)
  const key = storeKey(namespace, name)
  const { metadata, deleteOptions = {} } = body as Eviction
  return {
    operation: 'CREATE',
    draft: context => {
      if (metadata?.name && metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
      const pod = bucket.get(key)
      if (!pod) throw notFound(definition, name)
      context.old = pod
    },
    commit: context => {
      const pod = bucket.get(key) as Pod | undefined
      if (!pod) throw notFound(definition, name)
      const dryRun = context.options.dryRun || (deleteOptions.dryRun?.length ?? 0) > 0
      // Nothing is disrupted by the end of what does not run.
      const harmless = pod.status?.phase === 'Pending' || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed' || pod.metadata.deletionTimestamp
      if (!harmless) takeFromBudget(registry, pod, dryRun)
      deleteObject(registry, bucket, definition, key, deleteOptions, { options: { ...context.options, dryRun } })
      context.code = 201
      return created()
    },
  }
}

const takeFromBudget = (registry: Registry, pod: Pod, dryRun: boolean) => {
  const definition = registry.definitionOf('policy', 'poddisruptionbudgets')
  if (!definition) return
  const bucket = registry.bucketOf(definition)
  const matching = (bucket.list(pod.metadata.namespace) as readonly Budget[]).filter(
    ({ spec }) => spec.selector && selectorMatches(spec.selector, pod.metadata.labels),
  )
  if (matching.length === 0) return
  if (matching.length > 1) throw tooManyRequests('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.', [])
  const [budget] = matching as [Budget]
  const { status = {} } = budget
  const ready = pod.status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True')
  if (
    !ready &&
    (budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' ||
      ((status.currentHealthy ?? 0) >= (status.desiredHealthy ?? 0) && (status.desiredHealthy ?? 0) > 0))
  )
    return
  const refuse = (message: string, retryAfterSeconds?: number) => {
    throw tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", [{ reason: 'DisruptionBudget', message }], retryAfterSeconds)
  }
  if ((status.observedGeneration ?? 0) < (budget.metadata.generation ?? 0))
    refuse(`The disruption budget ${budget.metadata.name} is still being processed by the server.`, 10)
  if ((status.disruptionsAllowed ?? 0) <= 0)
    refuse(`The disruption budget ${budget.metadata.name} needs ${status.desiredHealthy ?? 0} healthy pods and has ${status.currentHealthy ?? 0} currently`)
  if (dryRun) return
  registry.store.put(bucket, storeKey(budget.metadata.namespace, budget.metadata.name), {
    ...budget,
    metadata: { ...budget.metadata },
    status: {
      ...status,
      disruptionsAllowed: status.disruptionsAllowed! - 1,
      disruptedPods: { ...status.disruptedPods, [pod.metadata.name]: rfc3339(registry.clock.now) },
    },
  } as Budget)
}
