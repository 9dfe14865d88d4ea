import type { NodeSummary } from '../../shared/domain/cluster.ts'

export interface Sample {
  readonly at: number
  readonly cpuMilli: number
  readonly memoryBytes: number
}

/** A sample every 15 s (metrics.k8s.io's resolution) for half an hour. */
const SAMPLES = 120
const NONE: readonly Sample[] = []

/** Past usage of each node, for sparklines. Arrays keep their identity until a sample arrives. */
export const createHistory = () => {
  const byNode = new Map<string, readonly Sample[]>()
  return {
    of: (name: string): readonly Sample[] => byNode.get(name) ?? NONE,
    add: (nodes: readonly NodeSummary[]): void => {
      for (const { name, usage } of nodes) {
        if (!usage) continue
        const samples = byNode.get(name) ?? NONE
        const at = Date.parse(usage.at)
        if (!Number.isFinite(at) || at <= (samples.at(-1)?.at ?? -Infinity)) continue
        byNode.set(name, [...samples.slice(1 - SAMPLES), { at, cpuMilli: usage.cpuMilli, memoryBytes: usage.memoryBytes }])
      }
    },
    forget: (names: readonly string[]): void => names.forEach(name => byNode.delete(name)),
  }
}
