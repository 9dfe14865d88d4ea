import type { ApiClient, ResourceType } from '../../client/client.ts'
import { storeKey } from '../../store/store.ts'
import type { ApiServerCore } from '../core.ts'
import type { Draft, KubeObject } from '../object.ts'
import { clusterRoleBindings, clusterRoles, endpoints, endpointSlices, namespaces, priorityClasses, services } from '../resources/types.ts'
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

/**
 * Creates what a fresh cluster holds before anybody asked for anything; what is there stays as it is. `address` is where
 * the API server is reached from inside the cluster; without one, its Service has no endpoints.
 */
export const bootstrap = async (core: ApiServerCore, client: ApiClient, address: string | undefined): Promise<void> => {
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
  const ports = [{ name: 'https', port: API_PORT, protocol: 'TCP' }]
  if (address !== undefined) {
    await ensure(endpoints, {
      ...meta('kubernetes', { namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }),
      kind: 'Endpoints',
      subsets: [{ addresses: [{ ip: address }], ports }],
    } as Draft<never>)
    await ensure(endpointSlices, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports,
    } as Draft<never>)
  }
  for (const { name, value, description } of PRIORITIES)
    await ensure(priorityClasses, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, description } as Draft<never>)
}
