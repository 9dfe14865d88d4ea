/**
 * 5,000 pods over 500 nodes, from `create deployment` to Running, through everything the homelab runs: API server with
 * its durable store, scheduler, controllers and a kubelet a node. Prints its figures as JSON. `scale.ts` starts it as the
 * product is; by itself it runs from the sources, for profiles: `node --cpu-prof --expose-gc test/bench/scale-run.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiServer } from '../../main/sim/apiserver/index.ts'
import { definitions } from '../../main/sim/apiserver/resources/index.ts'
import { deployments, nodes as nodeType, pods } from '../../main/sim/apiserver/resources/types.ts'
import type { KubeObject } from '../../main/sim/apiserver/object.ts'
import type { ListOptions, ResourceType } from '../../main/sim/client/client.ts'
import { informer } from '../../main/sim/client/informer.ts'
import { eventRecorder } from '../../main/sim/client/recorder.ts'
import { createControlPlane } from '../../main/sim/control-plane.ts'
import { startKubelet } from '../../main/sim/node/kubelet.ts'
import { metricsSource } from '../../main/sim/node/metrics-source.ts'
import { createRuntime } from '../../main/sim/node/runtime.ts'
import { kubeletSources } from '../../main/sim/node/sources.ts'
import { VirtualClock } from '../../main/sim/time/clock.ts'
import { advance, type Wall } from '../../main/sim/time/pace.ts'
import { seededRandom } from '../../main/sim/time/random.ts'

const NODES = Number(process.argv[2] ?? 500)
const PODS = Number(process.argv[3] ?? 5000)
const GiB = 1024 ** 3

const wall: Wall = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  defer: callback => void setImmediate(callback),
}

const dataDir = mkdtempSync(join(tmpdir(), 'k3lab-scale-'))
const clock = new VirtualClock(Date.now())
const random = seededRandom(1)
const apiserver = await createApiServer({ clock, wall, random, dataDir, definitions, hosts: [] })
const admin = { name: 'system:admin', groups: ['system:masters', 'system:authenticated'] }
const client = apiserver.clientFor(admin)
const controlPlane = createControlPlane({ clock, random, apiserver, host: 'bench', k3s: true, metrics: metricsSource(clock, () => []) })
const quiet = () => {}
const started = controlPlane.start({ info: quiet, error: quiet, klog: quiet } as never)
await Promise.all([started, advance(clock, wall, 1000)])
await advance(clock, wall, 1000)

const sources = kubeletSources(clock, client)
for (let i = 0; i < NODES; i++) {
  const name = `node-${i}`
  const address = `172.16.${i >> 8}.${i & 255}`
  const identity = apiserver.clientFor({ name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] })
  const runtime = createRuntime({ clock, random: random.stream(name), nodeName: name, nodeIP: address, downlink: 1e12 })
  startKubelet({
    clock,
    random: random.stream(`kubelet ${name}`),
    client: identity,
    recorder: eventRecorder(clock, random.stream(`events ${name}`), identity, { component: 'kubelet', host: name }),
    sources,
    runtime,
    facts: {
      name,
      address,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
      annotations: {},
      providerID: `k3s://${name}`,
      // A /16 of pod addresses has room for 256 nodes; these take theirs from a larger one.
      podCIDR: `10.${128 + (i >> 8)}.${i & 255}.0/24`,
      cores: 16,
      memoryBytes: 64 * GiB,
      storageBytes: 512 * GiB,
      machineID: name,
      systemUUID: name,
      bootID: name,
      kernelVersion: '6.8.0',
      osImage: 'Ubuntu 24.04 LTS',
      containerRuntimeVersion: 'containerd://2',
      kubeletVersion: 'v1.36.0',
      maxPods: 110,
    },
  })
}

/** Runs the simulation in steps of virtual time until a condition holds; returns wall milliseconds. */
const until = async (done: () => boolean, what: string): Promise<number> => {
  const startedAt = performance.now()
  for (let step = 0; step < 600; step++) {
    await advance(clock, wall, 500)
    if (done()) return performance.now() - startedAt
  }
  throw new Error(`${what}: not reached in 300 s of virtual time`)
}

/** Says whether so many objects have come into a state, which none of them leaves here. */
const reached = <T extends KubeObject>(type: ResourceType<T>, options: ListOptions, wanted: number, isThere: (object: T) => boolean): (() => boolean) => {
  const there = new Set<string>()
  const look = (object: T) => void (isThere(object) && there.add(object.metadata.name))
  informer(clock, client, type, options).on({ added: look, updated: look })
  return () => there.size === wanted
}

const nodesReady = reached(nodeType, {}, NODES, node => node.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false)
const nodesMs = await until(nodesReady, 'nodes Ready')
const podsRunning = reached(pods, { namespace: 'default' }, PODS, pod => pod.status.phase === 'Running')
await advance(clock, wall, 1000)

const labels = { app: 'web' }
await Promise.all([
  client.create(deployments, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: PODS,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx', resources: { requests: { cpu: '10m', memory: '16Mi' } } }] } },
    },
  } as never),
  advance(clock, wall, 0),
])
const podsMs = await until(podsRunning, 'pods Running')

const { rss } = process.memoryUsage()
;(globalThis as { gc?: () => void }).gc?.()
const { heapUsed } = process.memoryUsage()

await apiserver.close()
const reopenedAt = performance.now()
await createApiServer({ clock, wall, random, dataDir, definitions, hosts: [] })
const reopenMs = performance.now() - reopenedAt

const figures = {
  nodes: NODES,
  pods: PODS,
  nodesReadyMs: nodesMs,
  podsRunningMs: podsMs,
  podsPerSecond: (PODS / podsMs) * 1000,
  residentMiB: rss / 2 ** 20,
  heapMiB: heapUsed / 2 ** 20,
  reopenMs,
}
process.stdout.write(`${JSON.stringify(figures, (_, value: unknown) => (typeof value === 'number' ? Math.round(value) : value))}\n`)
rmSync(dataDir, { recursive: true, force: true })
process.exit(0)
