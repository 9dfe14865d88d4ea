import { describe, expect, it } from 'vitest'
import { milli, parseQuantity, whole } from './quantity.ts'
import type { Pod } from './pod-status.ts'
import { noResources, podRequests, summariseEvent, summariseNode, summarisePod, summariseWorkload } from './summary.ts'

it.each([
  ['250m', 0.25], ['2', 2], ['1.5Gi', 1.5 * 2 ** 30], ['128974848', 128974848], ['129e6', 129e6], ['129M', 129e6], ['123456789n', 0.123456789], ['1E', 1e18], ['-1Ki', -1024], ['', 0], ['1 Gi', 0],
])('%s is %d', (text, value) => expect(parseQuantity(text)).toBeCloseTo(value, 9)) // prettier-ignore

it('rounds up as Kubernetes does', () => {
  expect(milli('0.1')).toBe(100)
  expect(milli('156340001n')).toBe(157)
  expect(whole('1.1')).toBe(2)
  expect(whole('100Mi')).toBe(104857600)
})

describe('summariseNode', () => {
  it('tells roles, conditions and sizes', () => {
    const node = summariseNode(
      {
        metadata: {
          name: 'mini-1',
          uid: 'u',
          labels: { 'node-role.kubernetes.io/control-plane': 'true', 'node-role.kubernetes.io/etcd': 'true', 'kubernetes.io/role': 'x' },
          creationTimestamp: '2026-01-01T00:00:00Z',
        },
        spec: { unschedulable: true, podCIDR: '10.42.0.0/24', taints: [{ key: 'a', effect: 'NoSchedule' }] },
        status: {
          conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'm', lastTransitionTime: 't' }],
          addresses: [
            { type: 'Hostname', address: 'mini-1' },
            { type: 'InternalIP', address: '10.0.0.1' },
          ],
          capacity: { cpu: '4', memory: '16Gi', 'ephemeral-storage': '100Gi', pods: '110' },
          allocatable: { cpu: '3900m' },
          nodeInfo: { kubeletVersion: 'v1.36.4+k3s1', machineID: 'id' },
        },
      },
      noResources,
    )
    expect(node).toMatchObject({
      ready: 'Unknown',
      unschedulable: true,
      roles: ['control-plane', 'etcd', 'x'],
      internalIP: '10.0.0.1',
      capacity: { cpuMilli: 4000, memoryBytes: 17179869184, pods: 110 },
      allocatable: { cpuMilli: 3900, memoryBytes: 0 },
    })
    expect(node).not.toHaveProperty('usage')
  })
})

describe('podRequests', () => {
  const pod = (containers: string[], inits: [string, boolean][] = [], phase = 'Running'): Pod => ({
    metadata: { name: 'p' },
    spec: {
      containers: containers.map((cpu, index) => ({ name: `c${index}`, resources: { requests: { cpu } } })),
      initContainers: inits.map(([cpu, sidecar], index) => ({
        name: `i${index}`,
        resources: { requests: { cpu } },
        ...(sidecar ? { restartPolicy: 'Always' } : {}),
      })),
    },
    status: { phase },
  })
  it('sums containers, or takes the largest init step', () => {
    expect(podRequests(pod(['100m', '200m']))).toMatchObject({ cpuMilli: 300, pods: 1 })
    expect(podRequests(pod(['100m'], [['500m', false]]))).toMatchObject({ cpuMilli: 500 })
  })
  it('adds sidecars to both', () => {
    expect(
      podRequests(
        pod(
          ['100m'],
          [
            ['50m', true],
            ['500m', false],
          ],
        ),
      ),
    ).toMatchObject({ cpuMilli: 550 })
    expect(
      podRequests(
        pod(
          ['1'],
          [
            ['50m', true],
            ['500m', false],
          ],
        ),
      ),
    ).toMatchObject({ cpuMilli: 1050 })
  })
  it('asks for nothing once it has ended', () => {
    expect(podRequests(pod(['1'], [], 'Succeeded'))).toBeUndefined()
  })
})

it('names the Deployment behind a ReplicaSet', () => {
  const pod = (labels: Record<string, string>): Pod => ({
    metadata: { name: 'p', labels, ownerReferences: [{ kind: 'ReplicaSet', name: 'web-7d4b9c6f5d', controller: true }] },
    spec: { containers: [] },
  })
  expect(summarisePod(pod({ 'pod-template-hash': '7d4b9c6f5d' })).owner).toBe('Deployment/web')
  expect(summarisePod(pod({})).owner).toBe('ReplicaSet/web-7d4b9c6f5d')
})

it('counts workloads by what their kind counts', () => {
  const object = { metadata: { name: 'w' }, spec: { replicas: 3 }, status: { readyReplicas: 2, numberReady: 1, desiredNumberScheduled: 4, succeeded: 1 } }
  expect(summariseWorkload('Deployment', object)).toMatchObject({ ready: 2, desired: 3 })
  expect(summariseWorkload('DaemonSet', object)).toMatchObject({ ready: 1, desired: 4 })
  expect(summariseWorkload('Job', { ...object, spec: { completions: 5 } })).toMatchObject({ ready: 1, desired: 5 })
})

it('reads events of both groups', () => {
  expect(
    summariseEvent({
      metadata: { name: 'e', uid: 'u' },
      type: 'Warning',
      reason: 'R',
      message: 'm\n',
      involvedObject: { kind: 'Pod', name: 'p' },
      count: 3,
      lastTimestamp: 'l',
    }),
  ).toMatchObject({ type: 'Warning', message: 'm', object: 'Pod/p', count: 3, lastSeen: 'l' })
  expect(
    summariseEvent({ metadata: { name: 'e' }, note: 'n', regarding: { kind: 'Node', name: 'x' }, series: { count: 2, lastObservedTime: 's' }, eventTime: 'e' }),
  ).toMatchObject({ message: 'n', object: 'Node/x', count: 2, lastSeen: 's' })
})
