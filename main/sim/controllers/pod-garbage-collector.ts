import { hasReason } from '../apiserver/errors.ts'
import type { Pod } from '../apiserver/resources/types.ts'
import { nodes, pods } from '../apiserver/resources/types.ts'
import { type Cancel, rfc3339, type VirtualTime } from '../time/clock.ts'
import type { Controller } from './controller.ts'
import { isTerminating } from './objects.ts'

/** gcCheckPeriod, quarantineTime and --terminated-pod-gc-threshold of pkg/controller/podgc. */
const PERIOD_MS = 20_000
const QUARANTINE_MS = 40_000
const TERMINATED_THRESHOLD = 12_500

const isFinished = (pod: Pod): boolean => pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed'

/** Removes pods nobody else will: of nodes that are gone, never scheduled and being deleted, and too many finished ones. */
export const podGarbageCollector: Controller = {
  name: 'pod-garbage-collector-controller',
  account: 'pod-garbage-collector',
  start: context => {
    const { clock, client } = context
    const podInformer = context.informer(pods)
    const nodeInformer = context.informer(nodes)
    /** Node names that pods are bound to and that no node has, since when. */
    const missing = new Map<string, VirtualTime>()
    let timer: Cancel | undefined
    let stopped = false

    const remove = async (pod: Pod, reason?: string, message?: string): Promise<void> => {
      try {
        if (!isFinished(pod)) {
          const disruption = reason && { type: 'DisruptionTarget', status: 'True', reason, message, lastTransitionTime: rfc3339(clock.now) }
          const conditions = [
            ...(pod.status.conditions ?? []).filter(({ type }) => !reason || type !== 'DisruptionTarget'),
            ...(disruption ? [disruption] : []),
          ]
          await client.update(pods, { ...pod, status: { ...pod.status, phase: 'Failed', ...(conditions.length > 0 && { conditions }) } } as Pod, 'status')
        }
        await client.delete(pods, pod.metadata.namespace, pod.metadata.name, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } })
      } catch (error) {
        if (!hasReason(error, 'NotFound', 'Conflict')) throw error
      }
    }

    const collect = async (): Promise<void> => {
      const all = [...podInformer.list()]
      const bound = new Set(all.flatMap(pod => pod.spec.nodeName ?? []))
      for (const name of missing.keys()) if (!bound.has(name) || nodeInformer.get(undefined, name)) missing.delete(name)
      for (const name of bound) if (!nodeInformer.get(undefined, name) && !missing.has(name)) missing.set(name, clock.now)
      const finished = all.filter(isFinished).toSorted((a, b) => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp))
      for (const pod of finished.slice(0, Math.max(0, finished.length - TERMINATED_THRESHOLD))) await remove(pod)
      for (const pod of all) {
        const { nodeName } = pod.spec
        if (!nodeName) {
          if (isTerminating(pod)) await remove(pod)
          continue
        }
        const since = missing.get(nodeName)
        if (since !== undefined && clock.now - since >= QUARANTINE_MS) await remove(pod, 'DeletionByPodGC', 'PodGC: node no longer exists')
      }
    }

    const round = () => {
      void collect()
        .catch(() => {})
        .finally(() => {
          if (!stopped) timer = clock.after(PERIOD_MS, round)
        })
    }
    context.whenSynced([podInformer, nodeInformer] as never, () => {
      if (!stopped) timer = clock.after(PERIOD_MS, round)
    })
    return {
      dispose: () => {
        stopped = true
        timer?.()
      },
    }
  },
}
