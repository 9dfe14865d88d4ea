import type { Usage, WorkloadSummary } from '../../shared/domain/cluster.ts'
import type { Failure } from '../../shared/domain/errors.ts'
import type { Log } from '../log/log.ts'
import type { ObjectChange, SummaryListener } from './connection.ts'
import { milli, whole } from './quantity.ts'
import { reflect } from './reflection.ts'
import type { Requests } from './requests.ts'
import { type SummaryStore, summaryStore } from './summary-store.ts'

/** Ten deltas a second at most: faster than that nobody reads, and each costs every open window a redraw. */
const DELTA_INTERVAL_MS = 100

/** metrics-server takes a sample every 15 s. */
const METRICS_INTERVAL_MS = 15_000

/** While metrics are not served (metrics-server is absent, or still starting). */
const METRICS_ABSENT_MS = 60_000

interface NodeMetrics {
  readonly metadata: { readonly name: string }
  readonly timestamp: string
  readonly usage: { readonly cpu: string; readonly memory: string }
}

/** A later pass over a pod needs nothing of it but its identity; the informer keeps the object it told. */
const forget = ({ object }: ObjectChange) => {
  const kept = object as { spec?: unknown; status?: unknown; metadata: { managedFields?: unknown; annotations?: unknown } }
  delete kept.spec
  delete kept.status
  delete kept.metadata.managedFields
  delete kept.metadata.annotations
}

const COLLECTIONS: readonly { readonly path: string; readonly essential: boolean; apply(store: SummaryStore, change: ObjectChange): void }[] = [
  { path: '/api/v1/nodes', essential: true, apply: (store, change) => store.node(change) },
  {
    path: '/api/v1/pods',
    essential: true,
    apply: (store, change) => {
      store.pod(change)
      forget(change)
    },
  },
  ...(
    [
      ['/apis/apps/v1/deployments', 'Deployment'],
      ['/apis/apps/v1/daemonsets', 'DaemonSet'],
      ['/apis/apps/v1/statefulsets', 'StatefulSet'],
      ['/apis/batch/v1/jobs', 'Job'],
    ] as readonly (readonly [string, WorkloadSummary['kind']])[]
  ).map(([path, kind]) => ({
    path,
    essential: false,
    apply: (store: SummaryStore, change: ObjectChange) => {
      store.workload(kind, change)
      forget(change)
    },
  })),
  { path: '/api/v1/events', essential: false, apply: (store, change) => store.event(change) },
]

export interface SummaryOutcome {
  connected(): void
  failed(error: Failure): void
}

export interface Summaries {
  /** The first snapshot comes once every collection was read (or cannot be read). */
  add(listener: SummaryListener): () => void
  dispose(): void
}

/** Follows what summaries are made of, and tells the listeners batches of changes. */
export const followSummaries = (requests: Requests, server: string, outcome: SummaryOutcome, log: Log): Summaries => {
  const store = summaryStore()
  const listeners = new Set<SummaryListener>()
  const stops: (() => void)[] = []
  const unread = new Set(COLLECTIONS.map(({ path }) => path))
  const lost = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let metricsTimer: NodeJS.Timeout | undefined
  let disposed = false

  const flush = () => {
    timer = undefined
    const delta = store.takeDelta()
    if (delta) for (const listener of listeners) listener.delta(delta)
  }
  const changed = () => {
    if (unread.size === 0) timer ??= setTimeout(flush, DELTA_INTERVAL_MS)
  }
  const read = (path: string) => {
    if (!unread.delete(path) || unread.size > 0) return
    store.takeDelta()
    const snapshot = store.snapshot()
    for (const listener of listeners) listener.snapshot(snapshot)
    void pollMetrics()
  }

  const pollMetrics = async () => {
    if (disposed) return
    let served = false
    try {
      const answer = await requests.send('GET', '/apis/metrics.k8s.io/v1beta1/nodes')
      served = answer.status === 200
      if (served) {
        const { items } = JSON.parse(answer.body) as { items: readonly NodeMetrics[] }
        store.usage(
          new Map<string, Usage>(
            items.map(({ metadata, timestamp, usage }) => [metadata.name, { cpuMilli: milli(usage.cpu), memoryBytes: whole(usage.memory), at: timestamp }]),
          ),
        )
        changed()
      }
    } catch (error) {
      log.warn('metrics could not be read', { server, error })
    }
    if (disposed) return
    metricsTimer = setTimeout(() => void pollMetrics(), served ? METRICS_INTERVAL_MS : METRICS_ABSENT_MS)
    metricsTimer.unref()
  }

  for (const { path, essential, apply } of COLLECTIONS) {
    const listener = {
      change: (change: ObjectChange) => {
        apply(store, change)
        changed()
      },
      live: () => {
        lost.delete(path)
        if (lost.size === 0) outcome.connected()
        read(path)
      },
      error: (error: Failure) => {
        log.warn('a collection cannot be followed', { server, path, error: error.message })
        if (essential) {
          lost.add(path)
          outcome.failed(error)
        } else if (!error.retryable) read(path)
      },
    }
    void reflect(requests, server, path, {}, listener).then(
      stop => (disposed ? stop() : stops.push(stop)),
      error => log.error('an informer could not be made', { path, error }),
    )
  }

  return {
    add: listener => {
      listeners.add(listener)
      if (unread.size === 0) {
        // Others get the pending changes as a delta, so that the new listener's snapshot is in step with them.
        flush()
        listener.snapshot(store.snapshot())
      }
      return () => listeners.delete(listener)
    },
    dispose: () => {
      disposed = true
      clearTimeout(timer)
      clearTimeout(metricsTimer)
      for (const stop of stops) stop()
    },
  }
}
