import { hasReason } from '../apiserver/errors.ts'
import type { Draft } from '../apiserver/object.ts'
import type { Endpoint, EndpointPort, EndpointSlice, Pod, Service } from '../apiserver/resources/types.ts'
import { endpointSlices, nodes } from '../apiserver/resources/types.ts'
import { splitKey } from '../client/informer.ts'
import { workqueue } from '../client/workqueue.ts'
import { rfc3339 } from '../time/clock.ts'
import type { Controller } from './controller.ts'
import { endpointOf, endpointPorts, isHeadless, selectsPods } from './service-endpoints.ts'
import { controllerReference, isTerminating, podCondition } from './objects.ts'
import { watchServicePods } from './service-pods.ts'

/** --max-endpoints-per-slice. */
const MAX_ENDPOINTS = 100
const SERVICE_NAME = 'kubernetes.io/service-name'
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const MANAGER = 'endpointslice-controller.k8s.io'
const HEADLESS = 'service.kubernetes.io/headless'
const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'

const uidOf = (endpoint: Endpoint): string => endpoint.targetRef?.uid ?? ''
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** When a pod last changed in a way that its services' endpoints follow: it became ready, or not. */
const podTrigger = (pod: Pod): string => String(podCondition(pod, 'Ready')?.lastTransitionTime ?? pod.metadata.creationTimestamp)

