import type { Endpoints, Pod, Service } from '../apiserver/resources/types.ts'
import { endpoints } from '../apiserver/resources/types.ts'
import { hasReason } from '../apiserver/errors.ts'
import { splitKey } from '../client/informer.ts'
import { workqueue } from '../client/workqueue.ts'
import type { Controller } from './controller.ts'
import { endpointPorts, isHeadless, selectsPods } from './service-endpoints.ts'
import { isReady, isTerminating } from './objects.ts'
import { watchServicePods } from './service-pods.ts'

/** maxCapacity of pkg/controller/endpoint. */
const MAX_ADDRESSES = 1000
const MANAGED_BY = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }
const HEADLESS = 'service.kubernetes.io/headless'
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity'

type Subset = NonNullable<Endpoints['subsets']>[number]

/** Addresses grouped by their ports, ready and not ready apart (endpoints.RepackSubsets). */
const subsetsFor = (service: Service, selected: readonly Pod[]): { readonly subsets: Subset[]; readonly truncated: boolean } => {
  const groups = new Map<string, Subset>()
  const usable = selected.filter(pod => !isTerminating(pod) || service.spec.publishNotReadyAddresses)
  for (const pod of usable.slice(0, MAX_ADDRESSES)) {
    const ports = endpointPorts(service, pod).map(({ name, ...port }) => ({ ...(name && { name }), ...port }))
    if (ports.length === 0 && !isHeadless(service)) continue
    const id = JSON.stringify(ports)
    let subset = groups.get(id)
    if (!subset) groups.set(id, (subset = { ...(ports.length > 0 && { ports }) } as Subset))
    const address = {
      ip: pod.status.podIP!,
      nodeName: pod.spec.nodeName,
      targetRef: { kind: 'Pod', name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
    }
    const list = isReady(pod) || service.spec.publishNotReadyAddresses ? (subset.addresses ??= []) : (subset.notReadyAddresses ??= [])
    list.push(address)
  }
  for (const { addresses, notReadyAddresses } of groups.values())
    for (const list of [addresses, notReadyAddresses]) list?.sort((a, b) => (a.ip < b.ip ? -1 : 1))
  return {
    subsets: [...groups.values()].map(({ addresses, notReadyAddresses, ports }) => ({
      ...(addresses && { addresses }),
      ...(notReadyAddresses && { notReadyAddresses }),
      ...(ports && { ports }),
    })),
    truncated: usable.length > MAX_ADDRESSES,
  }
}

/** Keeps the legacy Endpoints of services with a selector (pkg/controller/endpoint). */
export const endpointsController: Controller = {
  name: 'endpoints-controller',
  account: 'endpoint-controller',
  start: context => {
    const { client } = context
    const informer = context.informer(endpoints)
    const queue = workqueue(context.clock, async key => {
      const { namespace, name } = splitKey(key)
      const service = watched.services.get(namespace, name)
      const present = informer.get(namespace, name)
      try {
        if (!service) return present && (await client.delete(endpoints, namespace, name))
        if (!selectsPods(service)) return
        const { subsets, truncated } = subsetsFor(service, watched.podsOf(service))
        const labels = { ...service.metadata.labels, ...MANAGED_BY, ...(isHeadless(service) && { [HEADLESS]: '' }) }
        const annotations = truncated ? { [OVER_CAPACITY]: 'truncated' } : undefined
        const content = { metadata: { name, namespace, labels, ...(annotations && { annotations }) }, ...(subsets.length > 0 && { subsets }) }
        if (!present) return void (await client.create<Endpoints>(endpoints, { apiVersion: 'v1', kind: 'Endpoints', ...content } as never))
        if (
          JSON.stringify(present.subsets ?? []) === JSON.stringify(subsets) &&
          JSON.stringify(Object.entries(present.metadata.labels ?? {}).toSorted()) === JSON.stringify(Object.entries(labels).toSorted())
        )
          return
        const { subsets: _, ...rest } = present
        await client.update(endpoints, { ...rest, metadata: { ...present.metadata, labels }, ...(subsets.length > 0 && { subsets }) })
      } catch (error) {
        const goingAway = hasReason(error, 'Forbidden') && error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')
        if (!goingAway && !hasReason(error, 'NotFound', 'AlreadyExists')) throw error
      }
    })
    const watched = watchServicePods(context, () => queue)
    context.whenSynced([informer] as never, () => informer.on({ deleted: object => queue.add(`${object.metadata.namespace}/${object.metadata.name}`) }))
    return queue
  },
}
