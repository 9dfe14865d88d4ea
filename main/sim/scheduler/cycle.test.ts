import { describe, expect, it } from 'vitest'
import type { Node, Pod, PodSpec, Service } from '../apiserver/resources/types.ts'
import { seededRandom } from '../time/random.ts'
import { cluster } from './cluster.ts'
import { enoughNodes, schedulingCycle } from './cycle.ts'
import type { Decision } from './cycle.ts'
import { plugins } from './plugins/index.ts'
import { podInfo } from './pod-info.ts'

const GiB = 1024 ** 3

const node = (
  name: string,
  changes: { labels?: Record<string, string>; spec?: object; cpu?: string; memory?: string; images?: Node['status']['images'] } = {},
): Node =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '', labels: { 'kubernetes.io/hostname': name, ...changes.labels } },
    spec: changes.spec ?? {},
    status: { allocatable: { cpu: changes.cpu ?? '4', memory: changes.memory ?? '16Gi', pods: '110' }, images: changes.images },
  }) as Node

const pod = (name: string, spec: Partial<PodSpec> & { cpu?: string; memory?: string } = {}, labels: Record<string, string> = {}): Pod => {
  const { cpu, memory, ...rest } = spec
  const requests = { ...(cpu && { cpu }), ...(memory && { memory }) }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '', labels },
    spec: { containers: [{ name: 'c', image: 'nginx', resources: { requests } }], ...rest },
    status: { phase: 'Pending' },
  } as Pod
}

const lab = (nodes: readonly Node[], services: readonly Service[] = []) => {
  const state = cluster({ services: () => services, owner: () => undefined, namespaceLabels: () => ({}) })
  for (const each of nodes) state.setNode(each)
  const cycle = schedulingCycle({ cluster: state, plugins, nominations: new Map(), random: seededRandom(7) })
  return {
    state,
    decide: (each: Pod) => cycle.decide(podInfo(each, true)),
    place: (each: Pod, name: string) => state.setPod({ ...each, spec: { ...each.spec, nodeName: name } }),
  }
}

const scoresOf = (decision: Decision, plugin: string): Record<string, number> => {
  if (decision.outcome !== 'bound') throw new Error(decision.message)
  const scores = decision.scores.find(each => each.plugin === plugin)!.scores
  return Object.fromEntries(decision.feasible.map((each, i) => [each.name, scores[i]!]))
}

const message = (decision: Decision): string => (decision.outcome === 'bound' ? `bound to ${decision.node.name}` : decision.message)
const NOT_HELPFUL = (count: number) =>
  `no new claims to deallocate, preemption: 0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`

describe('reasons', () => {
  it('says that there are no nodes', () => expect(message(lab([]).decide(pod('a')))).toBe('no nodes available to schedule pods'))

  it('counts reasons over nodes, sorted as texts', () => {
    const { decide } = lab([
      node('a', { spec: { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] } }),
      node('b'),
      node('c'),
    ])
    expect(message(decide(pod('big', { cpu: '100' })))).toBe(`0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu. ${NOT_HELPFUL(3)}`)
    expect(message(decide(pod('selective', { nodeSelector: { disk: 'ssd' } })))).toBe(
      `0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector. ${NOT_HELPFUL(3)}`,
    )
  })

  it('does not name the taint', () => {
    const { decide } = lab([node('a', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } })])
    expect(message(decide(pod('p')))).toBe(`0/1 nodes are available: 1 node(s) had untolerated taint(s). ${NOT_HELPFUL(1)}`)
    expect(message(decide(pod('q', { tolerations: [{ key: 'k', operator: 'Exists' }] })))).toBe('bound to a')
  })

  it('tells of everything a node lacks, and that nobody could be evicted for it', () => {
    const { decide, place } = lab([node('a', { cpu: '1', memory: '1Gi' })])
    place(pod('there', { cpu: '800m', memory: '900Mi' }), 'a')
    expect(message(decide(pod('p', { cpu: '500m', memory: '500Mi' })))).toBe(
      '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    )
  })

  it('waits for a claim that is not there', () => {
    const claiming = pod('p', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'missing' } }] })
    expect(message(lab([node('a'), node('b'), node('c')]).decide(claiming))).toBe(
      '0/3 nodes are available: persistentvolumeclaim "missing" not found. not found',
    )
  })

  it('does not look at nodes that the pod does not name', () => {
    const terms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }]
    const { decide } = lab([node('a'), node('b', { cpu: '1' }), node('c')])
    const daemon = pod('d', { cpu: '2', affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms as never } } } })
    expect(message(decide(daemon))).toBe(`0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. ${NOT_HELPFUL(3)}`)
  })
})

