import type { ApiClient, ResourceType } from '../../client/client.ts'
import { storeKey } from '../../store/store.ts'
import type { ApiServerCore } from '../core.ts'
import type { Draft, KubeObject } from '../object.ts'
import { clusterRoleBindings, clusterRoles, namespaces, priorityClasses, services } from '../resources/types.ts'
import { bootstrapClusterRoleBindings, bootstrapClusterRoles } from './roles.ts'

const NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'default']
/** The first address of the service range is the API server's own. */
const KUBERNETES_IP = '10.43.0.1'
const API_PORT = 6443
const PRIORITIES = [
  { name: 'system-node-critical', value: 2_000_001_000, description: 'Used for system critical pods that must not be moved from their current node.' },
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
]

/** Creates what a fresh cluster holds before anybody asked for anything; what is there stays as it is. */
export const bootstrap = async (core: ApiServerCore, client: ApiClient): Promise<void> => {
  const ensure = async <T extends KubeObject>(type: ResourceType<T>, object: Draft<T>) => {
    const definition = core.definition(type.group, type.version, type.resource)
    if (!definition || core.registry.bucketOf(definition).get(storeKey(object.metadata.namespace, object.metadata.name ?? ''))) return
    await client.create(type, object)
  }
  for (const role of bootstrapClusterRoles()) await ensure(clusterRoles, role)
  for (const binding of bootstrapClusterRoleBindings()) await ensure(clusterRoleBindings, binding)
  const meta = (name: string, more: object = {}) => ({ apiVersion: 'v1', metadata: { name, ...more } })
  for (const name of NAMESPACES) await ensure(namespaces, { ...meta(name), kind: 'Namespace' } as Draft<never>)
  await ensure(services, {
    ...meta('kubernetes', { namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } }),
    kind: 'Service',
    spec: {
      type: 'ClusterIP',
      clusterIP: KUBERNETES_IP,
      clusterIPs: [KUBERNETES_IP],
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: API_PORT }],
      sessionAffinity: 'None',
    },
  } as Draft<never>)
  for (const { name, value, description } of PRIORITIES)
    await ensure(priorityClasses, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description } as Draft<never>)
}
