import type { Pod, Service } from '../apiserver/resources/types.ts'
import { pods, services } from '../apiserver/resources/types.ts'
import type { Informer } from '../client/informer.ts'
import { keyOf } from '../client/informer.ts'
import type { Workqueue } from '../client/workqueue.ts'
import type { ControllerContext } from './controller.ts'
import { hasEndpoint, selectsPods } from './service-endpoints.ts'
import { isReady, isTerminating } from './objects.ts'

export interface ServicePods {
  readonly services: Informer<Service>
  readonly pods: Informer<Pod>
  /** Pods that a service selects and that can be its endpoints. */
  podsOf(service: Service): Pod[]
}

const matches = (service: Service, pod: Pod): boolean =>
  selectsPods(service) && Object.entries(service.spec.selector!).every(([key, value]) => pod.metadata.labels?.[key] === value)

const sameEndpoint = (a: Pod, b: Pod): boolean =>
  a.status.podIP === b.status.podIP &&
  a.spec.nodeName === b.spec.nodeName &&
  isReady(a) === isReady(b) &&
  isTerminating(a) === isTerminating(b) &&
  hasEndpoint(a) === hasEndpoint(b)

/** Adds a service's key to the queue whenever it, or a pod that it selects or selected, changes in a way endpoints show. */
export const watchServicePods = (context: ControllerContext, queue: () => Workqueue): ServicePods => {
  const serviceInformer = context.informer(services)
  const podInformer = context.informer(pods)
  const enqueueFor = (...versions: readonly Pod[]) => {
    for (const service of serviceInformer.inNamespace(versions[0]!.metadata.namespace!))
      if (versions.some(pod => matches(service, pod))) queue().add(keyOf(service))
  }
  context.whenSynced([serviceInformer, podInformer] as never, () => {
    const enqueue = (service: Service) => queue().add(keyOf(service))
    serviceInformer.on({ added: enqueue, updated: enqueue, deleted: enqueue })
    podInformer.on({
      added: pod => hasEndpoint(pod) && enqueueFor(pod),
      updated: (pod, old) => {
        const relabelled = pod.metadata.labels !== old.metadata.labels
        if (relabelled || !sameEndpoint(pod, old)) enqueueFor(...(relabelled ? [pod, old] : [pod]))
      },
      deleted: pod => enqueueFor(pod),
    })
  })
  return {
    services: serviceInformer,
    pods: podInformer,
    podsOf: service => [...podInformer.inNamespace(service.metadata.namespace!)].filter(pod => hasEndpoint(pod) && matches(service, pod)),
  }
}
