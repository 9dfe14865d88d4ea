import { equalJson, isObject } from '../json.ts'
import { structFor, type Struct, type Type } from '../schema/types.ts'
import { copyOf, put } from './json.ts'

// Strategic merge patches: k8s.io/apimachinery/pkg/util/strategicpatch. Which lists merge, and by which key, stands in
// the facts about the types (patchStrategy and patchMergeKey tags).

/** A strategic merge patch that contradicts itself or the schema; the message is that of the real server. */
export class StrategicFault extends Error {
  override readonly name = 'StrategicFault'
}

const DIRECTIVE = '$patch'
const RETAIN_KEYS = '$retainKeys'
const DELETE_FROM = '$deleteFromPrimitiveList/'
const SET_ORDER = '$setElementOrder/'

type Json = Record<string, unknown>

interface Member {
  readonly struct: Struct | undefined
  readonly merges: boolean
  readonly replaces: boolean
  readonly mergeKey: string | undefined
}

const noMember: Member = { struct: undefined, merges: false, replaces: false, mergeKey: undefined }

const innermost = (type: Type): Struct | undefined => (type.kind === 'struct' ? type.struct : type.kind === 'scalar' ? undefined : innermost(type.of))

const memberOf = (struct: Struct | undefined, name: string): Member => {
  const field = struct?.byName.get(name)
  if (!field) return noMember
  return {
    struct: innermost(field.type),
    merges: field.patchStrategy.includes('merge'),
    replaces: field.patchStrategy.includes('replace'),
    mergeKey: field.patchMergeKey,
  }
}

const isDirective = (key: string) => key === DIRECTIVE || key === RETAIN_KEYS || key.startsWith(DELETE_FROM) || key.startsWith(SET_ORDER)

/** What is taken over whole loses its directives and its nulls. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.filter(item => !(isObject(item) && Object.hasOwn(item, DIRECTIVE))).map(plain)
  if (!isObject(value)) return value
  const out: Json = {}
  for (const key of Object.keys(value)) if (!isDirective(key) && value[key] !== null) put(out, key, plain(value[key]))
  return out
}

const list = (value: unknown, key: string): unknown[] => {
  if (!Array.isArray(value)) throw new StrategicFault(`invalid patch format of ${key}`)
  return value
}

/** Whether two items stand for the same: equal primitives, or objects with the same merge key. */
const same = (a: unknown, b: unknown, mergeKey: string | undefined): boolean =>
  mergeKey !== undefined && isObject(a) && isObject(b) ? equalJson(a[mergeKey], b[mergeKey]) : equalJson(a, b)

const position = (items: readonly unknown[], item: unknown, mergeKey: string | undefined): number => items.findIndex(other => same(other, item, mergeKey))

/**
 * Items of the patch in the patch's order, the others in the server's; where both orders say something, the server's
 * decides between them (normalizeElementOrder).
 */
const ordered = (items: readonly unknown[], patchOrder: readonly unknown[], serverOrder: readonly unknown[], mergeKey: string | undefined): unknown[] => {
  const place = (order: readonly unknown[]) => (a: unknown, b: unknown) => position(order, a, mergeKey) - position(order, b, mergeKey)
  const fromPatch = items.filter(item => position(patchOrder, item, mergeKey) >= 0).sort(place(patchOrder))
  const fromServer = items.filter(item => position(patchOrder, item, mergeKey) < 0).sort(place(serverOrder))
  const out: unknown[] = []
  let [left, right] = [0, 0]
  while (left < fromServer.length && right < fromPatch.length) {
    const [a, b] = [position(serverOrder, fromServer[left], mergeKey), position(serverOrder, fromPatch[right], mergeKey)]
    out.push(a >= 0 && b >= 0 && a < b ? fromServer[left++] : fromPatch[right++])
  }
  return [...out, ...fromServer.slice(left), ...fromPatch.slice(right)]
}

