import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
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
  server = await createApiServer({
    clock,
    wall,
    random: seededRandom(1),
    dataDir: dir,
    definitions,
    port: 0,
    onFault: error => faults.push((error as Error).stack),
  })
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
        volumes: [
          { name: 'v', configMap: { name: 'm', items: [{ key: 'a', path: 'b' }] } },
          { name: 'p', projected: { sources: [{ downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } }] } },
        ],
        tolerations: [{ key: 'k', operator: 'Exists' }],
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }] },
          },
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, podAffinityTerm: { labelSelector: selector, topologyKey: 'kubernetes.io/hostname' } },
            ],
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
    {
      spec: {
        template: jobTemplate,
        podFailurePolicy: {
          rules: [
            { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] },
            { action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } },
          ],
        },
      },
    },
  ],
  [namespaced('api/v1', 'services'), { spec: { type: 'NodePort', selector: { app: 'x' }, ports: [{ port: 80, targetPort: 'http' }] } }],
  [namespaced('api/v1', 'endpoints'), { subsets: [{ addresses: [{ ip: '10.0.0.1', targetRef: { kind: 'Pod' } }], ports: [{ port: 80 }] }] }],
  [
    namespaced('apis/discovery.k8s.io/v1', 'endpointslices'),
    { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }], ports: [{ port: 80 }] },
  ],
  [namespaced('api/v1', 'configmaps'), { data: { a: 'b' }, binaryData: { c: 'AA==' } }],
  [namespaced('api/v1', 'secrets'), { type: 'Opaque', data: { a: 'AA==' }, stringData: { b: 'c' } }],
  [namespaced('api/v1', 'serviceaccounts'), { secrets: [{ name: 'a' }], imagePullSecrets: [{ name: 'b' }] }],
  [
    namespaced('api/v1', 'events'),
    {
      involvedObject: { kind: 'Pod', namespace: 'default', name: 'p' },
      reason: 'A',
      message: 'b',
      type: 'Normal',
      source: { component: 'c' },
      series: { count: 2 },
    },
  ],
  [namespaced('apis/coordination.k8s.io/v1', 'leases'), { spec: { holderIdentity: 'a', leaseDurationSeconds: 10 } }],
  [
    namespaced('apis/networking.k8s.io/v1', 'ingresses'),
    {
      spec: {
        defaultBackend: { service: { name: 'a', port: { number: 80 } } },
        tls: [{ hosts: ['a.b'] }],
        rules: [{ host: 'a.b', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { name: 'x' } } } }] } }],
      },
    },
  ],
  ['/apis/networking.k8s.io/v1/ingressclasses', { spec: { controller: 'a.b/c', parameters: { kind: 'A', name: 'b' } } }],
  [namespaced('apis/rbac.authorization.k8s.io/v1', 'roles'), { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }],
  [
    namespaced('apis/rbac.authorization.k8s.io/v1', 'rolebindings'),
    {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [
        { kind: 'User', name: 'a' },
        { kind: 'ServiceAccount', name: 'b', namespace: 'default' },
      ],
    },
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    { rules: [{ nonResourceURLs: ['/a'], verbs: ['get'] }], aggregationRule: { clusterRoleSelectors: [selector] } },
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'Group', name: 'a' }] },
  ],
  ['/api/v1/namespaces', { spec: { finalizers: ['kubernetes'] } }],
  [
    '/api/v1/nodes',
    {
      spec: { podCIDR: '10.0.0.0/24', taints: [{ key: 'a', effect: 'NoSchedule' }] },
      status: { capacity: { cpu: 1 }, conditions: [{ type: 'Ready', status: 'True' }], addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] },
    },
  ],
  ['/apis/scheduling.k8s.io/v1/priorityclasses', { value: 5 }],
  [
    '/apis/storage.k8s.io/v1/storageclasses',
    { provisioner: 'a/b', parameters: { a: 'b' }, allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: ['b'] }] }] },
  ],
  ['/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'a' } }],
  ['/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec: { user: 'a', resourceAttributes: { verb: 'get', resource: 'pods' } } }],
  ['/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: { nonResourceAttributes: { path: '/a', verb: 'get' } } }],
  ['/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { spec: { namespace: 'default' } }],
  [
    namespaced('apis/authorization.k8s.io/v1', 'localsubjectaccessreviews'),
    { metadata: { namespace: 'default' }, spec: { user: 'a', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } } },
  ],
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

const pod = (name: string, more: object = {}) => ({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'nginx' }], ...more } })

