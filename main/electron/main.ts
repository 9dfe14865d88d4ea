import { join } from 'node:path'
import { app, dialog, Menu, MessageChannelMain, session, type BrowserWindow } from 'electron'
import envPaths from 'env-paths'
import { z } from 'zod'
import { launch, type Launched } from '../launch.ts'
import { registerScheme, restrict, servePage } from './page.ts'
import { CHANNELS } from './policies.ts'
import { onPageMessage } from './sender.ts'
import { hardenAll, openWindow, preloadPath } from './window.ts'

/** What `k3lab start` hands over (`--k3lab={…}`); started by a double click there is nothing, and the defaults hold. */
const optionsSchema = z.object({
  dataDir: z.string().default(() => envPaths('k3lab', { suffix: '' }).data),
  homelab: z.enum(['class3', 'solo', 'none']).default('class3'),
  seed: z.number().int().optional(),
  json: z.boolean().default(false),
})

const ARGUMENT = '--k3lab='
const options = optionsSchema.parse(JSON.parse(process.argv.find(argument => argument.startsWith(ARGUMENT))?.slice(ARGUMENT.length) ?? '{}'))

app.enableSandbox()
registerScheme()
hardenAll(app)
// Electron's own lock is one for each of these folders, as ours is one for each data directory.
app.setPath('userData', join(options.dataDir, 'electron'))

const serve = ({ services }: Launched) =>
  onPageMessage(CHANNELS.connect, (event, nonce) => {
    const { port1, port2 } = new MessageChannelMain()
    const client = new AbortController()
    port1.on('close', () => client.abort())
    services.servePort(port1, client.signal)
    port1.start()
    event.senderFrame?.postMessage(CHANNELS.port, nonce, [port2])
  })

const run = async () => {
  await app.whenReady()
  // macOS takes its editing shortcuts from the menu; elsewhere the page has them and a menu would only be in the way.
  Menu.setApplicationMenu(process.platform === 'darwin' ? Menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]) : null)
  const launched = await launch({ ...options, host: 'electron' })
  restrict(session.defaultSession)
  servePage(session.defaultSession, launched.rendererDir)
  serve(launched)
  let window: BrowserWindow | undefined
  const show = () => {
    if (window === undefined || window.isDestroyed()) window = openWindow(preloadPath(launched.root), !app.isPackaged)
    else window.focus()
  }
  show()
  app.on('second-instance', show)
  app.on('activate', show)
  let stopped = false
  app.on('will-quit', event => {
    if (stopped) return
    event.preventDefault()
    void launched.dispose().finally(() => {
      stopped = true
      app.quit()
    })
  })
  const line = await launched.ready(null)
  if (options.json) process.stdout.write(`${JSON.stringify(line)}\n`)
}

app.on('window-all-closed', () => app.quit())
process.on('SIGINT', () => app.quit())
process.on('SIGTERM', () => app.quit())

if (app.requestSingleInstanceLock()) {
  run().catch((error: Error) => {
    process.stderr.write(`k3lab: ${error.message}\n`)
    dialog.showErrorBox('k3lab', error.message)
    app.exit(1)
  })
} else {
  process.stderr.write(`k3lab: already running on ${options.dataDir}; its window was brought to the front.\n`)
  app.exit(1)
}
