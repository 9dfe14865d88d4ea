import { execFile, fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)

interface Up {
  readonly child: ChildProcess
  readonly kubeconfigPath: string
  readonly sshConfigPath: string
  readonly seed: number
  readonly machines: readonly { readonly name: string; readonly role: string; readonly power: string; readonly endpoint: { readonly port: number } }[]
}

const entry = join(import.meta.dirname, '../fixtures/homelab.ts')

const up = (dataDir: string, preset = 'class3'): Promise<Up> =>
  new Promise((resolve, reject) => {
    const child = fork(entry, [dataDir, preset], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] })
    let text = ''
    let errors = ''
    child.stderr!.on('data', (chunk: Buffer) => (errors += chunk))
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk
      if (text.includes('\n')) resolve({ child, ...JSON.parse(text) })
    })
    child.once('exit', code => reject(new Error(`the homelab ended with ${code}: ${errors}`)))
  })

const ended = (child: ChildProcess, signal: NodeJS.Signals) =>
  new Promise<void>(resolve => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })

/** Asks again until the answer is as wanted; the test's own timeout is the limit. */
const until = async <T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> => {
  for (;;) {
    const answer = await ask().catch((error: unknown) => error as T)
    if (wanted(answer)) return answer
    await new Promise(resolve => setTimeout(resolve, 200))
  }
}

const hasKubectl = await run('kubectl', ['version', '--client']).then(
  () => true,
  () => false,
)

