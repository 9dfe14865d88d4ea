/** `npm run screenshot`: takes the README's picture from the running app. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { launchChromium, openApp, startApp } from '../test/e2e/browser.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'k3lab-screenshot-'))
const app = await startApp(dataDir, '--seed', '1')
const browser = await launchChromium()
const { page } = await openApp(browser, app)
await page
  .getByRole('article', { name: 'mini-3' })
  .getByText(/^\d+%$/)
  .first()
  .waitFor()
await page.getByRole('button', { name: 'mini-1 터미널 열기' }).click()
for (const line of [
  'clear',
  'kubectl get nodes',
  'kubectl create deployment web --image=nginx --replicas=3',
  'kubectl rollout status deployment/web',
  'kubectl get pods -o wide',
]) {
  await page.locator('.xterm-rows').getByText(/\$/).last().waitFor()
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
  await page.waitForTimeout(line.includes('rollout') ? 8000 : 1500)
}
await page.screenshot({ path: join(import.meta.dirname, '../docs/screenshot.png') })
await browser.close()
await app.stop()
rmSync(dataDir, { recursive: true, force: true })
