import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { electronProgram } from '../../main/cli/electron-program.ts'

const ROOT = join(import.meta.dirname, '../..')
const ENTRY = join(ROOT, 'dist/main/electron.js')

const display = process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY)
const runnable = electronProgram() !== undefined && display && existsSync(ENTRY)

describe.skipIf(!runnable)('Electron (skipped where its program or a display is missing)', () => {
  let app: ElectronApplication
  let page: Page
  let dataDir: string
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'k3lab-electron-'))
    app = await _electron.launch({ executablePath: electronProgram()!, args: [ENTRY, `--k3lab=${JSON.stringify({ dataDir, homelab: 'none' })}`] })
    page = await app.firstWindow()
  })
  afterAll(async () => {
    await app?.close()
    if (dataDir) rmSync(dataDir, { recursive: true, force: true })
  })

  it('shows the app under its own scheme, with one bridge call and no Node', async () => {
    expect(page.url()).toBe('app://lab/')
    await page.getByRole('main').waitFor()
    expect(await page.evaluate(() => Object.keys((window as unknown as { k3lab: object }).k3lab))).toEqual(['connect'])
    expect(await page.evaluate(() => [typeof (globalThis as { require?: unknown }).require, typeof (globalThis as { process?: unknown }).process])).toEqual([
      'undefined',
      'undefined',
    ])
  })

  it('goes nowhere else and opens no window', async () => {
    await page.evaluate(() => {
      location.href = 'https://example.org/'
    })
    expect(await page.evaluate(() => window.open('file:///etc/passwd'))).toBeNull()
    expect(page.url()).toBe('app://lab/')
    expect(app.windows()).toHaveLength(1)
  })

  it('may not use devices, places or notifications', async () => {
    const granted = await page.evaluate(async () => [
      await Notification.requestPermission(),
      (await navigator.permissions.query({ name: 'geolocation' })).state,
    ])
    expect(granted).toEqual(['denied', 'denied'])
  })

  it('keeps its page to its own files', async () => {
    const statuses = await page.evaluate(() =>
      Promise.all(['/../package.json', '/%2e%2e/package.json', '/nothing.js'].map(async path => (await fetch(path)).status)),
    )
    expect(statuses).toEqual([404, 404, 404])
  })
})
