import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { VirtualClock } from '../time/clock.ts'
import { pace, type Pacer } from '../time/pace.ts'
import { seededRandom } from '../time/random.ts'
import { createApiServer, type ApiServer } from './index.ts'
import { definitions } from './resources/index.ts'

const wall = {
  now: () => Date.now(),
  after: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  defer: (callback: () => void) => void setImmediate(callback),
}

let dir: string
let pacer: Pacer
let server: ApiServer
let certificate: string
/** What the server could not handle; whoever asked got a 500. */
const faults: (string | undefined)[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'badinput-'))
  const clock = new VirtualClock(Date.now())
  pacer = pace(clock, wall)
  server = await createApiServer({ clock, wall, random: seededRandom(1), dataDir: dir, definitions, port: 0, onFault: error => faults.push((error as Error).stack) })
  await server.start()
  const { users } = parse(server.kubeconfig()) as { users: { user: Record<string, string> }[] }
  certificate = users[0]!.user['client-certificate-data']!
  await call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } })
})

afterAll(async () => {
  await server.close()
  pacer.dispose()
  rmSync(dir, { recursive: true, force: true })
})

const call = async (method: string, path: string, sent?: unknown, type = 'application/json') => {
  const bytes = sent === undefined ? undefined : sent instanceof Uint8Array ? sent : Buffer.from(typeof sent === 'string' ? sent : JSON.stringify(sent))
  const { status, body } = await server.endpoint.request({
    method,
    path,
    headers: { ':client-certificate': certificate, 'content-type': type },
    ...(bytes && { body: bytes }),
  })
  let text = ''
  for await (const chunk of body) text += Buffer.from(chunk).toString()
  return { status, text, json: text.startsWith('{') ? JSON.parse(text) : undefined }
}

const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80 }] }] } }
const jobTemplate = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
const selector = { matchLabels: { app: 'x' } }
const namespaced = (group: string, resource: string) => `/${group}/namespaces/default/${resource}`

