import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { createApiServer } from '../apiserver/index.ts'
import { hasReason } from '../apiserver/errors.ts'
import { definitions } from '../apiserver/resources/index.ts'
import { deployments, events, jobs, namespaces, nodes, pods, replicaSets } from '../apiserver/resources/types.ts'
import type { Deployment, Job, Node, Pod } from '../apiserver/resources/types.ts'
import type { Draft } from '../apiserver/object.ts'
import { informer, keyOf, splitKey } from '../client/informer.ts'
import { eventRecorder } from '../client/recorder.ts'
import { workqueue } from '../client/workqueue.ts'
import { podRequests } from '../scheduler/resources.ts'
import { startScheduler } from '../scheduler/index.ts'
import { rfc3339, VirtualClock } from '../time/clock.ts'
import { advance } from '../time/pace.ts'
import type { Wall } from '../time/pace.ts'
import { seededRandom } from '../time/random.ts'
import { controllers, startControllers } from './index.ts'
import { controllerOf, isActive, isReady } from './objects.ts'
import { byDispensability } from './replica-set-deletion.ts'

// API server, scheduler and controllers as they run in the product; only the kubelets are short-spoken.

const wall: Wall = {
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  defer: callback => void setImmediate(callback),
}
const ADMIN = { name: 'admin', groups: ['system:masters', 'system:authenticated'] }
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const CA = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const lab = async ({ seed = 1, without = [] as readonly string[] } = {}) => {
  const clock = new VirtualClock(Date.parse('2026-01-01T00:00:00Z'))
  const random = seededRandom(seed)
  const dataDir = mkdtempSync(join(tmpdir(), 'k3lab-controllers-'))
  const apiserver = await createApiServer({ clock, wall, random: random.stream('apiserver'), dataDir, definitions })
  const pass = (ms: number) => advance(clock, wall, ms)
  const until = async (isSo: () => Promise<boolean>, what: string, seconds = 600) => {
    for (let i = 0; i < seconds * 10; i++) {
      if (await isSo()) return
      await pass(100)
    }
    throw new Error(`seed ${seed}: never came true: ${what}`)
  }
  let isUp = false
  void apiserver.start().then(() => (isUp = true))
  await until(() => Promise.resolve(isUp), 'the API server starts')
  const admin = apiserver.clientFor(ADMIN)
  const resourceTypes = () =>
    definitions.map(({ group, version, resource, kind, namespaced, verbs = VERBS }) => ({ group, version, resource, kind, namespaced, verbs }))
  const start = () => {
    const manager = startControllers(
      { clock, random: random.stream('controllers'), clientFor: apiserver.clientFor, caCertificate: CA, resourceTypes },
      controllers.map(({ name }) => name).filter(name => !without.includes(name)),
    )
    const scheduler = startScheduler({
      clock,
      random: random.stream('scheduler'),
      client: apiserver.clientFor({ name: 'system:kube-scheduler', groups: [] }),
      host: 'mini-1',
    })
    return { manager, scheduler, dispose: () => (manager.dispose(), scheduler.dispose()) }
  }
  const running = start()

  const node = (name: string, cpu = '4'): Promise<Node> =>
    admin.create(nodes, {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name } },
      spec: {},
      status: {
        allocatable: { cpu, memory: '16Gi', pods: '20' },
        capacity: { cpu, memory: '16Gi', pods: '20' },
        conditions: [
          { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', lastHeartbeatTime: rfc3339(clock.now), lastTransitionTime: rfc3339(clock.now) },
        ],
      },
    } as unknown as Draft<Node>)

  /** Starts what is bound, ends what is being deleted. */
  const watched = informer(clock, admin, pods)
  const kubelet = workqueue(clock, async key => {
    const { namespace, name } = splitKey(key)
    const pod = watched.get(namespace, name)
    if (!pod?.spec.nodeName) return
    try {
      if (pod.metadata.deletionTimestamp) return await admin.delete(pods, namespace, name, { gracePeriodSeconds: 0 })
      if (pod.status.phase !== 'Pending') return
      const conditions = ['Initialized', 'Ready', 'ContainersReady'].map(type => ({ type, status: 'True', lastTransitionTime: rfc3339(clock.now) }))
      await admin.patch(pods, namespace, name, 'strategic', { status: { phase: 'Running', conditions } }, 'status')
    } catch (error) {
      if (!hasReason(error, 'NotFound', 'Conflict')) throw error
    }
  })
  const act = (pod: Pod) => kubelet.addAfter(keyOf(pod), 200)
  watched.on({ added: act, updated: act })

  ends.push(async () => {
    running.dispose()
    watched.dispose()
    kubelet.dispose()
    await apiserver.close()
    rmSync(dataDir, { recursive: true, force: true })
  })
  const deploy = (name: string, replicas: number, changes: { image?: string; cpu?: string; strategy?: object } = {}) =>
    admin.create(deployments, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default' },
      spec: {
        replicas,
        ...(changes.strategy && { strategy: changes.strategy }),
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'c', image: changes.image ?? 'nginx:1.28', resources: { requests: { cpu: changes.cpu ?? '100m' } } }] },
        },
      },
    } as unknown as Draft<Deployment>)
  const setImage = (name: string, image: string) =>
    admin.patch(deployments, 'default', name, 'strategic', { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } })
  const isRolledOut = async (name: string) => {
    const { spec, status, metadata } = await admin.get(deployments, 'default', name)
    return (
      status.observedGeneration === metadata.generation &&
      (status.updatedReplicas ?? 0) === spec.replicas &&
      (status.availableReplicas ?? 0) === spec.replicas &&
      (status.replicas ?? 0) === spec.replicas
    )
  }
  const messages = async (kind: string, reason: string) =>
    (await admin.list(events)).items.filter(event => event.involvedObject.kind === kind && event.reason === reason).map(({ message }) => message)
  await until(
    async () =>
      (await admin.list(namespaces)).items.length > 0 &&
      !(await admin.get({ group: '', version: 'v1', resource: 'serviceaccounts' }, 'default', 'default').then(
        () => false,
        () => true,
      )),
    'the default service account',
  )
  return { clock, random, apiserver, admin, pass, until, start, running, node, deploy, setImage, isRolledOut, messages }
}

