import type { Pod } from '../../apiserver/resources/types.ts'
import type { Labels } from '../../client/labels.ts'
import { MAX_NODE_SCORE, rejection } from '../framework.ts'
import type { NodeFilter, NodeScorer, Plugin } from '../framework.ts'
import type { Cluster } from '../cluster.ts'
import type { NodeInfo } from '../node-info.ts'
import { podInfo, termSelects } from '../pod-info.ts'
import type { AffinityTerm, PodInfo } from '../pod-info.ts'

const NAME = 'InterPodAffinity'
const noAffinity = rejection(NAME, "node(s) didn't match pod affinity rules", true)
const antiAffinity = rejection(NAME, "node(s) didn't match pod anti-affinity rules", false)
const existingAntiAffinity = rejection(NAME, "node(s) didn't satisfy existing pods anti-affinity rules", false)

/** What an existing pod's required affinity to the incoming pod counts in scores. */
const HARD_AFFINITY_WEIGHT = 1

/** How often each topology value matched, per topology key. */
type Matches = Map<string, Map<string, number>>

const bump = (matches: Matches, key: string, labels: Labels, step: number) => {
  const value = labels[key]
  if (value === undefined) return
  let values = matches.get(key)
  if (!values) matches.set(key, (values = new Map()))
  const next = (values.get(value) ?? 0) + step
  if (next === 0) values.delete(value)
  else values.set(value, next)
  if (values.size === 0) matches.delete(key)
}

const matchesAt = (matches: Matches, key: string, labels: Labels): number => {
  const value = labels[key]
  return value === undefined ? 0 : (matches.get(key)?.get(value) ?? 0)
}

const affinityFilter = (incoming: PodInfo, cluster: Cluster): NodeFilter | undefined => {
  const { pod, affinity, antiAffinity: anti } = incoming
  if (affinity.length === 0 && anti.length === 0 && cluster.nodesWithAntiAffinity.size === 0) return undefined
  const namespaceLabels = cluster.workloads.namespaceLabels
  const ownLabels = namespaceLabels(pod.metadata.namespace!)
  const selectsAll = (terms: readonly AffinityTerm[], other: Pod) => {
    const labels = namespaceLabels(other.metadata.namespace!)
    return terms.length > 0 && terms.every(term => termSelects(term, other, labels))
  }
  const affinityMatches: Matches = new Map()
  const antiMatches: Matches = new Map()
  const existingMatches: Matches = new Map()

  const countIncoming = (other: PodInfo, labels: Labels, step: number) => {
    if (selectsAll(affinity, other.pod)) for (const term of affinity) bump(affinityMatches, term.topologyKey, labels, step)
    for (const term of anti) if (termSelects(term, other.pod, namespaceLabels(other.pod.metadata.namespace!))) bump(antiMatches, term.topologyKey, labels, step)
  }
  const countExisting = (other: PodInfo, labels: Labels, step: number) => {
    for (const term of other.antiAffinity) if (termSelects(term, pod, ownLabels)) bump(existingMatches, term.topologyKey, labels, step)
  }

  for (const node of cluster.nodesWithAntiAffinity) for (const other of node.podsWithAntiAffinity) countExisting(other, node.labels, 1)
  if (affinity.length > 0 || anti.length > 0) for (const node of cluster.nodes) for (const other of node.pods.values()) countIncoming(other, node.labels, 1)
  if (affinity.length === 0 && anti.length === 0 && existingMatches.size === 0) return undefined

  const meetsAffinity = (labels: Labels): boolean => {
    let found = true
    for (const { topologyKey } of affinity) {
      if (labels[topologyKey] === undefined) return false
      if (matchesAt(affinityMatches, topologyKey, labels) <= 0) found = false
    }
    // The first pod of a group whose affinity is to itself goes anywhere.
    return found || (affinityMatches.size === 0 && selectsAll(affinity, pod))
  }
  const move = (step: 1 | -1) => (other: PodInfo, node: NodeInfo) => {
    countExisting(other, node.labels, step)
    countIncoming(other, node.labels, step)
  }

  return {
    filter: ({ labels }) => {
      if (affinity.length > 0 && !meetsAffinity(labels)) return noAffinity
      if (antiMatches.size > 0) for (const { topologyKey } of anti) if (matchesAt(antiMatches, topologyKey, labels) > 0) return antiAffinity
      for (const key of existingMatches.keys()) if (matchesAt(existingMatches, key, labels) > 0) return existingAntiAffinity
      return undefined
    },
    added: move(1),
    removed: move(-1),
  }
}

