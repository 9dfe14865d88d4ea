import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../kube/connection.ts'
import type { CheckContext } from './checks/check.ts'
import { evaluate } from './evaluate.ts'
import { type CheckSpec, checkSpec } from './schema.ts'
import { CannotLook, type ClusterTruth } from './truth.ts'

/** A cluster that holds just these objects. */
const holding = (objects: readonly KubeObject[]): ClusterTruth => {
  const list: ClusterTruth['list'] = async ({ gvk, ns, selector }) =>
    objects.filter(
      ({ apiVersion, kind, metadata }) =>
        `${apiVersion}/${kind}` === gvk &&
        (ns === undefined || metadata.namespace === ns) &&
        (!selector || selector.split('=')[1] === metadata.labels?.[selector.split('=')[0]!]),
    )
  return {
    onChange: () => () => {},
    list,
    get: async (gvk, ns, name) => (await list({ gvk, ns })).find(object => object.metadata.name === name),
    dispose: () => {},
  }
}
const gone: ClusterTruth = {
  ...holding([]),
  list: () => Promise.reject(new CannotLook('connection refused')),
  get: () => Promise.reject(new CannotLook('connection refused')),
}

const deployment = (replicas: number, ready?: number): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: { replicas },
  status: ready === undefined ? {} : { readyReplicas: ready },
})
const node = (name: string, cpu = '4'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: {} },
  status: { allocatable: { cpu, memory: '16Gi' } },
})

const look = (spec: CheckSpec, context: Partial<CheckContext> & { objects?: readonly KubeObject[] } = {}) => {
  const memory = new Map<string, unknown>()
  return evaluate(checkSpec.parse(spec), {
    truth: holding(context.objects ?? []),
    since: '2026-01-01T00:00:00Z',
    commands: async () => [],
    answers: {},
    fields: [],
    quizProse: { ko: {}, en: {} },
    evidence: { get: key => memory.get(key), set: (key, value) => void memory.set(key, value) },
    now: () => 0,
    ...context,
  })
}

const ready = {
  k8s: {
    gvk: 'apps/v1/Deployment',
    ns: 'default',
    name: 'web',
    expr: 'status.readyReplicas == spec.replicas',
    moving: 'spec.replicas == 3',
    show: ['spec.replicas', 'status.readyReplicas'],
  },
}
const absent = { list: { gvk: 'v1/Pod', expectEmpty: true as const } }

describe('a k8s check', () => {
  it('tells done, moving and contradicted apart, quoting what it saw', async () => {
    expect(await look(ready, { objects: [deployment(3, 3)] })).toMatchObject({
      value: 'pass',
      seen: { en: 'Deployment default/web: spec.replicas = 3, status.readyReplicas = 3' },
    })
    expect(await look(ready, { objects: [deployment(3)] })).toMatchObject({
      value: 'wait',
      seen: { en: 'Deployment default/web: spec.replicas = 3, status.readyReplicas = ∅' },
    })
    expect(await look(ready, { objects: [deployment(2, 1)] })).toMatchObject({ value: 'fail' })
    expect(await look(ready)).toMatchObject({ value: 'fail', seen: { ko: 'Deployment default/web: 아직 클러스터에 없습니다.' } })
  })

  it('is an error, never a failure, when the cluster cannot be reached', async () => {
    expect(await look(ready, { truth: gone })).toMatchObject({ value: 'error', seen: { en: 'Cannot be checked right now: connection refused' } })
  })
})

describe('a tree of checks', () => {
  it('cannot say more than its blindest part', async () => {
    expect((await look({ all: [ready, { hist: { command: 'ls' } }] }, { truth: gone })).value).toBe('error')
    expect((await look({ none: [ready] }, { truth: gone })).value).toBe('error')
    expect((await look({ any: [ready, { hist: { command: 'ls' } }] }, { truth: gone, commands: async () => ['ls'] })).value).toBe('pass')
  })

  it('waits while something moves and nothing contradicts', async () => {
    expect((await look({ all: [ready, absent] }, { objects: [deployment(3, 1)] })).value).toBe('wait')
    expect((await look({ all: [ready, { hist: { command: 'ls' } }] }, { objects: [deployment(3, 1)] })).value).toBe('fail')
  })

  it('passes `none` only when no part is true', async () => {
    expect((await look({ none: [ready] }, { objects: [deployment(3, 1)] })).value).toBe('pass')
    expect((await look({ none: [ready] }, { objects: [deployment(3, 3)] })).value).toBe('fail')
  })

  it('refuses a list that could pass over nothing', () => {
    expect(checkSpec.safeParse({ list: { gvk: 'v1/Pod', where: 'true' } }).success).toBe(false)
    expect(checkSpec.safeParse({ list: { gvk: 'v1/Pod', min: 0 } }).success).toBe(false)
  })
})

