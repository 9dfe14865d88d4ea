import { join } from 'node:path'
import { RPCHandler as PortHandler } from '@orpc/server/message-port'
import { RPCHandler as SocketHandler } from '@orpc/server/ws'
import type { HomelabFacts } from '../../shared/contract/contract.ts'
import type { Log } from '../log/log.ts'
import { type ClustersService, clustersService } from './clusters/clusters.ts'
import { asContractError } from './contract-error.ts'
import type { RunningHomelab } from './homelabs/index.ts'
import { type LabsService, labsService } from './labs/labs.ts'
import { shellHistory } from './labs/history.ts'
import { type MachinesService, machinesService } from './machines/machines.ts'
import { type CallContext, createRouter } from './router.ts'
import { openSettingsDatabase } from './settings/database.ts'
import { settingsService } from './settings/settings.ts'
import { terminalsService } from './terminals/terminals.ts'

export interface ServicesOptions {
  readonly dataDir: string
  /** Where the labs and images stand: `resources`. */
  readonly resourcesDir: string
  readonly host: 'electron' | 'browser'
  readonly version: string
  /** The simulated homelab, which may still be starting. */
  readonly homelab: Promise<RunningHomelab>
  readonly log: Log
}

/** The part of a WebSocket that serving the contract needs. `send` may resolve late: what follows waits for it. */
export interface RpcSocket {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  addEventListener(type: 'close', listener: () => void): void
  send(data: string | Uint8Array<ArrayBuffer>): void | Promise<void>
}

/** Everything k3lab does, for one host. */
export interface Services {
  readonly clusters: ClustersService
  readonly machines: MachinesService
  /** Resolves once the simulated homelab is known to all services; rejects with Failure when it cannot run. */
  readonly homelab: Promise<HomelabFacts>
  /** Serves the contract to one page; `client` is aborted when that page is gone. */
  serveSocket(socket: RpcSocket, client: AbortSignal): void
  servePort(port: Parameters<PortHandler<CallContext>['upgrade']>[0], client: AbortSignal): void
  dispose(): Promise<void>
}

/** Puts all services together. Throws Failure when the settings cannot be opened. */
export const startServices = (options: ServicesOptions): Services => {
  const { dataDir, log } = options
  const database = openSettingsDatabase(dataDir)
  const clusters = clustersService(database, dataDir, log.part('clusters'))
  const machines = machinesService(database, dataDir, log.part('machines'))
  const terminals = terminalsService(machines)
  let labs: LabsService | undefined
  const homelab = options.homelab.then(running => {
    machines.setSimulated(running)
    clusters.setSimulated({ name: 'homelab', kubeconfigPath: running.facts.kubeconfigPath })
    return running
  })
  homelab.catch((error: unknown) => log.error('the homelab did not start', { error }))

  const router = createRouter({
    facts: { version: options.version, host: options.host, platform: process.platform, dataDir },
    homelab,
    dataDir,
    settings: settingsService(database),
    clusters,
    machines,
    terminals,
    labs: () =>
      (labs ??= labsService({
        course: join(options.resourcesDir, 'labs'),
        dataDir,
        cluster: () => clusters.simulated(),
        history: shellHistory({ machines: async () => machines.list().filter(({ origin }) => origin === 'simulated'), exec: machines.exec }),
      })),
    log,
  })
  /** Whatever goes wrong in a procedure leaves as the contract's one error. */
  const wordErrors = async <T>({ next }: { next(): Promise<T> }): Promise<T> => {
    try {
      return await next()
    } catch (error) {
      throw asContractError(error, log)
    }
  }
  const handlerOptions = { clientInterceptors: [wordErrors] }
  const sockets = new SocketHandler<CallContext>(router, handlerOptions)
  const ports = new PortHandler<CallContext>(router, handlerOptions)

  return {
    clusters,
    machines,
    homelab: homelab.then(({ facts }) => facts),
    serveSocket: (socket, client) => void sockets.upgrade(socket as Parameters<typeof sockets.upgrade>[0], { context: { client } }),
    servePort: (port, client) => ports.upgrade(port, { context: { client } }),
    dispose: async () => {
      labs?.dispose()
      terminals.dispose()
      machines.dispose()
      clusters.dispose()
      await homelab.then(
        running => running.dispose(),
        () => {},
      )
      database.dispose()
    },
  }
}
