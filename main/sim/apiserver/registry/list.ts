import { storeKey } from '../../store/store.ts'
import type { ResourceDefinition } from '../definition.ts'
import { ApiError } from '../errors.ts'
import type { ObjectList } from '../http/represent.ts'
import { tooLargeResourceVersion, type ListQuery } from '../http/query.ts'
import { isObject } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { selectorPredicate } from '../selectors.ts'
import { badRequest, expired } from '../status.ts'
import type { Registry } from './environment.ts'

const META_VERSION = 'meta.k8s.io/v1'
const TOO_OLD_TOKEN =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

/** Where a list goes on: `rv` -1 means at the present revision, inconsistently. */
interface Position {
  readonly rv: number
  /** Key relative to the listed prefix; the first key after it is next. */
  readonly start: string
}

const encodeToken = ({ rv, start }: Position): string => Buffer.from(JSON.stringify({ v: META_VERSION, rv, start })).toString('base64url')

/** Undefined where the text is no base64 at all: then it counts as absent. Throws 400. */
const decodeToken = (text: string): Position | undefined => {
  if (!/^[A-Za-z0-9_-]+={0,2}$/.test(text)) return undefined
  const bytes = Buffer.from(text, 'base64url')
  const wrong = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`)
  let token: unknown
  try {
    token = JSON.parse(bytes.toString('utf8'))
  } catch {
    const first = bytes[0] ?? 0
    throw wrong(
      `invalid character '${first < 0x20 || first > 0x7e ? `\\u${first.toString(16).padStart(4, '0')}` : String.fromCharCode(first)}' looking for beginning of value`,
    )
  }
  if (!isObject(token) || token['v'] !== META_VERSION)
    throw wrong('server does not recognize this encoded version "' + String(isObject(token) ? (token['v'] ?? '') : '') + '"')
  const { rv, start } = token
  if (typeof start !== 'string' || start === '') throw wrong('start is not set')
  if (typeof rv !== 'number' || rv === 0) throw wrong('incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  return { rv, start: start.replace(/^\//, '') }
}

/** Reads a resourceVersion of a list; throws 400. */
const revisionOf = (text: string): number => {
  if (!/^\d+$/.test(text))
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  return Number(text)
}

/** Lists a type, or what of it is in a namespace, as the options ask. Throws 400, 410 and 504. */
export const listObjects = (registry: Registry, definition: ResourceDefinition, namespace: string | undefined, query: ListQuery): ObjectList => {
  const { store } = registry
  const bucket = registry.bucketOf(definition)
  const selects = selectorPredicate(definition, query.labelSelector, query.fieldSelector)
  const position = query.continue ? decodeToken(query.continue) : undefined
  if (position && query.resourceVersion && query.resourceVersion !== '0') throw badRequest('specifying resource version is not allowed when using continue')
  const asked = position ? position.rv : query.resourceVersion ? revisionOf(query.resourceVersion) : 0
  if (asked > store.revision) throw tooLargeResourceVersion(String(asked), store.revision)
  const exact = position ? position.rv > 0 : asked > 0 && (query.resourceVersionMatch === 'Exact' || (query.limit > 0 && !query.resourceVersionMatch))

  let items: readonly KubeObject[]
  let revision = store.revision
  if (exact && asked < store.revision) {
    const then = bucket.listAt(asked, namespace)
    if (!then && position) {
      const status = new ApiError(410, 'Expired', TOO_OLD_TOKEN)
      status.status.metadata = { continue: encodeToken({ rv: -1, start: position.start }) }
      throw status
    }
    if (!then) throw expired('The resourceVersion for the provided list is too old.')
    items = then
    revision = asked
  } else items = bucket.list(namespace)

  const keyOf = ({ metadata }: KubeObject) => (namespace === undefined ? storeKey(metadata.namespace, metadata.name) : metadata.name)
  if (position) items = items.filter(item => keyOf(item) >= position.start)
  if (selects) items = items.filter(selects)
  const limit = query.resourceVersion === '0' && !position ? 0 : query.limit
  if (limit === 0 || items.length <= limit) return { items, resourceVersion: String(revision) }
  const page = items.slice(0, limit)
  return {
    items: page,
    resourceVersion: String(revision),
    continueToken: encodeToken({ rv: position && position.rv < 0 ? -1 : revision, start: `${namespace === undefined ? '' : '/'}${keyOf(page.at(-1)!)}\u0000` }),
    remaining: selects ? undefined : items.length - limit,
  }
}
