import { rfc3339 } from '../../time/clock.ts'
import { storeKey } from '../../store/store.ts'
import type { ResourceDefinition } from '../definition.ts'
import type { Status } from '../errors.ts'
import type { Registry } from '../registry/environment.ts'
import type { Plan } from '../request.ts'
import type { Pod, PodCondition } from '../resources/types.ts'
import { badRequest, conflict, notFound, unknownError } from '../status.ts'

interface Binding {
  readonly metadata?: {
    readonly name?: string
    readonly namespace?: string
    readonly uid?: string
    readonly annotations?: Record<string, string>
    readonly labels?: Record<string, string>
  }
  readonly target?: { readonly kind?: string; readonly name?: string }
}

export const created = (): Status => ({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 })

/** POST pods/binding: puts a pod on a node (pkg/registry/core/pod/storage BindingREST). */
export const bindingPlan = (registry: Registry, definition: ResourceDefinition, namespace: string, name: string, body: object): Plan => {
  const bucket = registry.bucketOf(definition)
  const key = storeKey(namespace, name)
  const { metadata, target } = body as Binding
  return {
    operation: 'CREATE',
    draft: () => {
      if (metadata?.name && metadata.name !== name) throw badRequest('name in URL does not match name in Binding object')
      if (target?.kind && target.kind !== 'Node' && target.kind !== 'Minion')
        throw unknownError(`target.kind: Unsupported value: ${JSON.stringify(target.kind)}: supported values: "Node", "<empty>"`)
      if (!target?.name) throw unknownError('target.name: Required value')
    },
    commit: context => {
      const pod = bucket.get(key) as Pod | undefined
      if (!pod) throw notFound(definition, name)
      const refuse = (why: string) => {
        throw conflict({ group: '', resource: 'pods/binding' }, name, why)
      }
      if (metadata?.uid && metadata.uid !== pod.metadata.uid)
        refuse(`Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${pod.metadata.uid}`)
      if (pod.metadata.deletionTimestamp) refuse(`pod ${name} is being deleted, cannot be assigned to a host`)
      if (pod.spec.nodeName) refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`)
      if (pod.spec.schedulingGates?.length) refuse(`pod ${name} has non-empty .spec.schedulingGates`)
      context.code = 201
      if (context.options.dryRun) return created()
      const scheduled: PodCondition = {
        type: 'PodScheduled',
        status: 'True',
        lastProbeTime: null as never,
        lastTransitionTime: rfc3339(registry.clock.now),
      }
      const conditions = (pod.status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled')
      const bound: Pod = {
        ...pod,
        metadata: {
          ...pod.metadata,
          ...(metadata?.annotations && { annotations: { ...pod.metadata.annotations, ...metadata.annotations } }),
          ...(metadata?.labels && { labels: { ...pod.metadata.labels, ...metadata.labels } }),
        },
        spec: { ...pod.spec, nodeName: target!.name! },
        status: { ...pod.status, conditions: [...conditions, scheduled] },
      }
      registry.store.put(bucket, key, bound)
      return created()
    },
  }
}
