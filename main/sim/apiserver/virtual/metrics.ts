import { rfc3339, type Clock } from '../../time/clock.ts'
import type { MetricsSource, Usage } from '../kubelet-backend.ts'
import type { ResourceDefinition } from '../definition.ts'
import { virtualDefinition, type VirtualResource } from './virtual.ts'

const GROUP = 'metrics.k8s.io'
const VERSION = 'v1beta1'
/** metrics-server's resolution, and so the window its rates are taken over. */
const WINDOW = '15s'

const quantities = ({ cpuNano, memoryBytes }: Usage) => ({ cpu: `${Math.round(cpuNano)}n`, memory: `${Math.round(memoryBytes / 1024)}Ki` })

/** metrics-server prints no columns of its own: name and creation time, as any kind without a printer. */
const table: ResourceDefinition['table'] = {
  columns: [
    { name: 'Name', type: 'string', format: 'name', priority: 0, description: 'Name of the object' },
    { name: 'Created At', type: 'date', priority: 0, description: 'When the metrics were taken' },
  ],
  cells: object => [object.metadata.name, object.metadata.creationTimestamp],
}

/** metrics.k8s.io, as metrics-server serves it; empty while no source is set. */
export const metrics = (clock: Clock, source: () => MetricsSource | undefined): readonly VirtualResource[] => {
  const meta = (name: string, labels: Record<string, string> | undefined, namespace?: string) => ({
    name,
    ...(namespace && { namespace }),
    creationTimestamp: rfc3339(clock.now),
    ...(labels && { labels }),
  })
  const common = (kind: string) => ({ kind, apiVersion: `${GROUP}/${VERSION}` })
  const stamp = () => ({ timestamp: rfc3339(clock.now), window: WINDOW })
  const verbs = ['get', 'list']
  return [
    {
      definition: virtualDefinition(GROUP, 'NodeMetrics', { resource: 'nodes', singular: '', verbs, version: VERSION }, table),
      list: () =>
        (source()?.nodes() ?? []).map(({ name, labels, usage }) => ({
          ...common('NodeMetrics'),
          metadata: meta(name, labels),
          ...stamp(),
          usage: quantities(usage),
        })),
    },
    {
      definition: virtualDefinition(GROUP, 'PodMetrics', { resource: 'pods', singular: '', namespaced: true, verbs, version: VERSION }, table),
      list: namespace =>
        (source()?.pods() ?? [])
          .filter(pod => namespace === undefined || pod.namespace === namespace)
          .map(pod => ({
            ...common('PodMetrics'),
            metadata: meta(pod.name, pod.labels, pod.namespace),
            ...stamp(),
            containers: pod.containers.map(({ name, usage }) => ({ name, usage: quantities(usage) })),
          })),
    },
  ]
}
