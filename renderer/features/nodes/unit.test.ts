import { expect, test } from 'vitest'
import type { NodeSummary } from '../../../shared/domain/cluster.ts'
import type { Machine } from '../../../shared/domain/machine.ts'
import { matches, sortNodes, stateOf, troubles, unitsOf } from './unit.ts'

const resources = { cpuMilli: 4000, memoryBytes: 8, storageBytes: 0, pods: 110 }
const node = (name: string, change: Partial<NodeSummary> = {}): NodeSummary => ({
  name,
  uid: name,
  ready: 'True',
  unschedulable: false,
  roles: [],
  conditions: [],
  taints: [],
  labels: { disk: 'ssd' },
  createdAt: '2026-01-01T00:00:00Z',
  kubeletVersion: '',
  osImage: '',
  kernelVersion: '',
  containerRuntime: '',
  architecture: 'amd64',
  machineID: '',
  capacity: resources,
  allocatable: resources,
  requested: resources,
  ...change,
})
const machine = (name: string, change: Partial<Machine> = {}): Machine => ({
  id: name,
  name,
  origin: 'simulated',
  role: 'agent',
  host: '127.0.0.1',
  port: 22,
  user: 'k3lab',
  auth: { kind: 'agent' },
  ...change,
})

test('each node stands on its machine; machines without a node stand alone', () => {
  const units = unitsOf([node('mini-1'), node('attic', { internalIP: '10.0.0.9' })], [machine('mini-1'), machine('mini-2')], 'simulated')
  expect(units.map(({ name, node: on, machine: under }) => [name, on?.name, under?.id])).toEqual([
    ['mini-1', 'mini-1', 'mini-1'],
    ['attic', 'attic', undefined],
    ['mini-2', undefined, 'mini-2'],
  ])
})

test('a real cluster shows no simulated machines, and knows its machines by address', () => {
  const units = unitsOf([node('attic', { internalIP: '10.0.0.9' })], [machine('mini-1'), machine('box', { origin: 'real', host: '10.0.0.9' })], 'real')
  expect(units.map(({ name, machine: under }) => [name, under?.id])).toEqual([['attic', 'box']])
})

test('power comes before what the cluster still believes', () => {
  expect(stateOf({ name: 'a', node: node('a'), machine: machine('a', { power: 'off' }) })).toBe('off')
  expect(stateOf({ name: 'a', node: node('a', { ready: 'Unknown' }), machine: machine('a', { power: 'on' }) })).toBe('unknown')
  expect(stateOf({ name: 'a', machine: machine('a') })).toBe('alone')
})

test('without news of the kubelet only Ready is a trouble', () => {
  const condition = (type: string, status: 'True' | 'False' | 'Unknown') => ({ type, status, reason: '', message: '', since: '' })
  expect(
    troubles(node('a', { ready: 'Unknown', conditions: [condition('MemoryPressure', 'Unknown'), condition('Ready', 'Unknown')] })).map(({ type }) => type),
  ).toEqual(['Ready'])
  expect(troubles(node('a', { conditions: [condition('DiskPressure', 'True'), condition('Ready', 'True')] })).map(({ type }) => type)).toEqual(['DiskPressure'])
})

test('names sort as people count, servers first', () => {
  expect(sortNodes([node('mini-10'), node('mini-2'), node('z', { roles: ['control-plane'] })], 'name').map(({ name }) => name)).toEqual([
    'z',
    'mini-2',
    'mini-10',
  ])
})

test('filters by all words and by state', () => {
  const unit = { name: 'mini-1', node: node('mini-1', { unschedulable: true }) }
  expect(matches(unit, { text: 'MINI disk=ssd', state: 'all' })).toBe(true)
  expect(matches(unit, { text: 'mini hdd', state: 'all' })).toBe(false)
  expect(matches(unit, { text: '', state: 'cordoned' })).toBe(true)
  expect(matches(unit, { text: '', state: 'notReady' })).toBe(false)
})
