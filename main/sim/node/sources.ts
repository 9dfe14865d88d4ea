import { configMaps, nodes, pods, secrets, type ConfigMap, type Node, type Pod, type Secret } from '../apiserver/resources/types.ts'
import type { ApiClient } from '../client/client.ts'
import { informer } from '../client/informer.ts'
import type { Clock } from '../time/clock.ts'
import type { PodReferences } from './environment.ts'

interface NodeListener {
  podAdded(pod: Pod): void
  podUpdated(pod: Pod): void
  podDeleted(pod: Pod): void
  nodeChanged(node: Node): void
  /** Once, when everything that was there has been told. */
  synced(): void
}

/**
 * What kubelets watch. A real kubelet watches its own node, the pods bound to it and the objects these refer to; here all
 * kubelets of the process share one watch of each kind, dispatched by node name, so that 500 nodes cost as little as one.
 */
export interface KubeletSources {
  readonly references: PodReferences
  /** Tells what is there and what comes; returns how to stop. */
  attach(nodeName: string, listener: NodeListener): () => void
  node(name: string): Node | undefined
  pod(namespace: string, name: string): Pod | undefined
  dispose(): void
}

const SYNC_POLL_MS = 100

export const kubeletSources = (clock: Clock, client: ApiClient): KubeletSources => {
  const listeners = new Map<string, NodeListener>()
  const podInformer = informer<Pod>(clock, client, pods)
  const nodeInformer = informer<Node>(clock, client, nodes)
  const configMapInformer = informer<ConfigMap>(clock, client, configMaps)
  const secretInformer = informer<Secret>(clock, client, secrets)
  const all = [podInformer, nodeInformer, configMapInformer, secretInformer]
  const listenerOf = (pod: Pod) => (pod.spec.nodeName ? listeners.get(pod.spec.nodeName) : undefined)

  podInformer.on({
    added: pod => listenerOf(pod)?.podAdded(pod),
    updated: (pod, old) => {
      const listener = listenerOf(pod)
      if (!listener) return
      if (old.spec.nodeName) listener.podUpdated(pod)
      else listener.podAdded(pod)
    },
    deleted: pod => listenerOf(pod)?.podDeleted(pod),
  })
  nodeInformer.on({
    added: node => listeners.get(node.metadata.name)?.nodeChanged(node),
    updated: node => listeners.get(node.metadata.name)?.nodeChanged(node),
  })

  return {
    references: {
      configMap: (namespace, name) => configMapInformer.get(namespace, name),
      secret: (namespace, name) => secretInformer.get(namespace, name),
    },
    attach: (nodeName, listener) => {
      const start = () => {
        if (detached) return
        if (!all.every(({ synced }) => synced)) {
          clock.after(SYNC_POLL_MS, start)
          return
        }
        listeners.set(nodeName, listener)
        const node = nodeInformer.get(undefined, nodeName)
        if (node) listener.nodeChanged(node)
        for (const pod of podInformer.list()) if (pod.spec.nodeName === nodeName) listener.podAdded(pod)
        listener.synced()
      }
      let detached = false
      start()
      return () => {
        detached = true
        if (listeners.get(nodeName) === listener) listeners.delete(nodeName)
      }
    },
    node: name => nodeInformer.get(undefined, name),
    pod: (namespace, name) => podInformer.get(namespace, name),
    dispose: () => {
      for (const one of all) one.dispose()
    },
  }
}