const affinityScorer = (incoming: PodInfo, cluster: Cluster): NodeScorer | undefined => {
  const { pod, preferredAffinity, preferredAntiAffinity } = incoming
  const hasPreferences = preferredAffinity.length > 0 || preferredAntiAffinity.length > 0
  if (!hasPreferences && cluster.nodesWithAffinity.size === 0) return undefined
  const namespaceLabels = cluster.workloads.namespaceLabels
  const ownLabels = namespaceLabels(pod.metadata.namespace!)
  const topologyScores = new Map<string, Map<string, number>>()
  const count = (term: AffinityTerm, selected: Pod, selectedLabels: Labels | undefined, weight: number, labels: Labels) => {
    if (!termSelects(term, selected, selectedLabels)) return
    const value = labels[term.topologyKey]
    if (value === undefined) return
    let values = topologyScores.get(term.topologyKey)
    if (!values) topologyScores.set(term.topologyKey, (values = new Map()))
    values.set(value, (values.get(value) ?? 0) + weight)
  }
  for (const { labels, pods, podsWithAffinity } of hasPreferences ? cluster.nodes : cluster.nodesWithAffinity)
    for (const other of hasPreferences ? pods.values() : podsWithAffinity) {
      if (hasPreferences) {
        const otherLabels = namespaceLabels(other.pod.metadata.namespace!)
        for (const term of preferredAffinity) count(term, other.pod, otherLabels, term.weight, labels)
        for (const term of preferredAntiAffinity) count(term, other.pod, otherLabels, -term.weight, labels)
      }
      for (const term of other.affinity) count(term, pod, ownLabels, HARD_AFFINITY_WEIGHT, labels)
      for (const term of other.preferredAffinity) count(term, pod, ownLabels, term.weight, labels)
      for (const term of other.preferredAntiAffinity) count(term, pod, ownLabels, -term.weight, labels)
    }
  if (topologyScores.size === 0) return undefined
  return {
    score: ({ labels }) => {
      let score = 0
      for (const [key, values] of topologyScores) score += (labels[key] !== undefined && values.get(labels[key])) || 0
      return score
    },
    normalize: scores => {
      let lowest = Infinity
      let highest = -Infinity
      for (let i = 0; i < scores.length; i++) {
        const score = scores[i]!
        if (score < lowest) lowest = score
        if (score > highest) highest = score
      }
      const range = highest - lowest
      for (let i = 0; i < scores.length; i++) scores[i] = range > 0 ? Math.trunc(MAX_NODE_SCORE * ((scores[i]! - lowest) / range)) : 0
    },
  }
}

/** Pods that want to be near, or away from, other pods. */
export const interPodAffinity: Plugin = {
  name: NAME,
  weight: 2,
  preFilter: affinityFilter,
  preScore: (pod, _nodes, cluster) => affinityScorer(pod, cluster),
  mayHelp: (event, pod) => {
    switch (event.kind) {
      case 'PodAdded':
        return pod.affinity.some(term => term.selector.matches(event.pod.metadata.labels))
      case 'PodUpdated':
        return event.pod.metadata.labels !== event.old.metadata.labels
      case 'PodDeleted':
        return (
          pod.antiAffinity.some(term => term.selector.matches(event.pod.metadata.labels)) ||
          podInfo(event.pod, false).antiAffinity.some(term => term.selector.matches(pod.pod.metadata.labels))
        )
      case 'NodeAdded':
        return true
      case 'NodeUpdated':
        return JSON.stringify(event.node.metadata.labels) !== JSON.stringify(event.old.metadata.labels)
      case 'SelfUpdated':
        return event.pod.metadata.labels !== event.old.metadata.labels
      default:
        return false
    }
  },
}
