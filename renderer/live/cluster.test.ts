import { describe, expect, test } from 'vitest'
import type { ClusterEntry } from '../../shared/contract/contract.ts'
import type { NodeSummary, PodSummary } from '../../shared/domain/cluster.ts'
import { createLiveCluster } from './cluster.ts'

const entry: ClusterEntry = { id: 'sim', name: 'homelab', origin: 'simulated', server: 'https://127.0.0.1:6443', connection: { state: 'connected' } }
const resources = { cpuMilli: 4000, memoryBytes: 8, storageBytes: 0, pods: 110 }
const node = (name: string, cpuMilli = 100, at = '2026-01-01T00:00:00Z'): NodeSummary => ({
  name,
  uid: name,
  ready: 'True',
  unschedulable: false,
  roles: [],
  conditions: [],
  taints: [],
  labels: {},
  createdAt: at,
  kubeletVersion: '',
  osImage: '',
  kernelVersion: '',
  containerRuntime: '',
  architecture: 'amd64',
  machineID: '',
  capacity: resources,
  allocatable: resources,
  requested: resources,
  usage: { cpuMilli, memoryBytes: 1, at },
})
const pod = (uid: string, status = 'Running'): PodSummary => ({
  namespace: 'default',
  name: uid,
  uid,
  status,
  tone: 'ok',
  readyContainers: 1,
  containers: 1,
  restarts: 0,
  images: [],
  createdAt: '',
})

const withSnapshot = () => {
  const live = createLiveCluster()
  live.apply({ type: 'snapshot', entry, summary: { nodes: [node('mini-1'), node('mini-2')], pods: [pod('a'), pod('b')], workloads: [], events: [] } })
  return live
}

describe('a live cluster', () => {
  test('is ready with its first snapshot, and keeps it in view while the connection is down', () => {
    const live = withSnapshot()
    expect(live.status()).toEqual({ ready: true, entry })
    const failed = { ...entry, connection: { state: 'failed' as const, error: { code: 'clusterUnreachable', args: { server: 'x' }, retryable: true } } }
    live.apply({ type: 'connection', entry: failed })
    expect(live.status()).toEqual({ ready: true, entry: failed })
    expect(live.nodes.rows()).toHaveLength(2)
  })

  test('applies a delta whole: rows are added, replaced and removed by key', () => {
    const live = withSnapshot()
    live.apply({ type: 'delta', delta: { upserted: { pods: [pod('b', 'Failed'), pod('c')] }, removed: { pods: ['a'] } } })
    expect(live.pods.rows().map(({ uid, status }) => `${uid} ${status}`)).toEqual(['b Failed', 'c Running'])
  })

  test('tells readers of a row only of that row, and readers of a table once a batch', () => {
    const live = withSnapshot()
    const heard: string[] = []
    live.nodes.subscribeKey('mini-1', () => heard.push('mini-1'))
    live.nodes.subscribeKey('mini-2', () => heard.push('mini-2'))
    const leave = live.nodes.subscribe(() => heard.push('nodes'))
    live.pods.subscribe(() => heard.push('pods'))
    live.apply({ type: 'delta', delta: { upserted: { nodes: [node('mini-2', 200), node('mini-3')] }, removed: {} } })
    expect(heard).toEqual(['nodes', 'mini-2'])
    leave()
    live.apply({ type: 'delta', delta: { upserted: {}, removed: { nodes: ['mini-1'] } } })
    expect(heard).toEqual(['nodes', 'mini-2', 'mini-1'])
    expect(live.nodes.get('mini-1')).toBeUndefined()
  })

  test('keeps the identity of rows and lists that did not change', () => {
    const live = withSnapshot()
    const [pods, first] = [live.pods.rows(), live.nodes.get('mini-1')]
    live.apply({ type: 'delta', delta: { upserted: { nodes: [node('mini-2', 300)] }, removed: {} } })
    expect(live.pods.rows()).toBe(pods)
    expect(live.nodes.get('mini-1')).toBe(first)
  })

  test('remembers usage once for each sample, and forgets nodes that left', () => {
    const live = withSnapshot()
    live.apply({ type: 'delta', delta: { upserted: { nodes: [node('mini-1', 100)] }, removed: {} } })
    live.apply({ type: 'delta', delta: { upserted: { nodes: [node('mini-1', 400, '2026-01-01T00:00:15Z')] }, removed: {} } })
    expect(live.history.of('mini-1').map(({ cpuMilli }) => cpuMilli)).toEqual([100, 400])
    live.apply({ type: 'delta', delta: { upserted: {}, removed: { nodes: ['mini-1'] } } })
    expect(live.history.of('mini-1')).toEqual([])
  })

  test('keeps half an hour of samples and no more', () => {
    const live = withSnapshot()
    for (let sample = 1; sample <= 300; sample++)
      live.apply({
        type: 'delta',
        delta: { upserted: { nodes: [node('mini-1', sample, new Date(Date.UTC(2026, 0, 1) + sample * 15_000).toISOString())] }, removed: {} },
      })
    expect(live.history.of('mini-1')).toHaveLength(120)
    expect(live.history.of('mini-1').at(-1)?.cpuMilli).toBe(300)
  })
})
