import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { join } from 'node:path'
import type { ApiClient } from '../client/client.ts'
import { directClient } from '../client/direct.ts'
import type { ApiEndpoint } from '../machine/machine.ts'
import { openSqliteLog } from '../store/sqlite-log.ts'
import { createStore } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'
import type { Wall } from '../time/pace.ts'
import type { Random } from '../time/random.ts'
import { createAuthenticator } from './access/authenticator.ts'
import { loadCertificates } from './access/certificates.ts'
import { writeSecretly } from './access/files.ts'
import { kubeconfig } from './access/kubeconfig.ts'
import { createTokenSigner } from './access/tokens.ts'
import { bootstrap } from './bootstrap/bootstrap.ts'
import { createCore } from './core.ts'
import { createEndpoint } from './endpoint.ts'
import type { ResourceDefinition } from './definition.ts'
import { createDiscovery } from './http/discovery.ts'
import { createHandler } from './http/handler.ts'
import { createNonResource } from './http/nonresource.ts'
import { createOpenApiPaths } from './http/openapi.ts'
import type { KubeletBackend, MetricsSource, NodeProxy } from './kubelet-backend.ts'
import { expireEvents } from './registry/expiry.ts'
import type { TraceRecord, User } from './request.ts'
import { listen, type HttpsListener } from './server.ts'
import { virtualResources } from './virtual/index.ts'

export type { MetricsSource } from './kubelet-backend.ts'
export type { TraceRecord } from './request.ts'

export interface ApiServerOptions {
  readonly clock: Clock
  /** The host's event loop: groups writes to disk, times out connections. */
  readonly wall: Wall
  readonly random: Random
  /** Holds the store, certificates and the port; made if missing. */
  readonly dataDir: string
  readonly definitions: readonly ResourceDefinition[]
  /** Names and addresses besides 127.0.0.1 that the serving certificate holds for: the server machine's. */
  readonly hosts?: readonly string[]
  /** First choice of a port on a fresh data directory; the next free one is taken, and kept. */
  readonly port?: number
  /** Told of what should not happen: faults of the simulation itself. */
  readonly onFault?: (error: unknown) => void
}

/** The simulated kube-apiserver with its etcd. State, then events, then verbs. */
export interface ApiServer {
  readonly running: boolean
  /** How often this data directory was opened, this time included. */
  readonly boot: number
  /** `https://127.0.0.1:<port>`; the same after every start. */
  readonly url: string
  /** What clients trust, as PEM: for kube-root-ca.crt and kubeconfigs. */
  readonly serverCa: string
  /** The API for programs on the simulated machines. */
  readonly endpoint: ApiEndpoint
  /** Calls back with every request from now on, as it went through the stages; returns how to stop. */
  onTrace(listener: (record: TraceRecord) => void): () => void
  /** Begins to serve (again): creates what every cluster has, and opens the listener. */
  start(): Promise<void>
  /** Stops serving: the listener closes, watches end, clients are refused. The store stays open. */
  stop(): Promise<void>
  /** Writes what waits and closes the store, for good. */
  close(): Promise<void>
  /** A client inside the worker, as that user. */
  clientFor(user: { readonly name: string; readonly groups: readonly string[] }): ApiClient
  /** kubeconfig of system:admin; `server` is where it points (default: `url`). */
  kubeconfig(server?: string): string
  /** Writes it, readable by its owner only, whole or not at all. */
  writeKubeconfig(path: string): void
  setKubeletBackend(backend: KubeletBackend | undefined): void
  setMetricsSource(source: MetricsSource | undefined): void
  setNodeProxy(proxy: NodeProxy | undefined): void
}

/** Besides the machine's own names; 10.43.0.1 is the first address of the service range. */
const HOSTS = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost', '127.0.0.1', '10.43.0.1']
const DEFAULT_PORT = 6443

/** Opens the store in `dataDir` and prepares the server; `start` makes it serve. */
export const createApiServer = async (options: ApiServerOptions): Promise<ApiServer> => {
  const { clock, wall, random, dataDir, definitions, hosts = [], onFault = () => {} } = options
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const certificatesReady = loadCertificates(dataDir, [...HOSTS, ...hosts], wall.now())
  const log = openSqliteLog(join(dataDir, 'state.db'))
  const store = createStore({ log, clock, wall })
  const draws = random.stream(`apiserver-${log.boot}`)
  const certificates = await certificatesReady
  const signer = createTokenSigner(certificates.serviceKey, clock, store, draws.stream('tokens'))
  const core = createCore({
    clock,
    wall,
    random: draws,
    store,
    definitions,
    authenticate: createAuthenticator(token => {
      const verdict = signer.check(token)
      return 'error' in verdict ? undefined : verdict.user
    }),
    compacted: () => log.compacted,
  })
  const stopExpiry = expireEvents(store, clock)
  let kubelet: KubeletBackend | undefined
  let metricsSource: MetricsSource | undefined
  let nodeProxy: NodeProxy | undefined
  let listener: HttpsListener | undefined
  const portFile = join(dataDir, 'port')
  let port = existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) || DEFAULT_PORT : (options.port ?? DEFAULT_PORT)

  const virtual = virtualResources(core, signer, () => metricsSource)
  const nonResource = createNonResource({
    discovery: createDiscovery([...definitions, ...virtual.map(({ definition }) => definition)]),
    openApi: createOpenApiPaths(definitions),
    signer,
    failing: () => (store.writable ? [] : ['etcd', 'etcd-readiness']),
    address: () => `127.0.0.1:${port}`,
  })
  const handle = createHandler({ core, wall, signer, virtual, nonResource, kubelet: () => kubelet, nodeProxy: () => nodeProxy, onFault })
  const clientFor = (user: User): ApiClient =>
    directClient(core, user.groups.includes('system:authenticated') ? user : { ...user, groups: [...user.groups, 'system:authenticated'] })
  const url = () => `https://127.0.0.1:${port}`

  const stop = async () => {
    core.setRunning(false)
    const open = listener
    listener = undefined
    await open?.close()
  }

  return {
    get running() {
      return core.running
    },
    boot: log.boot,
    get url() {
      return url()
    },
    serverCa: certificates.serverCa,
    endpoint: createEndpoint(handle, () => core.running, certificates.clientCa),
    onTrace: core.traces.subscribe,
    start: async () => {
      if (listener) return
      core.setRunning(true)
      await bootstrap(core, clientFor({ name: 'system:apiserver', groups: ['system:masters'] }), hosts.find(isIPv4))
      listener = await listen(handle, certificates, port)
      if (listener.port !== port || !existsSync(portFile)) {
        port = listener.port
        writeSecretly(portFile, `${port}\n`)
      }
    },
    stop,
    close: async () => {
      await stop()
      stopExpiry()
      store.close()
    },
    clientFor,
    kubeconfig: server => kubeconfig(server ?? url(), certificates),
    writeKubeconfig: path => writeSecretly(path, kubeconfig(url(), certificates)),
    setKubeletBackend: next => {
      kubelet = next
    },
    setMetricsSource: next => {
      metricsSource = next
    },
    setNodeProxy: next => {
      nodeProxy = next
    },
  }
}
