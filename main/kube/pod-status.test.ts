import { describe, expect, it } from 'vitest'
import { type Pod, podStatus, podTone } from './pod-status.ts'

type Status = NonNullable<Pod['status']>
type Container = NonNullable<Status['containerStatuses']>[number]

const pod = (status: Status, change: { spec?: Partial<Pod['spec']>; metadata?: Partial<Pod['metadata']> } = {}): Pod => ({
  metadata: { name: 'p', ...change.metadata },
  spec: { containers: [{ name: 'a' }], ...change.spec },
  status,
})
const running = (name: string, more: Partial<Container> = {}): Container => ({ name, ready: true, restartCount: 0, state: { running: {} }, ...more })
const waiting = (name: string, reason: string, restartCount = 0): Container => ({ name, ready: false, restartCount, state: { waiting: { reason } } })
const ended = (name: string, exitCode: number, more: { reason?: string; signal?: number } = {}): Container => ({
  name,
  ready: false,
  restartCount: 0,
  state: { terminated: { exitCode, ...more } },
})
const two = { spec: { containers: [{ name: 'a' }, { name: 'b' }] } }
const init = (...initContainers: Pod['spec']['initContainers'] & object) => ({ spec: { initContainers } })

describe('podStatus, as the API server prints it', () => {
  it.each<[string, Pod, string, string, number]>([
    ['a scheduled pod without statuses', pod({ phase: 'Pending' }), 'Pending', '0/1', 0],
    ['starting', pod({ phase: 'Pending', containerStatuses: [waiting('a', 'ContainerCreating')] }), 'ContainerCreating', '0/1', 0],
    ['running', pod({ phase: 'Running', containerStatuses: [running('a', { restartCount: 3 })] }), 'Running', '1/1', 3],
    ['crashing', pod({ phase: 'Running', containerStatuses: [waiting('a', 'CrashLoopBackOff', 5)] }), 'CrashLoopBackOff', '0/1', 5],
    ['failed without a reason', pod({ phase: 'Failed', containerStatuses: [ended('a', 7)] }), 'ExitCode:7', '0/1', 0],
    ['killed without a reason', pod({ phase: 'Failed', containerStatuses: [ended('a', 137, { signal: 9 })] }), 'Signal:9', '0/1', 0],
    ['killed for memory', pod({ phase: 'Failed', containerStatuses: [ended('a', 137, { reason: 'OOMKilled' })] }), 'OOMKilled', '0/1', 0],
    ['evicted', pod({ phase: 'Failed', reason: 'Evicted' }), 'Evicted', '0/1', 0],
    ['gated', pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }), 'SchedulingGated', '0/1', 0],
    [
      'the first container decides',
      pod({ phase: 'Running', containerStatuses: [waiting('a', 'ErrImagePull'), waiting('b', 'CrashLoopBackOff', 1)] }, two),
      'ErrImagePull',
      '0/2',
      1,
    ],
    [
      'one done, one ready',
      pod(
        { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [ended('a', 0, { reason: 'Completed' }), running('b')] },
        two,
      ),
      'Running',
      '1/2',
      0,
    ],
    [
      'one done, one not ready',
      pod(
        { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }], containerStatuses: [ended('a', 0, { reason: 'Completed' }), running('b')] },
        two,
      ),
      'NotReady',
      '1/2',
      0,
    ],
    ['going', pod({ phase: 'Running', containerStatuses: [running('a')] }, { metadata: { deletionTimestamp: 'now' } }), 'Terminating', '1/1', 0],
    ['going from a lost node', pod({ phase: 'Running', reason: 'NodeLost' }, { metadata: { deletionTimestamp: 'now' } }), 'Unknown', '0/1', 0],
    [
      'done and going',
      pod({ phase: 'Succeeded', containerStatuses: [ended('a', 0, { reason: 'Completed' })] }, { metadata: { deletionTimestamp: 'now' } }),
      'Completed',
      '0/1',
      0,
    ],
    [
      'second init step',
      pod({ phase: 'Pending', initContainerStatuses: [ended('i', 0), waiting('j', 'PodInitializing')] }, init({ name: 'i' }, { name: 'j' })),
      'Init:1/2',
      '0/1',
      0,
    ],
    ['failed init step', pod({ phase: 'Pending', initContainerStatuses: [ended('i', 1, { reason: 'Error' })] }, init({ name: 'i' })), 'Init:Error', '0/1', 0],
    ['init step ended by code', pod({ phase: 'Pending', initContainerStatuses: [ended('i', 3)] }, init({ name: 'i' })), 'Init:ExitCode:3', '0/1', 0],
    [
      'crashing init step',
      pod({ phase: 'Pending', initContainerStatuses: [waiting('i', 'CrashLoopBackOff', 2)] }, init({ name: 'i' })),
      'Init:CrashLoopBackOff',
      '0/1',
      2,
    ],
    [
      'a sidecar counts as a container',
      pod(
        {
          phase: 'Running',
          conditions: [{ type: 'Initialized', status: 'True' }],
          initContainerStatuses: [running('s', { started: true, restartCount: 1 })],
          containerStatuses: [running('a')],
        },
        init({ name: 's', restartPolicy: 'Always' }),
      ),
      'Running',
      '2/2',
      1,
    ],
  ])('%s', (_name, object, status, ready, restarts) => {
    const columns = podStatus(object)
    expect([columns.status, `${columns.ready}/${columns.total}`, columns.restarts]).toEqual([status, ready, restarts])
  })
})

it.each([
  ['Running', 1, 1, false, 'ok'],
  ['Running', 0, 1, false, 'warning'],
  ['Pending', 0, 1, false, 'progress'],
  ['Pending', 0, 1, true, 'warning'],
  ['Init:0/2', 0, 1, false, 'progress'],
  ['Init:Error', 0, 1, false, 'error'],
  ['Completed', 0, 1, false, 'done'],
  ['Terminating', 1, 1, false, 'progress'],
  ['CrashLoopBackOff', 0, 1, false, 'error'],
] as const)('%s with %i of %i ready (unschedulable: %s) looks %s', (status, ready, total, unschedulable, tone) => {
  expect(podTone({ status, ready, total, restarts: 0 }, unschedulable)).toBe(tone)
})
