import { storeKey } from '../../store/store.ts'
import type { ResourceDefinition } from '../definition.ts'
import { textAnswer } from '../http/message.ts'
import type { KubeletBackend } from '../kubelet-backend.ts'
import type { Registry } from '../registry/environment.ts'
import type { Plan } from '../request.ts'
import type { Pod } from '../resources/types.ts'
import { badRequest, internalError, notFound } from '../status.ts'
import { containerOf } from './log.ts'

/**
 * pods/exec, attach and portforward: asks the pod's kubelet for a stream, and passes on what it answers instead
 * (pkg/registry/core/pod/strategy.go streamLocation; apimachinery's UpgradeAwareHandler).
 */
export const connectPlan = (
  registry: Registry,
  definition: ResourceDefinition,
  namespace: string,
  name: string,
  subresource: 'exec' | 'attach' | 'portforward',
  query: URLSearchParams,
  backend: () => KubeletBackend | undefined,
): Plan => ({
  operation: 'CONNECT',
  commit: () => {
    const pod = registry.bucketOf(definition).get(storeKey(namespace, name)) as Pod | undefined
    if (!pod) throw notFound(definition, name)
    if (subresource !== 'portforward') containerOf(pod, query.get('container') ?? '')
    if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`)
    const kubelet = backend()
    if (!kubelet) throw internalError(`no kubelet answers for node ${JSON.stringify(pod.spec.nodeName)}`)
    const { status, text } = kubelet.stream(pod)
    return textAnswer(`${text}\n`, status)
  },
})
