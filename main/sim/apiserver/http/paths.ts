import type { Attributes } from '../request.ts'

/** What a path and method mean (k8s.io/apiserver/pkg/endpoints/request/requestinfo.go). */
export interface RequestInfo extends Attributes {
  /** `/api…` and `/apis…` with enough parts to name a resource. */
  readonly isResource: boolean
  /** Path without query. */
  readonly path: string
  readonly query: URLSearchParams
}

const VERBS: Record<string, string> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
/** Below a namespace these are its own parts, not resources in it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize'])

/** Go's strconv.ParseBool as kube-apiserver reads `watch`: anything that is not clearly false is true. */
export const flag = (value: string | null): boolean => value !== null && !['0', 'false', 'f', 'F', 'FALSE', 'False'].includes(value)

export const parsePath = (method: string, target: string): RequestInfo => {
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1))
  const nonResource: RequestInfo = {
    verb: method.toLowerCase(),
    group: '',
    version: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
    path,
    query,
    isResource: false,
  }
  let parts: string[]
  try {
    parts = path
      .replace(/^\/|\/$/g, '')
      .split('/')
      .map(decodeURIComponent)
  } catch {
    return nonResource
  }
  const legacy = parts[0] === 'api'
  if (!legacy && parts[0] !== 'apis') return nonResource
  const group = legacy ? '' : parts[1]
  const version = legacy ? parts[1] : parts[2]
  let rest = parts.slice(legacy ? 2 : 3)
  if (group === undefined || version === undefined || rest.length === 0 || rest.includes('')) return nonResource

  let verb = VERBS[method] ?? ''
  if (rest[0] === 'watch') {
    verb = 'watch'
    rest = rest.slice(1)
    if (rest.length === 0) return nonResource
  }
  let namespace = ''
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1]!
    if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2]!)) rest = rest.slice(2)
  }
  const [resource, name = '', subresource = ''] = rest as [string, string?, string?]
  if (name === '' && verb === 'get') verb = flag(query.get('watch')) ? 'watch' : 'list'
  if (name === '' && verb === 'delete') verb = 'deletecollection'
  return {
    verb,
    group,
    version,
    resource,
    subresource: rest.length > 3 ? rest.slice(2).join('/') : subresource,
    namespace,
    name,
    path,
    query,
    isResource: true,
  }
}
