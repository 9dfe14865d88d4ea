import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClusterEntry, ClusterUpdate } from '../../../shared/contract/contract.ts'
import type { ClusterDelta } from '../../../shared/domain/cluster.ts'
import { Failure, failure } from '../../../shared/domain/errors.ts'
import { connectCluster } from '../../kube/connect.ts'
import type { ClusterConnection, WritableClusterConnection } from '../../kube/connection.ts'
import { expandPath, parseKubeconfig, readKubeconfig } from '../../kube/kubeconfig.ts'
import type { Log } from '../../log/log.ts'
import { contractError } from '../contract-error.ts'
import type { SettingsDatabase } from '../settings/database.ts'
import { stream } from '../stream.ts'

/** The id of the simulated homelab's own cluster. */
const SIMULATED_CLUSTER = 'homelab'

interface AddCluster {
  readonly name?: string | undefined
  readonly kubeconfig: { readonly text: string } | { readonly path: string }
  readonly context?: string | undefined
}

export interface ClustersService {
  list(): readonly ClusterEntry[]
  add(request: AddCluster): Promise<ClusterEntry>
  remove(id: string): void
  watch(id: string, signal?: AbortSignal): AsyncIterable<ClusterUpdate>
  /** For services that look into a cluster. Throws Failure (`clusterNotFound`, `kubeconfig…`). */
  connection(id: string): ClusterConnection
  /** The simulated homelab's cluster, the only one that is written to. Throws Failure (`homelabNotRunning`). */
  simulated(): WritableClusterConnection
  /** Makes the simulated homelab's cluster known. */
  setSimulated(cluster: { readonly name: string; readonly kubeconfigPath: string } | undefined): void
  dispose(): void
}

/** A real cluster as it is kept: where its kubeconfig is, never what is in it. */
interface StoredCluster {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly context: string
  readonly server: string
}

interface Cluster {
  readonly stored: StoredCluster
  readonly origin: ClusterEntry['origin']
  connection: WritableClusterConnection | undefined
  /** Why there is no connection to ask. */
  problem: Failure | undefined
}

