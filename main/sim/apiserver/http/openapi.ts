import { RawAnswer } from './message.ts'
import { mediaRanges } from './negotiate.ts'

/** What the schemas' side gives: documents of OpenAPI v3 by group version (`api/v1`, `apis/apps/v1`). */
export interface OpenApiDocuments {
  readonly paths: readonly string[]
  /** The document's JSON text; undefined for a group version without one. */
  document(path: string): { readonly text: string; readonly hash: string } | undefined
}

export interface OpenApi {
  answer(path: string, query: URLSearchParams, headers: Readonly<Record<string, string | undefined>>): RawAnswer | undefined
}

/**
 * The smallest OpenAPI v2 document in protobuf (`swagger: "2.0"`, title and version, no paths, no definitions): what
 * kubectl before 1.29 needs to go on with a client-side apply. Kinds without a schema are not checked by the client.
 */
const V2_PROTOBUF = Buffer.from('0a03322e3012060a01781201314200 4a00'.replace(' ', ''), 'hex')
const V2_JSON = { swagger: '2.0', info: { title: 'Kubernetes', version: 'v1.36.2+k3s1' }, paths: {}, definitions: {} }

/** `/openapi/v3`, its documents, and `/openapi/v2`. */
export const createOpenApi = (documents: OpenApiDocuments): OpenApi => ({
  answer: (path, query, headers) => {
    if (path === '/openapi/v2') {
      // The type that clients ask for has an "@" in it, which Go's own parser of media types refuses in an answer.
      const protobuf = mediaRanges(headers['accept']).some(({ type }) => type.startsWith('application/com.github.proto-openapi.spec.v2'))
      if (protobuf) return new RawAnswer({ status: 200, headers: { 'Content-Type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' }, body: V2_PROTOBUF })
      return new RawAnswer({ status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(V2_JSON) })
    }
    if (path === '/openapi/v3' || path === '/openapi/v3/') {
      const paths = Object.fromEntries(documents.paths.flatMap(name => {
        const found = documents.document(name)
        return found ? [[name, { serverRelativeURL: `/openapi/v3/${name}?hash=${found.hash}` }]] : []
      }))
      return new RawAnswer({ status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ paths }) })
    }
    if (!path.startsWith('/openapi/v3/')) return undefined
    const name = path.slice('/openapi/v3/'.length)
    const found = documents.document(name)
    if (!found) return undefined
    const hash = query.get('hash')
    if (hash && hash !== found.hash) return new RawAnswer({ status: 301, headers: { Location: `/openapi/v3/${name}?hash=${found.hash}` }, body: '' })
    const etag = `"${found.hash}"`
    const caching = { ETag: etag, Vary: 'Accept', 'Cache-Control': hash ? 'public, immutable' : 'no-cache, private' }
    if (headers['if-none-match'] === etag) return new RawAnswer({ status: 304, headers: caching, body: '' })
    return new RawAnswer({ status: 200, headers: { 'Content-Type': 'application/json', ...caching }, body: found.text })
  },
})
