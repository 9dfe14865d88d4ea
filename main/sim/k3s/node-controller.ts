import { configMaps, nodes, type ConfigMap, type Node } from '../apiserver/resources/types.ts'
import type { ApiClient } from '../client/client.ts'
import { informer } from '../client/informer.ts'
import { workqueue } from '../client/workqueue.ts'
import type { Clock } from '../time/clock.ts'
import { SYSTEM } from './addons/addon.ts'

/** CoreDNS reads its hosts file again every 15 s; nobody misses this. */
const HOSTS_DELAY_MS = 100

export const NODE_FINALIZER = 'wrangler.cattle.io/node'

/** K3s' node controller (pkg/node/controller.go): keeps CoreDNS' NodeHosts, and lets deleted nodes go. */
export const startNodeController = (clock: Clock, client: ApiClient, log: (message: string) => void): { dispose(): void } => {
  const nodeInformer = informer<Node>(clock, client, nodes)

  const hosts = async () => {
    const entries = [...nodeInformer.list()]
      .filter(node => !node.metadata.deletionTimestamp)
      .map(node => ({ address: node.status.addresses?.find(({ type }) => type === 'InternalIP')?.address, name: node.metadata.name }))
      .filter(({ address }) => address !== undefined)
      .map(entry => ({ ...entry, order: entry.address!.split('.').reduce((value, part) => value * 256 + Number(part), 0) }))
      .toSorted((a, b) => a.order - b.order)
    const wanted = entries.map(({ address, name }) => `${address} ${name}\n`).join('')
    const current = await client.get<ConfigMap>(configMaps, SYSTEM, 'coredns')
    if (current.data?.NodeHosts === wanted) return
    await client.patch(configMaps, SYSTEM, 'coredns', 'merge', { data: { NodeHosts: wanted } })
    log(`Updated coredns node hosts entry [${entries.map(({ address, name }) => `${address} ${name}`).join(' ')}]`)
  }

  // Many nodes that come at once make one writing of the list.
  const hostsQueue = workqueue(clock, hosts, { workers: 1 })
  const queue = workqueue(
    clock,
    async key => {
      const node = nodeInformer.get(undefined, key)
      if (node?.metadata.deletionTimestamp && node.metadata.finalizers?.includes(NODE_FINALIZER))
        await client.update<Node>(nodes, {
          ...node,
          metadata: { ...node.metadata, finalizers: node.metadata.finalizers.filter(other => other !== NODE_FINALIZER) },
        })
      hostsQueue.addAfter('hosts', HOSTS_DELAY_MS)
    },
    { workers: 1 },
  )
  const touch = (node: Node) => queue.add(node.metadata.name)
  const hostsOf = (node: Node) => JSON.stringify([node.status.addresses, node.metadata.deletionTimestamp])
  nodeInformer.on({ added: touch, deleted: touch, updated: (node, old) => hostsOf(node) !== hostsOf(old) && touch(node) })
  return {
    dispose: () => {
      queue.dispose()
      hostsQueue.dispose()
      nodeInformer.dispose()
    },
  }
}