const QUIET = ['node-lifecycle-controller', 'taint-eviction-controller']

describe('a Deployment', () => {
  it('rolls an image out, step by step, and back', async () => {
    const { admin, node, deploy, setImage, until, isRolledOut, messages } = await lab({ without: QUIET })
    for (const name of ['a', 'b', 'c']) await node(name)
    await deploy('web', 3)
    await until(() => isRolledOut('web'), 'first rollout')
    expect(await messages('Deployment', 'ScalingReplicaSet')).toMatchObject([expect.stringMatching(/^Scaled up replica set web-[0-9a-z]+ from 0 to 3$/)])
    expect((await admin.get(deployments, 'default', 'web')).status.conditions!.map(({ type, reason }) => [type, reason])).toEqual([
      ['Available', 'MinimumReplicasAvailable'],
      ['Progressing', 'NewReplicaSetAvailable'],
    ])

    await setImage('web', 'nginx:1.29')
    await until(() => isRolledOut('web'), 'second rollout')
    expect((await messages('Deployment', 'ScalingReplicaSet')).map(text => text!.replace(/web-[0-9a-z]+/, 'X')).toSorted()).toEqual(
      [
        'up replica set X from 0 to 3',
        'up replica set X from 0 to 1',
        'down replica set X from 3 to 2',
        'up replica set X from 1 to 2',
        'down replica set X from 2 to 1',
        'up replica set X from 2 to 3',
        'down replica set X from 1 to 0',
      ]
        .map(text => `Scaled ${text}`)
        .toSorted(),
    )

    await setImage('web', 'nginx:1.28')
    await until(() => isRolledOut('web'), 'the way back')
    const revisions = (await admin.list(replicaSets)).items.map(({ metadata }) => metadata.annotations!)
    expect(revisions.map(annotations => annotations['deployment.kubernetes.io/revision']).toSorted()).toEqual(['2', '3'])
    expect(revisions.find(annotations => annotations['deployment.kubernetes.io/revision'] === '3')).toMatchObject({
      'deployment.kubernetes.io/revision-history': '1',
    })
  })

  it('waits for the last old pod before it recreates', async () => {
    const { admin, node, deploy, setImage, until, isRolledOut } = await lab({ without: QUIET })
    await node('a')
    await deploy('one', 2, { strategy: { type: 'Recreate' } })
    await until(() => isRolledOut('one'), 'first rollout')
    await setImage('one', 'nginx:1.29')
    let mixed = 0
    await until(async () => {
      const images = new Set((await admin.list(pods, { namespace: 'default' })).items.map(pod => pod.spec.containers[0]!.image))
      mixed = Math.max(mixed, images.size)
      return (await isRolledOut('one')) && !images.has('nginx:1.28')
    }, 'recreation')
    expect(mixed).toBe(1)
  })

  it('tells when it is stuck', async () => {
    const { admin, node, deploy, until } = await lab({ without: QUIET })
    await node('a', '1')
    await deploy('big', 1, { cpu: '2' })
    const reason = async () => (await admin.get(deployments, 'default', 'big')).status.conditions?.find(({ type }) => type === 'Progressing')?.reason
    await until(async () => (await reason()) === 'ProgressDeadlineExceeded', 'deadline', 700)
    const [waiting] = (await admin.list(pods, { namespace: 'default' })).items
    expect(waiting!.status.conditions).toMatchObject([
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: expect.stringContaining('0/1 nodes are available: 1 Insufficient cpu.') },
    ])
    await node('b')
    await until(async () => (await reason()) === 'NewReplicaSetAvailable', 'the new node is used')
  })

  it('goes with everything that belongs to it', async () => {
    const { admin, node, deploy, until, isRolledOut } = await lab({ without: QUIET })
    await node('a')
    await deploy('web', 3)
    await until(() => isRolledOut('web'), 'rollout')
    await admin.delete(deployments, 'default', 'web', { propagationPolicy: 'Foreground' })
    await until(async () => (await admin.list(deployments)).items.length === 0, 'gone')
    expect((await admin.list(pods, { namespace: 'default' })).items.length + (await admin.list(replicaSets)).items.length).toBe(0)
  })
})

