import { nodeOf } from '../access/node-authorizer.ts'
import type { Pod } from '../resources/types.ts'
import { forbidden } from '../status.ts'
import type { AdmissionPlugin } from './admission.ts'

const MIRROR = 'kubernetes.io/config.mirror'

/** A kubelet changes its own node, and the pods that run on it (plugin/noderestriction). */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  validate: ({ user, definition, plan, attributes, candidate, old }) => {
    const node = user && nodeOf(user)
    if (node === undefined || definition?.group !== '') return
    const refuse = (why: string) => {
      throw forbidden(definition, attributes.name || (candidate?.metadata.name ?? ''), why)
    }
    if (definition.resource === 'nodes') {
      const name = attributes.name || candidate?.metadata.name
      if (name !== node) refuse(`node ${JSON.stringify(node)} is not allowed to modify node ${JSON.stringify(name)}`)
    }
    if (definition.resource !== 'pods') return
    const pod = (plan.operation === 'CREATE' && !attributes.subresource ? candidate : old) as Pod | undefined
    if (!pod) return
    if (plan.operation === 'CREATE' && !attributes.subresource && pod.metadata.annotations?.[MIRROR] === undefined)
      refuse(`pod does not have ${JSON.stringify(MIRROR)} annotation, node ${JSON.stringify(node)} can only create mirror pods`)
    if (pod.spec.nodeName === node) return
    if (plan.operation === 'DELETE') refuse(`node ${JSON.stringify(node)} can only delete pods with spec.nodeName set to itself`)
    if (plan.operation === 'UPDATE') refuse(`node ${JSON.stringify(node)} can only update pod status for pods with spec.nodeName set to itself`)
    if (attributes.subresource === 'eviction') refuse(`node ${JSON.stringify(node)} can only evict pods with spec.nodeName set to itself`)
  },
}
