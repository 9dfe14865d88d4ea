import { expect, it } from 'vitest'
import type { ClusterUpdate } from '../../../shared/contract/contract.ts'
import type { NodeSummary, PodSummary } from '../../../shared/domain/cluster.ts'
import { mergeUpdates } from './clusters.ts'

const pod = (uid: string, status: string) => ({ uid, status }) as PodSummary
const node = (name: string) => ({ name, uid: `uid-of-${name}` }) as NodeSummary
const delta = (upserted: object, removed: object = {}): ClusterUpdate => ({ type: 'delta', delta: { upserted, removed } })

it('makes one delta of two, the later winning', () => {
  const first = delta({ pods: [pod('a', 'Pending'), pod('b', 'Running')], nodes: [node('x')] }, { pods: ['c'] })
  const second = delta({ pods: [pod('a', 'Running'), pod('c', 'Pending')] }, { pods: ['b'], nodes: ['x'] })
  expect(mergeUpdates(first, second)).toEqual(delta({ pods: [pod('a', 'Running'), pod('c', 'Pending')] }, { pods: ['b'], nodes: ['x'] }))
})

it('keeps apart what must not be folded', () => {
  const snapshot = { type: 'snapshot' } as ClusterUpdate
  expect(mergeUpdates(snapshot, delta({}))).toBeUndefined()
  expect(mergeUpdates(delta({}), snapshot)).toBeUndefined()
})