describe('a quiz', () => {
  const cpu = {
    quiz: {
      fields: [
        {
          key: 'cpu',
          type: 'number' as const,
          tolerance: 0.05,
          answer: { from: { gvk: 'v1/Node' }, expr: 'sum(items.map(n, quantity(n.status.allocatable.cpu)))' },
        },
      ],
    },
  }
  const objects = [node('a'), node('b', '3800m')]

  it('computes its answer from the live objects', async () => {
    expect(await look(cpu, { objects, answers: { cpu: '７.8' } })).toMatchObject({ value: 'pass', marks: { cpu: { right: true } } })
    expect(await look(cpu, { objects, answers: { cpu: '8' } })).toMatchObject({ value: 'fail', marks: { cpu: { right: false } } })
    expect(await look(cpu, { objects, answers: { cpu: 'eight' } })).toMatchObject({ value: 'fail' })
  })

  it('accepts nothing while there is nothing to compute from', async () => {
    expect(await look(cpu, { answers: { cpu: '0' } })).toMatchObject({ value: 'fail' })
  })

  it('marks a table right only when every live row is', async () => {
    const pod = (name: string, on: string): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { nodeName: on } })
    const table = {
      quiz: {
        fields: [
          {
            key: 'where',
            type: 'table' as const,
            answer: {
              from: { gvk: 'v1/Pod' },
              rows: 'metadata.name',
              row: 'spec.nodeName',
              options: { from: { gvk: 'v1/Node' }, expr: 'items.map(n, n.metadata.name)' },
            },
          },
        ],
      },
    }
    const all = [...objects, pod('p', 'a'), pod('q', 'b')]
    expect((await look(table, { objects: all, answers: { where: '{"p":"a","q":"b"}' } })).value).toBe('pass')
    expect((await look(table, { objects: all, answers: { where: '{"p":"a"}' } })).value).toBe('fail')
    expect((await look(table, { objects: all, answers: { where: 'not json' } })).value).toBe('fail')
    expect((await look(table, { objects, answers: { where: '{}' } })).value).toBe('fail')
  })

  it('says why a chosen option is wrong', async () => {
    const words = { q: { label: '?', options: [{ id: 'x', label: 'x', why: '아니다' }], bins: [] } }
    const choice = { quiz: { fields: [{ key: 'q', type: 'choice' as const, answer: { value: 'y' } }] } }
    expect(await look(choice, { answers: { q: 'x' }, quizProse: { ko: words, en: words } })).toMatchObject({
      marks: { q: { right: false, why: { ko: '아니다' } } },
    })
  })
})

describe('an outage', () => {
  const at = (second: number) => new Date(1_800_000_000_000 + second * 1000).toISOString()
  const spec = { outage: { where: 'true', silence: '20s' as never, keep: { gvk: 'v1/Pod', where: 'spec.nodeName != node', min: 2 } } }
  const world = (renewed: number, pods = ['b', 'c']) => [
    node('a'),
    { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'a', namespace: 'kube-node-lease' }, spec: { renewTime: at(renewed) } },
    ...pods.map((on, index) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${index}` }, spec: { nodeName: on } })),
  ]
  const memory = () => {
    const kept = new Map<string, unknown>()
    const evidence = { get: (key: string) => kept.get(key), set: (key: string, value: unknown) => void kept.set(key, structuredClone(value)) }
    return (second: number, objects: readonly KubeObject[]) => look(spec, { objects, evidence, now: () => second * 1000 })
  }

  it('passes when a Lease stood still and came back while enough pods stayed', async () => {
    const seen = memory()
    expect((await seen(0, world(0))).value).toBe('fail')
    expect((await seen(10, world(10))).value).toBe('fail')
    expect((await seen(28, world(10))).value).toBe('wait')
    expect((await seen(41, world(41))).value).toBe('pass')
  })

  it('fails when too few pods were left for a moment, and passes after a better one', async () => {
    const seen = memory()
    await seen(0, world(0))
    await seen(20, world(0, ['b']))
    expect((await seen(35, world(35))).value).toBe('fail')
    await seen(45, world(45))
    expect((await seen(70, world(70))).value).toBe('pass')
  })
})
