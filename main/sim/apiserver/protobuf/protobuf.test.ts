import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBody, type Expected } from '../schema/index.ts'
import { decodeProtobuf } from './index.ts'

/** Request bodies as kubectl 1.32 sent them for `create`. */
const sent = {
  deployment:
    '6b3873000a150a07617070732f7631120a4465706c6f796d656e7412b8010a1f0a0377656212001a0022002a003200380042005a0a0a0361707012037765621286010803120c0a0a0a0361707012037765621a6c0a1c0a0012001a0022002a003200380042005a0a0a036170701203776562124c122e0a056e67696e7812056e67696e782a00320a0a001000185022002a0042006a007200800100880100900100a201001a00320042004a0052005800600068008201008a01009a0100c2010022020a00280038001a0c0800100018002000280038001a002200',
  configmap: '6b3873000a0f0a0276311209436f6e6669674d617012280a110a016312001a0022002a0032003800420012060a0161120162120b0a016b1206ed959ceab8801a002200',
  job: '6b3873000a0f0a0862617463682f763112034a6f62127e0a110a016a12001a0022002a00320038004200125f325d0a100a0012001a0022002a00320038004200124912260a016a120762757379626f781a04646174652a0042006a007200800100880100900100a201001a054e65766572320042004a0052005800600068008201008a01009a0100c201001a082000280030003a001a002200',
  rolebinding:
    '6b3873000a2b0a1c726261632e617574686f72697a6174696f6e2e6b38732e696f2f7631120b526f6c6542696e64696e671286010a120a02726212001a0022002a0032003800420012290a04557365721219726261632e617574686f72697a6174696f6e2e6b38732e696f1a046a616e652200121f0a0e536572766963654163636f756e7412001a027361220764656661756c741a240a19726261632e617574686f72697a6174696f6e2e6b38732e696f1204526f6c651a01721a002200',
}

/** True when something comes out, or an error that says why not. */
const outcome = (run: () => unknown): boolean => {
  try {
    return typeof run() === 'object'
  } catch (error) {
    return error instanceof Error && error.message !== ''
  }
}

const object = (hex: string, expected: Expected) => decodeBody(Buffer.from(hex, 'hex'), 'application/vnd.kubernetes.protobuf', expected).object

describe('protobuf bodies', () => {
  it('of create deployment', () => {
    expect(object(sent.deployment, { group: 'apps', version: 'v1', kind: 'Deployment', schema: 'io.k8s.api.apps.v1.Deployment' })).toEqual({
      kind: 'Deployment',
      apiVersion: 'apps/v1',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'nginx', image: 'nginx', ports: [{ containerPort: 80 }], resources: {} }] },
        },
        strategy: {},
      },
      status: {},
    })
  })

  it('of create configmap, with Korean text', () => {
    expect(object(sent.configmap, { group: '', version: 'v1', kind: 'ConfigMap', schema: 'io.k8s.api.core.v1.ConfigMap' })).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: 'c' },
      data: { a: 'b', k: '한글' },
    })
  })

  it('of create job', () => {
    const job = object(sent.job, { group: 'batch', version: 'v1', kind: 'Job', schema: 'io.k8s.api.batch.v1.Job' })
    expect(job['spec']).toEqual({
      template: { metadata: {}, spec: { containers: [{ name: 'j', image: 'busybox', command: ['date'], resources: {} }], restartPolicy: 'Never' } },
    })
  })

  it('of create rolebinding', () => {
    expect(
      object(sent.rolebinding, { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding', schema: 'io.k8s.api.rbac.v1.RoleBinding' }),
    ).toMatchObject({
      subjects: [
        { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' },
        { kind: 'ServiceAccount', name: 'sa', namespace: 'default' },
      ],
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
    })
  })

  it('that are cut or damaged are refused with a reason', () => {
    const whole = Buffer.from(sent.deployment, 'hex')
    expect(() => decodeProtobuf(whole.subarray(0, 100))).toThrow('unexpected EOF')
    expect(() => decodeProtobuf(Buffer.from('{}'))).toThrow('provided data does not appear to be a protobuf message')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(whole.length - 1), (noise, at) => {
        const damaged = Buffer.concat([whole.subarray(0, at), noise])
        expect(outcome(() => decodeProtobuf(damaged))).toBe(true)
      }),
    )
  })
})
