import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeDir, temporaryDir } from '../integration/running.ts'
import { hasSshd, type Sshd, startSshd } from '../integration/sshd.ts'
import { type App, expectAccessible, hasChromium, launchChromium, openApp, startApp } from './browser.ts'

describe.skipIf(!hasChromium || !hasSshd)('a real machine on the desk (skipped where Chromium or sshd is missing)', () => {
  const dataDir = temporaryDir('e2e-machine')
  let app: App
  let browser: Browser
  let page: Page
  let sshd: Sshd

  beforeAll(async () => {
    sshd = await startSshd()
    app = await startApp(dataDir, '--homelab', 'solo')
    browser = await launchChromium()
    ;({ page } = await openApp(browser, app))
  })

  afterAll(async () => {
    await browser?.close()
    await app?.stop()
    await sshd?.stop()
    removeDir(dataDir)
  })

  const address = async () => {
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('주소').fill('127.0.0.1')
    await dialog.getByLabel('포트').fill(String(sshd.port))
    await dialog.getByLabel('사용자').fill(sshd.user)
    await dialog.getByText('열쇠 파일', { exact: true }).click()
    return dialog
  }

  it('shows the fingerprint before anything is trusted, then reads what the machine has', async () => {
    await page.getByRole('button', { name: '머신 추가' }).first().click()
    const dialog = await address()
    await dialog.getByLabel('개인 키 파일').fill(sshd.keys.plain)
    await dialog.getByRole('button', { name: '연결' }).click()
    await dialog
      .getByText(/^SHA256:/)
      .first()
      .waitFor()
    await expectAccessible(page)
    await dialog.getByRole('button', { name: '맞습니다, 받아들이기' }).click()
    await dialog.getByText('로그인해서 읽은 내용입니다.').waitFor()
    await dialog.getByText('운영체제').waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
  })

  it('opens a terminal on it by the same dock', async () => {
    await page
      .getByRole('button', { name: /터미널 열기$/ })
      .last()
      .click()
    await expect.poll(async () => page.locator('.xterm-rows').innerText(), { timeout: 30_000 }).toMatch(/[$#]/)
    await page.keyboard.type('echo real-$((40 + 2))')
    await page.keyboard.press('Enter')
    await expect.poll(async () => page.locator('.xterm-rows').innerText(), { timeout: 30_000 }).toContain('real-42')
  })

  it('says why a stranger’s key is refused', async () => {
    await page.getByRole('button', { name: '머신 추가' }).first().click()
    const dialog = await address()
    await dialog.getByLabel('개인 키 파일').fill(sshd.keys.stranger)
    await dialog.getByRole('button', { name: '연결' }).click()
    await dialog.getByRole('alert').waitFor()
    await expectAccessible(page)
  })
})
