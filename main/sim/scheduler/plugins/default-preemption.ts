import type { Pod } from '../../apiserver/resources/types.ts'
import { histogram } from '../message.ts'
import { rejection } from '../framework.ts'
import type { Plugin, PostFilterContext, PostFilterResult, Rejection } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'

const NAME = 'DefaultPreemption'
const noVictims = rejection(NAME, 'No preemption victims found for incoming pod', true)
const notHelpful = rejection(NAME, 'Preemption is not helpful for scheduling', true)

/** As many nodes are tried: a tenth, and at least a hundred. */
const CANDIDATE_PERCENT = 10
const MIN_CANDIDATES = 100

const startOf = (pod: PodInfo): string => (pod.pod.status.startTime as string | undefined) ?? '9999'

/** Higher priority first, then who has run longer. */
const byImportance = (a: PodInfo, b: PodInfo): number => b.priority - a.priority || (startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0)

interface Candidate {
  readonly node: NodeInfo
  /** Most important first. */
  readonly victims: readonly PodInfo[]
}

/** Takes the lesser pods off the node, then puts back whom it can, most important first. The node is as before afterwards. */
const victimsOn = (node: NodeInfo, preemptor: PodInfo, context: PostFilterContext): Candidate | Rejection => {
  const { cluster, filters, check } = context
  const remove = (pod: PodInfo) => {
    cluster.take(node, pod)
    for (const filter of filters) filter.removed?.(pod, node)
  }
  const restore = (pod: PodInfo) => {
    cluster.put(node, pod)
    for (const filter of filters) filter.added?.(pod, node)
  }
  const lesser = [...node.pods.values()].filter(pod => pod.priority < preemptor.priority)
  if (lesser.length === 0) return noVictims
  lesser.forEach(remove)
  const rejected = check(node)
  if (rejected) {
    lesser.forEach(restore)
    return rejected
  }
  const victims: PodInfo[] = []
  for (const pod of lesser.sort(byImportance)) {
    restore(pod)
    if (!check(node)) continue
    remove(pod)
    victims.push(pod)
  }
  victims.forEach(restore)
  return { node, victims }
}

const byPriority = (victims: readonly PodInfo[]) => victims[0]?.priority ?? -Infinity
const sumOfPriorities = (victims: readonly PodInfo[]) => victims.reduce((sum, pod) => sum + pod.priority + 2 ** 31, 0)
const earliestStart = (victims: readonly PodInfo[]) =>
  victims.filter(pod => pod.priority === byPriority(victims)).reduce((first, pod) => (startOf(pod) < first ? startOf(pod) : first), '9999')

/** Lowest highest-priority victim, smallest sum of priorities, fewest victims, latest start: the first criterion that decides. */
const compareCandidates = (a: Candidate, b: Candidate): number =>
  byPriority(a.victims) - byPriority(b.victims) ||
  sumOfPriorities(a.victims) - sumOfPriorities(b.victims) ||
  a.victims.length - b.victims.length ||
  (earliestStart(b.victims) < earliestStart(a.victims) ? -1 : earliestStart(b.victims) > earliestStart(a.victims) ? 1 : 0)

const isTerminatingBelow = (pod: PodInfo, priority: number) =>
  pod.priority < priority &&
  pod.pod.metadata.deletionTimestamp !== undefined &&
  pod.pod.status.conditions?.some(({ type, status, reason }) => type === 'DisruptionTarget' && status === 'True' && reason === 'PreemptionByScheduler')

const ineligible = (preemptor: Pod, priority: number, { cluster, rejections }: PostFilterContext): string | undefined => {
  if (preemptor.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const nominated = preemptor.status.nominatedNodeName && cluster.node(preemptor.status.nominatedNodeName)
  if (!nominated || rejections.get(nominated)?.unresolvable) return undefined
  for (const pod of nominated.pods.values()) if (isTerminatingBelow(pod, priority)) return 'not eligible due to a terminating pod on the nominated node.'
  return undefined
}

const preempt = (preemptor: PodInfo, context: PostFilterContext): PostFilterResult => {
  const reason = ineligible(preemptor.pod, preemptor.priority, context)
  if (reason) return { message: `preemption: ${reason}` }

  const { cluster, rejections, random } = context
  const promising: NodeInfo[] = []
  for (const [node, why] of rejections) if (!why.unresolvable) promising.push(node)
  const wanted = Math.min(promising.length, Math.max(MIN_CANDIDATES, Math.trunc((promising.length * CANDIDATE_PERCENT) / 100)))
  const offset = promising.length > 0 ? random.below(promising.length) : 0
  const candidates: Candidate[] = []
  const failures = new Map<NodeInfo, Rejection>()
  for (let i = 0; i < promising.length && candidates.length < wanted; i++) {
    const node = promising[(offset + i) % promising.length]!
    const result = victimsOn(node, preemptor, context)
    if ('victims' in result) candidates.push(result)
    else failures.set(node, result)
  }
  if (candidates.length === 0) return { message: `preemption: ${histogram(cluster.nodes.length, failures, notHelpful)}`, clearNomination: true }
  const best = candidates.reduce((chosen, candidate) => (compareCandidates(candidate, chosen) < 0 ? candidate : chosen))
  return { nominate: { node: best.node.name, victims: best.victims } }
}

/** When nothing fits, looks for a node that would fit without some pods of lower priority. */
export const defaultPreemption: Plugin = {
  name: NAME,
  postFilter: preempt,
}
