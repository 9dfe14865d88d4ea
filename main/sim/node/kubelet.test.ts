import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApiServer, type ApiServer } from '../apiserver/index.ts'
import { definitions } from '../apiserver/resources/index.ts'
import { configMaps, events, leases, nodes, pods, serviceAccounts, type Pod } from '../apiserver/resources/types.ts'
import type { ApiClient } from '../client/client.ts'
import { eventRecorder } from '../client/recorder.ts'
import { VirtualClock } from '../time/clock.ts'
import { advance, type Wall } from '../time/pace.ts'
import { seededRandom } from '../time/random.ts'
import { startKubelet, type Kubelet } from './kubelet.ts'
import type { NodeFacts } from './node-status.ts'
import { createRuntime, type Runtime } from './runtime.ts'
import { kubeletSources, type KubeletSources } from './sources.ts'

const wall: Wall = {
  now: Date.now,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  defer: callback => void setImmediate(callback),
}

const START = Date.UTC(2026, 10, 20, 12)
const facts: NodeFacts = {
  name: 'mini-9',
  address: '192.168.50.19',
  labels: { 'kubernetes.io/hostname': 'mini-9' },
  annotations: {},
  providerID: 'k3s://mini-9',
  podCIDR: '10.42.9.0/24',
  cores: 4,
  memoryBytes: 16 * 2 ** 30,
  storageBytes: 400e9,
  machineID: 'm',
  systemUUID: 's',
  bootID: 'boot-1',
  kernelVersion: '6.8.0',
  osImage: 'Ubuntu 24.04.4 LTS',
  containerRuntimeVersion: 'containerd://2',
  kubeletVersion: 'v1.36.4+k3s1',
  maxPods: 110,
}

