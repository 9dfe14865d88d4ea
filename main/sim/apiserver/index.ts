import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiClient } from '../client/client.ts'
import { directClient } from '../client/direct.ts'
import { openSqliteLog } from '../store/sqlite-log.ts'
import { createStore } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'
import type { Wall } from '../time/pace.ts'
import type { Random } from '../time/random.ts'
import { createAuthenticator } from './access/authenticator.ts'
import { bootstrap } from './bootstrap/bootstrap.ts'
import { createCore } from './core.ts'
import type { ResourceDefinition } from './definition.ts'
import type { TraceRecord, User } from './request.ts'

export type { TraceRecord, TraceStage, User } from './request.ts'

export interface ApiServerOptions {
  readonly clock: Clock
  /** The host's event loop: groups writes to disk, times out connections. */
  readonly wall: Wall
  readonly random: Random
  /** Holds the store, certificates and the port; made if missing. */
  readonly dataDir: string
  readonly definitions: readonly ResourceDefinition[]
}

/** The simulated kube-apiserver with its etcd. */
export interface ApiServer {
  readonly running: boolean
  /** How often this data directory was opened, this time included. */
  readonly boot: number
  /** Begins to serve (again): creates what every cluster has, and opens the listener. */
  start(): Promise<void>
  /** Stops serving: the listener closes, watches end, clients are refused. The store stays open. */
  stop(): Promise<void>
  /** Writes what waits and closes the store, for good. */
  close(): Promise<void>
  /** A client inside the worker, as that user. */
  clientFor(user: { readonly name: string; readonly groups: readonly string[] }): ApiClient
  /** Calls back with every request from now on, as it went through the stages; returns how to stop. */
  onTrace(listener: (record: TraceRecord) => void): () => void
}

export const createApiServer = async ({ clock, wall, random, dataDir, definitions }: ApiServerOptions): Promise<ApiServer> => {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const log = openSqliteLog(join(dataDir, 'state.db'))
  const store = createStore({ log, clock, wall })
  const core = createCore({
    clock,
    wall,
    random: random.stream(`apiserver-${log.boot}`),
    store,
    definitions,
    authenticate: createAuthenticator(() => undefined),
    compacted: () => log.compacted,
  })
  const clientFor = (user: User): ApiClient => directClient(core, user.groups.includes('system:authenticated') ? user : { ...user, groups: [...user.groups, 'system:authenticated'] })

  return {
    get running() {
      return core.running
    },
    boot: log.boot,
    start: async () => {
      core.setRunning(true)
      await bootstrap(core, clientFor({ name: 'system:apiserver', groups: ['system:masters'] }))
    },
    stop: async () => core.setRunning(false),
    close: async () => {
      core.setRunning(false)
      store.close()
    },
    clientFor,
    onTrace: core.traces.subscribe,
  }
}
