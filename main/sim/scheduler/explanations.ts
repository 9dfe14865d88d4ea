import type { VirtualTime } from '../time/clock.ts'
import type { Decision } from './cycle.ts'
import type { PodInfo } from './pod-info.ts'

/** Why a pod went where it went, or nowhere: what the scheduler itself saw at that moment. */
interface Explanation {
  readonly at: VirtualTime
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly attempt: number
  readonly outcome: Decision['outcome']
  readonly node?: string
  readonly message?: string
  /** Node name to the plugin that rejected it and its reasons. */
  readonly rejections: Readonly<Record<string, { readonly plugin: string; readonly reasons: readonly string[] }>>
  /** Plugin to node to weighted score; empty when nothing was scored. */
  readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export interface Explanations {
  /** The last decision about a pod. */
  of(uid: string): Explanation | undefined
  /** Oldest first. */
  all(): Iterable<Explanation>
  record(pod: PodInfo, attempt: number, decision: Decision): void
}

/** Pods remembered, and nodes looked at per pod: a homelab is explained whole, a load test costs next to nothing. */
const MAX_PODS = 500
const MAX_NODES = 20

export const explanations = (now: () => VirtualTime): Explanations => {
  const kept = new Map<string, Explanation>()
  const rejectionsOf = (decision: Decision): Explanation['rejections'] => {
    const result: Record<string, { plugin: string; reasons: readonly string[] }> = {}
    let count = 0
    for (const [node, { plugin, reasons }] of decision.rejections) {
      if (count++ === MAX_NODES) break
      result[node.name] = { plugin, reasons }
    }
    return result
  }
  const scoresOf = (decision: Decision): Explanation['scores'] => {
    if (decision.outcome !== 'bound' || decision.feasible.length > MAX_NODES) return {}
    return Object.fromEntries(
      decision.scores.map(({ plugin, scores }) => [plugin, Object.fromEntries(decision.feasible.map((node, i) => [node.name, scores[i]!]))]),
    )
  }
  return {
    of: uid => kept.get(uid),
    all: () => kept.values(),
    record: ({ pod, uid }, attempt, decision) => {
      kept.delete(uid)
      kept.set(uid, {
        at: now(),
        namespace: pod.metadata.namespace!,
        name: pod.metadata.name,
        uid,
        attempt,
        outcome: decision.outcome,
        ...(decision.outcome === 'bound' ? { node: decision.node.name } : { message: decision.message }),
        rejections: rejectionsOf(decision),
        scores: scoresOf(decision),
      })
      if (kept.size > MAX_PODS) kept.delete(kept.keys().next().value!)
    },
  }
}
