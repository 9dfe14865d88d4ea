import { hasReason } from '../apiserver/errors.ts'
import type { DaemonSet, Node, Pod, PodTemplateSpec, Toleration } from '../apiserver/resources/types.ts'
import { controllerRevisions, daemonSets, nodes, pods } from '../apiserver/resources/types.ts'
import { keyOf, splitKey } from '../client/informer.ts'
import { labelSelector } from '../client/labels.ts'
import { workqueue } from '../client/workqueue.ts'
import { matchesNode, requiredNodes } from '../scheduler/node-selection.ts'
import { SCHEDULING_EFFECTS, untoleratedTaint } from '../scheduler/tolerations.ts'
import type { Controller } from './controller.ts'
import { HASH_LABEL, syncHistory, trimHistory } from './daemon-set-history.ts'
import { expectations } from './expectations.ts'
import { controllerOf, isAvailable, isReady, isTerminating, scaledValue } from './objects.ts'
import { claimPods, podControl, podFromTemplate, slowStart } from './pods.ts'

type Status = DaemonSet['status']

const BURST = 250
const GENERATION_LABEL = 'pod-template-generation'
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation'
/** A failed pod is replaced at once, then after 1 s, 2 s, … up to 15 minutes. */
const FAILED_BACKOFF_MS = { first: 1000, most: 900_000 }

/** Daemons run where other pods would not be sent, and are not evicted from silent nodes. */
const daemonTolerations = (hostNetwork: boolean): Toleration[] =>
  (
    [
      ['not-ready', 'NoExecute'],
      ['unreachable', 'NoExecute'],
      ['disk-pressure', 'NoSchedule'],
      ['memory-pressure', 'NoSchedule'],
      ['pid-pressure', 'NoSchedule'],
      ['unschedulable', 'NoSchedule'],
      ...(hostNetwork ? [['network-unavailable', 'NoSchedule'] as const] : []),
    ] as const
  ).map(([key, effect]) => ({ key: `node.kubernetes.io/${key}`, operator: 'Exists', effect }))

const templateFor = (set: DaemonSet, hash: string): PodTemplateSpec => {
  const { template } = set.spec
  const added = daemonTolerations(Boolean(template.spec?.hostNetwork))
  const own = (template.spec?.tolerations ?? []).filter(({ key, effect }) => !added.some(other => other.key === key && other.effect === effect))
  const generation = set.metadata.annotations?.[GENERATION_ANNOTATION]
  return {
    ...template,
    metadata: {
      ...template.metadata,
      labels: {
        ...(template.metadata?.labels as Record<string, string>),
        [HASH_LABEL]: hash,
        ...(generation !== undefined && { [GENERATION_LABEL]: generation }),
      },
    },
    spec: { ...template.spec!, tolerations: [...own, ...added] },
  }
}

/** The pod is for this node and no other, whichever nodes the template wants. */
const templateOn = (template: PodTemplateSpec, node: string): PodTemplateSpec => {
  const spec = template.spec!
  const required = { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [node] }] }] }
  return {
    ...template,
    spec: {
      ...spec,
      affinity: { ...spec.affinity, nodeAffinity: { ...spec.affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required } },
    },
  }
}

/** The node a daemon pod is on or meant for. */
const nodeOf = (pod: Pod): string | undefined => {
  if (pod.spec.nodeName) return pod.spec.nodeName
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  for (const term of terms)
    for (const { key, operator, values } of term.matchFields ?? []) if (key === 'metadata.name' && operator === 'In' && values?.length === 1) return values[0]
  return undefined
}

/** Should a daemon be started on the node, and may one that is there stay? (daemon_controller.go, NodeShouldRunDaemonPod) */
const nodeVerdict = (set: DaemonSet, node: Node): { readonly run: boolean; readonly stay: boolean } => {
  const template = templateFor(set, '')
  const pod = { spec: template.spec! } as Pod
  if (pod.spec.nodeName && pod.spec.nodeName !== node.metadata.name) return { run: false, stay: false }
  if (!matchesNode(requiredNodes(pod), node)) return { run: false, stay: false }
  const taints = node.spec.taints ?? []
  if (!untoleratedTaint(taints, pod.spec.tolerations, SCHEDULING_EFFECTS)) return { run: true, stay: true }
  return { run: false, stay: !untoleratedTaint(taints, pod.spec.tolerations, ['NoExecute']) }
}