export const clustersService = (database: SettingsDatabase, dataDir: string, log: Log): ClustersService => {
  const clusters = new Map<string, Cluster>()
  const known = (stored: StoredCluster, origin: ClusterEntry['origin']): Cluster => ({ stored, origin, connection: undefined, problem: undefined })
  for (const stored of database.list('clusters') as readonly StoredCluster[]) clusters.set(stored.id, known(stored, 'real'))

  const find = (id: string): Cluster => {
    const cluster = clusters.get(id)
    if (!cluster) throw failure('clusterNotFound', { id })
    return cluster
  }

  const connect = (cluster: Cluster): WritableClusterConnection => {
    if (cluster.connection) return cluster.connection
    try {
      cluster.connection = connectCluster(readKubeconfig(cluster.stored.path, cluster.stored.context || undefined), log)
      cluster.problem = undefined
      return cluster.connection
    } catch (error) {
      // The file may be put right: the next one who asks reads it again.
      cluster.problem = error instanceof Failure ? error : failure('internal', {})
      throw error
    }
  }

  const state = ({ connection, problem }: Cluster): ClusterEntry['connection'] => {
    const error = problem ?? (connection?.state.state === 'failed' ? connection.state.error : undefined)
    if (error) return { state: 'failed', error: contractError(error) }
    return { state: connection?.state.state === 'connected' ? 'connected' : 'connecting' }
  }

  const entry = (cluster: Cluster): ClusterEntry => ({
    id: cluster.stored.id,
    name: cluster.stored.name,
    origin: cluster.origin,
    server: cluster.connection?.server ?? cluster.stored.server,
    connection: state(cluster),
  })

  return {
    list: () => [...clusters.values()].map(entry),
    add: async request => {
      const { kubeconfig: source, context } = request
      const kubeconfig = 'path' in source ? readKubeconfig(source.path, context) : parseKubeconfig(source.text, { context })
      const name = request.name ?? kubeconfig.context
      if ([...clusters.values()].some(({ stored }) => stored.name === name)) throw failure('clusterExists', { name })
      // What cannot be reached with these credentials now is told now, in the dialog, and not kept.
      const trial = connectCluster(kubeconfig, log)
      try {
        await trial.list({ apiVersion: 'v1', kind: 'Node' })
      } finally {
        trial.dispose()
      }
      const id = randomUUID()
      let path = 'path' in source ? expandPath(source.path) : ''
      if ('text' in source) {
        mkdirSync(join(dataDir, 'clusters'), { recursive: true, mode: 0o700 })
        path = join(dataDir, 'clusters', `${id}.yaml`)
        writeFileSync(path, source.text, { mode: 0o600 })
      }
      const stored: StoredCluster = { id, name, path, context: kubeconfig.context, server: kubeconfig.server }
      database.write('clusters', id, stored)
      const cluster = known(stored, 'real')
      clusters.set(id, cluster)
      connect(cluster)
      return entry(cluster)
    },
    remove: id => {
      const cluster = find(id)
      if (cluster.origin === 'simulated') throw failure('clusterIsSimulated', {})
      database.remove('clusters', id)
      rmSync(join(dataDir, 'clusters', `${id}.yaml`), { force: true })
      clusters.delete(id)
      cluster.connection?.dispose()
    },
    watch: (id, signal) => {
      const cluster = find(id)
      return stream<ClusterUpdate>(
        signal,
        ({ push, end }) => {
          const say = () => push({ type: 'connection', entry: entry(cluster) })
          try {
            const connection = connect(cluster)
            say()
            const stops = [
              connection.onState(say),
              connection.follow({
                snapshot: summary => push({ type: 'snapshot', entry: entry(cluster), summary }),
                delta: delta => push({ type: 'delta', delta }),
              }),
            ]
            return () => {
              for (const stop of stops) stop()
            }
          } catch {
            say()
            end()
            return () => {}
          }
        },
        mergeUpdates,
      )
    },
    connection: id => connect(find(id)),
    simulated: () => {
      const cluster = clusters.get(SIMULATED_CLUSTER)
      if (!cluster) throw failure('homelabNotRunning', {})
      return connect(cluster)
    },
    setSimulated: simulated => {
      clusters.get(SIMULATED_CLUSTER)?.connection?.dispose()
      clusters.delete(SIMULATED_CLUSTER)
      if (!simulated) return
      const real = [...clusters]
      clusters.clear()
      clusters.set(
        SIMULATED_CLUSTER,
        known({ id: SIMULATED_CLUSTER, name: simulated.name, path: simulated.kubeconfigPath, context: '', server: '' }, 'simulated'),
      )
      for (const [id, cluster] of real) clusters.set(id, cluster)
    },
    dispose: () => {
      for (const cluster of clusters.values()) cluster.connection?.dispose()
    },
  }
}

const KEY = { nodes: 'name', pods: 'uid', workloads: 'uid', events: 'uid' } as const
type Kind = keyof typeof KEY

/** A window that lags gets what it missed as one delta. */
export const mergeUpdates = (waiting: ClusterUpdate, next: ClusterUpdate): ClusterUpdate | undefined => {
  if (waiting.type === 'connection' && next.type === 'connection') return next
  if (waiting.type !== 'delta' || next.type !== 'delta') return undefined
  return { type: 'delta', delta: mergeDeltas(waiting.delta, next.delta) }
}

const mergeDeltas = (first: ClusterDelta, second: ClusterDelta): ClusterDelta => {
  const upserted: Record<string, readonly unknown[]> = {}
  const removed: Record<string, readonly string[]> = {}
  for (const kind of Object.keys(KEY) as Kind[]) {
    const rows = new Map<string, unknown>()
    const gone = new Set(first.removed[kind])
    const keyOf = (row: unknown) => (row as Record<string, string>)[KEY[kind]]!
    for (const row of first.upserted[kind] ?? []) rows.set(keyOf(row), row)
    for (const key of second.removed[kind] ?? []) {
      rows.delete(key)
      gone.add(key)
    }
    for (const row of second.upserted[kind] ?? []) {
      rows.set(keyOf(row), row)
      gone.delete(keyOf(row))
    }
    if (rows.size > 0) upserted[kind] = [...rows.values()]
    if (gone.size > 0) removed[kind] = [...gone]
  }
  return { upserted, removed }
}
