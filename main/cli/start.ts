import { Failure } from '../../shared/domain/errors.ts'
import { launch, type Launched } from '../launch.ts'
import { DataDirError } from '../services/data-dir.ts'
import { electronProgram } from './electron-program.ts'
import { explain } from './explain.ts'
import { chooseHost, type Host } from './host-choice.ts'

export interface StartOptions {
  readonly host?: Host
  readonly open: boolean
  readonly port?: number
  readonly dataDir: string
  readonly homelab: 'class3' | 'solo' | 'none'
  readonly seed?: number
  readonly json?: boolean
}

const say = (text: string) => void process.stderr.write(`k3lab: ${text}\n`)

const fail = (text: string): never => {
  say(text)
  process.exit(1)
}

/** Takes the data directory and starts everything; what stands in the way is told in one line. */
const launchOrFail = async (options: StartOptions): Promise<Launched> => {
  try {
    return await launch({ ...options, host: 'browser' })
  } catch (error) {
    if (error instanceof DataDirError) return fail(error.message)
    if (error instanceof Failure) return fail(explain(error))
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
  const electron = options.host === 'browser' ? undefined : electronProgram()
  const choice = chooseHost({ wanted: options.host, electron, platform: process.platform, env: process.env })
  if (choice.why) say(choice.why)
  if (choice.host === 'electron') return (await import('./start-electron.ts')).startElectron(electron!, options)

  const launched = await launchOrFail(options)
  const { services, rendererDir, log } = launched
  const { startBrowserHost } = await import('../browser-host/browser-host.ts')
  const host = await startBrowserHost({ port: options.port ?? 0, rendererDir, services, log: log.part('browser-host') }).catch((error: NodeJS.ErrnoException) =>
    fail(portProblem(error, options.port)),
  )
  untilStopped(async () => {
    await host.dispose()
    await launched.dispose()
  })
  const line = await launched.ready(host.launchUrl, host.url).catch((error: unknown) => {
    return fail(error instanceof Failure ? explain(error) : `the simulated homelab did not start: ${(error as Error).message}`)
  })
  if (options.json) process.stdout.write(`${JSON.stringify(line)}\n`)
  say(`ready; open ${host.launchUrl}`)
  if (options.open) (await import('../browser-host/open-browser.ts')).openBrowser(host.launchUrl)
}