describe('a kubelet', () => {
  let dataDir: string
  let clock: VirtualClock
  let apiserver: ApiServer
  let client: ApiClient
  let sources: KubeletSources
  let runtime: Runtime
  let kubelet: Kubelet
  const random = seededRandom(3)

  const startOne = (change: Partial<NodeFacts> = {}) => {
    const own = apiserver.clientFor({ name: 'system:node:mini-9', groups: ['system:nodes'] })
    kubelet = startKubelet({
      clock,
      random: random.stream('kubelet'),
      client: own,
      recorder: eventRecorder(clock, random.stream('events'), own, { component: 'kubelet', host: 'mini-9' }),
      sources,
      runtime,
      facts: { ...facts, ...change },
    })
  }
  const run = (seconds: number) => advance(clock, wall, seconds * 1000)
  const pod = (spec: object, name = 'web') =>
    client.create<Pod>(pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { nodeName: 'mini-9', ...spec } } as never)
  const seen = (name = 'web') => client.get<Pod>(pods, 'default', name)
  const messages = async (name = 'web') =>
    (await client.list(events)).items.filter(event => event.involvedObject.name === name).map(({ reason, message }) => `${reason}: ${message}`)

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'k3lab-kubelet-'))
    clock = new VirtualClock(START)
    apiserver = await createApiServer({ clock, wall, random, dataDir, definitions })
    await apiserver.start()
    client = apiserver.clientFor({ name: 'system:admin', groups: ['system:masters'] })
    await client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } } as never)
    await client.create(configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-root-ca.crt', namespace: 'default' },
      data: { 'ca.crt': '' },
    } as never)
    sources = kubeletSources(clock, client)
    runtime = createRuntime({ clock, random: random.stream('runtime'), nodeName: 'mini-9', nodeIP: facts.address, downlink: 60e6 })
    startOne()
    await run(5)
  })
  afterEach(async () => {
    kubelet.dispose()
    sources.dispose()
    await apiserver.close()
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('registers its node, gets ready when the network is, and renews its Lease', async () => {
    const node = await client.get(nodes, undefined, 'mini-9')
    expect(node.status.conditions!.map(({ type, status, reason }) => `${type}=${status} ${reason}`)).toEqual([
      'MemoryPressure=False KubeletHasSufficientMemory',
      'DiskPressure=False KubeletHasNoDiskPressure',
      'PIDPressure=False KubeletHasSufficientPID',
      'Ready=True KubeletReady',
    ])
    const before = (await client.get(leases, 'kube-node-lease', 'mini-9')).spec.renewTime!
    await run(11)
    expect(Date.parse((await client.get(leases, 'kube-node-lease', 'mini-9')).spec.renewTime!) - Date.parse(before)).toBeGreaterThanOrEqual(10_000)
  })

  it('takes a pod from its binding to Running, and tells so', async () => {
    await pod({ containers: [{ name: 'nginx', image: 'nginx:1.27' }] })
    await run(0.1)
    expect((await seen()).status).toMatchObject({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] })
    await run(15)
    const { status } = await seen()
    expect(status).toMatchObject({ phase: 'Running', podIP: '10.42.9.2', hostIP: '192.168.50.19', qosClass: 'BestEffort' })
    expect(status.conditions!.map(({ type, status: value }) => `${type}=${value}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ])
    const told = await messages()
    expect(told[0]).toBe('Pulling: Pulling image "nginx:1.27"')
    expect(told[1]).toMatch(/^Pulled: Successfully pulled image "nginx:1\.27" in \S+ \(\S+ including waiting\)\. Image size: \d+ bytes\.$/)
    expect(told.slice(2)).toEqual(['Created: Container created', 'Started: Container started'])
  })

  it('lets a pod go when its processes have ended, after the grace period at the latest', async () => {
    await pod({ containers: [{ name: 'nginx', image: 'nginx:1.27' }] })
    await pod({ terminationGracePeriodSeconds: 20, containers: [{ name: 'sh', image: 'busybox:1.36', command: ['sleep', '3600'] }] }, 'stubborn')
    await run(20)
    await client.delete(pods, 'default', 'web')
    await client.delete(pods, 'default', 'stubborn')
    await run(4)
    await expect(seen()).rejects.toMatchObject({ reason: 'NotFound' })
    expect((await seen('stubborn')).metadata.deletionTimestamp).toBeDefined()
    await run(20)
    await expect(seen('stubborn')).rejects.toMatchObject({ reason: 'NotFound' })
    expect(await messages('stubborn')).toContain('Killing: Stopping container sh')
  })

  it('restarts what fails with a back-off that doubles, and finishes what may end', async () => {
    await pod({ containers: [{ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', 'exit 2'] }] })
    await pod({ restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox:1.36', command: ['sh', '-c', 'sleep 2; exit 0'] }] }, 'once')
    await run(12)
    const { status, metadata } = await seen()
    expect(status.containerStatuses![0]).toMatchObject({
      restartCount: 1,
      state: { waiting: { reason: 'CrashLoopBackOff', message: `back-off 10s restarting failed container=c pod=web_default(${metadata.uid})` } },
      lastState: { terminated: { exitCode: 2, reason: 'Error' } },
    })
    expect((await seen('once')).status).toMatchObject({
      phase: 'Succeeded',
      containerStatuses: [{ state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
    })
    await run(120)
    expect((await seen()).status.containerStatuses![0]!.restartCount).toBe(4)
  })

  it('waits for what a pod refers to', async () => {
    await pod({
      volumes: [{ name: 'v', configMap: { name: 'settings' } }],
      containers: [{ name: 'c', image: 'nginx', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
    })
    await run(3)
    expect(await messages()).toContain('FailedMount: MountVolume.SetUp failed for volume "v" : configmap "settings" not found')
    await client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' } } as never)
    await run(30)
    expect((await seen()).status.phase).toBe('Running')
  })

  it('does not take what does not fit', async () => {
    await pod({ containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '8' } } }] })
    await run(1)
    expect((await seen()).status).toMatchObject({
      phase: 'Failed',
      reason: 'OutOfcpu',
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 8000, used: 0, capacity: 4000",
    })
  })

  it('finds its containers again after a restart of its own, and makes them anew after one of the machine', async () => {
    await pod({ containers: [{ name: 'nginx', image: 'nginx:1.27' }] })
    await run(15)
    const before = (await seen()).status.containerStatuses![0]!
    kubelet.dispose()
    startOne()
    await run(15)
    expect((await seen()).status.containerStatuses![0]).toMatchObject({ containerID: before.containerID, restartCount: 0 })
    kubelet.dispose()
    runtime.powerOff()
    startOne({ bootID: 'boot-2' })
    await run(15)
    expect((await seen()).status.containerStatuses![0]).toMatchObject({
      restartCount: 1,
      ready: true,
      lastState: { terminated: { exitCode: 255, reason: 'Unknown', containerID: before.containerID } },
    })
    expect(await messages('mini-9')).toContain('Rebooted: Node mini-9 has been rebooted, boot id: boot-2')
  })
})
