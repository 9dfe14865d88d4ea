import { describe, expect, it } from 'vitest'
import { decodeStrict } from '../schema/index.ts'
import { pod, qosClass } from './pod.ts'
import { summarizePod } from './podtable.ts'
import { humanDuration } from '../../../../shared/kubernetes/duration.ts'
import type { Pod } from './types.ts'

const stored = (spec: object, status: object = {}): Pod => {
  const object = decodeStrict(pod.schema, { metadata: { name: 'p', namespace: 'default', resourceVersion: '1' }, spec, status }).object as Pod
  pod.defaults!(object)
  return object
}
const container = (more: object = {}) => ({ name: 'a', image: 'nginx', ...more })

describe('a pod', () => {
  it('gets every default', () => {
    expect(
      stored({
        containers: [container({ image: 'nginx:1', ports: [{ containerPort: 80 }], livenessProbe: { httpGet: { port: 80 } } })],
        volumes: [{ name: 'v' }],
        hostNetwork: true,
      }).spec,
    ).toEqual({
      volumes: [{ name: 'v', emptyDir: {} }],
      containers: [
        {
          name: 'a',
          image: 'nginx:1',
          ports: [{ hostPort: 80, containerPort: 80, protocol: 'TCP' }],
          resources: {},
          livenessProbe: { httpGet: { path: '/', port: 80, scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      hostNetwork: true,
      securityContext: {},
      schedulerName: 'default-scheduler',
      enableServiceLinks: true,
    })
  })

  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1', 'IfNotPresent'],
    ['r.example.com:5000/nginx', 'Always'],
    ['nginx@sha256:abc', 'IfNotPresent'],
    ['r.example.com:5000/a/nginx:latest', 'Always'],
  ])('of image %s is pulled %s', (image, policy) => {
    expect(stored({ containers: [container({ image })] }).spec.containers[0]!.imagePullPolicy).toBe(policy)
  })

  it('has a quality of service', () => {
    const of = (...resources: object[]) =>
      qosClass(stored({ containers: resources.map((item, index) => container({ name: `c${index}`, resources: item })) }).spec)
    expect(of({})).toBe('BestEffort')
    expect(of({ requests: { cpu: '1' } })).toBe('Burstable')
    expect(of({ limits: { cpu: '1', memory: '1Gi' } })).toBe('Guaranteed')
    expect(of({ limits: { cpu: '1', memory: '1Gi' } }, {})).toBe('Burstable')
    expect(of({ limits: { cpu: '1' } })).toBe('Burstable')
  })

  it('may change its image, its deadline and gain tolerations', () => {
    const old = stored({ containers: [container()], activeDeadlineSeconds: 100 })
    const update = (spec: object) => pod.validateUpdate!(stored(spec), old)
    expect(
      update({
        containers: [container({ image: 'nginx:2', imagePullPolicy: 'Always' })],
        activeDeadlineSeconds: 50,
        tolerations: [{ key: 'x', operator: 'Exists' }],
      }),
    ).toEqual([])
    expect(update({ containers: [container()], activeDeadlineSeconds: 200 })[0]).toMatchObject({
      field: 'spec.activeDeadlineSeconds',
      message: 'Invalid value: 200: must be less than or equal to previous value',
    })
    expect(update({ containers: [container(), container({ name: 'b' })], activeDeadlineSeconds: 100 })[0]!.message).toBe(
      'Forbidden: pod updates may not add or remove containers',
    )
  })

  it('shows what else was changed as the real server does', () => {
    const [error] = pod.validateUpdate!(stored({ containers: [container()], restartPolicy: 'Never' }), stored({ containers: [container()] }))
    expect(error!.message).toBe(
      'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n' +
        '@@ -35,7 +35,7 @@\n   }\n  ],\n  "EphemeralContainers": null,\n- "RestartPolicy": "Always",\n+ "RestartPolicy": "Never",\n  "TerminationGracePeriodSeconds": 30,\n  "ActiveDeadlineSeconds": null,\n  "DNSPolicy": "ClusterFirst",\n',
    )
  })

  it('ends at once where no kubelet runs it', () => {
    expect(pod.gracePeriod!(stored({ containers: [container()] }), undefined)).toBe(0)
    expect(pod.gracePeriod!(stored({ containers: [container()], nodeName: 'n' }), undefined)).toBe(30)
    expect(pod.gracePeriod!(stored({ containers: [container()], nodeName: 'n' }), 5)).toBe(5)
  })
})

describe('the status of a pod', () => {
  const now = Date.parse('2026-01-01T01:00:00Z')
  const show = (spec: object, status: object) => summarizePod(stored({ containers: [container()], ...spec }, status), now)
  const started = { running: { startedAt: '2026-01-01T00:00:00Z' } }

  it('is what its containers do', () => {
    expect(show({}, { phase: 'Pending' })).toEqual({ ready: '0/1', status: 'Pending', restarts: '0' })
    expect(show({}, { phase: 'Pending', containerStatuses: [{ name: 'a', state: { waiting: { reason: 'ImagePullBackOff' } } }] }).status).toBe(
      'ImagePullBackOff',
    )
    expect(
      show(
        {},
        {
          phase: 'Running',
          containerStatuses: [
            { name: 'a', ready: true, restartCount: 2, state: started, lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:55:00Z' } } },
          ],
        },
      ),
    ).toEqual({ ready: '1/1', status: 'Running', restarts: '2 (5m ago)' })
    expect(show({}, { phase: 'Failed', containerStatuses: [{ name: 'a', state: { terminated: { exitCode: 3 } } }] }).status).toBe('ExitCode:3')
  })

  it('is first that of its init containers', () => {
    const init = { initContainers: [container({ name: 'i' }), container({ name: 'j', restartPolicy: 'Always' })] }
    expect(
      show(init, {
        phase: 'Pending',
        initContainerStatuses: [
          { name: 'i', state: started },
          { name: 'j', state: { waiting: { reason: 'PodInitializing' } } },
        ],
      }),
    ).toMatchObject({ status: 'Init:0/2', ready: '0/2' })
    expect(show(init, { phase: 'Pending', initContainerStatuses: [{ name: 'i', state: { terminated: { exitCode: 2, reason: 'Error' } } }] }).status).toBe(
      'Init:Error',
    )
    const done = { name: 'i', state: { terminated: { exitCode: 0, reason: 'Completed' } } }
    expect(
      show(init, {
        phase: 'Running',
        initContainerStatuses: [done, { name: 'j', ready: true, started: true, state: started }],
        containerStatuses: [{ name: 'a', ready: true, state: started }],
      }),
    ).toMatchObject({ status: 'Running', ready: '2/2' })
  })
})

it.each([
  [-5000, '<invalid>'],
  [0, '0s'],
  [119_000, '119s'],
  [120_000, '2m'],
  [330_000, '5m30s'],
  [600_000, '10m'],
  [10_799_000, '179m'],
  [12_000_000, '3h20m'],
  [28_800_000, '8h'],
  [172_800_000, '2d'],
  [187_200_000, '2d4h'],
  [691_200_000, '8d'],
  [63_072_000_000, '2y'],
  [65_664_000_000, '2y30d'],
  [252_288_000_000, '8y'],
])('%d ms read %s', (ms, text) => {
  expect(humanDuration(ms)).toBe(text)
})