it('adopts and releases pods by their labels', async () => {
  const { admin, node, deploy, until, isRolledOut } = await lab({ without: QUIET })
  await node('a')
  await deploy('web', 2)
  await until(() => isRolledOut('web'), 'rollout')
  const [first] = (await admin.list(pods, { namespace: 'default' })).items
  await admin.patch(pods, 'default', first!.metadata.name, 'merge', { metadata: { labels: { app: 'other', 'pod-template-hash': null } } })
  await until(async () => !controllerOf(await admin.get(pods, 'default', first!.metadata.name)), 'released')
  await until(async () => (await admin.list(pods, { namespace: 'default' })).items.filter(controllerOf).length === 2, 'replaced')
  expect((await admin.list(pods, { namespace: 'default' })).items).toHaveLength(3)
})

it('picks the most dispensable pods first', () => {
  const pod = (name: string, changes: object) =>
    ({
      metadata: { name, uid: name, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { nodeName: 'a' },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
      ...changes,
    }) as unknown as Pod
  const all = [
    pod('ready', {}),
    pod('costly', {
      metadata: {
        name: 'costly',
        uid: 'costly',
        creationTimestamp: '2026-01-01T00:00:00Z',
        annotations: { 'controller.kubernetes.io/pod-deletion-cost': '5' },
      },
    }),
    pod('pending', { status: { phase: 'Pending' } }),
    pod('unassigned', { spec: {}, status: { phase: 'Pending' } }),
    pod('unready', { status: { phase: 'Running' } }),
  ]
  expect(all.sort(byDispensability(() => 0, Date.parse('2026-01-02T00:00:00Z'))).map(({ metadata }) => metadata.name)).toEqual([
    'unassigned',
    'pending',
    'unready',
    'ready',
    'costly',
  ])
})

it('runs a job to its end and forgets it in time', async () => {
  const { admin, node, until } = await lab({ without: QUIET })
  await node('a')
  await admin.create(jobs, {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'once', namespace: 'default' },
    spec: { ttlSecondsAfterFinished: 30, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } } },
  } as unknown as Draft<Job>)
  const own = async () => (await admin.list(pods, { namespace: 'default' })).items[0]
  await until(async () => (await own())?.status.phase === 'Running', 'its pod runs')
  expect((await own())!.metadata.finalizers).toEqual(['batch.kubernetes.io/job-tracking'])
  await admin.patch(pods, 'default', (await own())!.metadata.name, 'strategic', { status: { phase: 'Succeeded' } }, 'status')
  await until(async () => (await admin.get(jobs, 'default', 'once')).status.succeeded === 1, 'counted')
  expect((await admin.get(jobs, 'default', 'once')).status.conditions!.map(({ type, reason }) => [type, reason])).toEqual([
    ['SuccessCriteriaMet', 'CompletionsReached'],
    ['Complete', 'CompletionsReached'],
  ])
  await until(async () => (await admin.list(jobs)).items.length + (await admin.list(pods, { namespace: 'default' })).items.length === 0, 'forgotten')
})

