import { hasReason } from '../apiserver/errors.ts'
import type { Node, Pod, Taint, Toleration } from '../apiserver/resources/types.ts'
import { nodes, pods } from '../apiserver/resources/types.ts'
import { keyOf } from '../client/informer.ts'
import { type Cancel, rfc3339 } from '../time/clock.ts'
import type { Controller } from './controller.ts'
import { isTerminating } from './objects.ts'

const tolerates = (toleration: Toleration, taint: Taint): boolean =>
  (!toleration.effect || toleration.effect === taint.effect) &&
  (!toleration.key || toleration.key === taint.key) &&
  (toleration.operator === 'Exists' || ((toleration.operator ?? 'Equal') === 'Equal' && (toleration.value ?? '') === (taint.value ?? '')))

/** Milliseconds a pod may stay under these NoExecute taints: 0 at once, Infinity for ever (GetMinTolerationTime). */
const tolerationTime = (pod: Pod, taints: readonly Taint[]): number => {
  let shortest = Infinity
  for (const taint of taints) {
    const matching = (pod.spec.tolerations ?? []).filter(toleration => tolerates(toleration, taint))
    if (matching.length === 0) return 0
    for (const { tolerationSeconds } of matching) if (tolerationSeconds !== undefined) shortest = Math.min(shortest, Math.max(0, tolerationSeconds * 1000))
  }
  return shortest
}

/** Deletes pods from nodes whose NoExecute taints they do not tolerate, or no longer (pkg/controller/tainteviction). */
export const taintEvictionController: Controller = {
  name: 'taint-eviction-controller',
  account: 'node-controller',
  start: context => {
    const { clock, client } = context
    const recorder = context.recorder('taint-eviction-controller')
    const nodeInformer = context.informer(nodes)
    const podInformer = context.informer(pods)
    const planned = new Map<string, { readonly cancel: Cancel; readonly due: number }>()

    const cancel = (pod: Pod, tell: boolean) => {
      const plan = planned.get(pod.metadata.uid)
      if (!plan) return
      plan.cancel()
      planned.delete(pod.metadata.uid)
      if (tell) recorder.event(pod, 'Normal', 'TaintManagerEviction', `Cancelling deletion of Pod ${keyOf(pod)}`)
    }

    const evict = async (pod: Pod): Promise<void> => {
      planned.delete(pod.metadata.uid)
      recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${keyOf(pod)}`)
      try {
        const live = podInformer.get(pod.metadata.namespace, pod.metadata.name)
        if (live?.metadata.uid !== pod.metadata.uid) return
        const disruption = {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'DeletionByTaintManager',
          message: 'Taint manager: deleting due to NoExecute taint',
          lastTransitionTime: rfc3339(clock.now),
        }
        const others = (live.status.conditions ?? []).filter(({ type }) => type !== 'DisruptionTarget')
        await client.update(pods, { ...live, status: { ...live.status, conditions: [...others, disruption] } } as Pod, 'status')
        await client.delete(pods, pod.metadata.namespace, pod.metadata.name, { preconditions: { uid: pod.metadata.uid } })
      } catch (error) {
        if (hasReason(error, 'NotFound')) return
        clock.after(1000, () => examine(pod))
      }
    }

    const examine = (pod: Pod): void => {
      const node = pod.spec.nodeName ? nodeInformer.get(undefined, pod.spec.nodeName) : undefined
      const taints = node?.spec.taints?.filter(taint => taint.effect === 'NoExecute') ?? []
      if (isTerminating(pod)) return cancel(pod, false)
      if (taints.length === 0) return cancel(pod, true)
      const time = tolerationTime(pod, taints)
      if (time === Infinity) return cancel(pod, true)
      const start = Math.min(...taints.map(taint => (taint.timeAdded ? Date.parse(taint.timeAdded) : clock.now)))
      const due = Math.max(clock.now, time === 0 ? clock.now : start + time)
      const plan = planned.get(pod.metadata.uid)
      // A plan that comes earlier stands: the clock started with the first taint.
      if (plan && plan.due <= due) return
      cancel(pod, false)
      planned.set(pod.metadata.uid, { due, cancel: clock.after(due - clock.now, () => void evict(pod)) })
    }

    const examineNode = (node: Node) => {
      for (const pod of podInformer.list()) if (pod.spec.nodeName === node.metadata.name) examine(pod)
    }
    const executes = (node: Node) =>
      (node.spec.taints ?? [])
        .filter(taint => taint.effect === 'NoExecute')
        .map(taint => `${taint.key}=${taint.value ?? ''}`)
        .join()

    let stopped = false
    context.whenSynced([nodeInformer, podInformer] as never, () => {
      if (stopped) return
      nodeInformer.on({
        added: node => executes(node) && examineNode(node),
        updated: (node, old) => node.spec.taints !== old.spec.taints && executes(node) !== executes(old) && examineNode(node),
      })
      podInformer.on({
        added: examine,
        updated: (pod, old) => {
          if (pod.spec !== old.spec || isTerminating(pod) !== isTerminating(old)) examine(pod)
        },
        deleted: pod => cancel(pod, false),
      })
    })
    return {
      dispose: () => {
        stopped = true
        for (const { cancel: stop } of planned.values()) stop()
        planned.clear()
      },
    }
  },
}
