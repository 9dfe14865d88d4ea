import { hasReason } from '../apiserver/errors.ts'
import type { Pod, PodCondition } from '../apiserver/resources/types.ts'
import { namespaces, nodes, pods, replicaSets, services } from '../apiserver/resources/types.ts'
import type { ApiClient } from '../client/client.ts'
import { informer } from '../client/informer.ts'
import { eventRecorder } from '../client/recorder.ts'
import { rfc3339 } from '../time/clock.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { cluster } from './cluster.ts'
import { schedulingCycle } from './cycle.ts'
import type { Decision } from './cycle.ts'
import { explanations } from './explanations.ts'
import type { Explanations } from './explanations.ts'
import type { Plugin } from './framework.ts'
import { cutNote } from './message.ts'
import { podInfo } from './pod-info.ts'
import type { PodInfo } from './pod-info.ts'
import { defaultBinder } from './plugins/default-binder.ts'
import { plugins as defaultPlugins } from './plugins/index.ts'
import { schedulingQueue } from './queue.ts'
import type { QueuedPod, SchedulingQueue } from './queue.ts'

export interface SchedulerOptions {
  readonly clock: Clock
  readonly random: Random
  /** Acts as `system:kube-scheduler`. */
  readonly client: ApiClient
  /** The machine it runs on; events carry it in reportingInstance. */
  readonly host: string
}

export interface Scheduler {
  /** Why pods are where they are, or wait. */
  readonly explanations: Explanations
  readonly pending: SchedulingQueue['counts']
  dispose(): void
}

const SCHEDULER_NAME = 'default-scheduler'

const isTerminal = (pod: Pod) => pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed'
const isMine = (pod: Pod) => (pod.spec.schedulerName ?? SCHEDULER_NAME) === SCHEDULER_NAME

/**
 * kube-scheduler: watches pods without a node, decides one at a time (`cycle.ts`), counts the pod on its node at once,
 * and binds in the background (pkg/scheduler/schedule_one.go). Stop it with `dispose` and start another at any time.
 */
