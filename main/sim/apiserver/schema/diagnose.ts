import { isObject } from '../json.ts'
import { canonicalQuantity } from './quantity.ts'
import { readScalar } from './scalars.ts'
import { canonicalTime } from './time.ts'
import type { ScalarName, Type } from './types.ts'

/** The Go name of what a JSON value is, as json.UnmarshalTypeError has it. */
const jsonKind = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value)

/**
 * Looks for the words where decoding stumbled: adds to `unknown` and `errors` in the order of the value. `path` is that of
 * strict errors, with indexes; `fields` that of Go's type errors, without.
 */
export const diagnose = (
  type: Type,
  value: unknown,
  path: readonly string[],
  fields: readonly string[],
  owner: string | undefined,
  unknown: string[],
  errors: string[],
): void => {
  if (value === null || value === undefined) return
  const mismatch = (go: string, what = jsonKind(value)) =>
    errors.push(
      owner === undefined
        ? `json: cannot unmarshal ${what} into Go value of type ${go}`
        : `json: cannot unmarshal ${what} into Go struct field ${owner}.${fields.join('.')} of type ${go}`,
    )
  switch (type.kind) {
    case 'pointer':
      return diagnose(type.of, value, path, fields, owner, unknown, errors)
    case 'list':
      if (!Array.isArray(value)) return void mismatch(type.go)
      for (const [index, item] of value.entries())
        diagnose(type.of, item, [...path.slice(0, -1), `${path.at(-1) ?? ''}[${index}]`], fields, owner, unknown, errors)
      return
    case 'map':
      if (!isObject(value)) return void mismatch(type.go)
      for (const key of Object.keys(value)) diagnose(type.of, value[key], [...path, key], fields, owner, unknown, errors)
      return
    case 'struct':
      if (!isObject(value)) return void mismatch(type.go)
      for (const key of Object.keys(value)) {
        const field = type.struct.byName.get(key)
        if (!field) unknown.push(`unknown field ${JSON.stringify([...path, key].join('.'))}`)
        else diagnose(field.type, value[key], [...path, key], [...fields, key], type.struct.name, unknown, errors)
      }
      return
    case 'scalar':
      return diagnoseScalar(type.scalar, type.go, value, mismatch, errors)
  }
}

const diagnoseScalar = (scalar: ScalarName, go: string, value: unknown, mismatch: (go: string, what?: string) => unknown, errors: string[]): void => {
  const thrown = (read: () => unknown) => {
    try {
      read()
    } catch (error) {
      errors.push((error as Error).message)
    }
  }
  switch (scalar) {
    case 'int32':
    case 'int64':
      if (readScalar[scalar](value) === undefined) mismatch(go, typeof value === 'number' ? `number ${value}` : undefined)
      return
    case 'bytes':
      if (typeof value !== 'string') mismatch(go)
      else if (readScalar.bytes(value) === undefined) errors.push(`illegal base64 data at input byte ${illegalBase64At(value)}`)
      return
    case 'Quantity':
      if (typeof value === 'string' || typeof value === 'number') return thrown(() => canonicalQuantity(value))
      return thrown(() => canonicalQuantity(JSON.stringify(value)))
    case 'Time':
    case 'MicroTime':
      if (typeof value !== 'string') return void errors.push(`json: cannot unmarshal ${jsonKind(value)} into Go value of type string`)
      return thrown(() => canonicalTime(value, scalar === 'Time' ? 0 : 6))
    case 'IntOrString':
      if (readScalar.IntOrString(value) === undefined)
        errors.push(`json: cannot unmarshal ${typeof value === 'number' ? `number ${value}` : jsonKind(value)} into Go value of type int32`)
      return
    default:
      if (readScalar[scalar](value) === undefined) mismatch(go)
  }
}

/** Go's base64 decoder names the first byte that cannot be. */
const illegalBase64At = (text: string): number => {
  const bad = text.search(/[^A-Za-z0-9+/\r\n]/)
  const end = bad < 0 ? text.length : bad
  if (bad >= 0 && text[bad] !== '=') return bad
  return end - (end % 4) === end && bad >= 0 ? bad : bad >= 0 ? Math.min(text.length, end + 1) : end - (end % 4)
}