/** A whole object of each kind, to take parts away from. */
const samples: readonly (readonly [path: string, object: object])[] = [
  [
    namespaced('api/v1', 'pods'),
    {
      spec: {
        ...template.spec,
        initContainers: [{ name: 'i', image: 'busybox', env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }],
        volumes: [{ name: 'v', configMap: { name: 'm', items: [{ key: 'a', path: 'b' }] } }, { name: 'p', projected: { sources: [{ downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } }] } }],
        tolerations: [{ key: 'k', operator: 'Exists' }],
        affinity: {
          nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }] } },
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { labelSelector: selector, topologyKey: 'kubernetes.io/hostname' } }],
          },
        },
        topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: selector }],
        securityContext: { sysctls: [{ name: 'net.a', value: '1' }] },
        dnsConfig: { options: [{ name: 'ndots', value: '1' }] },
        hostAliases: [{ ip: '127.0.0.1', hostnames: ['a'] }],
      },
    },
  ],
  [namespaced('apis/apps/v1', 'deployments'), { spec: { selector, template, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }],
  [namespaced('apis/apps/v1', 'replicasets'), { spec: { selector, template } }],
  [namespaced('apis/apps/v1', 'daemonsets'), { spec: { selector, template, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } } } }],
  [namespaced('apis/apps/v1', 'controllerrevisions'), { revision: 1, data: { a: 1 } }],
  [
    namespaced('apis/batch/v1', 'jobs'),
    { spec: { template: jobTemplate, podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }, { action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] } } },
  ],
  [namespaced('api/v1', 'services'), { spec: { type: 'NodePort', selector: { app: 'x' }, ports: [{ port: 80, targetPort: 'http' }] } }],
  [namespaced('api/v1', 'endpoints'), { subsets: [{ addresses: [{ ip: '10.0.0.1', targetRef: { kind: 'Pod' } }], ports: [{ port: 80 }] }] }],
  [namespaced('apis/discovery.k8s.io/v1', 'endpointslices'), { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }], ports: [{ port: 80 }] }],
  [namespaced('api/v1', 'configmaps'), { data: { a: 'b' }, binaryData: { c: 'AA==' } }],
  [namespaced('api/v1', 'secrets'), { type: 'Opaque', data: { a: 'AA==' }, stringData: { b: 'c' } }],
  [namespaced('api/v1', 'serviceaccounts'), { secrets: [{ name: 'a' }], imagePullSecrets: [{ name: 'b' }] }],
  [namespaced('api/v1', 'events'), { involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' }, reason: 'A', message: 'b', type: 'Normal', source: { component: 'c' }, series: { count: 2 } }],
  [namespaced('apis/coordination.k8s.io/v1', 'leases'), { spec: { holderIdentity: 'a', leaseDurationSeconds: 10 } }],
  [
    namespaced('apis/networking.k8s.io/v1', 'ingresses'),
    { spec: { defaultBackend: { service: { name: 'a', port: { number: 80 } } }, tls: [{ hosts: ['a.b'] }], rules: [{ host: 'a.b', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { name: 'x' } } } }] } }] } },
  ],
  ['/apis/networking.k8s.io/v1/ingressclasses', { spec: { controller: 'a.b/c', parameters: { kind: 'A', name: 'b' } } }],
  [namespaced('apis/rbac.authorization.k8s.io/v1', 'roles'), { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }],
  [
    namespaced('apis/rbac.authorization.k8s.io/v1', 'rolebindings'),
    { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'User', name: 'a' }, { kind: 'ServiceAccount', name: 'b', namespace: 'default' }] },
  ],
  ['/apis/rbac.authorization.k8s.io/v1/clusterroles', { rules: [{ nonResourceURLs: ['/a'], verbs: ['get'] }], aggregationRule: { clusterRoleSelectors: [selector] } }],
  ['/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'Group', name: 'a' }] }],
  ['/api/v1/namespaces', { spec: { finalizers: ['kubernetes'] } }],
  ['/api/v1/nodes', { spec: { podCIDR: '10.0.0.0/24', taints: [{ key: 'a', effect: 'NoSchedule' }] }, status: { capacity: { cpu: 1 }, conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] } }],
  ['/apis/scheduling.k8s.io/v1/priorityclasses', { value: 5 }],
  ['/apis/storage.k8s.io/v1/storageclasses', { provisioner: 'a/b', parameters: { a: 'b' }, allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: ['b'] }] }] }],
  ['/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'a' } }],
  ['/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec: { user: 'a', resourceAttributes: { verb: 'get', resource: 'pods' } } }],
  ['/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: { nonResourceAttributes: { path: '/a', verb: 'get' } } }],
  ['/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { spec: { namespace: 'default' } }],
  [namespaced('apis/authorization.k8s.io/v1', 'localsubjectaccessreviews'), { metadata: { namespace: 'default' }, spec: { user: 'a', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } } }],
]

type Json = null | string | number | boolean | Json[] | { [key: string]: Json }

/** The value with each of its parts, one at a time, left out, null, or empty. */
const damaged = function* (value: Json): Generator<Json> {
  if (value === null || typeof value !== 'object') return
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
  for (const key of keys) {
    const at = (replacement: Json): Json => (Array.isArray(value) ? value.with(key as number, replacement) : { ...value, [key]: replacement })
    const member = (value as Record<string | number, Json>)[key]!
    yield Array.isArray(value) ? value.toSpliced(key as number, 1) : Object.fromEntries(Object.entries(value).filter(([other]) => other !== key))
    yield at(null)
    yield at(Array.isArray(member) ? [] : typeof member === 'object' ? {} : typeof member === 'string' ? '' : -1)
    if (Array.isArray(member)) yield at([null])
    for (const part of damaged(member)) yield at(part)
  }
}

describe('objects with a part left out, null or empty', () => {
  for (const [path, object] of samples) {
    it(`at ${path} are taken or refused, when created, replaced and patched`, async () => {
      faults.length = 0
      const whole = { metadata: { name: 'whole' }, ...object } as Json
      expect((await call('POST', path, whole)).status).toBe(201)
      const definition = definitions.find(({ resource }) => path.endsWith(`/${resource}`))
      for (const body of damaged(whole)) {
        await call('POST', `${path}?dryRun=All`, body)
        if (!definition) continue
        await call('PUT', `${path}/whole?dryRun=All`, body)
        await call('PATCH', `${path}/whole?dryRun=All`, body, 'application/merge-patch+json')
        await call('PATCH', `${path}/whole?dryRun=All`, body, 'application/strategic-merge-patch+json')
        if (definition.subresources?.includes('status')) await call('PUT', `${path}/whole/status?dryRun=All`, body)
      }
      expect(faults).toEqual([])
    })
  }
})
