import { nodes, type Node } from '../apiserver/resources/types.ts'
import type { ApiClient } from '../client/client.ts'
import { informer } from '../client/informer.ts'
import { workqueue } from '../client/workqueue.ts'
import type { Clock } from '../time/clock.ts'

const LAST_SUBNET = 255

/** kube-controller-manager's node IPAM (pkg/controller/nodeipam, range allocator): the first free /24 of the cluster CIDR for each node. */
export const startNodeIpam = (clock: Clock, client: ApiClient, clusterCIDR: string): { dispose(): void } => {
  const prefix = clusterCIDR.split('.').slice(0, 2).join('.')
  const nodeInformer = informer<Node>(clock, client, nodes)
  /** Given out here and not yet seen coming back. */
  const given = new Map<string, string>()
  const queue = workqueue(clock, async name => {
    const node = nodeInformer.get(undefined, name)
    if (!node || node.spec.podCIDR || node.metadata.deletionTimestamp) return
    const taken = new Set(given.values())
    for (const other of nodeInformer.list()) if (other.spec.podCIDR) taken.add(other.spec.podCIDR)
    let podCIDR = given.get(name)
    for (let subnet = 0; podCIDR === undefined && subnet <= LAST_SUBNET; subnet++) if (!taken.has(`${prefix}.${subnet}.0/24`)) podCIDR = `${prefix}.${subnet}.0/24`
    if (podCIDR === undefined) return
    given.set(name, podCIDR)
    await client.patch(nodes, undefined, name, 'merge', { spec: { podCIDR, podCIDRs: [podCIDR] } })
  }, { workers: 1 })
  const touch = (node: Node) => {
    if (!node.spec.podCIDR) queue.add(node.metadata.name)
  }
  nodeInformer.on({ added: touch, updated: touch, deleted: node => given.delete(node.metadata.name) })
  return {
    dispose: () => {
      queue.dispose()
      nodeInformer.dispose()
    },
  }
}
