import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'

const CHROMIUM = '/usr/bin/chromium'
const root = join(import.meta.dirname, '../..')

/** Where Chromium is missing, the suites that need it are skipped by name. */
export const hasChromium = existsSync(CHROMIUM)

export interface App {
  readonly launchUrl: string
  readonly kubeconfig: string
  readonly sshConfig: string
  stop(): Promise<void>
}

/** Starts the built program, as `npm start` does, with the browser host. */
export const startApp = (dataDir: string, ...args: readonly string[]): Promise<App> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['bin/k3lab.mjs', 'start', '--host', 'browser', '--no-open', '--json', '--data-dir', dataDir, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [out, err] = ['', '']
    const ended = new Promise<void>(done => child.once('exit', () => done()))
    child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()))
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      if (!out.includes('\n')) return
      const line = JSON.parse(out) as { url: string; kubeconfig: string; sshConfig: string }
      resolve({ launchUrl: line.url, kubeconfig: line.kubeconfig, sshConfig: line.sshConfig, stop: () => (child.kill('SIGTERM'), ended) })
    })
    child.once('exit', code => reject(new Error(`k3lab ended with ${code}: ${err}`)))
  })

/** Without 3D, terminals draw with elements instead of on a canvas, so that their text can be read. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-3d-apis', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })

export interface Look {
  readonly locale?: 'ko-KR' | 'en-US'
  readonly colorScheme?: 'light' | 'dark'
  readonly width?: number
  readonly height?: number
}

/** A page of the app, logged in by the launch token; `problems` collects what the console complains of. */
export const openApp = async (browser: Browser, app: App, look: Look = {}): Promise<{ page: Page; context: BrowserContext; problems: string[] }> => {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
    colorScheme: look.colorScheme ?? 'light',
    locale: look.locale ?? 'ko-KR',
  })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', message => message.type() === 'error' && problems.push(message.text()))
  page.on('pageerror', error => problems.push(error.message))
  await page.goto(app.launchUrl)
  return { page, context, problems }
}

/** No violation of WCAG 2 A or AA that axe can find. */
export const expectAccessible = async (page: Page): Promise<void> => {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)).toEqual([])
}
