import { hasReason } from '../apiserver/errors.ts'
import { daemonSets, nodes, pods, services, type DaemonSet, type Node, type Pod, type Service } from '../apiserver/resources/types.ts'
import type { ApiClient } from '../client/client.ts'
import { informer, keyOf, splitKey } from '../client/informer.ts'
import type { EventRecorder } from '../client/recorder.ts'
import { workqueue } from '../client/workqueue.ts'
import type { Clock } from '../time/clock.ts'
import { type Manifest, serviceAccount, SYSTEM, tolerations } from './addons/addon.ts'
import { ensure } from './deploy.ts'
import { K3S } from './version.ts'

const NAME_LABEL = 'svccontroller.k3s.cattle.io/svcname'
const NAMESPACE_LABEL = 'svccontroller.k3s.cattle.io/svcnamespace'
const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup'

const daemonSetName = (service: Service): string => `svclb-${service.metadata.name}-${service.metadata.uid.slice(0, 8)}`

const daemonSetFor = (service: Service): Manifest => {
  const name = daemonSetName(service)
  const labels = { app: name, [NAME_LABEL]: service.metadata.name, [NAMESPACE_LABEL]: service.metadata.namespace! }
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: SYSTEM, labels: { ...labels, 'svccontroller.k3s.cattle.io/nodeselector': 'false' } },
    spec: {
      selector: { matchLabels: { app: name } },
      updateStrategy: { type: 'RollingUpdate' },
      template: {
        metadata: { labels },
        spec: {
          priorityClassName: 'system-node-critical',
          serviceAccountName: 'svclb',
          automountServiceAccountToken: false,
          securityContext: { sysctls: [{ name: 'net.ipv4.ip_forward', value: '1' }] },
          tolerations: [tolerations[2], tolerations[1], tolerations[0]],
          containers: (service.spec.ports ?? []).map(({ port, protocol = 'TCP' }) => ({
            name: `lb-${protocol.toLowerCase()}-${port}`,
            image: K3S.images.klipperLb,
            imagePullPolicy: 'IfNotPresent',
            ports: [{ name: `lb-${protocol.toLowerCase()}-${port}`, containerPort: port, hostPort: port, protocol }],
            env: [
              { name: 'SRC_PORT', value: String(port) },
              { name: 'SRC_RANGES', value: '0.0.0.0/0' },
              { name: 'DEST_PROTO', value: protocol },
              { name: 'DEST_PORT', value: String(port) },
              { name: 'DEST_IPS', value: service.spec.clusterIP! },
            ],
            securityContext: { capabilities: { add: ['NET_ADMIN'] } },
          })),
        },
      },
    },
  }
}

const isReady = (pod: Pod) => pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
const addressOf = (node: Node | undefined) =>
  (node?.status.addresses?.find(({ type }) => type === 'ExternalIP') ?? node?.status.addresses?.find(({ type }) => type === 'InternalIP'))?.address

/** ServiceLB (k3s pkg/cloudprovider/servicelb.go): a DaemonSet for each service of type LoadBalancer, whose nodes are its addresses. */
export const startServiceLb = (clock: Clock, client: ApiClient, recorder: EventRecorder): { dispose(): void } => {
  const serviceInformer = informer<Service>(clock, client, services)
  const podInformer = informer<Pod>(clock, client, pods, { namespace: SYSTEM, labelSelector: NAME_LABEL })
  const nodeInformer = informer<Node>(clock, client, nodes)
  const daemonSetInformer = informer<DaemonSet>(clock, client, daemonSets, { namespace: SYSTEM, labelSelector: NAME_LABEL })
  const informers = [serviceInformer, podInformer, nodeInformer, daemonSetInformer]

  const withStatus = async (service: Service, ingress: readonly string[]) => {
    const old = (service.status.loadBalancer?.ingress ?? []).map(({ ip }) => ip!)
    if (old.join() === ingress.join()) return
    await client.update<Service>(
      services,
      { ...service, status: { ...service.status, loadBalancer: ingress.length > 0 ? { ingress: ingress.map(ip => ({ ip, ipMode: 'VIP' })) } : {} } },
      'status',
    )
    recorder.event(service, 'Normal', 'UpdatedLoadBalancer', `Updated LoadBalancer with new IPs: [${old.join(' ')}] -> [${ingress.join(' ')}]`)
  }

  const remove = async (service: Service) => {
    const name = daemonSetName(service)
    try {
      await client.delete(daemonSets, SYSTEM, name, { propagationPolicy: 'Background' })
      recorder.event(service, 'Normal', 'DeletedDaemonSet', `Deleted LoadBalancer DaemonSet ${SYSTEM}/${name}`)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error
    }
    if (service.metadata.finalizers?.includes(FINALIZER))
      await client.update<Service>(services, {
        ...service,
        metadata: { ...service.metadata, finalizers: service.metadata.finalizers.filter(other => other !== FINALIZER) },
      })
  }

  const queue = workqueue(clock, async key => {
    const { namespace, name } = splitKey(key)
    let service = serviceInformer.get(namespace, name)
    if (!service) return
    if (service.metadata.deletionTimestamp || service.spec.type !== 'LoadBalancer') {
      if (service.metadata.finalizers?.includes(FINALIZER)) await remove(service)
      return
    }
    if (!service.metadata.finalizers?.includes(FINALIZER))
      service = await client.update<Service>(services, {
        ...service,
        metadata: { ...service.metadata, finalizers: [...(service.metadata.finalizers ?? []), FINALIZER] },
      })
    const dsName = daemonSetName(service)
    if (!daemonSetInformer.get(SYSTEM, dsName)) {
      await ensure(client, serviceAccount('svclb'))
      await ensure(client, daemonSetFor(service))
      recorder.event(service, 'Normal', 'AppliedDaemonSet', `Applied LoadBalancer DaemonSet ${SYSTEM}/${dsName}`)
    }
    const addresses = new Set<string>()
    for (const pod of podInformer.list()) {
      if (pod.metadata.labels?.app !== dsName || !isReady(pod) || pod.metadata.deletionTimestamp) continue
      const address = addressOf(nodeInformer.get(undefined, pod.spec.nodeName!))
      if (address) addresses.add(address)
    }
    await withStatus(
      service,
      [...addresses].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })),
    )
  })
  const touch = (service: Service) => {
    if (service.spec.type === 'LoadBalancer' || service.metadata.finalizers?.includes(FINALIZER)) queue.add(keyOf(service))
  }
  const touchOwner = (pod: Pod) => queue.add(`${pod.metadata.labels![NAMESPACE_LABEL]}/${pod.metadata.labels![NAME_LABEL]}`)
  serviceInformer.on({ added: touch, updated: touch })
  podInformer.on({ added: touchOwner, updated: touchOwner, deleted: touchOwner })
  return {
    dispose: () => {
      queue.dispose()
      for (const one of informers) one.dispose()
    },
  }
}
