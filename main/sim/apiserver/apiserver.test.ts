import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import https from 'node:https'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { ApiClient, WatchEvent } from '../client/client.ts'
import { VirtualClock } from '../time/clock.ts'
import { pace, type Pacer } from '../time/pace.ts'
import { seededRandom } from '../time/random.ts'
import { loadCertificates } from './access/certificates.ts'
import { createApiServer, type ApiServer, type TraceRecord } from './index.ts'
import { definitions } from './resources/index.ts'
import { configMaps, deployments, namespaces, pods, serviceAccounts, type ConfigMap, type Pod } from './resources/types.ts'

const wall = {
  now: () => Date.now(),
  after: (ms: number, callback: () => void) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  defer: (callback: () => void) => void setImmediate(callback),
}

let dir: string
let clock: VirtualClock
let pacer: Pacer
let server: ApiServer
let admin: ApiClient
const faults: unknown[] = []

const open = () => createApiServer({ clock, wall, random: seededRandom(1), dataDir: dir, definitions, port: 0, onFault: error => faults.push(error) })

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'apiserver-'))
  clock = new VirtualClock(Date.now())
  pacer = pace(clock, wall)
  server = await open()
  await server.start()
  admin = server.clientFor({ name: 'system:admin', groups: ['system:masters'] })
  await admin.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } })
})

afterAll(async () => {
  await server.close()
  pacer.dispose()
  rmSync(dir, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
  readonly json: any
}

const adminTls = () => {
  const { users, clusters } = parse(server.kubeconfig()) as { users: { user: Record<string, string> }[]; clusters: { cluster: Record<string, string> }[] }
  const decode = (text: string | undefined) => Buffer.from(text!, 'base64').toString()
  return {
    ca: decode(clusters[0]!.cluster['certificate-authority-data']),
    cert: decode(users[0]!.user['client-certificate-data']),
    key: decode(users[0]!.user['client-key-data']),
  }
}

const call = (method: string, path: string, options: { body?: string | Buffer; headers?: Record<string, string>; tls?: object } = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = https.request(
      `${server.url}${path}`,
      { method, headers: options.headers ?? {}, ...(options.tls ?? adminTls()), agent: false },
      response => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', chunk => (text += chunk))
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined }),
        )
      },
    )
    request.on('error', reject)
    request.end(options.body)
  })

const configMap = (name: string, data: Record<string, string> = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data })
const at = (name: string, query = '') => `/api/v1/namespaces/default/configmaps/${name}${query}`
const JSON_BODY = { 'content-type': 'application/json' }

