import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { HomelabFacts } from '../shared/contract/contract.ts'
import { fileLog, type Log } from './log/log.ts'
import { packageVersion, projectRoot } from './project-root.ts'
import { openDataDir } from './services/data-dir.ts'
import { startHomelab } from './services/homelabs/index.ts'
import type { Services } from './services/index.ts'

/** What `k3lab start` was asked for, and what a host needs of it. */
export interface LaunchOptions {
  readonly dataDir: string
  readonly homelab: HomelabFacts['preset']
  readonly seed?: number | undefined
  readonly host: 'electron' | 'browser'
}

/** What the line of `--json` says. */
interface ReadyLine {
  readonly url: string | null
  readonly kubeconfig: string
  readonly sshConfig: string
  readonly machines: readonly { readonly name: string; readonly role: string; readonly sshHost: string; readonly sshPort: number }[]
  readonly pid: number
}

export interface Launched {
  readonly root: string
  readonly rendererDir: string
  readonly services: Services
  readonly log: Log
  /**
   * Waits for the simulated homelab, then lets other processes know where everything is. `url` opens the app,
   * `publicUrl` is the same without its launch token.
   */
  ready(url: string | null, publicUrl?: string): Promise<ReadyLine>
  dispose(): Promise<void>
}

/** Takes the data directory and starts the services; the same for both hosts. Rejects with DataDirError or Failure. */
export const launch = async ({ dataDir: directory, homelab: preset, seed, host }: LaunchOptions): Promise<Launched> => {
  const dataDir = openDataDir(directory)
  const logs = join(dataDir.path, 'logs')
  mkdirSync(logs, { recursive: true, mode: 0o700 })
  const log = fileLog(logs)
  const onRejection = (error: unknown) => log.error('unhandled rejection', { error })
  process.on('unhandledRejection', onRejection)
  const root = projectRoot()
  log.info('started', { pid: process.pid, host, dataDir: dataDir.path })
  // The simulation starts in its own thread while this one is still loading its services.
  const homelab = startHomelab({ dataDir: dataDir.path, preset, seed, log: log.part('homelab') })
  homelab.catch(() => {})
  const { startServices } = await import('./services/index.ts')
  const services = startServices({ dataDir: dataDir.path, resourcesDir: join(root, 'resources'), host, version: packageVersion(root), homelab, log })
  return {
    root,
    rendererDir: join(root, 'dist', 'renderer'),
    services,
    log,
    ready: async (url, publicUrl) => {
      dataDir.announce({ pid: process.pid, ...(publicUrl === undefined ? {} : { url: publicUrl }) })
      const { kubeconfigPath, sshConfigPath } = await services.homelab
      dataDir.announce({ pid: process.pid, kubeconfig: kubeconfigPath, sshConfig: sshConfigPath, ...(publicUrl === undefined ? {} : { url: publicUrl }) })
      const machines = services.machines.list().filter(({ origin }) => origin === 'simulated')
      return {
        url,
        kubeconfig: kubeconfigPath,
        sshConfig: sshConfigPath,
        machines: machines.map(({ name, role, host: sshHost, port: sshPort }) => ({ name, role, sshHost, sshPort })),
        pid: process.pid,
      }
    },
    dispose: async () => {
      await services.dispose()
      log.info('stopped')
      process.off('unhandledRejection', onRejection)
      dataDir.dispose()
      log.dispose()
    },
  }
}
