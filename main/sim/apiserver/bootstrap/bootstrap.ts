import type { ApiClient, ResourceType } from '../../client/client.ts'
import { hasReason } from '../errors.ts'
import type { ApiServerCore } from '../core.ts'
import type { Draft, KubeObject } from '../object.ts'
import { namespaces, services } from '../resources/types.ts'

const NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'default']
/** The first address of the service range is the API server's own. */
const KUBERNETES_IP = '10.43.0.1'
const API_PORT = 6443

/** Creates what a fresh cluster holds before anybody asked for anything; what is there stays as it is. */
export const bootstrap = async (core: ApiServerCore, client: ApiClient): Promise<void> => {
  const ensure = async <T extends KubeObject>(type: ResourceType<T>, object: Draft<T>) => {
    if (!core.definition(type.group, type.version, type.resource)) return
    try {
      await client.create(type, object)
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error
    }
  }
  const meta = (name: string, more: object = {}) => ({ apiVersion: 'v1', metadata: { name, ...more } })
  for (const name of NAMESPACES) await ensure(namespaces, { ...meta(name), kind: 'Namespace' } as Draft<never>)
  await ensure(services, {
    ...meta('kubernetes', { namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } }),
    kind: 'Service',
    spec: { type: 'ClusterIP', clusterIP: KUBERNETES_IP, clusterIPs: [KUBERNETES_IP], ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: API_PORT }], sessionAffinity: 'None' },
  } as Draft<never>)
}
