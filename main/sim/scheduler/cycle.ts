import type { Random } from '../time/random.ts'
import type { Cluster } from './cluster.ts'
import { intersection, isRejection } from './framework.ts'
import type { NodeFilter, NodeScorer, Plugin, Rejection } from './framework.ts'
import { failureMessage, NO_NODES } from './message.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/** One plugin's part in a decision: normalised and weighted scores, one per feasible node in order. */
interface PluginScores {
  readonly plugin: string
  readonly scores: Float64Array
}

export type Decision =
  | {
      readonly outcome: 'bound'
      readonly node: NodeInfo
      readonly feasible: readonly NodeInfo[]
      readonly rejections: ReadonlyMap<NodeInfo, Rejection>
      /** Empty when only one node was feasible: then nothing is scored. */
      readonly scores: readonly PluginScores[]
      readonly totals: Float64Array
    }
  | {
      readonly outcome: 'unschedulable' | 'preempting'
      readonly message: string
      readonly rejections: ReadonlyMap<NodeInfo, Rejection>
      /** Plugins that said no: only events that interest them are worth another attempt. */
      readonly rejectedBy: ReadonlySet<string>
      readonly nominate?: { readonly node: string; readonly victims: readonly PodInfo[] }
      readonly clearNomination: boolean
    }

/** Pods that wait for a node on which victims are being removed, by node. */
type Nominations = ReadonlyMap<string, ReadonlyMap<string, PodInfo>>

export interface Cycle {
  decide(pod: PodInfo): Decision
}

export interface CycleOptions {
  readonly cluster: Cluster
  readonly plugins: readonly Plugin[]
  readonly nominations: Nominations
  readonly random: Random
  /** 0 (the default) adapts to the size of the cluster. */
  readonly percentageOfNodesToScore?: number
}

const MIN_FEASIBLE_NODES = 100
const MIN_PERCENTAGE = 5

/** How many feasible nodes are enough (schedule_one.go, numFeasibleNodesToFind). */
export const enoughNodes = (total: number, percentage = 0): number => {
  if (total < MIN_FEASIBLE_NODES) return total
  const percent = percentage === 0 ? Math.max(MIN_PERCENTAGE, 50 - Math.trunc(total / 125)) : percentage
  return percent >= 100 ? total : Math.max(MIN_FEASIBLE_NODES, Math.trunc((total * percent) / 100))
}

const NO_REJECTIONS: ReadonlyMap<NodeInfo, Rejection> = new Map()
const NO_SCORES = new Float64Array(0)

