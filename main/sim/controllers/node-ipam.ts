import { nodes } from '../apiserver/resources/types.ts'
import { workqueue } from '../client/workqueue.ts'
import type { Controller } from './controller.ts'

/** K3s' --cluster-cidr 10.42.0.0/16, cut into /24 for nodes. */
const PREFIX = '10.42'
const SUBNETS = 256

/** Gives every node its range of pod addresses, lowest free first (pkg/controller/nodeipam, RangeAllocator). */
export const nodeIpamController: Controller = {
  name: 'node-ipam-controller',
  account: 'node-controller',
  start: context => {
    const { client, clock } = context
    const recorder = context.recorder('cidrAllocator')
    const informer = context.informer(nodes)
    /** Subnet → node that has it. */
    const taken = new Map<string, string>()
    const subnet = (index: number) => `${PREFIX}.${index}.0/24`

    const queue = workqueue(
      clock,
      async name => {
        const node = informer.get(undefined, name)
        if (!node || node.spec.podCIDR) return
        const free = Array.from({ length: SUBNETS }, (_, index) => subnet(index)).find(cidr => !taken.has(cidr))
        if (!free) return recorder.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`)
        taken.set(free, name)
        try {
          await client.patch(nodes, undefined, name, 'strategic', { spec: { podCIDR: free, podCIDRs: [free] } })
        } catch (error) {
          taken.delete(free)
          throw error
        }
      },
      { workers: 1 },
    )

    let stopped = false
    context.whenSynced([informer] as never, () => {
      if (stopped) return
      for (const node of informer.list()) if (node.spec.podCIDR) taken.set(node.spec.podCIDR, node.metadata.name)
      informer.on({
        added: node => (node.spec.podCIDR ? void taken.set(node.spec.podCIDR, node.metadata.name) : queue.add(node.metadata.name)),
        updated: node => !node.spec.podCIDR && queue.add(node.metadata.name),
        deleted: node => node.spec.podCIDR && taken.get(node.spec.podCIDR) === node.metadata.name && taken.delete(node.spec.podCIDR),
      })
    })
    return {
      dispose: () => {
        stopped = true
        queue.dispose()
      },
    }
  },
}
