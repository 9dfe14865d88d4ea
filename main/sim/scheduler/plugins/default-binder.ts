import { pods } from '../../apiserver/resources/types.ts'
import type { ApiClient } from '../../client/client.ts'
import type { Plugin } from '../framework.ts'

/** Sends the pod to its node through the pod's `binding` subresource. */
export const defaultBinder = (client: ApiClient): Plugin => ({
  name: 'DefaultBinder',
  bind: async (pod, node) => {
    const { namespace, name, uid } = pod.metadata
    await client.post(pods, namespace, name, 'binding', {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { namespace, name, uid },
      target: { kind: 'Node', name: node },
    })
  },
})