describe('objects, from inside', () => {
  it('conflicts on a stale version, and does not write what changes nothing', async () => {
    const made = await admin.create<ConfigMap>(configMaps, configMap('conflict', { a: '1' }))
    const changed = await admin.update(configMaps, { ...made, data: { a: '2' } })
    expect(Number(changed.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion))
    await expect(admin.update(configMaps, { ...made, data: { a: '3' } })).rejects.toMatchObject({
      message:
        'Operation cannot be fulfilled on configmaps "conflict": the object has been modified; please apply your changes to the latest version and try again',
      status: { code: 409, reason: 'Conflict' },
    })
    expect(await admin.update(configMaps, { ...changed, data: { a: '2' } })).toBe(changed)
  })

  it('gives pods their service account, its token volume, tolerations and priority', async () => {
    const pod = await admin.create<Pod>(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'admitted', namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'nginx' }], priorityClassName: 'system-node-critical' },
    } as never)
    expect(pod.spec.serviceAccountName).toBe('default')
    expect(pod.spec.volumes?.[0]?.name).toMatch(/^kube-api-access-[b-z2-9]{5}$/)
    expect(pod.spec.containers[0]!.volumeMounts).toEqual([
      { name: pod.spec.volumes![0]!.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ])
    expect(pod.spec.tolerations?.map(({ tolerationSeconds }) => tolerationSeconds)).toEqual([300, 300])
    expect(pod.spec).toMatchObject({ priority: 2_000_001_000, preemptionPolicy: 'PreemptLowerPriority' })
  })

  it('deletes pods gracefully once they have a node, and at once before', async () => {
    const create = (name: string) =>
      admin.create<Pod>(pods, {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default' },
        spec: { containers: [{ name: 'c', image: 'nginx' }] },
      } as never)
    await create('placed')
    await admin.post(pods, 'default', 'placed', 'binding', { target: { kind: 'Node', name: 'n' } })
    await admin.delete(pods, 'default', 'placed')
    expect((await admin.get(pods, 'default', 'placed')).metadata).toMatchObject({ deletionGracePeriodSeconds: 30, generation: 2 })
    await admin.delete(pods, 'default', 'placed', { gracePeriodSeconds: 0 })
    await expect(admin.get(pods, 'default', 'placed')).rejects.toMatchObject({ status: { reason: 'NotFound' } })
    await create('unplaced')
    await admin.delete(pods, 'default', 'unplaced')
    await expect(admin.get(pods, 'default', 'unplaced')).rejects.toMatchObject({ status: { reason: 'NotFound' } })
  })

  it('keeps what has finalizers until they are gone', async () => {
    await admin.create<ConfigMap>(configMaps, { ...configMap('held'), metadata: { name: 'held', namespace: 'default', finalizers: ['example.com/hold'] } })
    await admin.delete(configMaps, 'default', 'held')
    const held = await admin.get(configMaps, 'default', 'held')
    expect(held.metadata.deletionTimestamp).toBeDefined()
    await admin.patch(configMaps, 'default', 'held', 'merge', { metadata: { finalizers: null } })
    await expect(admin.get(configMaps, 'default', 'held')).rejects.toMatchObject({ status: { reason: 'NotFound' } })
  })

  it('creates nothing in a namespace that ends', async () => {
    await admin.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ending' } } as never)
    await admin.delete(namespaces, undefined, 'ending')
    await expect(admin.create<ConfigMap>(configMaps, { ...configMap('late'), metadata: { name: 'late', namespace: 'ending' } })).rejects.toMatchObject({
      message: 'configmaps "late" is forbidden: unable to create new content in namespace ending because it is being terminated',
      status: { details: { causes: [{ reason: 'NamespaceTerminating' }] } },
    })
  })

  it('shows a watcher with a selector what begins and ceases to match', async () => {
    const events: string[] = []
    const { resourceVersion } = await admin.list(configMaps)
    const done = new Promise<void>(resolve => {
      admin.watch<ConfigMap>(
        configMaps,
        { namespace: 'default', labelSelector: 'color in (red, blue)', resourceVersion },
        (event: WatchEvent<ConfigMap>) => {
          if (event.type !== 'BOOKMARK') events.push(`${event.type} ${event.object.metadata.labels?.['color']}`)
          if (event.type === 'DELETED') resolve()
        },
        () => {},
      )
    })
    await admin.create<ConfigMap>(configMaps, configMap('painted'))
    for (const color of ['red', 'blue', 'green']) await admin.patch(configMaps, 'default', 'painted', 'merge', { metadata: { labels: { color } } })
    await done
    expect(events).toEqual(['ADDED red', 'MODIFIED blue', 'DELETED blue'])
  })
})

