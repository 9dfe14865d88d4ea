import type { LabelSelector, Pod } from '../../apiserver/resources/types.ts'
import { NOTHING, requirementsOf, selectorOf } from '../../client/labels.ts'
import type { Labels, Selector } from '../../client/labels.ts'
import { workloadSelectors } from '../cluster.ts'
import type { Cluster, Workloads } from '../cluster.ts'
import { MAX_NODE_SCORE, rejection } from '../framework.ts'
import type { NodeFilter, NodeScorer, Plugin } from '../framework.ts'
import type { NodeInfo } from '../node-info.ts'
import { requiredNodes } from '../node-selection.ts'
import type { RequiredNodes } from '../node-selection.ts'
import { SCHEDULING_EFFECTS, untoleratedTaint } from '../tolerations.ts'

const NAME = 'PodTopologySpread'
const uneven = rejection(NAME, "node(s) didn't match pod topology spread constraints", false)
const unlabelled = rejection(NAME, "node(s) didn't match pod topology spread constraints (missing required label)", true)
const HOSTNAME = 'kubernetes.io/hostname'

interface Constraint {
  readonly topologyKey: string
  readonly maxSkew: number
  readonly minDomains: number
  readonly selector: Selector
  readonly honorAffinity: boolean
  readonly honorTaints: boolean
}

/** "System" defaulting: what pods of a Service or an owner get when they say nothing. */
const DEFAULTS: readonly { readonly topologyKey: string; readonly maxSkew: number }[] = [
  { topologyKey: HOSTNAME, maxSkew: 3 },
  { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5 },
]

const explicitConstraints = (pod: Pod, whenUnsatisfiable: string): Constraint[] =>
  (pod.spec.topologySpreadConstraints ?? [])
    .filter(constraint => constraint.whenUnsatisfiable === whenUnsatisfiable)
    .map(constraint => {
      const labels = pod.metadata.labels ?? {}
      const extra = (constraint.matchLabelKeys ?? []).filter(key => labels[key] !== undefined).map(key => ({ key, operator: 'In', values: [labels[key]!] }))
      const own = constraint.labelSelector as LabelSelector | undefined
      return {
        topologyKey: constraint.topologyKey,
        maxSkew: constraint.maxSkew,
        minDomains: constraint.minDomains ?? 1,
        selector: own === undefined ? NOTHING : selectorOf([...requirementsOf(own), ...extra]),
        honorAffinity: constraint.nodeAffinityPolicy !== 'Ignore',
        honorTaints: constraint.nodeTaintsPolicy === 'Honor',
      }
    })

const defaultConstraints = (pod: Pod, workloads: Workloads): Constraint[] => {
  const { labels, owner } = workloadSelectors(workloads, pod)
  const requirements = requirementsOf({ matchLabels: labels })
  // A ReplicationController's selector is a plain map, the others' a LabelSelector.
  if (owner)
    requirements.push(...requirementsOf(owner.kind === 'ReplicationController' ? { matchLabels: owner.spec.selector as never } : (owner.spec.selector ?? {})))
  if (requirements.length === 0) return []
  const selector = selectorOf(requirements)
  return DEFAULTS.map(({ topologyKey, maxSkew }) => ({ topologyKey, maxSkew, minDomains: 1, selector, honorAffinity: true, honorTaints: false }))
}

const hasAllKeys = (labels: Labels, constraints: readonly Constraint[]) => constraints.every(constraint => labels[constraint.topologyKey] !== undefined)

/** Do the pods on this node count for the constraint? */
const includes = (constraint: Constraint, pod: Pod, required: RequiredNodes, node: NodeInfo): boolean =>
  (!constraint.honorAffinity || required.any || required.matches(node.name, node.labels)) &&
  (!constraint.honorTaints || untoleratedTaint(node.taints, pod.spec.tolerations, SCHEDULING_EFFECTS) === undefined)

/** DoNotSchedule: no domain may get further ahead of the emptiest one than maxSkew. */
const spreadFilter = (pod: Pod, constraints: readonly Constraint[], cluster: Cluster): NodeFilter => {
  const required = requiredNodes(pod)
  const namespace = pod.metadata.namespace!
  const counts = constraints.map(() => new Map<string, number>())
  const own = constraints.map(({ selector }) => (selector.matches(pod.metadata.labels) ? 1 : 0))
  const podCounts = constraints.map(({ selector }) => cluster.podCount(namespace, selector))
  for (const node of cluster.nodes) {
    if (!hasAllKeys(node.labels, constraints)) continue
    constraints.forEach((constraint, i) => {
      if (!includes(constraint, pod, required, node)) return
      const domain = node.labels[constraint.topologyKey]!
      counts[i]!.set(domain, (counts[i]!.get(domain) ?? 0) + podCounts[i]!.on(node))
    })
  }
  const lowest = counts.map(domains => Math.min(...domains.values(), Number.MAX_SAFE_INTEGER))

  const move = (moved: Pod, node: NodeInfo, step: 1 | -1) => {
    if (moved.metadata.namespace !== namespace || moved.metadata.deletionTimestamp !== undefined || !hasAllKeys(node.labels, constraints)) return
    constraints.forEach((constraint, i) => {
      if (!constraint.selector.matches(moved.metadata.labels) || !includes(constraint, pod, required, node)) return
      const domain = node.labels[constraint.topologyKey]!
      counts[i]!.set(domain, (counts[i]!.get(domain) ?? 0) + step)
      lowest[i] = Math.min(...counts[i]!.values())
    })
  }

  return {
    filter: node => {
      for (let i = 0; i < constraints.length; i++) {
        const { topologyKey, maxSkew, minDomains } = constraints[i]!
        const domain = node.labels[topologyKey]
        if (domain === undefined) return unlabelled
        const least = counts[i]!.size < minDomains ? 0 : lowest[i]!
        if ((counts[i]!.get(domain) ?? 0) + own[i]! - least > maxSkew) return uneven
      }
      return undefined
    },
    added: ({ pod: moved }, node) => move(moved, node, 1),
    removed: ({ pod: moved }, node) => move(moved, node, -1),
  }
}