it('makes room for a pod of higher priority', async () => {
  const { admin, node, until, messages } = await lab({ without: QUIET })
  await node('a', '1')
  const create = (name: string, priorityClassName?: string) =>
    admin.create(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'kube-system' },
      spec: { ...(priorityClassName && { priorityClassName }), containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '800m' } } }] },
    } as unknown as Draft<Pod>)
  const nodeOf = async (name: string) => (await admin.get(pods, 'kube-system', name)).spec.nodeName
  await until(
    async () =>
      admin.get({ group: '', version: 'v1', resource: 'serviceaccounts' }, 'kube-system', 'default').then(
        () => true,
        () => false,
      ),
    'a service account',
  )
  await create('small')
  await until(async () => (await nodeOf('small')) === 'a', 'bound')
  const urgent = await create('urgent', 'system-cluster-critical')
  await until(async () => (await nodeOf('urgent')) === 'a', 'preempted')
  expect(await messages('Pod', 'Preempted')).toEqual([`Preempted by pod ${urgent.metadata.uid} on node a`])
})

describe('events', () => {
  it('are counted, combined and, in the end, held back', async () => {
    const { clock, random, admin, pass, node } = await lab({
      without: controllers.map(({ name }) => name).filter(name => name !== 'serviceaccount-controller'),
    })
    const subject = await node('a')
    const recorder = eventRecorder(clock, random.stream('test'), admin, { component: 'kubelet', host: 'a' })
    for (let i = 0; i < 3; i++) {
      recorder.event(subject, 'Warning', 'Same', 'again')
      await pass(10)
    }
    for (let i = 0; i < 30; i++) {
      recorder.event(subject, 'Warning', 'Similar', `number ${i}`)
      await pass(10)
    }
    const written = (await admin.list(events)).items
    expect(written.filter(({ reason }) => reason === 'Same')).toMatchObject([
      { count: 3, message: 'again', source: { component: 'kubelet', host: 'a' }, reportingInstance: 'a' },
    ])
    const similar = written.filter(({ reason }) => reason === 'Similar')
    expect(similar).toHaveLength(10)
    // 25 in all: three of one kind, nine single ones, thirteen combined.
    expect(similar.find(({ message }) => message!.startsWith('(combined'))).toMatchObject({ message: '(combined from similar events): number 21', count: 13 })
  })
})