describe('access', () => {
  const anonymous = () => ({ ca: adminTls().ca })

  it('lets anonymous clients see health and version, and nothing else', async () => {
    expect((await call('GET', '/readyz', { tls: anonymous() })).text).toBe('ok')
    expect((await call('GET', '/version', { tls: anonymous() })).json.gitVersion).toMatch(/^v1\.36\.\d+\+k3s1$/)
    const refused = await call('GET', '/api/v1/pods', { tls: anonymous() })
    expect([refused.status, refused.json.message]).toEqual([
      403,
      'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope',
    ])
  })

  it('refuses wrong tokens, foreign and expired certificates with 401', async () => {
    const unauthorized = { status: 401, json: { reason: 'Unauthorized', message: 'Unauthorized' } }
    expect(await call('GET', '/api', { tls: anonymous(), headers: { authorization: 'Bearer garbage' } })).toMatchObject(unauthorized)
    const foreignDir = mkdtempSync(join(tmpdir(), 'foreign-'))
    const foreign = await loadCertificates(foreignDir, ['localhost'], Date.now())
    expect(await call('GET', '/api', { tls: { ...anonymous(), ...foreign.admin } })).toMatchObject(unauthorized)
    rmSync(foreignDir, { recursive: true })
  })

  it('issues tokens for service accounts that end with the account', async () => {
    await admin.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'default' } } as never)
    const made = await call('POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', {
      headers: JSON_BODY,
      body: '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}',
    })
    expect(made.status).toBe(201)
    const headers = { authorization: `Bearer ${made.json.status.token}` }
    const refused = await call('GET', '/api/v1/namespaces/default/pods', { tls: anonymous(), headers })
    expect([refused.status, refused.json.message]).toEqual([
      403,
      'pods is forbidden: User "system:serviceaccount:default:robot" cannot list resource "pods" in API group "" in the namespace "default"',
    ])
    await admin.delete(serviceAccounts, 'default', 'robot')
    expect((await call('GET', '/api', { tls: anonymous(), headers })).status).toBe(401)
  })

  it('grants nodes the secrets of their own pods only', async () => {
    const node = server.clientFor({ name: 'system:node:n1', groups: ['system:nodes'] })
    await admin.create<ConfigMap>(configMaps, configMap('mounted'))
    await admin.create<Pod>(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'mounts', namespace: 'default' },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }], volumes: [{ name: 'v', configMap: { name: 'mounted' } }] },
    } as never)
    expect((await node.get(configMaps, 'default', 'mounted')).metadata.name).toBe('mounted')
    await expect(node.get(configMaps, 'default', 'painted')).rejects.toMatchObject({ status: { code: 403 } })
    await expect(node.create<ConfigMap>(configMaps, configMap('made'))).rejects.toMatchObject({ status: { code: 403 } })
  })

  it('keeps keys and kubeconfig to the owner', () => {
    const path = join(dir, 'kubeconfig')
    server.writeKubeconfig(path)
    expect(readFileSync(path, 'utf8')).toContain('current-context: default')
    for (const file of [path, join(dir, 'tls', 'server-ca.key'), join(dir, 'tls', 'client-admin.key')]) expect(statSync(file).mode & 0o777).toBe(0o600)
  })
})

describe('over HTTPS', () => {
  it('validates fields as asked', async () => {
    const body = JSON.stringify({ ...configMap('strict'), dta: {} })
    const path = '/api/v1/namespaces/default/configmaps'
    const strict = await call('POST', `${path}?fieldValidation=Strict`, { headers: JSON_BODY, body })
    expect([strict.status, strict.json.message]).toEqual([
      400,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dta"',
    ])
    const warned = await call('POST', `${path}?dryRun=All`, { headers: JSON_BODY, body })
    expect([warned.status, warned.headers['warning']]).toEqual([201, '299 - "unknown field \\"dta\\""'])
    expect((await call('GET', at('strict'))).status).toBe(404)
  })

  it('pages through a list as it was at the first page', async () => {
    for (const name of ['p1', 'p2', 'p3'])
      await admin.create<ConfigMap>(configMaps, { ...configMap(name), metadata: { name, namespace: 'default', labels: { page: 'x' } } })
    const first = await call('GET', '/api/v1/namespaces/default/configmaps?limit=1')
    await admin.delete(configMaps, 'default', 'p3')
    const names = first.json.items.map((item: ConfigMap) => item.metadata.name)
    let token = first.json.metadata.continue
    while (token) {
      const page = await call('GET', `/api/v1/namespaces/default/configmaps?limit=1&continue=${token}`)
      expect(page.json.metadata.resourceVersion).toBe(first.json.metadata.resourceVersion)
      names.push(...page.json.items.map((item: ConfigMap) => item.metadata.name))
      token = page.json.metadata.continue
    }
    expect(names).toContain('p3')
    expect(names).toHaveLength(first.json.metadata.remainingItemCount + 1)
  })

  it('streams a watch from where a list ended, and says when that is too long ago', async () => {
    const { resourceVersion } = await admin.list(configMaps)
    await admin.create<ConfigMap>(configMaps, configMap('streamed'))
    const watched = await call('GET', `/api/v1/configmaps?watch=1&timeoutSeconds=1&resourceVersion=${resourceVersion}&fieldSelector=metadata.name%3Dstreamed`)
    expect(
      watched.text
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).type),
    ).toEqual(['ADDED'])
    const table = await call('GET', at('streamed'), { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })
    expect(table.json.rows[0].cells.slice(0, 2)).toEqual(['streamed', 0])
  })

  it('scales through the subresource', async () => {
    await admin.create(deployments, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
      },
    } as never)
    const path = '/apis/apps/v1/namespaces/default/deployments/web/scale'
    const scaled = await call('PATCH', path, { headers: { 'content-type': 'application/merge-patch+json' }, body: '{"spec":{"replicas":3}}' })
    expect(scaled.json).toMatchObject({ kind: 'Scale', spec: { replicas: 3 }, status: { selector: 'app=web' } })
    expect((await admin.get(deployments, 'default', 'web')).spec.replicas).toBe(3)
  })

  it('answers discovery with an ETag', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
    const full = await call('GET', '/apis', { headers: { accept } })
    expect(full.headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')
    expect((await call('GET', '/apis', { headers: { accept, 'if-none-match': String(full.headers['etag']) } })).status).toBe(304)
  })

  it('survives garbage, half requests and bodies that are too large', async () => {
    const port = Number(new URL(server.url).port)
    const poke = (bytes: string) =>
      new Promise<void>(resolve => {
        const socket = net.connect(port, '127.0.0.1', () => socket.end(bytes))
        socket.on('close', () => resolve())
        socket.on('error', () => resolve())
        socket.resume()
      })
    await poke('\u0000garbage\r\n\r\n')
    await poke('GET / HTTP/1.1\r\n\r\n')
    const large = await call('POST', '/api/v1/namespaces/default/configmaps', { headers: JSON_BODY, body: Buffer.alloc(3 * 1024 * 1024 + 1, 0x20) })
    expect([large.status, large.json.message]).toEqual([413, 'Request entity too large: limit is 3145728'])
    expect((await call('POST', '/api/v1/namespaces/default/configmaps', { headers: JSON_BODY, body: '{"apiVersion":' })).json.message).toMatch(
      /^the object provided is unrecognized/,
    )
    expect((await call('GET', '/healthz')).text).toBe('ok')
  })
})

