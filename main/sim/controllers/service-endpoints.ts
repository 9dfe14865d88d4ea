import type { Endpoint, EndpointPort, Pod, Service } from '../apiserver/resources/types.ts'
import { isReady, isTerminating } from './objects.ts'

/** Whether a pod can stand behind a service at all: it has an address and has not finished (ShouldPodBeInEndpoints). */
export const hasEndpoint = (pod: Pod): boolean => Boolean(pod.status.podIP) && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed'

/** The number a service's target port has in one pod; undefined when the pod has no port of that name. */
const targetPort = (pod: Pod, port: NonNullable<Service['spec']['ports']>[number]): number | undefined => {
  const target = port.targetPort ?? port.port
  if (typeof target === 'number') return target
  for (const container of pod.spec.containers)
    for (const named of container.ports ?? []) if (named.name === target && (named.protocol ?? 'TCP') === (port.protocol ?? 'TCP')) return named.containerPort
  return undefined
}

/** A service's ports as they are in one pod (getEndpointPorts); a headless service may have none. */
export const endpointPorts = (service: Service, pod: Pod): EndpointPort[] =>
  (service.spec.ports ?? []).flatMap(port => {
    const number = targetPort(pod, port)
    return number === undefined
      ? []
      : [{ name: port.name ?? '', port: number, protocol: port.protocol ?? 'TCP', ...(port.appProtocol && { appProtocol: port.appProtocol }) }]
  })

/** One endpoint of an EndpointSlice (podToEndpoint). */
export const endpointOf = (service: Service, pod: Pod, zone: string | undefined): Endpoint => {
  const serving = isReady(pod)
  const terminating = isTerminating(pod)
  const { hostname, subdomain } = pod.spec
  return {
    addresses: [pod.status.podIP!],
    conditions: { ready: service.spec.publishNotReadyAddresses === true || (serving && !terminating), serving, terminating },
    ...(hostname && subdomain === service.metadata.name && { hostname }),
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
    ...(zone && { zone }),
  }
}

/** Services whose endpoints somebody else writes: without selector, or only a name for something elsewhere. */
export const selectsPods = (service: Service): boolean =>
  service.spec.type !== 'ExternalName' && service.spec.selector !== undefined && Object.keys(service.spec.selector).length > 0

export const isHeadless = (service: Service): boolean => service.spec.clusterIP === 'None'