describe('scores', () => {
  it('prefers the node with most left, in whole numbers', () => {
    const { decide, place } = lab([node('a'), node('b')])
    place(pod('there', { cpu: '1', memory: '4Gi' }), 'a')
    // a: (4000 − 1000 − 500) × 100 / 4000 = 62, (16 − 4 − 1) × 100 / 16 = 68; their mean is 65.
    expect(scoresOf(decide(pod('p', { cpu: '500m', memory: '1Gi' })), 'NodeResourcesFit')).toEqual({ a: 65, b: 90 })
  })

  it('counts silent containers as 100m and 200Mi', () => {
    const { decide } = lab([node('a', { cpu: '1', memory: '2000Mi' }), node('b', { cpu: '2', memory: '4000Mi' })])
    expect(scoresOf(decide(pod('p')), 'NodeResourcesFit')).toEqual({ a: 90, b: 95 })
  })

  it('spreads the pods of a service over hosts without being told', () => {
    const service = { metadata: { namespace: 'default', name: 's' }, spec: { selector: { app: 'x' } } } as unknown as Service
    const { decide, place } = lab([node('a'), node('b')], [service])
    place(pod('one', {}, { app: 'x' }), 'a')
    const scores = scoresOf(decide(pod('two', {}, { app: 'x' })), 'PodTopologySpread')
    expect(scores['a']).toBeLessThan(scores['b']!)
  })

  it('likes nodes that have the image', () => {
    const images = [{ names: ['nginx:latest'], sizeBytes: GiB }]
    const scores = scoresOf(lab([node('a', { images }), node('b')]).decide(pod('p')), 'ImageLocality')
    expect(scores).toEqual({ a: Math.trunc((100 * (GiB / 2 - 23 * 1024 ** 2)) / ((1000 - 23) * 1024 ** 2)), b: 0 })
  })
})

describe('preemption', () => {
  it('takes the node where the least important pod has to go', () => {
    const { decide, place } = lab([node('a', { cpu: '1' }), node('b', { cpu: '1' })])
    place(pod('high', { cpu: '1', priority: 50 }), 'a')
    place(pod('low', { cpu: '1', priority: 10 }), 'b')
    const decision = decide(pod('urgent', { cpu: '1', priority: 100 }))
    expect(decision).toMatchObject({ outcome: 'preempting', nominate: { node: 'b' }, message: '0/2 nodes are available: 2 Insufficient cpu.' })
  })

  it('leaves everything where it was after asking', () => {
    const { state, decide, place } = lab([node('a', { cpu: '1' })])
    place(pod('low', { cpu: '1', priority: 10 }), 'a')
    decide(pod('urgent', { cpu: '1', priority: 100 }))
    expect([...state.node('a')!.pods.keys()]).toEqual(['low'])
    expect(state.node('a')!.requested.cpu).toBe(1000)
  })
})

it('looks at all of a small cluster and at a part of a large one', () => {
  expect([3, 99, 100, 500, 1000, 5000].map(total => enoughNodes(total))).toEqual([3, 99, 100, 230, 420, 500])
})

it('takes zones in turn', () => {
  const zone = (name: string) => ({ labels: { 'topology.kubernetes.io/zone': name } })
  expect(lab([node('a1', zone('a')), node('a2', zone('a')), node('b1', zone('b')), node('b2', zone('b'))]).state.nodes.map(({ name }) => name)).toEqual([
    'a1',
    'b1',
    'a2',
    'b2',
  ])
})