describe('the server', () => {
  it('had no fault of its own so far', () => expect(faults).toEqual([]))

  it('traces requests through the stages while somebody looks', async () => {
    const seen: TraceRecord[] = []
    const stop = server.onTrace(record => seen.push(record))
    const jane = server.clientFor({ name: 'jane', groups: [] })
    await admin.create<ConfigMap>(configMaps, configMap('traced'))
    await expect(jane.get(configMaps, 'default', 'traced')).rejects.toMatchObject({ status: { code: 403 } })
    stop()
    const mine = seen.filter(({ name }) => name === 'traced')
    expect(mine[0]).toMatchObject({ verb: 'create', user: 'system:admin', code: 201 })
    expect(mine[0]!.stages.map(({ stage }) => stage)).toEqual(['authentication', 'authorization', 'mutating', 'validation', 'admission', 'store'])
    expect(mine[1]).toMatchObject({ code: 403, user: 'jane' })
    expect(mine[1]!.stages.at(-1)).toMatchObject({ stage: 'authorization', verdict: 'refused' })
  })

  it('refuses while stopped, ends watches, and resumes on the same port; so does a new process', async () => {
    const { url } = server
    const { resourceVersion } = await admin.list(configMaps)
    const closed = new Promise<Error>(resolve => {
      admin.watch(configMaps, { resourceVersion }, () => {}, resolve)
    })
    await server.stop()
    expect(await closed).toMatchObject({ code: 'ECONNREFUSED' })
    await expect(admin.list(pods)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(server.endpoint.request({ method: 'GET', path: '/healthz', headers: {} })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(call('GET', '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await server.start()
    expect([server.url, (await call('GET', at('traced'))).status]).toEqual([url, 200])
    await server.close()
    server = await open()
    await server.start()
    admin = server.clientFor({ name: 'system:admin', groups: ['system:masters'] })
    expect([server.url, server.boot, (await call('GET', at('traced'))).status]).toEqual([url, 2, 200])
  })

  it('serves programs on machines without a socket', async () => {
    const cert = Buffer.from(adminTls().cert).toString('base64')
    const { status, body } = await server.endpoint.request({ method: 'GET', path: '/api/v1/namespaces/default', headers: { ':client-certificate': cert } })
    let text = ''
    for await (const chunk of body) text += Buffer.from(chunk).toString()
    expect([status, JSON.parse(text).metadata.name]).toEqual([200, 'default'])
  })
})