/** The scheduling cycle: from a pod to a node, or to the reasons why there is none. Changes nothing. */
export const schedulingCycle = ({ cluster, plugins, nominations, random, percentageOfNodesToScore }: CycleOptions): Cycle => {
  const preFilters = plugins.filter(plugin => plugin.preFilter)
  const preScores = plugins.filter(plugin => plugin.preScore)
  const postFilters = plugins.filter(plugin => plugin.postFilter)
  /** Where the next search begins, so that all nodes get their turn. */
  let start = 0

  const score = (pod: PodInfo, nodes: readonly NodeInfo[]): { scores: PluginScores[]; totals: Float64Array } => {
    const totals = new Float64Array(nodes.length)
    const scores: PluginScores[] = []
    for (const plugin of preScores) {
      const scorer: NodeScorer | undefined = plugin.preScore!(pod, nodes, cluster)
      if (!scorer) continue
      const own = new Float64Array(nodes.length)
      for (let i = 0; i < nodes.length; i++) own[i] = scorer.score(nodes[i]!)
      scorer.normalize?.(own, nodes)
      const weight = plugin.weight ?? 1
      for (let i = 0; i < nodes.length; i++) totals[i]! += own[i]! *= weight
      scores.push({ plugin: plugin.name, scores: own })
    }
    return { scores, totals }
  }

  /** Among the best, each with the same chance. */
  const select = (nodes: readonly NodeInfo[], totals: Float64Array): NodeInfo => {
    let best = 0
    let ties = 1
    for (let i = 1; i < nodes.length; i++) {
      if (totals[i]! > totals[best]!) {
        best = i
        ties = 1
      } else if (totals[i] === totals[best] && random.below(++ties) === 0) best = i
    }
    return nodes[best]!
  }

  const decide = (pod: PodInfo): Decision => {
    cluster.refresh()
    const total = cluster.nodes.length
    if (total === 0) return { outcome: 'unschedulable', message: NO_NODES, rejections: NO_REJECTIONS, rejectedBy: new Set(), clearNomination: false }

    const filters: NodeFilter[] = []
    let wanted: ReadonlySet<string> | undefined
    const narrowing: string[] = []
    for (const plugin of preFilters) {
      const result = plugin.preFilter!(pod, cluster)
      if (!result) continue
      if (isRejection(result))
        // Nothing was prepared for PostFilter, whose first plugin then finds its state missing and says just this.
        return {
          outcome: 'unschedulable',
          message: failureMessage({ total, preFilter: result.reasons.join(', '), rejections: NO_REJECTIONS, absent: undefined, postFilter: 'not found' }),
          rejections: NO_REJECTIONS,
          rejectedBy: new Set([plugin.name]),
          clearNomination: false,
        }
      filters.push(result)
      if (!result.nodeNames) continue
      wanted = wanted ? intersection(wanted, result.nodeNames) : result.nodeNames
      narrowing.push(plugin.name)
    }
    const absent: Rejection | undefined = wanted && {
      plugin: narrowing[0]!,
      reasons: [`node(s) didn't satisfy plugin(s) [${narrowing.toSorted().join(' ')}]`],
      unresolvable: true,
    }
    const checks = filters.flatMap(filter => filter.filter ?? [])

    const run = (node: NodeInfo): Rejection | undefined => {
      for (let i = 0; i < checks.length; i++) {
        const rejected = checks[i]!(node)
        if (rejected) return rejected
      }
      return undefined
    }
    const check = (node: NodeInfo): Rejection | undefined => {
      const guests = nominations.size > 0 && nominations.get(node.name)
      if (!guests) return run(node)
      const ahead = [...guests.values()].filter(guest => guest.uid !== pod.uid && guest.priority >= pod.priority)
      if (ahead.length === 0) return run(node)
      for (const guest of ahead) {
        cluster.put(node, guest)
        for (const filter of filters) filter.added?.(guest, node)
      }
      const rejected = run(node)
      for (const guest of ahead) {
        cluster.take(node, guest)
        for (const filter of filters) filter.removed?.(guest, node)
      }
      return rejected ?? run(node)
    }

    const nominated = pod.pod.status.nominatedNodeName ? cluster.node(pod.pod.status.nominatedNodeName) : undefined
    if (nominated && (!wanted || wanted.has(nominated.name)) && !check(nominated))
      return { outcome: 'bound', node: nominated, feasible: [nominated], rejections: NO_REJECTIONS, scores: [], totals: NO_SCORES }

    const nodes = wanted ? [...wanted].flatMap(name => cluster.node(name) ?? []) : cluster.nodes
    const enough = enoughNodes(nodes.length, percentageOfNodesToScore)
    const rejections = new Map<NodeInfo, Rejection>()
    const feasible: NodeInfo[] = []
    for (let i = 0; i < nodes.length && feasible.length < enough; i++) {
      const node = nodes[(start + i) % nodes.length]!
      const rejected = check(node)
      if (rejected) rejections.set(node, rejected)
      else feasible.push(node)
    }
    start = (start + feasible.length + rejections.size) % total

    if (feasible.length === 1) return { outcome: 'bound', node: feasible[0]!, feasible, rejections, scores: [], totals: NO_SCORES }
    if (feasible.length > 1) {
      const { scores, totals } = score(pod, feasible)
      return { outcome: 'bound', node: select(feasible, totals), feasible, rejections, scores, totals }
    }

    const rejectedBy = new Set<string>(narrowing)
    for (const rejected of rejections.values()) rejectedBy.add(rejected.plugin)
    const said: string[] = []
    let clearNomination = false
    for (const plugin of postFilters) {
      const result = plugin.postFilter!(pod, { cluster, random, rejections, absent, filters, check })
      clearNomination ||= result.clearNomination ?? false
      if (result.nominate)
        return {
          outcome: 'preempting',
          message: failureMessage({ total, rejections, absent }),
          rejections,
          rejectedBy,
          nominate: result.nominate,
          clearNomination: false,
        }
      if (result.message) said.push(result.message)
    }
    return {
      outcome: 'unschedulable',
      message: failureMessage({ total, rejections, absent, postFilter: said.join(', ') }),
      rejections,
      rejectedBy,
      clearNomination,
    }
  }

  return { decide }
}
