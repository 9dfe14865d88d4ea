import { existsSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { startBrowserHost } from '../browser-host/browser-host.ts'
import { openBrowser } from '../browser-host/open-browser.ts'
import { fileLog } from '../log/log.ts'
import { projectRoot } from '../project-root.ts'
import { DataDirError, openDataDir, type DataDir } from '../services/data-dir.ts'
import { startServices } from '../services/index.ts'
import { chooseHost, type Host } from './host-choice.ts'

export interface StartOptions {
  readonly host?: Host
  readonly open: boolean
  readonly port?: number
  readonly dataDir: string
  readonly homelab: 'class3' | 'solo' | 'none'
  readonly seed?: number
  readonly json?: boolean
  readonly version: string
}

const say = (text: string) => void process.stderr.write(`k3lab: ${text}\n`)

const fail = (text: string): never => {
  say(text)
  process.exit(1)
}

/** Electron's program, if it was ever downloaded: its package only names where it would be. */
const electronProgram = (): string | undefined => {
  try {
    const require = createRequire(import.meta.url)
    const program = require('electron') as unknown
    return typeof program === 'string' && existsSync(program) ? program : undefined
  } catch {
    return undefined
  }
}

const takeDataDir = (path: string): DataDir => {
  try {
    return openDataDir(path)
  } catch (error) {
    if (error instanceof DataDirError) return fail(error.message)
    throw error
  }
}

/** The first signal stops in order, the second at once. */
const untilStopped = (stop: () => Promise<void>) => {
  let stopping = false
  const stopNow = () => {
    if (stopping) process.exit(1)
    stopping = true
    stop().then(
      () => process.exit(0),
      (error: Error) => fail(`could not stop cleanly: ${error.message}`),
    )
  }
  process.on('SIGINT', stopNow)
  process.on('SIGTERM', stopNow)
}

const portProblem = (error: NodeJS.ErrnoException, port: number | undefined): string => {
  if (error.code === 'EADDRINUSE') return `port ${port} is in use. Choose another with --port N, or leave it out for a free one.`
  if (error.code === 'EACCES') return `port ${port} may not be used by this user. Choose one above 1023 with --port N.`
  return `the browser host could not start: ${error.message}`
}

export const start = async (options: StartOptions): Promise<void> => {
  const choice = chooseHost({ wanted: options.host, electron: options.host === 'browser' ? undefined : electronProgram(), platform: process.platform, env: process.env })
  if (choice.why) say(choice.why)
  if (choice.host === 'electron') return (await import('./start-electron.ts')).startElectron(electronProgram()!, options)

  const dataDir = takeDataDir(options.dataDir)
  mkdirSync(join(dataDir.path, 'logs'), { recursive: true, mode: 0o700 })
  const log = fileLog(join(dataDir.path, 'logs'))
  process.on('unhandledRejection', error => log.error('unhandled rejection', { error }))
  const root = projectRoot()
  const services = startServices({
    dataDir: dataDir.path,
    resourcesDir: join(root, 'resources'),
    host: 'browser',
    version: options.version,
    preset: options.homelab,
    seed: options.seed,
    log,
  })
  services.homelab.catch(() => {})
  const host = await startBrowserHost({ port: options.port ?? 0, rendererDir: join(root, 'dist', 'renderer'), services, log: log.part('browser-host') }).catch((error: NodeJS.ErrnoException) =>
    fail(portProblem(error, options.port)),
  )
  untilStopped(async () => {
    await host.dispose()
    await services.dispose()
    dataDir.dispose()
    log.dispose()
  })
  dataDir.announce({ pid: process.pid, url: host.url })
  if (options.json) process.stdout.write(`${JSON.stringify({ url: host.launchUrl, kubeconfig: '', sshConfig: '', machines: [], pid: process.pid })}\n`)
  say(`open ${host.launchUrl}`)
  if (options.open) openBrowser(host.launchUrl)
}