export const startScheduler = ({ clock, random, client, host }: SchedulerOptions): Scheduler => {
  const plugins: readonly Plugin[] = [...defaultPlugins, defaultBinder(client)]
  const bind = plugins.find(plugin => plugin.bind)!.bind!
  const reserving = plugins.filter(plugin => plugin.reserve)
  const recorder = eventRecorder(clock, random.stream('events'), client, { component: SCHEDULER_NAME, host, api: 'events' })
  const informers = {
    nodes: informer(clock, client, nodes),
    pods: informer(clock, client, pods),
    services: informer(clock, client, services),
    replicaSets: informer(clock, client, replicaSets),
    namespaces: informer(clock, client, namespaces),
  }
  const state = cluster({
    services: namespace => informers.services.inNamespace(namespace),
    owner: (namespace, kind, name) => (kind === 'ReplicaSet' ? informers.replicaSets.get(namespace, name) : undefined),
    namespaceLabels: name => informers.namespaces.get(undefined, name)?.metadata.labels,
  })
  const nominations = new Map<string, Map<string, PodInfo>>()
  const nominatedTo = new Map<string, string>()
  const cycle = schedulingCycle({ cluster: state, plugins, nominations, random: random.stream('ties') })
  const reasons = explanations(() => clock.now)
  let missing = Object.keys(informers).length
  let arranged = false
  let disposed = false

  const arrange = () => {
    if (arranged || disposed) return
    arranged = true
    clock.soon(turn)
  }
  const queue = schedulingQueue(clock, plugins, arrange)

  const unnominate = (uid: string) => {
    const node = nominatedTo.get(uid)
    if (node === undefined) return
    nominatedTo.delete(uid)
    const guests = nominations.get(node)
    guests?.delete(uid)
    if (guests?.size === 0) nominations.delete(node)
  }
  const nominate = (pod: PodInfo, node: string) => {
    unnominate(pod.uid)
    nominatedTo.set(pod.uid, node)
    const guests = nominations.get(node)
    if (guests) guests.set(pod.uid, pod)
    else nominations.set(node, new Map([[pod.uid, pod]]))
  }

  const patchStatus = (pod: Pod, status: object) =>
    client.patch(pods, pod.metadata.namespace, pod.metadata.name, 'strategic', { metadata: { uid: pod.metadata.uid }, status }, 'status').catch(() => undefined)

  /** Writes PodScheduled=False and the nomination, when they say something new. */
  const tellPod = ({ pod }: PodInfo, reason: string, message: string, nominatedNodeName: string | null | undefined) => {
    const old = pod.status.conditions?.find(({ type }) => type === 'PodScheduled')
    const isNews = old?.reason !== reason || old.message !== message || old.status !== 'False'
    const renominates = nominatedNodeName !== undefined && (pod.status.nominatedNodeName ?? null) !== nominatedNodeName
    if (!isNews && !renominates) return
    const condition: PodCondition = {
      type: 'PodScheduled',
      ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
      status: 'False',
      lastProbeTime: null as never,
      lastTransitionTime: old?.status === 'False' ? old.lastTransitionTime! : rfc3339(clock.now),
      reason,
      message,
    }
    void patchStatus(pod, { ...(isNews && { conditions: [condition] }), ...(renominates && { nominatedNodeName }) })
  }

  const fail = (
    entry: QueuedPod,
    reason: 'Unschedulable' | 'SchedulerError',
    message: string,
    rejectedBy: ReadonlySet<string>,
    nominatedNodeName?: string | null,
  ) => {
    queue.failed(entry, rejectedBy, reason === 'SchedulerError')
    recorder.event(entry.pod.pod, 'Warning', 'FailedScheduling', cutNote(message), { action: 'Scheduling' })
    tellPod(entry.pod, reason, message, nominatedNodeName)
  }

  const evict = async (preemptor: PodInfo, victim: PodInfo, node: string) => {
    const { pod } = victim
    if (pod.metadata.deletionTimestamp !== undefined) return
    const message = `${SCHEDULER_NAME}: preempting to accommodate a higher priority pod`
    const condition = {
      type: 'DisruptionTarget',
      ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
      status: 'True',
      lastProbeTime: null,
      lastTransitionTime: rfc3339(clock.now),
      reason: 'PreemptionByScheduler',
      message,
    }
    await patchStatus(pod, { conditions: [condition] })
    await client.delete(pods, pod.metadata.namespace, pod.metadata.name, { preconditions: { uid: pod.metadata.uid } }).catch(() => undefined)
    recorder.event(pod, 'Normal', 'Preempted', `Preempted by pod ${preemptor.uid} on node ${node}`, { action: 'Preempting' })
  }

  const preempt = (preemptor: PodInfo, { node, victims }: NonNullable<Extract<Decision, { message: string }>['nominate']>) => {
    // Lesser pods that were promised this node have to look again.
    for (const guest of nominations.get(node)?.values() ?? []) {
      if (guest.priority >= preemptor.priority) continue
      unnominate(guest.uid)
      void patchStatus(guest.pod, { nominatedNodeName: null })
    }
    nominate(preemptor, node)
    for (const victim of victims) void evict(preemptor, victim, node)
  }

  const bindTo = async (entry: QueuedPod, node: string) => {
    const { pod } = entry.pod
    try {
      await bind(pod, node)
      if (!disposed)
        recorder.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${node}`, { action: 'Binding' })
    } catch (error) {
      if (disposed) return
      for (const plugin of reserving) plugin.unreserve?.(entry.pod, state.node(node)!)
      const isHere = state.isAssumed(pod.metadata.uid)
      state.forget(pod.metadata.uid)
      if (!isHere || hasReason(error, 'NotFound')) return
      fail(entry, 'SchedulerError', `running Bind plugin "DefaultBinder": ${(error as Error).message}`, new Set())
      queue.react({ kind: 'PodDeleted', pod })
    }
  }

  const turn = () => {
    arranged = false
    if (disposed || missing > 0) return
    const entry = queue.pop()
    if (!entry) return
    arrange()
    const { pod } = entry
    if (pod.pod.metadata.deletionTimestamp !== undefined) return
    const decision = cycle.decide(pod)
    reasons.record(pod, entry.attempts + 1, decision)
    if (decision.outcome !== 'bound') {
      if (decision.nominate) preempt(pod, decision.nominate)
      else if (decision.clearNomination) unnominate(pod.uid)
      const nominatedNodeName = decision.nominate?.node ?? (decision.clearNomination ? null : undefined)
      return fail(entry, 'Unschedulable', decision.message, decision.rejectedBy, nominatedNodeName)
    }
    unnominate(pod.uid)
    state.assume(pod, decision.node.name)
    for (const plugin of reserving) plugin.reserve!(pod, decision.node)
    void bindTo(entry, decision.node.name)
  }

  const podGone = (pod: Pod) => {
    const { uid } = pod.metadata
    const wasPlaced = Boolean(pod.spec.nodeName)
    unnominate(uid)
    queue.remove(uid)
    state.removePod(uid)
    if (wasPlaced) queue.react({ kind: 'PodDeleted', pod })
  }

  informers.nodes.on({
    added: node => {
      state.setNode(node)
      queue.react({ kind: 'NodeAdded', node })
    },
    updated: (node, old) => {
      state.setNode(node)
      queue.react({ kind: 'NodeUpdated', node, old })
    },
    deleted: node => {
      state.removeNode(node.metadata.name)
      queue.react({ kind: 'NodeDeleted', node })
    },
  })
  informers.pods.on({
    added: pod => {
      if (isTerminal(pod)) return
      if (pod.spec.nodeName) {
        state.setPod(pod)
        queue.react({ kind: 'PodAdded', pod })
      } else if (isMine(pod)) {
        queue.add(pod)
        if (pod.status.nominatedNodeName) nominate(podInfo(pod, true), pod.status.nominatedNodeName)
      }
    },
    updated: (pod, old) => {
      if (isTerminal(pod)) {
        if (!isTerminal(old)) podGone(pod)
        return
      }
      if (!pod.spec.nodeName) {
        // An assumed pod has left the queue; only its node is still to be heard of.
        if (isMine(pod) && !state.isAssumed(pod.metadata.uid)) queue.update(pod, old)
        return
      }
      state.setPod(pod)
      if (old.spec.nodeName) return queue.react({ kind: 'PodUpdated', pod, old })
      unnominate(pod.metadata.uid)
      queue.remove(pod.metadata.uid)
      queue.react({ kind: 'PodAdded', pod })
    },
    deleted: podGone,
  })
  for (const each of Object.values(informers))
    each.onSynced(() => {
      missing--
      arrange()
    })

  return {
    explanations: reasons,
    get pending() {
      return queue.counts
    },
    dispose: () => {
      disposed = true
      for (const each of Object.values(informers)) each.dispose()
      queue.dispose()
      recorder.dispose()
    },
  }
}
