import type { MetricsSource, Usage } from '../apiserver/kubelet-backend.ts'
import type { Clock } from '../time/clock.ts'
import { containerUsage } from './load.ts'
import type { Runtime } from './runtime.ts'

/** A node that metrics-server scrapes. */
export interface ScrapedNode {
  readonly name: string
  readonly runtime: Runtime
  readonly labels: () => Record<string, string> | undefined
  readonly podLabels: (namespace: string, name: string) => Record<string, string> | undefined
  /** False while its kubelet does not answer. */
  readonly reachable: boolean
  /** Of the whole machine. */
  usage(): { readonly cpuMilli: number; readonly memoryBytes: number }
}

/** A container is shown after its second scrape; the resolution is 15 s. */
const FIRST_SAMPLE_MS = 20_000

const nano = ({ cpuMilli, memoryBytes }: { readonly cpuMilli: number; readonly memoryBytes: number }): Usage => ({
  cpuNano: Math.round(cpuMilli * 1e6),
  memoryBytes: Math.round(memoryBytes),
})

/** What metrics-server has scraped; values are of the last whole scrape. */
export const metricsSource = (clock: Clock, nodes: () => readonly ScrapedNode[]): MetricsSource => ({
  nodes: () =>
    nodes()
      .filter(({ reachable }) => reachable)
      .map(node => ({ name: node.name, labels: node.labels(), usage: nano(node.usage()) })),
  pods: () => {
    const scraped = Math.floor(clock.now / 15_000) * 15_000
    return nodes()
      .filter(({ reachable }) => reachable)
      .flatMap(({ runtime, podLabels }) =>
        [...runtime.sandboxes.values()].flatMap(({ namespace, name, containers }) => {
          const shown = [...containers.values()].filter(({ process }) => !process.exit && clock.now - process.startedAt >= FIRST_SAMPLE_MS)
          if (shown.length === 0) return []
          return [
            {
              namespace,
              name,
              labels: podLabels(namespace, name),
              containers: shown.map(container => ({
                name: container.name,
                usage: nano(containerUsage(container, Math.max(scraped, container.process.startedAt))),
              })),
            },
          ]
        }),
      )
  },
})