/** What must hold whenever everything has settled. */
const checkInvariants = async (admin: Awaited<ReturnType<typeof lab>>['admin'], seed: number) => {
  const context = `seed ${seed}`
  const allPods = (await admin.list(pods)).items
  const sets = (await admin.list(replicaSets)).items
  const owners = new Set([...sets, ...(await admin.list(deployments)).items].map(({ metadata }) => metadata.uid))
  for (const node of (await admin.list(nodes)).items) {
    const here = allPods.filter(pod => pod.spec.nodeName === node.metadata.name)
    const cpu = here.reduce((sum, pod) => sum + (podRequests(pod).get('cpu') ?? 0), 0)
    expect(cpu, `${context}: CPU on ${node.metadata.name}`).toBeLessThanOrEqual(Number(node.status.allocatable!['cpu']) * 1000)
    expect(here.length, `${context}: pods on ${node.metadata.name}`).toBeLessThanOrEqual(20)
  }
  for (const set of sets) {
    const own = allPods.filter(pod => controllerOf(pod)?.uid === set.metadata.uid && isActive(pod))
    expect(own.length, `${context}: pods of ${set.metadata.name}`).toBe(set.spec.replicas)
    expect(set.status.replicas, `${context}: status of ${set.metadata.name}`).toBe(own.length)
    expect(set.status.readyReplicas ?? 0, `${context}: ready of ${set.metadata.name}`).toBe(own.filter(isReady).length)
  }
  for (const object of [...sets, ...allPods])
    for (const { uid, kind, name } of object.metadata.ownerReferences ?? [])
      expect(owners.has(uid), `${context}: ${object.metadata.name} belongs to ${kind} ${name}, which is gone`).toBe(true)
  for (const pod of allPods) expect(pod.metadata.deletionTimestamp, `${context}: ${pod.metadata.name} still terminates`).toBeUndefined()
}

describe('random lives', () => {
  it.each([1, 2, 3, 4, 5, 6])('seed %i', async seed => {
    const { admin, pass, running, start, node, deploy, setImage } = await lab({ seed, without: QUIET })
    const random = seededRandom(seed).stream('scenario')
    const any = <T>(items: readonly T[]): T | undefined => items[random.below(items.length)]
    const ignoreGone = (error: unknown) => {
      if (!hasReason(error, 'NotFound', 'Conflict')) throw error
    }
    for (const name of ['a', 'b', 'c']) await node(name)
    let serial = 0
    let parts: { dispose(): unknown } = running
    const steps: (() => Promise<unknown> | unknown)[] = [
      () =>
        deploy(`d${serial++}`, random.below(6), { cpu: `${100 * (1 + random.below(12))}m`, ...(random.below(3) === 0 && { strategy: { type: 'Recreate' } }) }),
      async () => {
        const target = any((await admin.list(deployments)).items)
        if (target) await admin.patch(deployments, 'default', target.metadata.name, 'merge', { spec: { replicas: random.below(8) } })
      },
      async () => {
        const target = any((await admin.list(deployments)).items)
        if (target) await setImage(target.metadata.name, `nginx:1.${random.below(5)}`)
      },
      async () => {
        const target = any((await admin.list(deployments)).items)
        if (target) await admin.delete(deployments, 'default', target.metadata.name, { propagationPolicy: any(['Background', 'Foreground'] as const)! })
      },
      async () => {
        const target = any((await admin.list(pods, { namespace: 'default' })).items)
        if (target) await admin.delete(pods, 'default', target.metadata.name).catch(ignoreGone)
      },
      async () => {
        const target = any((await admin.list(nodes)).items)!
        await admin.patch(nodes, undefined, target.metadata.name, 'merge', { spec: { unschedulable: !target.spec.unschedulable } }).catch(ignoreGone)
      },
      () => node(`extra-${serial++}`, any(['1', '2', '4'])),
      () => {
        parts.dispose()
        parts = start()
      },
    ]
    for (let i = 0; i < 25; i++) {
      await any(steps)!()
      await pass(random.below(3) === 0 ? 20 : 700)
    }
    await pass(120_000)
    expect((await admin.list(nodes)).items.length).toBeGreaterThanOrEqual(3)
    await checkInvariants(admin, seed)
    parts.dispose()
  })
})
