import { since } from '../../../../shared/kubernetes/duration.ts'
import { storeKey } from '../../store/store.ts'
import type { ResourceDefinition } from '../definition.ts'
import { invalidValue } from '../fielderrors.ts'
import type { KubeObject } from '../object.ts'
import type { Registry } from '../registry/environment.ts'
import { ageColumn, column, nameColumn } from '../resources/print.ts'
import { updatePlan } from '../registry/update.ts'
import type { Plan, RequestContext } from '../request.ts'
import { invalid, notFound } from '../status.ts'

interface Scalable extends KubeObject {
  readonly spec: {
    readonly replicas?: number
    readonly selector?: {
      readonly matchLabels?: Record<string, string>
      readonly matchExpressions?: readonly { key: string; operator: string; values?: string[] }[]
    }
  }
  readonly status: { readonly replicas?: number }
}

export interface Scale {
  readonly kind: 'Scale'
  readonly apiVersion: 'autoscaling/v1'
  readonly metadata: Partial<KubeObject['metadata']>
  readonly spec: { readonly replicas?: number }
  readonly status: { readonly replicas: number; readonly selector?: string }
}

export const SCALE_SCHEMA = 'io.k8s.api.autoscaling.v1.Scale'

/** How `kubectl get --subresource=scale` shows it (printers/internalversion printScale). */
export const scaleTable: ResourceDefinition<KubeObject>['table'] = {
  columns: [nameColumn, column('Desired', 'Wanted pods.', { type: 'integer' }), column('Available', 'Pods there are.', { type: 'integer' }), ageColumn],
  cells: (object, now) => {
    const { metadata, spec, status } = object as unknown as Scale
    return [metadata.name ?? '', spec.replicas ?? 0, status.replicas, since(metadata.creationTimestamp, now)]
  },
}

/** The autoscaling/v1 Scale of a workload. */
const scaleOf = (object: KubeObject): Scale => {
  const { metadata, spec, status } = object as Scalable
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata
  const selector = selectorText(spec.selector)
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace && { namespace }), uid, resourceVersion, creationTimestamp },
    spec: spec.replicas ? { replicas: spec.replicas } : {},
    status: { replicas: status?.replicas ?? 0, ...(selector && { selector }) },
  }
}

const selectorText = (selector: Scalable['spec']['selector']): string =>
  [
    ...Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => [key, `${key}=${value}`] as const),
    ...(selector?.matchExpressions ?? []).map(({ key, operator, values = [] }) => {
      const list = `(${[...values].sort().join(',')})`
      const texts: Record<string, string> = { In: `${key} in ${list}`, NotIn: `${key} notin ${list}`, Exists: key, DoesNotExist: `!${key}` }
      return [key, texts[operator] ?? key] as const
    }),
  ]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, text]) => text)
    .join(',')

export const getScalePlan = (registry: Registry, definition: ResourceDefinition, namespace: string, name: string): Plan => ({
  commit: () => {
    const object = registry.bucketOf(definition).get(storeKey(namespace, name))
    if (!object) throw notFound(definition, name)
    return scaleOf(object)
  },
})

/** PUT and PATCH on /scale: only the number of replicas goes through to the object. `wanted` gives the new Scale from the present one. */
export const updateScalePlan = (
  registry: Registry,
  definition: ResourceDefinition,
  namespace: string,
  name: string,
  wanted: (present: Scale, context: RequestContext) => object,
): Plan =>
  updatePlan(registry, {
    definition,
    namespace,
    name,
    scope: 'object',
    whole: false,
    answer: scaleOf,
    change: (old, context) => {
      const scale = wanted(scaleOf(old), context) as Scale
      const replicas = scale.spec?.replicas ?? 0
      if (replicas < 0)
        throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')])
      const version = scale.metadata?.resourceVersion
      return {
        ...old,
        metadata: { ...old.metadata, ...(version !== undefined && { resourceVersion: version }), name: scale.metadata?.name ?? '' },
        spec: { ...(old as Scalable).spec, replicas },
      }
    },
  })
