import type { MetricsSource } from '../apiserver/kubelet-backend.ts'
import { pods, type Pod } from '../apiserver/resources/types.ts'
import type { ApiClient } from '../client/client.ts'
import { informer } from '../client/informer.ts'
import type { Clock } from '../time/clock.ts'
import { SYSTEM } from './addons/addon.ts'

/** metrics.k8s.io is served by the pods of metrics-server: while none of them is ready, there are no metrics. */
export const startMetricsApi = (
  clock: Clock,
  client: ApiClient,
  source: MetricsSource,
  set: (source: MetricsSource | undefined) => void,
): { dispose(): void } => {
  const servers = informer<Pod>(clock, client, pods, { namespace: SYSTEM, labelSelector: 'k8s-app=metrics-server' })
  const look = () =>
    set([...servers.list()].some(pod => pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) ? source : undefined)
  servers.on({ added: look, updated: look, deleted: look })
  return {
    dispose: () => {
      servers.dispose()
      set(undefined)
    },
  }
}
