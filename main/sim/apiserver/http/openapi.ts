import type { ResourceDefinition } from '../definition.ts'
import type { OpenApi } from '../schema/openapi.ts'
import { RawAnswer } from './message.ts'
import { mediaRanges } from './negotiate.ts'
import { VERSION } from './version.ts'

/** What the smallest OpenAPI v2 document says in JSON; see `openapiV2` for who asks. */
const V2_JSON = JSON.stringify({ swagger: '2.0', info: { title: 'Kubernetes', version: VERSION.gitVersion }, paths: {}, definitions: {} })

export interface OpenApiPaths {
  /** Undefined where the path is none of OpenAPI's. */
  answer(path: string, query: URLSearchParams, headers: Readonly<Record<string, string | undefined>>): Promise<RawAnswer> | undefined
}

const json = (body: string, more: Record<string, string> = {}) => new RawAnswer({ status: 200, headers: { 'Content-Type': 'application/json', ...more }, body })

/** `/openapi/v3`, its documents, and `/openapi/v2`. The schemas' side is only loaded when somebody asks. */
export const createOpenApiPaths = (definitions: readonly ResourceDefinition[]): OpenApiPaths => {
  let loaded: Promise<{ readonly openApi: OpenApi; readonly v2: Uint8Array; readonly v2Type: string }> | undefined
  const load = () =>
    (loaded ??= import('../schema/openapi.ts').then(({ createOpenApi, openapiV2, OPENAPI_V2_TYPE }) => ({
      openApi: createOpenApi(definitions),
      v2: openapiV2,
      v2Type: OPENAPI_V2_TYPE,
    })))

  const document = async (name: string, query: URLSearchParams, ifNoneMatch: string | undefined): Promise<RawAnswer> => {
    const found = await (await load()).openApi.document(name)
    if (!found) return new RawAnswer({ status: 404, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: '404 page not found\n' })
    const asked = query.get('hash')
    if (asked && asked !== found.hash) return new RawAnswer({ status: 301, headers: { Location: `/openapi/v3/${name}?hash=${found.hash}` }, body: '' })
    const etag = `"${found.hash}"`
    const caching = { ETag: etag, Vary: 'Accept', 'Cache-Control': asked ? 'public, immutable' : 'no-cache, private' }
    return ifNoneMatch === etag ? new RawAnswer({ status: 304, headers: caching, body: '' }) : json(found.text, caching)
  }

  return {
    answer: (path, query, headers) => {
      if (path === '/openapi/v2') {
        // The type that clients ask for has an "@" in it, which Go's own parser of media types refuses in an answer.
        const protobuf = mediaRanges(headers['accept']).some(({ type }) => type.startsWith('application/com.github.proto-openapi.spec.v2'))
        return protobuf
          ? load().then(({ v2, v2Type }) => new RawAnswer({ status: 200, headers: { 'Content-Type': v2Type }, body: v2 }))
          : Promise.resolve(json(V2_JSON))
      }
      if (path === '/openapi/v3' || path === '/openapi/v3/') return load().then(async ({ openApi }) => json(JSON.stringify(await openApi.index())))
      return path.startsWith('/openapi/v3/') ? document(path.slice('/openapi/v3/'.length), query, headers['if-none-match']) : undefined
    },
  }
}
