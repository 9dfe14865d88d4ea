import { expect, it } from 'vitest'
import type { KubeObject } from './connection.ts'
import { summaryStore } from './summary-store.ts'

const node = (name: string, labels = {}): KubeObject => ({ metadata: { name, uid: name, labels }, status: {} })
const pod = (uid: string, nodeName: string | undefined, cpu = '100m', phase = 'Running'): KubeObject => ({
  metadata: { name: uid, namespace: 'default', uid },
  spec: { ...(nodeName ? { nodeName } : {}), containers: [{ name: 'c', resources: { requests: { cpu } } }] },
  status: { phase },
})
const event = (uid: string, lastTimestamp: string): KubeObject => ({ metadata: { name: uid, uid }, lastTimestamp })

it('follows the requests of each node', () => {
  const store = summaryStore()
  store.node({ type: 'added', object: node('a') })
  store.pod({ type: 'added', object: pod('p', undefined) })
  store.pod({ type: 'added', object: pod('q', 'a', '1') })
  expect(store.snapshot().nodes[0]!.requested).toMatchObject({ cpuMilli: 1000, pods: 1 })
  store.takeDelta()
  store.pod({ type: 'modified', object: pod('p', 'a') })
  store.pod({ type: 'modified', object: pod('q', 'a', '1', 'Succeeded') })
  const delta = store.takeDelta()!
  expect(delta.upserted.nodes![0]!.requested).toMatchObject({ cpuMilli: 100, pods: 1 })
  expect(delta.upserted.pods!.map(({ uid }) => uid)).toEqual(['p', 'q'])
  store.pod({ type: 'deleted', object: pod('p', 'a') })
  expect(store.takeDelta()).toMatchObject({ removed: { pods: ['p'] }, upserted: { nodes: [{ requested: { pods: 0 } }] } })
})

it('says nothing of updates that change nothing shown', () => {
  const store = summaryStore()
  store.node({ type: 'added', object: node('a') })
  store.takeDelta()
  store.node({ type: 'modified', object: { ...node('a'), metadata: { ...node('a').metadata, resourceVersion: '2' } } })
  expect(store.takeDelta()).toBeUndefined()
  store.node({ type: 'modified', object: node('a', { zone: 'desk' }) })
  expect(store.takeDelta()!.upserted.nodes).toHaveLength(1)
})

it('forgets what came and went between two deltas', () => {
  const store = summaryStore()
  store.pod({ type: 'added', object: pod('p', undefined) })
  store.pod({ type: 'deleted', object: pod('p', undefined) })
  expect(store.takeDelta()).toEqual({ upserted: {}, removed: { pods: ['p'] } })
})

it('keeps the newest events only', () => {
  const store = summaryStore()
  for (let number = 0; number < 1005; number++) store.event({ type: 'added', object: event(`e${number}`, String(number)) })
  store.event({ type: 'modified', object: event('e5', 'again') })
  store.event({ type: 'added', object: event('last', 'x') })
  const kept = store.snapshot().events.map(({ uid }) => uid)
  expect(kept).toHaveLength(1000)
  expect(kept).toContain('e5')
  expect(kept).not.toContain('e6')
})