const byAge = (a: Pod, b: Pod): number =>
  Number(!a.spec.nodeName) - Number(!b.spec.nodeName) ||
  (a.metadata.creationTimestamp < b.metadata.creationTimestamp
    ? -1
    : a.metadata.creationTimestamp > b.metadata.creationTimestamp
      ? 1
      : a.metadata.name < b.metadata.name
        ? -1
        : 1)

/** One pod of a template on every node that wants it (pkg/controller/daemon). */
export const daemonSetController: Controller = {
  name: 'daemonset-controller',
  account: 'daemon-set-controller',
  start: context => {
    const { clock, client, podsByOwner } = context
    const recorder = context.recorder('daemonset-controller')
    const control = podControl(client, recorder)
    const sets = context.informer(daemonSets)
    const nodeInformer = context.informer(nodes)
    const podInformer = context.informer(pods)
    const revisions = context.informer(controllerRevisions)
    const expected = expectations(clock)
    const failures = new Map<string, { until: number; delay: number }>()

    const isUpdated = (set: DaemonSet, pod: Pod, hash: string) => {
      const generation = set.metadata.annotations?.[GENERATION_ANNOTATION]
      return pod.metadata.labels?.[HASH_LABEL] === hash || (generation !== undefined && pod.metadata.labels?.[GENERATION_LABEL] === generation)
    }
    const available = (set: DaemonSet, pod: Pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, clock.now)

    const daemonsByNode = async (set: DaemonSet): Promise<Map<string, Pod[]>> => {
      const isCurrent = async () => {
        const fresh = await client.get(daemonSets, set.metadata.namespace, set.metadata.name)
        return fresh.metadata.uid === set.metadata.uid && !isTerminating(fresh)
      }
      const claimed = await claimPods(client, podsByOwner, set, labelSelector(set.spec.selector), isCurrent)
      const byNode = new Map<string, Pod[]>()
      for (const pod of claimed) {
        const node = nodeOf(pod)
        if (node === undefined) continue
        const there = byNode.get(node)
        if (there) there.push(pod)
        else byNode.set(node, [pod])
      }
      return byNode
    }

    const syncNodes = async (set: DaemonSet, key: string, doomed: readonly Pod[], wanting: readonly string[], hash: string) => {
      const victims = doomed.slice(0, BURST)
      const count = Math.min(wanting.length, BURST)
      expected.expectCreations(key, count)
      expected.expectDeletions(
        key,
        victims.map(({ metadata }) => metadata.uid),
      )
      const template = templateFor(set, hash)
      const created = await slowStart(count, i => control.create(set, podFromTemplate(set, templateOn(template, wanting[i]!))))
      for (let i = created.succeeded; i < count; i++) expected.created(key)
      const results = await Promise.allSettled(
        victims.map(pod =>
          control.delete(set, pod).catch((error: unknown) => {
            expected.deleted(key, pod.metadata.uid)
            if (!hasReason(error, 'NotFound')) throw error
          }),
        ),
      )
      const failed = results.find(result => result.status === 'rejected')
      if (
        created.error !== undefined &&
        !(hasReason(created.error, 'Forbidden') && created.error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating'))
      )
        throw created.error
      if (failed) throw failed.reason
    }

    /** Finished daemons are replaced, the failing ones less and less often. */
    const replaceFinished = (set: DaemonSet, key: string, pod: Pod, node: string): boolean => {
      if (pod.status.phase === 'Failed') {
        const id = `${set.metadata.uid}/${set.status.observedGeneration}/${node}`
        const known = failures.get(id)
        if (known && known.until > clock.now) {
          queue.addAfter(key, known.until - clock.now)
          return false
        }
        const delay = known ? Math.min(2 * known.delay, FAILED_BACKOFF_MS.most) : FAILED_BACKOFF_MS.first
        failures.set(id, { delay, until: clock.now + delay })
        recorder.event(set, 'Warning', 'FailedDaemonPod', `Found failed daemon pod ${keyOf(pod)} on node ${node}, will try to kill it`)
      } else recorder.event(set, 'Normal', 'SucceededDaemonPod', `Found succeeded daemon pod ${keyOf(pod)} on node ${node}, will try to delete it`)
      return true
    }

    const allowsSurge = (set: DaemonSet) =>
      set.spec.updateStrategy?.type === 'RollingUpdate' && scaledValue(set.spec.updateStrategy.rollingUpdate?.maxSurge, 1, 'up') > 0

    const manage = async (set: DaemonSet, key: string, hash: string) => {
      const byNode = await daemonsByNode(set)
      const wanting: string[] = []
      const doomed: Pod[] = []
      for (const node of nodeInformer.list()) {
        const name = node.metadata.name
        const there = byNode.get(name)
        const { run, stay } = nodeVerdict(set, node)
        if (!there) {
          if (run) wanting.push(name)
          continue
        }
        if (!stay) {
          doomed.push(...there.filter(pod => !isTerminating(pod)))
          continue
        }
        const living: Pod[] = []
        for (const pod of there) {
          if (isTerminating(pod)) continue
          if (pod.status.phase !== 'Failed' && pod.status.phase !== 'Succeeded') living.push(pod)
          else if (replaceFinished(set, key, pod, name)) doomed.push(pod)
        }
        living.sort(byAge)
        if (!allowsSurge(set)) {
          doomed.push(...living.slice(1))
          continue
        }
        const fresh = living.filter(pod => isUpdated(set, pod, hash))
        const old = living.filter(pod => !isUpdated(set, pod, hash))
        doomed.push(...fresh.slice(1), ...old.slice(1))
        if (fresh[0] && old[0] && (!isReady(old[0]) || available(set, fresh[0]))) doomed.push(old[0])
      }
      // Daemons of nodes that are gone are the pod garbage collector's.
      await syncNodes(set, key, doomed, wanting, hash)
    }

    const rollingUpdate = async (set: DaemonSet, key: string, hash: string) => {
      const byNode = await daemonsByNode(set)
      const desired = [...nodeInformer.list()].filter(node => nodeVerdict(set, node).run).length
      const { maxUnavailable, maxSurge } = set.spec.updateStrategy?.rollingUpdate ?? {}
      const surge = scaledValue(maxSurge, desired, 'up')
      const unavailable = scaledValue(maxUnavailable, desired, 'up')
      const budget = surge > 0 ? surge : Math.max(unavailable, 1)
      const doomed: Pod[] = []
      const candidates: { readonly pod: Pod; readonly node: string }[] = []
      const certain: { readonly pod: Pod; readonly node: string }[] = []
      let busy = 0
      for (const [node, there] of byNode) {
        const living = there.filter(pod => !isTerminating(pod))
        const fresh = living.filter(pod => isUpdated(set, pod, hash))
        const old = living.filter(pod => !isUpdated(set, pod, hash))
        if (fresh.length > 1 || old.length > 1) busy++
        else if (surge > 0) {
          if (!old[0]) continue
          if (!fresh[0]) (available(set, old[0]) ? candidates : certain).push({ pod: old[0], node })
          else if (available(set, fresh[0])) doomed.push(old[0])
          else busy++
        } else if (fresh.length === old.length) busy++
        else if (fresh[0]) busy += available(set, fresh[0]) ? 0 : 1
        else (available(set, old[0]!) ? candidates : certain).push({ pod: old[0]!, node })
      }
      const next = [...certain, ...candidates.slice(0, Math.max(0, budget - busy))]
      if (surge > 0)
        await syncNodes(
          set,
          key,
          doomed,
          next.map(({ node }) => node),
          hash,
        )
      else
        await syncNodes(
          set,
          key,
          next.map(({ pod }) => pod),
          [],
          hash,
        )
    }

    const writeStatus = async (set: DaemonSet, key: string, hash: string) => {
      const byNode = await daemonsByNode(set)
      const count = { desired: 0, current: 0, misscheduled: 0, ready: 0, updated: 0, available: 0 }
      for (const node of nodeInformer.list()) {
        const there = byNode.get(node.metadata.name)
        if (!nodeVerdict(set, node).run) {
          if (there) count.misscheduled++
          continue
        }
        count.desired++
        const pod = there?.sort(byAge)[0]
        if (!pod) continue
        count.current++
        if (isReady(pod)) {
          count.ready++
          if (available(set, pod)) count.available++
        }
        if (isUpdated(set, pod, hash)) count.updated++
      }
      const missing = count.desired - count.available
      const status = {
        currentNumberScheduled: count.current,
        numberMisscheduled: count.misscheduled,
        desiredNumberScheduled: count.desired,
        numberReady: count.ready,
        observedGeneration: set.metadata.generation,
        ...(count.updated > 0 && { updatedNumberScheduled: count.updated }),
        ...(count.available > 0 && { numberAvailable: count.available }),
        ...(missing > 0 && { numberUnavailable: missing }),
        ...(set.status.collisionCount !== undefined && { collisionCount: set.status.collisionCount }),
      } as Status
      const changed = [...new Set([...Object.keys(status), ...Object.keys(set.status)])].some(
        field => status[field as keyof Status] !== set.status[field as keyof Status],
      )
      if (changed) await client.update(daemonSets, { ...set, status }, 'status')
      if ((set.spec.minReadySeconds ?? 0) > 0 && count.ready !== count.available) queue.addAfter(key, set.spec.minReadySeconds! * 1000)
      return byNode
    }

    const sync = async (key: string) => {
      const { namespace, name } = splitKey(key)
      const set = sets.get(namespace, name)
      if (!set) return expected.forget(key)
      if (isTerminating(set)) return
      const history = await syncHistory(client, revisions, set)
      const hash = history.current.metadata.labels![HASH_LABEL]!
      if (expected.satisfied(key)) {
        await manage(set, key, hash)
        if (expected.satisfied(key) && set.spec.updateStrategy?.type !== 'OnDelete') await rollingUpdate(set, key, hash)
      }
      const byNode = await writeStatus(set, key, hash)
      await trimHistory(client, set, history, new Set([...byNode.values()].flat().map(pod => pod.metadata.labels?.[HASH_LABEL])))
    }
    const queue = workqueue(clock, sync, { workers: 2 })

    const enqueue = (set: DaemonSet) => queue.add(keyOf(set))
    const enqueueOwner = (pod: Pod): string | undefined => {
      const reference = controllerOf(pod)
      if (reference?.kind !== 'DaemonSet') return undefined
      const key = `${pod.metadata.namespace}/${reference.name}`
      queue.add(key)
      return key
    }
    /** Sets whose mind about the node has changed. */
    const reconsider = (node: Node, old?: Node) => {
      for (const set of sets.list()) {
        const [before, after] = [old && nodeVerdict(set, old), nodeVerdict(set, node)]
        if (before ? before.run !== after.run || before.stay !== after.stay : after.run) enqueue(set)
      }
    }

    context.whenSynced([sets, nodeInformer, podInformer, revisions], () => {
      sets.on({ added: enqueue, updated: enqueue, deleted: enqueue })
      nodeInformer.on({
        added: node => reconsider(node),
        updated: (node, old) => {
          if (node.spec !== old.spec || node.metadata.labels !== old.metadata.labels) reconsider(node, old)
        },
        deleted: node => {
          for (const set of sets.list()) if (nodeVerdict(set, node).run) enqueue(set)
        },
      })
      podInformer.on({
        added: pod => {
          const key = enqueueOwner(pod)
          if (key !== undefined) expected.appeared(key, pod)
          if (!controllerOf(pod))
            for (const set of sets.inNamespace(pod.metadata.namespace!)) if (labelSelector(set.spec.selector).matches(pod.metadata.labels)) enqueue(set)
        },
        updated: (pod, old) => {
          if (controllerOf(old)?.uid !== controllerOf(pod)?.uid) enqueueOwner(old)
          const key = enqueueOwner(pod)
          if (key !== undefined && isTerminating(pod)) expected.deleted(key, pod.metadata.uid)
        },
        deleted: pod => {
          const key = enqueueOwner(pod)
          if (key !== undefined) expected.deleted(key, pod.metadata.uid)
        },
      })
    })
    return queue
  },
}