const keyOf = (item: unknown, mergeKey: string): unknown => {
  if (!isObject(item) || item[mergeKey] === undefined) throw new StrategicFault(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`)
  return item[mergeKey]
}

const mergeObjects = (live: readonly unknown[], patch: readonly unknown[], { struct, mergeKey }: Member): unknown[] => {
  if (mergeKey === undefined) throw new StrategicFault('cannot merge lists without merge key for type')
  let result = [...live]
  const wanted: unknown[] = []
  for (const item of patch) {
    const directive = isObject(item) ? item[DIRECTIVE] : undefined
    if (directive === undefined) wanted.push(item)
    else if (directive === 'delete') result = result.filter(other => !equalJson(keyOf(item, mergeKey), isObject(other) ? other[mergeKey] : undefined))
    else if (directive === 'replace') return plain(patch.filter(other => other !== item)) as unknown[]
    else if (directive === 'merge') throw new StrategicFault('merging lists cannot yet be specified in the patch')
    else throw new StrategicFault(`delete patch type with no merge key defined`)
  }
  const serverOrder = [...result]
  for (const item of wanted) {
    keyOf(item, mergeKey)
    const at = position(result, item, mergeKey)
    if (at < 0) result.push(plain(item))
    else result[at] = mergeMap(result[at] as Json, item as Json, struct)
  }
  return ordered(result, wanted, serverOrder, mergeKey)
}

const mergeList = (live: readonly unknown[], patch: readonly unknown[], member: Member): unknown[] => {
  if (!member.merges) return plain(patch) as unknown[]
  if (live.length === 0 && patch.length === 0) return [...live]
  const objects = [...live, ...patch].filter(isObject).length
  if (objects > 0 && objects < live.length + patch.length) throw new StrategicFault('list element types are not identical')
  if (objects > 0) return mergeObjects(live, patch, member)
  const all = [...live, ...patch.filter(item => !live.some(other => equalJson(other, item)))]
  return ordered(all, patch, live, undefined)
}

/** Lists whose order the patch sets: merges them, and brings them into that order. Gives the keys that are done with. */
const mergeOrdered = (result: Json, patch: Json, struct: Struct | undefined): Set<string> => {
  const done = new Set<string>()
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(SET_ORDER)) continue
    const name = key.slice(SET_ORDER.length)
    const order = list(patch[key], key)
    const member = memberOf(struct, name)
    const live = Object.hasOwn(result, name) && Array.isArray(result[name]) ? (result[name] as unknown[]) : undefined
    const changes = Object.hasOwn(patch, name) && patch[name] !== null ? list(patch[name], name) : undefined
    done.add(key)
    if (patch[name] === null || (!live && !changes)) continue
    done.add(name)
    if (changes) checkOrder(changes, order, member.mergeKey)
    const merged = live && changes ? mergeList(live, changes, member) : live ? live : (plain(changes) as unknown[])
    put(result, name, ordered(merged, order, live ?? [], member.mergeKey))
  }
  return done
}

/** What the patch holds must stand in its order list, in the same order. */
const checkOrder = (changes: readonly unknown[], order: readonly unknown[], mergeKey: string | undefined): void => {
  let at = 0
  for (const item of changes) {
    if (isObject(item) && item[DIRECTIVE] !== undefined) continue
    while (at < order.length && !same(order[at], item, mergeKey)) at++
    if (at >= order.length) throw new StrategicFault(`The order in patch list:\n${goText(changes)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`)
  }
}

const mergeMap = (live: Json, patch: Json, struct: Struct | undefined): Json => {
  if (Object.hasOwn(patch, DIRECTIVE)) {
    if (patch[DIRECTIVE] === 'replace') return plain(patch) as Json
    if (patch[DIRECTIVE] === 'delete') return {}
    if (patch[DIRECTIVE] !== 'merge') throw new StrategicFault(`Unknown patch type found: ${String(patch[DIRECTIVE])}`)
  }
  const result: Json = {}
  const retained = Object.hasOwn(patch, RETAIN_KEYS) ? new Set(list(patch[RETAIN_KEYS], RETAIN_KEYS)) : undefined
  if (retained) {
    for (const key of Object.keys(patch))
      if (!isDirective(key) && patch[key] !== null && !retained.has(key))
        throw new StrategicFault(`${RETAIN_KEYS} list doesn't contain all the keys present in the patch`)
  }
  for (const key of Object.keys(live)) if (!retained || retained.has(key)) put(result, key, live[key])
  const done = mergeOrdered(result, patch, struct)
  for (const key of Object.keys(patch)) {
    if (done.has(key) || key === DIRECTIVE || key === RETAIN_KEYS) continue
    const value = patch[key]
    if (key.startsWith(DELETE_FROM)) {
      const name = key.slice(DELETE_FROM.length)
      const gone = list(value, key)
      if (Array.isArray(result[name]))
        put(
          result,
          name,
          (result[name] as unknown[]).filter(item => !gone.some(other => equalJson(other, item))),
        )
      continue
    }
    if (value === null) {
      delete result[key]
      continue
    }
    const old = Object.hasOwn(result, key) ? result[key] : undefined
    const member = memberOf(struct, key)
    if (isObject(old) && isObject(value) && !member.replaces) put(result, key, mergeMap(old, value, member.struct))
    else if (Array.isArray(old) && Array.isArray(value)) put(result, key, mergeList(old, value, member))
    else put(result, key, plain(value))
  }
  return result
}

/** A JSON value as Go's %v prints it. */
export const goText = (value: unknown): string => {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (isObject(value))
    return `map[${Object.keys(value)
      .sort()
      .map(key => `${key}:${goText(value[key])}`)
      .join(' ')}]`
  return String(value)
}

/**
 * Applies a strategic merge patch to an object of that schema (`io.k8s.api.apps.v1.Deployment`) with all its directives,
 * and gives the new object; what did not change is shared with `live`. Throws StrategicFault.
 */
export const strategicMergePatch = (schema: string, live: object, patch: object): unknown => mergeMap(live as Json, copyOf(patch) as Json, structFor(schema))
