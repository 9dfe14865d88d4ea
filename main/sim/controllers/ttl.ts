import type { Node } from '../apiserver/resources/types.ts'
import { nodes } from '../apiserver/resources/types.ts'
import { workqueue } from '../client/workqueue.ts'
import type { Controller } from './controller.ts'

const ANNOTATION = 'node.alpha.kubernetes.io/ttl'

/** Up to so many nodes, kubelets may keep secrets and config maps this many seconds; steps overlap so that they do not flap. */
const STEPS = [
  { least: 0, most: 100, seconds: 0 },
  { least: 90, most: 500, seconds: 15 },
  { least: 450, most: 1000, seconds: 30 },
  { least: 900, most: 2000, seconds: 60 },
  { least: 1800, most: Infinity, seconds: 300 },
] as const

/** Tells kubelets by an annotation how long they may cache (pkg/controller/ttl). */
export const ttlController: Controller = {
  name: 'ttl-controller',
  start: ({ clock, client, informer, whenSynced }) => {
    const all = informer(nodes)
    let count = 0
    let step = 0
    const queue = workqueue(clock, async name => {
      const node = all.get(undefined, name)
      const seconds = String(STEPS[step]!.seconds)
      if (node && node.metadata.annotations?.[ANNOTATION] !== seconds)
        await client.patch(nodes, undefined, name, 'strategic', { metadata: { annotations: { [ANNOTATION]: seconds } } })
    })
    const look = (node: Node) => queue.add(node.metadata.name)
    const settle = () => {
      const before = step
      while (count > STEPS[step]!.most) step++
      while (count < STEPS[step]!.least) step--
      if (step !== before) for (const node of all.list()) look(node)
    }
    whenSynced([all], () =>
      all.on({
        added: node => {
          count++
          settle()
          look(node)
        },
        updated: (node, old) => node.metadata.annotations !== old.metadata.annotations && look(node),
        deleted: () => {
          count--
          settle()
        },
      }),
    )
    return queue
  },
}