/** ScheduleAnyway: the fewer matching pods in a node's domains the better; domains weigh by the logarithm of their number. */
const spreadScorer = (pod: Pod, constraints: readonly Constraint[], nodes: readonly NodeInfo[], cluster: Cluster, needsAllKeys: boolean): NodeScorer => {
  const namespace = pod.metadata.namespace!
  const podCounts = constraints.map(({ selector }) => cluster.podCount(namespace, selector))
  const topologies = constraints.map(({ topologyKey }) => cluster.domains(topologyKey))
  /** Per constraint and domain, the pods in it; -1 for domains without a feasible node. */
  const totals = topologies.map(({ size }) => new Int32Array(size).fill(-1))
  const isIgnored = (node: NodeInfo) => needsAllKeys && !hasAllKeys(node.labels, constraints)
  const counted = needsAllKeys ? nodes.filter(node => !isIgnored(node)) : nodes
  const required = requiredNodes(pod)
  const all = cluster.nodes

  const weights = constraints.map((constraint, i) => {
    // Hosts are counted one by one when they are scored.
    if (constraint.topologyKey === HOSTNAME) return Math.log(counted.length + 2)
    const { bySlot } = topologies[i]!
    const own = totals[i]!
    const podCount = podCounts[i]!
    let size = 0
    let hasNone = false
    for (let n = 0; n < counted.length; n++) {
      const domain = bySlot[counted[n]!.slot]!
      if (domain < 0) hasNone = true
      else if (own[domain]! < 0) {
        own[domain] = 0
        size++
      }
    }
    for (let n = 0; n < all.length && size > 0; n++) {
      const node = all[n]!
      const domain = bySlot[node.slot]!
      if (domain < 0 || own[domain]! < 0) continue
      const here = podCount.on(node)
      if (here > 0 && !isIgnored(node) && includes(constraint, pod, required, node)) own[domain]! += here
    }
    // Nodes without the label are one domain more.
    return Math.log(size + (hasNone ? 1 : 0) + 2)
  })

  return {
    score: node => {
      if (isIgnored(node)) return -1
      let score = 0
      for (let i = 0; i < constraints.length; i++) {
        const { topologyKey, maxSkew } = constraints[i]!
        const domain = topologies[i]!.bySlot[node.slot]!
        if (domain < 0) continue
        const count = topologyKey === HOSTNAME ? podCounts[i]!.on(node) : totals[i]![domain]!
        score += count * weights[i]! + (maxSkew - 1)
      }
      return Math.round(score)
    },
    normalize: scores => {
      let lowest = Number.MAX_SAFE_INTEGER
      let highest = 0
      for (let i = 0; i < scores.length; i++) {
        const score = scores[i]!
        if (score < 0) continue
        if (score < lowest) lowest = score
        if (score > highest) highest = score
      }
      for (let i = 0; i < scores.length; i++) {
        const score = scores[i]!
        scores[i] = score < 0 ? 0 : highest === 0 ? MAX_NODE_SCORE : Math.trunc((MAX_NODE_SCORE * (highest + lowest - score)) / highest)
      }
    },
  }
}

/** Spreads a workload's pods over zones and hosts: topologySpreadConstraints, or the defaults where there are none. */
export const podTopologySpread: Plugin = {
  name: NAME,
  weight: 2,
  preFilter: ({ pod }, cluster) => {
    const constraints = explicitConstraints(pod, 'DoNotSchedule')
    return constraints.length > 0 ? spreadFilter(pod, constraints, cluster) : undefined
  },
  preScore: ({ pod }, nodes, cluster) => {
    const isExplicit = Boolean(pod.spec.topologySpreadConstraints?.length)
    const constraints = isExplicit ? explicitConstraints(pod, 'ScheduleAnyway') : defaultConstraints(pod, cluster.workloads)
    return constraints.length > 0 ? spreadScorer(pod, constraints, nodes, cluster, isExplicit) : undefined
  },
  mayHelp: (event, { pod }) => {
    const constraints = explicitConstraints(pod, 'DoNotSchedule')
    const selects = (other: Pod) =>
      other.metadata.namespace === pod.metadata.namespace && constraints.some(({ selector }) => selector.matches(other.metadata.labels))
    switch (event.kind) {
      case 'PodAdded':
      case 'PodDeleted':
        return selects(event.pod)
      case 'PodUpdated':
        return event.pod.metadata.labels !== event.old.metadata.labels && selects(event.pod) !== selects(event.old)
      case 'SelfUpdated':
        return event.pod.metadata.labels !== event.old.metadata.labels
      case 'NodeUpdated':
        return hasAllKeys(event.node.metadata.labels ?? {}, constraints) || hasAllKeys(event.old.metadata.labels ?? {}, constraints)
      default:
        return hasAllKeys(event.node.metadata.labels ?? {}, constraints)
    }
  },
}
