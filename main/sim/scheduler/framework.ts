import type { Node, Pod } from '../apiserver/resources/types.ts'
import type { Random } from '../time/random.ts'
import type { Cluster } from './cluster.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'

/**
 * Why a node, or all of them, cannot take a pod. `unresolvable`: taking pods away from the node would not help.
 * Reasons are kube-scheduler's words; they are counted over the nodes in FailedScheduling.
 */
export interface Rejection {
  readonly plugin: string
  readonly reasons: readonly string[]
  readonly unresolvable: boolean
}

export const rejection = (plugin: string, reason: string, unresolvable: boolean): Rejection => ({ plugin, reasons: [reason], unresolvable })

/** What a plugin works out once per pod (PreFilter), and asks of each node (Filter). */
export interface NodeFilter {
  /** Only these nodes come into question; the others are not looked at. */
  readonly nodeNames?: ReadonlySet<string>
  /** Undefined when the node will do. */
  readonly filter?: (node: NodeInfo) => Rejection | undefined
  /** For what-if questions: `pod` has been put on (taken off) `node`. Needed when PreFilter counted pods. */
  readonly added?: (pod: PodInfo, node: NodeInfo) => void
  readonly removed?: (pod: PodInfo, node: NodeInfo) => void
}

/** What a plugin works out once per pod over the feasible nodes (PreScore), then per node (Score), then over all scores. */
export interface NodeScorer {
  readonly score: (node: NodeInfo) => number
  /** NormalizeScore: brings `scores` (one per feasible node, in order) into 0…100, in place. */
  readonly normalize?: (scores: Float64Array, nodes: readonly NodeInfo[]) => void
}

/** Something that happened in the cluster and may let a waiting pod be placed. */
export type ClusterEvent =
  | { readonly kind: 'NodeAdded'; readonly node: Node }
  | { readonly kind: 'NodeUpdated'; readonly node: Node; readonly old: Node }
  | { readonly kind: 'NodeDeleted'; readonly node: Node }
  | { readonly kind: 'PodAdded'; readonly pod: Pod }
  | { readonly kind: 'PodUpdated'; readonly pod: Pod; readonly old: Pod }
  | { readonly kind: 'PodDeleted'; readonly pod: Pod }
  /** The waiting pod itself was changed. */
  | { readonly kind: 'SelfUpdated'; readonly pod: Pod; readonly old: Pod }

/** Returned by PostFilter: what it has to say, and a node that will have room once its victims are gone. */
export interface PostFilterResult {
  readonly message?: string
  readonly nominate?: { readonly node: string; readonly victims: readonly PodInfo[] }
  /** The pod's earlier nomination no longer holds. */
  readonly clearNomination?: boolean
}

export interface PostFilterContext {
  readonly cluster: Cluster
  readonly random: Random
  readonly rejections: ReadonlyMap<NodeInfo, Rejection>
  /** Nodes that PreFilter left out have this in common. */
  readonly absent: Rejection | undefined
  readonly filters: readonly NodeFilter[]
  /** Runs all filters with nominated pods in mind; undefined when the pod fits. */
  readonly check: (node: NodeInfo) => Rejection | undefined
}

/**
 * A scheduler plugin: one file in `plugins/`, listed in `plugins/index.ts`. Each member is an extension point of
 * kube-scheduler's framework; a plugin has those it needs. Anything returned as undefined means "nothing to say"
 * (kube-scheduler's Skip).
 */
export interface Plugin {
  readonly name: string
  /** How much the plugin's score counts. */
  readonly weight?: number
  /** A reason to keep the pod out of the queue. */
  readonly preEnqueue?: (pod: Pod) => string | undefined
  /** Which of two waiting pods goes first: negative, zero or positive as for Array.sort. One plugin only. */
  readonly queueSort?: (a: { readonly pod: PodInfo; readonly queuedAt: number }, b: { readonly pod: PodInfo; readonly queuedAt: number }) => number
  readonly preFilter?: (pod: PodInfo, cluster: Cluster) => NodeFilter | Rejection | undefined
  readonly postFilter?: (pod: PodInfo, context: PostFilterContext) => PostFilterResult
  readonly preScore?: (pod: PodInfo, nodes: readonly NodeInfo[], cluster: Cluster) => NodeScorer | undefined
  readonly reserve?: (pod: PodInfo, node: NodeInfo) => void
  readonly unreserve?: (pod: PodInfo, node: NodeInfo) => void
  /** Sends the pod to the node; rejects when that failed. One plugin only. */
  readonly bind?: (pod: Pod, node: string) => Promise<void>
  /** Could this event make room for a pod that the plugin rejected? A plugin without it is never asked again by events. */
  readonly mayHelp?: (event: ClusterEvent, pod: PodInfo) => boolean
}

export const isRejection = (value: NodeFilter | Rejection): value is Rejection => 'reasons' in value

export const MAX_NODE_SCORE = 100

export const intersection = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): Set<T> => new Set([...a].filter(item => b.has(item)))

/** Brings scores to 0…100 of the highest; `reverse` makes the highest the worst (plugins/helper/normalize_score.go). */
export const defaultNormalize = (scores: Float64Array, reverse: boolean): void => {
  let highest = 0
  for (let i = 0; i < scores.length; i++) if (scores[i]! > highest) highest = scores[i]!
  if (highest === 0) {
    if (reverse) scores.fill(MAX_NODE_SCORE)
    return
  }
  for (let i = 0; i < scores.length; i++) {
    const share = Math.trunc((MAX_NODE_SCORE * scores[i]!) / highest)
    scores[i] = reverse ? MAX_NODE_SCORE - share : share
  }
}
