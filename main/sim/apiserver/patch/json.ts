import { equalJson } from '../json.ts'

/** A JSON Patch that cannot be applied: the real server answers with a 422 that says nothing more. */
export class PatchFault extends Error {
  override readonly name = 'PatchFault'
}

export interface Operation {
  readonly op: string
  readonly path?: string
  readonly from?: string
  readonly value?: unknown
}

type Container = Record<string, unknown> | unknown[]

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null

/** Sets a member of any name; `__proto__` is a name like any other. */
export const put = (object: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  else object[key] = value
}

/** A deep copy that keeps `__proto__` a plain member. */
export const copyOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(copyOf)
  if (!isContainer(value)) return value
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(value)) put(out, key, copyOf((value as Record<string, unknown>)[key]))
  return out
}

const tokens = (pointer: string | undefined): string[] => {
  if (pointer === undefined) throw new PatchFault('missing path')
  if (pointer === '') return []
  if (!pointer.startsWith('/')) throw new PatchFault(`invalid path ${pointer}`)
  return pointer
    .slice(1)
    .split('/')
    .map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Where an array index stands; `-` is the end, and negative numbers count from it. */
const indexOf = (list: unknown[], token: string, limit: number): number => {
  if (token === '-') return list.length
  if (!/^-?(0|[1-9]\d*)$/.test(token)) throw new PatchFault(`invalid index ${token}`)
  const index = Number(token) < 0 ? list.length + Number(token) : Number(token)
  if (index < 0 || index > limit) throw new PatchFault(`index ${token} is out of bounds`)
  return index
}

const own = (container: Container, token: string): unknown =>
  Array.isArray(container) ? container[indexOf(container, token, container.length - 1)] : Object.hasOwn(container, token) ? container[token] : undefined

const parentOf = (document: unknown, path: readonly string[]): Container => {
  let at = document
  for (const token of path.slice(0, -1)) {
    if (!isContainer(at)) break
    at = own(at, token)
  }
  if (!isContainer(at)) throw new PatchFault(`missing path /${path.join('/')}`)
  return at
}

const has = (container: Container, token: string): boolean =>
  Array.isArray(container) ? (indexOf(container, token, container.length - 1), true) : Object.hasOwn(container, token)

const remove = (document: unknown, path: readonly string[]): unknown => {
  const parent = parentOf(document, path)
  const token = path.at(-1)!
  if (!has(parent, token)) throw new PatchFault(`nothing at /${path.join('/')}`)
  const value = own(parent, token)
  if (Array.isArray(parent)) parent.splice(indexOf(parent, token, parent.length - 1), 1)
  else delete parent[token]
  return value
}

const add = (document: unknown, path: readonly string[], value: unknown): void => {
  const parent = parentOf(document, path)
  const token = path.at(-1)!
  if (Array.isArray(parent)) parent.splice(indexOf(parent, token, parent.length), 0, value)
  else put(parent, token, value)
}

/** Bytes that copies of one patch may add up to (as the real server limits them). */
const MAX_COPIED_BYTES = 3 * 1024 * 1024

/**
 * Applies a JSON Patch (RFC 6902) and gives the new document; `document` stays as it is. As in the library of the real
 * server, `replace` of a member that is missing adds it, and `test` against null passes where nothing is.
 * Throws PatchFault.
 */
export const jsonPatch = (document: unknown, operations: readonly Operation[]): unknown => {
  let result = copyOf(document)
  let copied = 0
  const read = (pointer: string | undefined) => {
    const path = tokens(pointer)
    return path.length === 0 ? result : own(parentOf(result, path), path.at(-1)!)
  }
  for (const { op, path: pointer, from, value } of operations) {
    const path = tokens(pointer)
    switch (op) {
      case 'add':
      case 'replace':
        if (path.length === 0) result = copyOf(value)
        else if (op === 'add') add(result, path, copyOf(value))
        else {
          const parent = parentOf(result, path)
          if (Array.isArray(parent)) parent[indexOf(parent, path.at(-1)!, parent.length - 1)] = copyOf(value)
          else put(parent, path.at(-1)!, copyOf(value))
        }
        break
      case 'remove':
        if (path.length === 0) throw new PatchFault('cannot remove the document')
        remove(result, path)
        break
      case 'move':
      case 'copy': {
        const source = tokens(from)
        if (source.length === 0 || path.length === 0) throw new PatchFault(`cannot ${op} the document`)
        if (op === 'move') {
          add(result, path, remove(result, source))
          break
        }
        if (!has(parentOf(result, source), source.at(-1)!)) throw new PatchFault(`nothing at ${from}`)
        const copy = copyOf(read(from))
        copied += JSON.stringify(copy ?? null).length
        if (copied > MAX_COPIED_BYTES) throw new PatchFault('copies are too large')
        add(result, path, copy)
        break
      }
      case 'test':
        if (!equalJson(read(pointer) ?? null, value ?? null)) throw new PatchFault(`testing value ${pointer} failed`)
        break
      default:
        throw new PatchFault(`unexpected kind: ${op}`)
    }
  }
  return result
}
