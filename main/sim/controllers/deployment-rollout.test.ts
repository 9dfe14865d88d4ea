import { describe, expect, it } from 'vitest'
import type { Deployment, ReplicaSet } from '../apiserver/resources/types.ts'
import { maxSurge, maxUnavailable, newSize, proportionalSizes } from './deployment-rollout.ts'
import { dumpTemplate, podTemplateHash } from './pod-template-hash.ts'

const deployment = (replicas: number, surge: string | number = '25%', unavailable: string | number = '25%'): Deployment =>
  ({ spec: { replicas, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } } }, status: {} }) as Deployment

const set = (name: string, size: number, before: number): ReplicaSet =>
  ({
    metadata: { name, creationTimestamp: '', annotations: { 'deployment.kubernetes.io/max-replicas': String(before) } },
    spec: { replicas: size },
    status: {},
  }) as unknown as ReplicaSet

describe('room in a rollout', () => {
  it('rounds surge up and unavailable down', () =>
    expect([3, 4, 10].map(count => [maxSurge(deployment(count)), maxUnavailable(deployment(count))])).toEqual([
      [1, 0],
      [1, 1],
      [3, 2],
    ]))
  it('always leaves a way', () => expect(maxUnavailable(deployment(3, 0, 0))).toBe(1))
  it('grows the new ReplicaSet into the surge', () => expect(newSize(deployment(3), [set('old', 3, 4)], 0)).toBe(1))
})

describe('scaling in the middle of a rollout', () => {
  it('gives each ReplicaSet its share and the rest to the largest', () => {
    const sizes = proportionalSizes(deployment(15, 3, 2), [set('old', 8, 13), set('new', 5, 13)])
    expect(Object.fromEntries(sizes)).toEqual({ old: 11, new: 7 })
  })
})

describe('pod-template-hash', () => {
  const template = (image: string, app: string, container: string) => ({
    metadata: { labels: { app } },
    spec: {
      containers: [
        {
          image,
          imagePullPolicy: 'IfNotPresent' as const,
          name: container,
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File' as const,
        },
      ],
      dnsPolicy: 'ClusterFirst' as const,
      restartPolicy: 'Always' as const,
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    },
  })
  it('is what a real cluster computes', () => {
    expect(podTemplateHash(template('nginx:1.28', 'web', 'nginx'))).toBe('697578869')
    expect(podTemplateHash(template('nginx:1.29', 'web', 'nginx'))).toBe('795767664d')
    expect(podTemplateHash(template('b:1', 'ds', 'a'))).toBe('59c96464fc')
  })
  it('changes with the collision count', () => expect(podTemplateHash(template('a', 'b', 'c'), 1)).not.toBe(podTemplateHash(template('a', 'b', 'c'))))
  it('sees quantities as Go holds them', () => {
    const dump = dumpTemplate({ spec: { containers: [{ name: 'c', resources: { requests: { cpu: '100m', memory: '64Mi' } } }] } })
    expect(dump).toContain(
      'map[cpu:{i:(resource.int64Amount){value:(int64)100 scale:(resource.Scale)-3} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)100m Format:(resource.Format)DecimalSI} memory:{i:(resource.int64Amount){value:(int64)67108864',
    )
  })
})
