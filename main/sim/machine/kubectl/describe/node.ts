import { since } from '../../../../../shared/kubernetes/duration.ts'
import type { AnyObject, Client } from '../client.ts'
import { KubectlError, StatusError } from '../errors.ts'
import { canonicalQuantity } from '../../../apiserver/schema/quantity.ts'
import { quantity, quantityText } from './quantity.ts'
import { annotations, rfc1123, type DescribeWriter } from './writer.ts'

const ROLE = 'node-role.kubernetes.io/'

const roles = (node: AnyObject): string => {
  const found = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) =>
    key.startsWith(ROLE) ? [key.slice(ROLE.length)] : key === 'kubernetes.io/role' && value ? [value] : [],
  )
  return found.length > 0 ? [...new Set(found)].toSorted().join(',') : '<none>'
}

const leaseLines = async (writer: DescribeWriter, node: AnyObject, client: Client): Promise<void> => {
  try {
    const lease = await client.json('GET', `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${node.metadata.name}`)
    writer.line(0, 'Lease:')
    writer.line(1, `HolderIdentity:\t${lease.spec?.holderIdentity ?? '<unset>'}`)
    writer.line(1, `AcquireTime:\t${lease.spec?.acquireTime ? rfc1123(lease.spec.acquireTime) : '<unset>'}`)
    writer.line(1, `RenewTime:\t${lease.spec?.renewTime ? rfc1123(lease.spec.renewTime) : '<unset>'}`)
  } catch (error) {
    if (!(error instanceof StatusError || error instanceof KubectlError)) throw error
    writer.line(0, 'Lease:\tFailed to get lease: ' + error.message)
  }
}

/** Requests and limits of a pod: the sum of its containers, or its largest init container where that is more. */
const podResources = (pod: any, which: 'requests' | 'limits', name: string): number => {
  const of = (container: any) => quantity(container.resources?.[which]?.[name])
  const sidecars = (pod.spec.initContainers ?? []).filter((container: any) => container.restartPolicy === 'Always')
  const sum = [...pod.spec.containers, ...sidecars].reduce((total: number, container) => total + of(container), 0)
  const init = Math.max(0, ...(pod.spec.initContainers ?? []).filter((container: any) => container.restartPolicy !== 'Always').map(of))
  return Math.max(sum, init) + quantity(pod.spec.overhead?.[name])
}

const share = (value: number, of: number): number => (of === 0 ? 0 : Math.trunc((value / of) * 100))

const podTable = (writer: DescribeWriter, pods: readonly AnyObject[], allocatable: Record<string, string>, now: number): void => {
  const [cpu, memory] = [quantity(allocatable.cpu), quantity(allocatable.memory)]
  writer.line(0, `Non-terminated Pods:\t(${pods.length} in total)`)
  writer.line(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge')
  writer.line(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---')
  const cell = (pod: AnyObject, which: 'requests' | 'limits', name: string, of: number) => {
    const value = podResources(pod, which, name)
    return `${quantityText(name, value)} (${share(value, of)}%)`
  }
  for (const pod of pods)
    writer.line(
      1,
      `${pod.metadata.namespace}\t${pod.metadata.name}\t\t${cell(pod, 'requests', 'cpu', cpu)}\t${cell(pod, 'limits', 'cpu', cpu)}\t${cell(pod, 'requests', 'memory', memory)}\t${cell(pod, 'limits', 'memory', memory)}\t${since(pod.metadata.creationTimestamp, now)}`,
    )
  writer.line(0, 'Allocated resources:')
  writer.line(1, '(Total limits may be over 100 percent, i.e., overcommitted.)')
  writer.line(1, 'Resource\tRequests\tLimits')
  writer.line(1, '--------\t--------\t------')
  const names = [
    'cpu',
    'memory',
    'ephemeral-storage',
    ...Object.keys(allocatable)
      .filter(name => name.startsWith('hugepages-'))
      .toSorted(),
  ]
  for (const name of names) {
    const total = (which: 'requests' | 'limits') => {
      const value = pods.reduce((sum, pod) => sum + podResources(pod, which, name), 0)
      return `${quantityText(name, value)} (${share(value, quantity(allocatable[name]))}%)`
    }
    writer.line(1, `${name}\t${total('requests')}\t${total('limits')}`)
  }
}

/** kubectl/pkg/describe describeNode. */
export const describeNode = async (writer: DescribeWriter, node: AnyObject, client: Client, now: number): Promise<void> => {
  const { metadata, spec, status } = node as any
  writer.line(0, `Name:\t${metadata.name}`)
  writer.line(0, `Roles:\t${roles(node)}`)
  writer.map(0, 'Labels', metadata.labels)
  annotations(writer, 0, metadata.annotations)
  writer.line(0, `CreationTimestamp:\t${rfc1123(metadata.creationTimestamp)}`)
  writer.list(
    0,
    'Taints',
    (spec.taints ?? []).map((taint: any) => `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`),
  )
  writer.line(0, `Unschedulable:\t${spec.unschedulable ?? false}`)
  await leaseLines(writer, node, client)
  writer.line(0, 'Conditions:')
  writer.line(1, 'Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage')
  writer.line(1, '----\t------\t-----------------\t------------------\t------\t-------')
  for (const condition of status.conditions ?? [])
    writer.line(
      1,
      `${condition.type} \t${condition.status} \t${rfc1123(condition.lastHeartbeatTime)} \t${rfc1123(condition.lastTransitionTime)} \t${condition.reason} \t${condition.message}`,
    )
  writer.line(0, 'Addresses:')
  for (const address of status.addresses ?? []) writer.line(1, `${address.type}:\t${address.address}`)
  const list = (title: string, found: Record<string, string> | undefined) => {
    if (!found) return
    writer.line(0, `${title}:`)
    for (const name of Object.keys(found).toSorted()) writer.line(1, `${name}:\t${canonicalQuantity(found[name]!)}`)
  }
  list('Capacity', status.capacity)
  list('Allocatable', status.allocatable)
  const info = status.nodeInfo ?? {}
  writer.line(0, 'System Info:')
  writer.line(1, `Machine ID:\t${info.machineID ?? ''}`)
  writer.line(1, `System UUID:\t${info.systemUUID ?? ''}`)
  writer.line(1, `Boot ID:\t${info.bootID ?? ''}`)
  writer.line(1, `Kernel Version:\t${info.kernelVersion ?? ''}`)
  writer.line(1, `OS Image:\t${info.osImage ?? ''}`)
  writer.line(1, `Operating System:\t${info.operatingSystem ?? ''}`)
  writer.line(1, `Architecture:\t${info.architecture ?? ''}`)
  writer.line(1, `Container Runtime Version:\t${info.containerRuntimeVersion ?? ''}`)
  writer.line(1, `Kubelet Version:\t${info.kubeletVersion ?? ''}`)
  if (info.kubeProxyVersion) writer.line(1, `Kube-Proxy Version:\t${info.kubeProxyVersion}`)
  if (spec.podCIDR) writer.line(0, `PodCIDR:\t${spec.podCIDR}`)
  if (spec.podCIDRs?.length) writer.line(0, `PodCIDRs:\t${spec.podCIDRs.join(',')}`)
  if (spec.providerID) writer.line(0, `ProviderID:\t${spec.providerID}`)
  const { items } = await client.json('GET', '/api/v1/pods', {
    query: { fieldSelector: `spec.nodeName=${metadata.name},status.phase!=Failed,status.phase!=Succeeded`, limit: '500' },
  })
  podTable(writer, items, status.allocatable ?? status.capacity ?? {}, now)
}