describe('requests that a real server refuses', () => {
  const configMaps = namespaced('api/v1', 'configmaps')
  const message = async (...request: Parameters<typeof call>) => {
    const { status, json, text } = await call(...request)
    return [status, json?.message ?? text]
  }

  it('are a Pod without a spec', async () => {
    expect(await message('POST', namespaced('api/v1', 'pods'), { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'x' } })).toEqual([
      422,
      'Pod "x" is invalid: spec.containers: Required value',
    ])
  })

  it('are texts nested too deeply, in words of the field', async () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000)
    expect((await message('POST', configMaps, deep))[1]).toContain('exceeded max depth')
    expect((await message('POST', configMaps, deep, 'application/yaml'))[1]).toContain('yaml: exceeded max depth of 10000')
  })

  it('are JSON with a byte order mark; half a surrogate pair is replaced', async () => {
    expect((await message('POST', configMaps, '\ufeff{}'))[1]).toContain("invalid character '\ufeff' looking for beginning of value")
    const made = await call('POST', `${configMaps}?dryRun=All`, '{"metadata":{"name":"half"},"data":{"a":"\\ud800","b":"\\ud83d\\ude00"}}')
    expect(made.json.data).toEqual({ a: '\ufffd', b: '😀' })
  })

  it('are selectors that do not parse', async () => {
    const selected = (selector: string) => message('GET', `${configMaps}?labelSelector=${encodeURIComponent(selector)}`)
    expect(await selected('=x')).toEqual([400, "found '=', expected: !, identifier, or 'end of string'"])
    expect(await selected('a in')).toEqual([400, "unable to parse requirement: found '' expected: '('"])
    expect(await selected('a in (')).toEqual([400, "unable to parse requirement: found '', expected: ',', ')' or identifier"])
    expect(await selected('a=b=c')).toEqual([400, "found '=', expected: ',' or 'end of string'"])
    for (const selector of ['a in (b,c)', 'a in (,b)', 'a notin (b,)', 'a,!b', 'a==b,c!=d', 'a>1']) expect((await selected(selector))[0]).toBe(200)
  })

  it('are streams into pods, which the kubelet does not open', async () => {
    const pods = namespaced('api/v1', 'pods')
    await call('POST', pods, pod('streamed'))
    expect(await message('GET', `${pods}/none/exec?command=ls`)).toEqual([404, 'pods "none" not found'])
    expect(await message('POST', `${pods}/streamed/exec?command=ls&container=x`)).toEqual([400, 'container x is not valid for pod streamed'])
    expect(await message('POST', `${pods}/streamed/exec?command=ls`)).toEqual([400, 'pod streamed does not have a host assigned'])
    server.setKubeletBackend({ logs: async function* () {}, stream: () => ({ status: 405, text: 'Debug endpoints are disabled.' }) })
    await call('POST', `${pods}/streamed/binding`, { target: { kind: 'Node', name: 'n' } })
    expect(await message('POST', `${pods}/streamed/portforward`)).toEqual([405, 'Debug endpoints are disabled.\n'])
    expect((await call('GET', '/api/v1')).json.resources.map(({ name }: { name: string }) => name)).not.toContain('pods/ephemeralcontainers')
  })

  it('are addresses in a status that are none', async () => {
    const services = namespaced('api/v1', 'services')
    await call('POST', services, { metadata: { name: 'lb' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } })
    const patched = await message('PATCH', `${services}/lb/status`, { status: { loadBalancer: { ingress: [{ ip: 'bad' }] } } }, 'application/merge-patch+json')
    expect(patched[1]).toContain('status.loadBalancer.ingress[0].ip: Invalid value: "bad": must be a valid IP address')
    expect((await message('POST', services, { metadata: { name: 'far' }, spec: { clusterIP: '10.1.1.1', ports: [{ port: 80 }] } }))[1]).toContain(
      'the provided network does not match the current range',
    )
  })
})

/** Sends large objects over one connection, one after another, from a process that does not wait for ours. */
const CLIENT = `
  import https from 'node:https'
  const { url, tls } = JSON.parse(process.argv[1])
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, ...tls })
  const body = () => JSON.stringify({ metadata: { generateName: 'large-' }, data: { a: 'x'.repeat(100_000) } })
  for (let i = 0; i < 200; i++) await new Promise((resolve, reject) => {
    https.request(url, { method: 'POST', agent }, response => response.resume().on('end', resolve)).on('error', reject).end(body())
  })
  process.exit()`

describe('one connection', () => {
  it('carries large objects there and back again and again', async () => {
    const { users, clusters } = parse(server.kubeconfig()) as { users: { user: Record<string, string> }[]; clusters: { cluster: Record<string, string> }[] }
    const decoded = (text: string | undefined) => Buffer.from(text!, 'base64').toString()
    const tls = {
      ca: decoded(clusters[0]!.cluster['certificate-authority-data']),
      cert: decoded(users[0]!.user['client-certificate-data']),
      key: decoded(users[0]!.user['client-key-data']),
    }
    const told = JSON.stringify({ url: `${server.url}${namespaced('api/v1', 'configmaps')}`, tls })
    await expect(promisify(execFile)(process.execPath, ['--input-type=module', '-e', CLIENT, told])).resolves.toMatchObject({ stderr: '' })
  })
})

describe('admission', () => {
  it('keeps one default priority class, and the system ones', async () => {
    const classes = '/apis/scheduling.k8s.io/v1/priorityclasses'
    expect((await call('POST', classes, { metadata: { name: 'first' }, value: 5, globalDefault: true })).status).toBe(201)
    expect((await call('POST', classes, { metadata: { name: 'second' }, value: 6, globalDefault: true })).json.message).toBe(
      'priorityclasses.scheduling.k8s.io "second" is forbidden: PriorityClass first is already marked as default. Only one default can exist',
    )
    expect((await call('DELETE', `${classes}/system-node-critical`)).json.message).toContain('this is a system priority class and cannot be deleted')
    await call('DELETE', `${classes}/first`)
  })

  it('gives ingresses the default class', async () => {
    const classes = '/apis/networking.k8s.io/v1/ingressclasses'
    await call('POST', classes, {
      metadata: { name: 'traefik', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: 'a.b/c' },
    })
    const made = await call('POST', namespaced('apis/networking.k8s.io/v1', 'ingresses'), {
      metadata: { name: 'i' },
      spec: { defaultBackend: { service: { name: 'a', port: { number: 80 } } } },
    })
    expect(made.json.spec.ingressClassName).toBe('traefik')
  })

  it('puts tolerations for lost nodes back when they are patched away', async () => {
    const pods = namespaced('api/v1', 'pods')
    await call('POST', pods, pod('tolerant'))
    const patched = await call('PATCH', `${pods}/tolerant`, { spec: { tolerations: [{ key: 'x', operator: 'Exists' }] } }, 'application/merge-patch+json')
    expect([patched.status, patched.json.spec.tolerations.map(({ key }: { key: string }) => key)]).toEqual([
      200,
      ['x', 'node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'],
    ])
  })
})
