import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'
const RUNS = 5

/** Milliseconds from navigation to the first paint, and until a node's card is there to be clicked: medians. */
export const firstView = async (launchUrl: string): Promise<{ firstPaintMs: number; interactiveMs: number }> => {
  if (!existsSync(CHROMIUM)) throw new Error('chromium is not installed')
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  // The launch token is good once; what it leaves behind is a cookie, and the address without it.
  await page.goto(launchUrl)
  const paints: number[] = []
  const interactives: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const fresh = await context.newPage()
    await fresh.goto(page.url())
    await fresh.getByText('mini-1', { exact: true }).first().waitFor()
    interactives.push(await fresh.evaluate(() => performance.now()))
    paints.push(await fresh.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN))
    await fresh.close()
  }
  await browser.close()
  const median = (values: number[]) => Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!)
  return { firstPaintMs: median(paints), interactiveMs: median(interactives) }
}
