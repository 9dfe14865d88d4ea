import type { KubeObject } from '../../apiserver/object.ts'
import type { Status } from '../../apiserver/errors.ts'
import { KubectlError, StatusError } from './errors.ts'
import type { KubectlIo } from './io.ts'

/** A resource type as the server's discovery tells it. */
export interface ApiResource {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly resource: string
  readonly singular: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly subresources: readonly string[]
}

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  readonly accept?: string
  readonly contentType?: string
}

/** The part of client-go that kubectl needs, over the machine's API endpoint. Rejects with StatusError or KubectlError. */
export interface Client {
  json<T = any>(method: string, path: string, options?: RequestOptions): Promise<T>
  text(path: string): Promise<string>
  /** Parsed values of a stream of JSON lines, until it ends or the signal is aborted. */
  lines<T>(path: string, query: Readonly<Record<string, string | undefined>>, accept?: string): AsyncIterable<T>
  /** Raw chunks of a streaming answer (logs). */
  stream(path: string, query: Readonly<Record<string, string | undefined>>): AsyncIterable<Uint8Array>
  discovery(): Promise<readonly ApiResource[]>
}

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
export const ACCEPT_TABLE = TABLE
const ACCEPT_DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

/** `/api/v1/namespaces/x/pods/y` and the like. */
export const resourcePath = (
  resource: Pick<ApiResource, 'group' | 'version' | 'resource' | 'namespaced'>,
  namespace?: string,
  name?: string,
  subresource?: string,
): string =>
  [
    resource.group ? `/apis/${resource.group}/${resource.version}` : `/api/${resource.version}`,
    ...(resource.namespaced && namespace ? ['namespaces', namespace] : []),
    resource.resource,
    ...(name ? [encodeURIComponent(name)] : []),
    ...(subresource ? [subresource] : []),
  ].join('/')

export const apiVersionOf = (resource: Pick<ApiResource, 'group' | 'version'>): string =>
  resource.group ? `${resource.group}/${resource.version}` : resource.version

const collect = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

export const createClient = (io: KubectlIo): Client => {
  const send = async (method: string, path: string, { query, body, accept = 'application/json', contentType = 'application/json' }: RequestOptions) => {
    const search = new URLSearchParams(Object.entries(query ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined)).toString()
    try {
      if (!io.endpoint) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
      const answer = await io.endpoint.request({
        method,
        path: search ? `${path}?${search}` : path,
        headers: { accept, 'user-agent': 'kubectl/v1.36 (linux/amd64) kubernetes', ...(body !== undefined && { 'content-type': contentType }) },
        body: body === undefined ? undefined : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
        signal: io.signal,
      })
      for (const warning of answer.headers.warning?.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g) ?? [])
        io.stderr(`Warning: ${warning[1]!.replaceAll('\\"', '"')}\n`)
      if (answer.status >= 400) throw statusError(answer.status, await collect(answer.body))
      return answer
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ECONNREFUSED')
        throw new KubectlError(
          `The connection to the server ${io.endpoint ? io.server : 'localhost:8080'} was refused - did you specify the right host or port?`,
        )
      throw error
    }
  }

  let discovered: Promise<readonly ApiResource[]> | undefined
  const client: Client = {
    json: async (method, path, options = {}) => JSON.parse(await collect((await send(method, path, options)).body)) as never,
    text: async path => collect((await send('GET', path, { accept: 'application/json, */*' })).body),
    async *lines(path, query, accept) {
      let rest = ''
      const decoder = new TextDecoder()
      for await (const chunk of (await send('GET', path, { query, accept })).body) {
        rest += decoder.decode(chunk, { stream: true })
        for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
          const line = rest.slice(0, end)
          rest = rest.slice(end + 1)
          if (line) yield JSON.parse(line) as never
        }
      }
    },
    async *stream(path, query) {
      yield* (await send('GET', path, { query, accept: 'application/json, */*' })).body
    },
    discovery: () =>
      (discovered ??= (async () => {
        const lists = await Promise.all(['/api', '/apis'].map(path => client.json<AggregatedDiscovery>('GET', path, { accept: ACCEPT_DISCOVERY })))
        return lists.flatMap(list =>
          list.items.flatMap(group =>
            group.versions.flatMap(version => version.resources.map(resource => toResource(group.metadata.name ?? '', version.version, resource))),
          ),
        )
      })()),
  }
  return client
}

interface AggregatedDiscovery {
  readonly items: readonly {
    readonly metadata: { readonly name?: string }
    readonly versions: readonly { readonly version: string; readonly resources: readonly DiscoveredResource[] }[]
  }[]
}

interface DiscoveredResource {
  readonly resource: string
  readonly responseKind: { readonly kind: string }
  readonly scope: string
  readonly singularResource: string
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly subresources?: readonly { readonly subresource: string }[]
}

const toResource = (group: string, version: string, found: DiscoveredResource): ApiResource => ({
  group,
  version,
  kind: found.responseKind.kind,
  resource: found.resource,
  singular: found.singularResource,
  shortNames: found.shortNames ?? [],
  categories: found.categories ?? [],
  namespaced: found.scope === 'Namespaced',
  verbs: found.verbs,
  subresources: (found.subresources ?? []).map(sub => sub.subresource),
})

const statusError = (code: number, body: string): Error => {
  try {
    const status = JSON.parse(body) as Status
    if (status.kind === 'Status') return new StatusError(status)
  } catch {
    // Not a Status: the text itself is all there is to show.
  }
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: body.trim() || `the server responded with the status code ${code}`,
    code,
  })
}

/** Finds a resource type by plural, singular, short name or kind, optionally with version and group (`deploy.v1.apps`). */
export const findResource = async (client: Client, text: string): Promise<ApiResource> => {
  const all = await client.discovery()
  const wanted = text.toLowerCase()
  const matches = (resource: ApiResource, name: string) =>
    resource.resource === name || resource.singular === name || resource.shortNames.includes(name) || resource.kind.toLowerCase() === name
  const direct = all.find(resource => matches(resource, wanted))
  if (direct) return direct
  const [name, ...suffix] = wanted.split('.')
  if (suffix.length > 0) {
    const found = all.find(
      resource =>
        matches(resource, name!) &&
        (`${resource.version}.${resource.group}` === suffix.join('.') || (resource.group !== '' && resource.group.startsWith(suffix.join('.')))),
    )
    if (found) return found
  }
  throw new KubectlError(`error: the server doesn't have a resource type "${text}"`)
}

export const findKind = async (client: Client, apiVersion: string, kind: string): Promise<ApiResource | undefined> => {
  const [version, group] = apiVersion.includes('/') ? [apiVersion.split('/')[1]!, apiVersion.split('/')[0]!] : [apiVersion, '']
  return (await client.discovery()).find(resource => resource.kind === kind && resource.group === group && resource.version === version)
}

export type AnyObject = KubeObject & { readonly [key: string]: any }
