/**
 * `npm run bench`: every figure of speed and memory as one JSON object on stdout. Absolute times depend on the machine,
 * so each comes with a yardstick measured in the same run: what a bare Node start takes here, and kubectl itself.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const say = (text: string) => process.stderr.write(`bench: ${text}\n`)

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
const round = (value: number, digits = 3): number => Number(value.toFixed(digits))

interface Ready {
  readonly url: string
  readonly kubeconfig: string
  readonly pid: number
}

/** Starts the built program and resolves with the seconds until its line of JSON. */
const start = (dataDir: string, ...args: string[]): Promise<{ ready: Ready; launchUrl: string; seconds: number; stop: () => Promise<void> }> =>
  new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const child = spawn(process.execPath, ['bin/k3lab.mjs', 'start', '--host', 'browser', '--no-open', '--json', '--data-dir', dataDir, ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = new Promise<void>(done => child.on('exit', () => done()))
    let out = ''
    let log = ''
    let line: { ready: Ready; seconds: number } | undefined
    const settle = () => {
      const launchUrl = /ready; open (\S+)/.exec(log)?.[1]
      if (line && launchUrl) resolve({ ...line, launchUrl, stop: () => (child.kill('SIGTERM'), ended) })
    }
    child.stdout.on('data', chunk => {
      out += chunk
      if (!line && out.includes('\n')) line = { ready: JSON.parse(out) as Ready, seconds: (performance.now() - startedAt) / 1000 }
      settle()
    })
    child.stderr.on('data', chunk => {
      log += chunk
      settle()
    })
    child.on('exit', code => reject(new Error(`k3lab ended with ${code}: ${log}`)))
  })

const inDataDir = async <T>(run: (dataDir: string) => Promise<T>): Promise<T> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'k3lab-bench-'))
  try {
    return await run(dataDir)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const seconds = (command: string, args: readonly string[], env?: NodeJS.ProcessEnv): number => {
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(command, args, { env: { ...process.env, ...env }, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
  return (performance.now() - startedAt) / 1000
}

const RUNS = 5

const startUp = async () => {
  say('start-up')
  const bareNode = median(Array.from({ length: RUNS }, () => seconds(process.execPath, ['-e', '0'])))
  const first: number[] = []
  const again: number[] = []
  for (let run = 0; run < RUNS; run++)
    await inDataDir(async dataDir => {
      for (const list of [first, again]) {
        const { seconds: taken, stop } = await start(dataDir, '--seed', '1')
        list.push(taken)
        await stop()
      }
    })
  return {
    bareNodeSeconds: round(bareNode),
    firstStartSeconds: round(median(first)),
    secondStartSeconds: round(median(again)),
    firstStartInBareNodeStarts: round(median(first) / bareNode, 1),
  }
}

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

const roundTrip = () =>
  inDataDir(async dataDir => {
    say('kubectl round trip')
    const { ready, stop } = await start(dataDir, '--seed', '1')
    const env = { KUBECONFIG: ready.kubeconfig }
    seconds('kubectl', ['get', 'pods', '-A'], env)
    const alone = median(Array.from({ length: RUNS }, () => seconds('kubectl', ['version', '--client'], env)))
    const getPods = median(Array.from({ length: RUNS }, () => seconds('kubectl', ['get', 'pods', '-A'], env)))
    await stop()
    return { kubectlAloneSeconds: round(alone), getPodsSeconds: round(getPods), ratio: round(getPods / alone, 2) }
  })

/** CPU seconds a process has used, all threads together, from /proc. */
const cpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

const IDLE_SECONDS = 30

const idle = () =>
  inDataDir(async dataDir => {
    say(`idle for ${IDLE_SECONDS} s`)
    const { ready, stop } = await start(dataDir, '--seed', '1')
    await new Promise(resolve => setTimeout(resolve, 5000))
    const before = cpuSeconds(ready.pid)
    await new Promise(resolve => setTimeout(resolve, IDLE_SECONDS * 1000))
    const used = cpuSeconds(ready.pid) - before
    const memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${ready.pid}/status`, 'utf8'))![1]) / 1024
    await stop()
    return { idleCpuShareOfOneCore: round(used / IDLE_SECONDS, 4), residentMiB: Math.round(memory) }
  })

/** One module in a process of its own prints its figures as JSON. */
const inOwnProcess = (title: string, ...args: string[]): unknown => {
  say(title)
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
  if (status !== 0) return { error: stderr.trim().split('\n').at(-1) }
  return JSON.parse(stdout)
}

const browser = () =>
  inDataDir(async dataDir => {
    say('browser')
    const { launchUrl, stop } = await start(dataDir, '--seed', '1')
    try {
      const { firstView } = await import('../test/bench/first-view.ts')
      return await firstView(launchUrl)
    } finally {
      await stop()
    }
  })

const figures = {
  node: process.version,
  startUp: await startUp(),
  ...(hasKubectl && { kubectl: await roundTrip() }),
  scale: inOwnProcess('5,000 pods on 500 nodes', '--expose-gc', 'test/bench/scale.ts'),
  ...(process.platform === 'linux' && { idle: await idle() }),
  browser: await browser().catch((error: Error) => ({ error: error.message })),
}
process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`)