/** Keeps the EndpointSlices of services with a selector (pkg/controller/endpointslice, k8s.io/endpointslice). */
export const endpointSliceController: Controller = {
  name: 'endpointslice-controller',
  start: context => {
    const { client, clock } = context
    const slices = context.informer(endpointSlices)
    const nodeInformer = context.informer(nodes)
    /** Change times already told of, by service. */
    const told = new Map<string, Set<string>>()

    const labelsFor = (service: Service): Record<string, string> => {
      const { [HEADLESS]: _, [SERVICE_NAME]: __, [MANAGED_BY]: ___, ...own } = service.metadata.labels ?? {}
      return { ...own, [MANAGED_BY]: MANAGER, [SERVICE_NAME]: service.metadata.name, ...(isHeadless(service) && { [HEADLESS]: '' }) }
    }

    /** The earliest change that has not been told of yet (TriggerTimeTracker). */
    const triggerTime = (key: string, service: Service, selected: readonly Pod[]): string | undefined => {
      const times = new Set([service.metadata.creationTimestamp, ...selected.map(podTrigger)])
      const known = told.get(key)
      told.set(key, times)
      return [...times].filter(time => !known?.has(time)).toSorted()[0]
    }

    const sync = async (key: string): Promise<void> => {
      const { namespace, name } = splitKey(key)
      const service = watched.services.get(namespace, name)
      // Slices of a service that is gone have lost their owner: the garbage collector's work.
      if (!service) return void told.delete(key)
      if (!selectsPods(service) || isTerminating(service)) return
      const present = [...slices.inNamespace(namespace!)].filter(
        slice => slice.metadata.labels?.[SERVICE_NAME] === name && slice.metadata.labels[MANAGED_BY] === MANAGER && !isTerminating(slice),
      )
      const selected = watched.podsOf(service)
      const trigger = triggerTime(key, service, selected)

      const groups = new Map<string, { readonly ports: EndpointPort[]; readonly endpoints: Map<string, Endpoint> }>()
      for (const pod of selected) {
        const ports = endpointPorts(service, pod)
        const id = JSON.stringify(ports)
        let group = groups.get(id)
        if (!group) groups.set(id, (group = { ports, endpoints: new Map() }))
        const zone = pod.spec.nodeName ? nodeInformer.get(undefined, pod.spec.nodeName)?.metadata.labels?.['topology.kubernetes.io/zone'] : undefined
        group.endpoints.set(pod.metadata.uid, endpointOf(service, pod, zone))
      }

      /** What each slice shall hold; endpoints stay in the slice they are in. */
      const wanted: { slice?: EndpointSlice; ports: EndpointPort[]; endpoints: Endpoint[] }[] = []
      const spare = new Set(present)
      for (const { ports, endpoints } of groups.values()) {
        const rest = new Map(endpoints)
        const own = present.filter(slice => same(slice.ports ?? [], ports))
        const filled = own.map(slice => {
          spare.delete(slice)
          const kept = (slice.endpoints ?? []).flatMap(old => {
            const fresh = rest.get(uidOf(old))
            rest.delete(uidOf(old))
            return fresh ?? []
          })
          return { slice, ports, endpoints: kept }
        })
        const left = [...rest.values()]
        for (const place of filled) place.endpoints.push(...left.splice(0, MAX_ENDPOINTS - place.endpoints.length))
        while (left.length > 0) {
          const [reused] = spare
          if (reused) spare.delete(reused)
          filled.push({ slice: reused!, ports, endpoints: left.splice(0, MAX_ENDPOINTS) })
        }
        wanted.push(...filled.filter(place => place.endpoints.length > 0))
        for (const place of filled) if (place.endpoints.length === 0) spare.add(place.slice)
      }
      // A service without endpoints still shows one empty slice.
      if (wanted.length === 0) {
        const [kept] = spare
        if (kept) spare.delete(kept)
        wanted.push({ slice: kept!, ports: [], endpoints: [] })
      }

      const labels = labelsFor(service)
      const annotations = trigger && { [TRIGGER_TIME]: rfc3339(Date.parse(trigger)) }
      for (const { slice, ports, endpoints } of wanted) {
        if (!slice) {
          const draft: Draft<EndpointSlice> = {
            apiVersion: 'discovery.k8s.io/v1',
            kind: 'EndpointSlice',
            metadata: {
              generateName: `${name}-`,
              namespace,
              labels,
              ...(annotations && { annotations }),
              ownerReferences: [controllerReference({ ...service, apiVersion: 'v1', kind: 'Service' })],
            },
            addressType: 'IPv4',
            endpoints: nullable(endpoints),
            ports: nullable(ports),
          }
          await client.create(endpointSlices, draft)
          continue
        }
        if (same(slice.endpoints ?? [], endpoints) && same(slice.ports ?? [], ports) && same(sorted(slice.metadata.labels), sorted(labels))) continue
        const { [TRIGGER_TIME]: _, ...others } = slice.metadata.annotations ?? {}
        const { annotations: __, ...metadata } = slice.metadata
        const kept = { ...others, ...annotations }
        await client.update(endpointSlices, {
          ...slice,
          metadata: { ...metadata, labels, ...(Object.keys(kept).length > 0 && { annotations: kept }) },
          endpoints: nullable(endpoints),
          ports: nullable(ports),
        })
      }
      for (const slice of spare) {
        try {
          await client.delete(endpointSlices, namespace, slice.metadata.name)
        } catch (error) {
          if (!hasReason(error, 'NotFound')) throw error
        }
      }
    }
    const queue = workqueue(clock, async key => {
      try {
        await sync(key)
      } catch (error) {
        const goingAway = hasReason(error, 'Forbidden') && error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')
        if (!goingAway) throw error
      }
    })
    const watched = watchServicePods(context, () => queue)
    context.whenSynced([slices, nodeInformer] as never, () => {
      // Slices that somebody else changed or removed are put right again.
      const again = (slice: EndpointSlice) =>
        slice.metadata.labels?.[MANAGED_BY] === MANAGER &&
        slice.metadata.labels[SERVICE_NAME] &&
        queue.add(`${slice.metadata.namespace}/${slice.metadata.labels[SERVICE_NAME]}`)
      slices.on({ deleted: again })
    })
    return queue
  },
}

/** The real controller's empty lists are nil, and show as null. */
const nullable = <T>(list: T[]): T[] => (list.length > 0 ? list : (null as unknown as T[]))

const sorted = (labels: Readonly<Record<string, string>> | undefined) => Object.entries(labels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))
