import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeDir, temporaryDir } from '../integration/running.ts'
import { type App, expectAccessible, hasChromium, launchChromium, openApp, startApp } from './browser.ts'

const run = promisify(execFile)

describe.skipIf(!hasChromium)('the app in a browser', () => {
  const dataDir = temporaryDir('e2e')
  const otherDir = temporaryDir('e2e-other')
  let app: App
  let browser: Browser
  let page: Page
  let problems: string[]
  const kubectl = (...args: string[]) => run('kubectl', ['--kubeconfig', app.kubeconfig, ...args])

  beforeAll(async () => {
    app = await startApp(dataDir, '--seed', '1')
    browser = await launchChromium()
    ;({ page, problems } = await openApp(browser, app))
  })

  afterAll(async () => {
    await browser?.close()
    await app?.stop()
    removeDir(dataDir)
    removeDir(otherDir)
  })

  it('shows three mini-PCs on the desk, in Korean, with live figures', async () => {
    await page.getByRole('heading', { name: '책상 위의 노드' }).waitFor()
    expect(await page.title()).toContain('k3lab')
    expect(page.url()).not.toContain('launch=')
    for (const name of ['mini-1', 'mini-2', 'mini-3']) {
      const card = page.getByRole('article', { name })
      await card.getByText('준비됨').waitFor()
      await card
        .getByText(/^\d+%$/)
        .first()
        .waitFor()
    }
    await page.getByRole('contentinfo', { name: '상태' }).getByText('노드 3/3 준비됨').waitFor()
    await expectAccessible(page)
  })

  it('opens a terminal on the server, where kubectl answers and Korean stays whole', async () => {
    await page.getByRole('button', { name: 'mini-1 터미널 열기' }).click()
    const sees = async (text: string | RegExp): Promise<void> =>
      await expect.poll(async () => (await page.locator('.xterm-rows').innerText()).replaceAll('\u00a0', ' '), { timeout: 30_000 }).toMatch(text)
    const type = async (line: string) => {
      await page.keyboard.type(line)
      await page.keyboard.press('Enter')
    }
    await sees('ubuntu@mini-1:~$')
    await type('clear; kubectl get nodes -o wide')
    await sees(/mini-1 +Ready +control-plane/)
    await type('clear; echo 미니피시 세 대')
    await sees(/^미니피시 세 대/m)
    // A stream ends on Ctrl-C, and the shell is there again.
    await type('clear; kubectl get pods -A -w')
    await sees(/coredns-\S+ +1\/1/)
    await page.keyboard.press('Control+c')
    await type('echo status=$?')
    await sees('status=130')
    await expectAccessible(page)
  })

  it('follows a Deployment made elsewhere until its pods run', async () => {
    await page.getByRole('navigation', { name: '주 메뉴' }).getByRole('link', { name: '워크로드' }).click()
    await page.getByRole('heading', { name: '워크로드' }).waitFor()
    await kubectl('create', 'deployment', 'seen', '--image=nginx', '--replicas=2')
    await page
      .getByText(/^seen-[a-z0-9]+-[a-z0-9]+$/)
      .first()
      .waitFor()
    await kubectl('rollout', 'status', 'deployment/seen', '--timeout=60s')
    await expect.poll(() => page.getByRole('row').filter({ hasText: /seen-/ }).filter({ hasText: 'Running' }).count(), { timeout: 30_000 }).toBe(2)
    await expectAccessible(page)
  })

  it('ticks a step of the first lab by itself', async () => {
    await page.getByRole('navigation', { name: '주 메뉴' }).getByRole('link', { name: '실습' }).click()
    await page.getByRole('link', { name: /첫 클러스터/ }).click()
    await page.getByRole('button', { name: '실습 시작' }).click()
    await page.getByText('전체 7단계 가운데 0단계 마침').waitFor()
    await kubectl('create', 'deployment', 'webserver', '--image=nginx', '--replicas=3')
    await page.getByText('전체 7단계 가운데 1단계 마침').waitFor({ timeout: 60_000 })
    await expectAccessible(page)
  })

  it('says of a kubeconfig that does not parse what is wrong, and takes one that does', async () => {
    await page.getByRole('navigation', { name: '주 메뉴' }).getByRole('link', { name: '클러스터' }).click()
    await page.getByRole('button', { name: '클러스터 추가' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('kubeconfig 내용').fill('{ not: [yaml')
    await dialog.getByRole('button', { name: '추가', exact: true }).click()
    await dialog.getByRole('alert').waitFor()
    await expectAccessible(page)
    const other = await startApp(otherDir, '--homelab', 'solo')
    try {
      await dialog.getByLabel('kubeconfig 내용').fill(readFileSync(other.kubeconfig, 'utf8'))
      await dialog.getByLabel(/^이름/).fill('other')
      await dialog.getByRole('button', { name: '추가', exact: true }).click()
      await dialog.waitFor({ state: 'hidden' })
      await page.getByText('other', { exact: true }).first().waitFor()
    } finally {
      await other.stop()
    }
  })

  it('judges this laptop', async () => {
    await page.getByRole('navigation', { name: '주 메뉴' }).getByRole('link', { name: '이 노트북' }).click()
    await page.getByRole('heading', { name: '이 노트북' }).waitFor()
    await page.getByText(/서버/).first().waitFor()
    await expectAccessible(page)
  })

  it('speaks English and goes dark when asked to', async () => {
    await page.getByRole('navigation', { name: '주 메뉴' }).getByRole('link', { name: '설정' }).click()
    await page.getByText('English', { exact: true }).click()
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    await page.getByText('Dark', { exact: true }).click()
    await expect.poll(() => page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark')
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    for (const name of ['Nodes', 'Workloads', 'Labs', 'Clusters', 'This laptop', 'Settings']) {
      await page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name }).click()
      await expectAccessible(page)
    }
  })

  it('keeps language and theme for the next page, and had no complaint in the console', async () => {
    await page.reload()
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    expect(problems).toEqual([])
  })
})

describe.skipIf(!hasChromium)('a large cluster in a browser', () => {
  const dataDir = temporaryDir('e2e-large')
  let app: App
  let browser: Browser

  beforeAll(async () => {
    app = await startApp(dataDir, '--homelab', 'none')
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser?.close()
    await app?.stop()
    removeDir(dataDir)
  })

  it('shows an empty desk first, then 500 nodes as they come, also on a narrow screen', async () => {
    const { page, problems } = await openApp(browser, app)
    await page.getByRole('heading', { name: '책상 위의 노드' }).waitFor()
    await expectAccessible(page)
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
      lastHeartbeatTime: '2026-01-01T00:00:00Z',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    }
    const resources = { cpu: '4', memory: '16Gi', pods: '110', 'ephemeral-storage': '400Gi' }
    const items = Array.from({ length: 500 }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: `node-${String(i).padStart(3, '0')}` },
      status: { capacity: resources, allocatable: resources, conditions: [ready] },
    }))
    const child = run('kubectl', ['--kubeconfig', app.kubeconfig, 'create', '-f', '-'], { maxBuffer: 1 << 24 })
    child.child.stdin!.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
    await child
    await page.getByRole('contentinfo', { name: '상태' }).getByText('노드 500/500 준비됨').waitFor()
    await page.getByText('node-000', { exact: true }).waitFor()
    // Only what is in view is in the document.
    expect(await page.getByText(/^node-\d{3}$/).count()).toBeLessThan(200)
    await expectAccessible(page)
    await page.setViewportSize({ width: 420, height: 800 })
    await page.getByText('node-000', { exact: true }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true)
    await expectAccessible(page)
    expect(problems).toEqual([])
  })
})