describe.skipIf(!hasKubectl)('a simulated homelab under kubectl', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'k3lab-cluster-'))
  let lab: Up
  const kubectl = async (...args: string[]) =>
    (await run('kubectl', ['--kubeconfig', lab.kubeconfigPath, ...args], { env: { ...process.env, HOME: dataDir } })).stdout
  const json = async (...args: string[]) => JSON.parse(await kubectl(...args, '-o', 'json'))

  beforeAll(async () => {
    lab = await up(dataDir)
  })
  afterAll(async () => {
    if (lab.child.exitCode === null && lab.child.signalCode === null) await ended(lab.child, 'SIGTERM')
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('shows three mini-PCs with K3s, ready and settled', async () => {
    const lines = (await kubectl('get', 'nodes', '-o', 'wide')).trim().split('\n')
    expect(lines).toHaveLength(4)
    expect(lines[1]).toMatch(/^mini-1 +Ready +control-plane +\d+m\S* +v1\.36\.\d+\+k3s1 +192\.168\.50\.11 +<none> +Ubuntu 24\.04\.\d LTS/)
    expect(lines[2]).toMatch(/^mini-2 +Ready +<none> /)
    const pods = await kubectl('get', 'pods', '-n', 'kube-system', '--no-headers')
    for (const line of pods.trim().split('\n')) expect(line).toMatch(/ (1\/1|2\/2) +Running | 0\/1 +Completed /)
    expect(pods).toMatch(/^coredns-/m)
    expect(pods).toMatch(/^helm-install-traefik-crd-/m)
    expect(pods.match(/^svclb-traefik-/gm)).toHaveLength(3)
    expect(await kubectl('get', 'service', 'traefik', '-n', 'kube-system')).toMatch(
      /LoadBalancer +10\.43\.\S+ +192\.168\.50\.11,192\.168\.50\.12,192\.168\.50\.13 +80:\d+\/TCP,443:\d+\/TCP/,
    )
  })

  it('keeps its keys to itself', () => {
    for (const path of [lab.kubeconfigPath, join(dataDir, 'homelab', 'id_ed25519')]) expect(statSync(path).mode & 0o077).toBe(0)
  })

  it('runs a deployment, rolls it and tells its story', async () => {
    await kubectl('create', 'deployment', 'web', '--image=nginx', '--replicas=3')
    expect(await kubectl('rollout', 'status', 'deployment/web')).toContain('deployment "web" successfully rolled out')
    await kubectl('set', 'image', 'deployment/web', 'nginx=nginx:1.27')
    expect(await kubectl('rollout', 'status', 'deployment/web')).toContain('successfully rolled out')
    const { items } = await until(
      () => json('get', 'pods', '-l', 'app=web'),
      ({ items }) => items?.length === 3,
    )
    expect(new Set(items.map((pod: { spec: { nodeName: string } }) => pod.spec.nodeName)).size).toBe(3)
    for (const pod of items) expect(pod.status.containerStatuses[0].image).toBe('docker.io/library/nginx:1.27')
    expect(await kubectl('logs', items[0].metadata.name)).toContain('start worker processes')
    const described = await kubectl('describe', 'pod', items[0].metadata.name)
    expect(described).toMatch(/Pulled .*kubelet +Successfully pulled image "nginx:1\.27" in \S+ \(\S+ including waiting\)\. Image size: \d+ bytes\./)
    expect(described).toMatch(/Started .*kubelet +Container started/)
  })

  it('says what is wrong with a bad image, in the words of containerd and the kubelet', async () => {
    await kubectl('run', 'bad', '--image=nginx:nope')
    await until(
      () => kubectl('get', 'pod', 'bad'),
      text => String(text).includes('ImagePullBackOff'),
    )
    expect(await kubectl('get', 'events', '--field-selector', 'involvedObject.name=bad')).toContain(
      'Failed to pull image "nginx:nope": rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:nope": failed to resolve reference "docker.io/library/nginx:nope": docker.io/library/nginx:nope: not found',
    )
    await kubectl('delete', 'pod', 'bad')
  })

  it('restarts what ends, with back-off, and keeps the log of the one before', async () => {
    await kubectl('run', 'crash', '--image=busybox', '--', 'sh', '-c', 'echo hello; exit 1')
    await until(
      () => kubectl('get', 'pod', 'crash'),
      text => String(text).includes('CrashLoopBackOff'),
    )
    expect(await kubectl('logs', 'crash', '--previous')).toBe('hello\n')
    await kubectl('delete', 'pod', 'crash')
  })

  it('comes back whole after kill -9, with the same ports, keys, objects and containers', async () => {
    const before = await json('get', 'pods', '-l', 'app=web')
    await ended(lab.child, 'SIGKILL')
    const ports = lab.machines.map(({ endpoint }) => endpoint.port)
    lab = await up(dataDir, 'solo')
    expect(lab.machines.map(({ endpoint }) => endpoint.port)).toEqual(ports)
    expect((await kubectl('get', 'nodes', '--no-headers')).match(/ Ready /g)).toHaveLength(3)
    const after = await json('get', 'pods', '-l', 'app=web')
    const essence = ({ items }: typeof after) =>
      items.map((pod: { metadata: { uid: string }; status: { podIP: string; containerStatuses: { containerID: string; restartCount: number }[] } }) => [
        pod.metadata.uid,
        pod.status.podIP,
        pod.status.containerStatuses[0]!.containerID,
        pod.status.containerStatuses[0]!.restartCount,
      ])
    expect(essence(after)).toEqual(essence(before))
    await kubectl('scale', 'deployment/web', '--replicas=4')
    expect(await kubectl('rollout', 'status', 'deployment/web')).toContain('successfully rolled out')
  })

  it('restarts the pods of a machine that was switched off and on', async () => {
    const power = (name: string, state: 'on' | 'off') =>
      new Promise(resolve => {
        lab.child.once('message', resolve)
        lab.child.send({ name, power: state })
      })
    await power('mini-3', 'off')
    await power('mini-3', 'on')
    const restarted = await until(
      () => json('get', 'pods', '-l', 'app=web', '--field-selector', 'spec.nodeName=mini-3'),
      ({ items }) =>
        items?.length > 0 &&
        items.every(
          (pod: { status: { containerStatuses: { restartCount: number; ready: boolean }[] } }) =>
            pod.status.containerStatuses[0]!.restartCount === 1 && pod.status.containerStatuses[0]!.ready,
        ),
    )
    expect(restarted.items[0].status.containerStatuses[0].lastState.terminated).toMatchObject({ exitCode: 255, reason: 'Unknown' })
    expect(await kubectl('get', 'events', '--field-selector', 'involvedObject.name=mini-3')).toContain('has been rebooted, boot id:')
  })
})
