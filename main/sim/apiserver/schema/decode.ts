import { canonicalQuantity } from './quantity.ts'
import { canonicalTime } from './time.ts'
import { structFor } from './types.ts'
import type { Field, ScalarName, Struct, Type } from './types.ts'

/**
 * Brings a value into the shape in which Go would write it back: fields in Go's order, empty omitempty fields left
 * out, structs that are always written there, quantities and times in canonical form. Anything unknown or of the
 * wrong type raises `suspect`; `diagnose` then finds the words.
 */
type Convert = (value: unknown) => unknown

let suspect = false
const absent = undefined

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const wrong = (): undefined => {
  suspect = true
  return undefined
}

const integer = (min: number, max: number): Convert => value => (Number.isInteger(value) && (value as number) >= min && (value as number) <= max ? value : wrong())

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const orWrong = (convert: (value: never) => unknown, accepts: (value: unknown) => boolean): Convert => value => {
  if (!accepts(value)) return wrong()
  try {
    return convert(value as never)
  } catch {
    return wrong()
  }
}

const isString = (value: unknown) => typeof value === 'string'

const scalarConverts: Record<ScalarName, Convert> = {
  string: value => (typeof value === 'string' ? value : wrong()),
  bool: value => (typeof value === 'boolean' ? value : wrong()),
  int32: integer(-(2 ** 31), 2 ** 31 - 1),
  int64: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  float64: value => (typeof value === 'number' ? value : wrong()),
  bytes: value => (typeof value === 'string' && BASE64.test(value) ? value : typeof value === 'string' && BASE64.test(value.replaceAll(/[\r\n]/g, '')) ? value.replaceAll(/[\r\n]/g, '') : wrong()),
  Quantity: orWrong(canonicalQuantity, value => typeof value === 'string' || typeof value === 'number'),
  IntOrString: value => (typeof value === 'string' || (Number.isInteger(value) && Math.abs(value as number) < 2 ** 31) ? value : wrong()),
  Time: orWrong((value: string) => canonicalTime(value, 0), isString),
  MicroTime: orWrong((value: string) => canonicalTime(value, 6), isString),
  RawExtension: value => (isObject(value) ? value : wrong()),
  FieldsV1: value => (isObject(value) ? value : wrong()),
}

const zeros: Partial<Record<ScalarName, unknown>> = { string: '', bool: false, int32: 0, int64: 0, float64: 0, Quantity: '0', IntOrString: 0 }

/** What Go writes for a field that nobody set and that is not left out. */
const zeroOf = (type: Type): Convert => {
  if (type.kind === 'scalar') return () => zeros[type.scalar] ?? null
  if (type.kind === 'struct') {
    const convert = structConvert(type.struct)
    return () => convert({})
  }
  return () => null
}

const convertOf = (type: Type): Convert => {
  switch (type.kind) {
    case 'scalar':
      return scalarConverts[type.scalar]
    case 'pointer':
      return convertOf(type.of)
    case 'struct':
      return structConvert(type.struct)
    case 'list': {
      const element = convertOf(type.of)
      const zero = zeroOf(type.of)
      return value => {
        if (!Array.isArray(value)) return wrong()
        const out: unknown[] = []
        for (const item of value) out.push(item === null ? zero(item) : element(item))
        return out
      }
    }
    case 'map': {
      const element = convertOf(type.of)
      const zero = zeroOf(type.of)
      return value => {
        if (!isObject(value)) return wrong()
        const out: Record<string, unknown> = {}
        for (const key in value) {
          const item = value[key] === null ? zero(null) : element(value[key])
          if (key === '__proto__') Object.defineProperty(out, key, { value: item, enumerable: true, configurable: true, writable: true })
          else out[key] = item
        }
        return out
      }
    }
  }
}

interface Member {
  readonly name: string
  readonly convert: Convert
  /** For a missing or null value: gives what is written, or undefined when the field is left out. */
  readonly whenMissing: Convert
  readonly isEmpty: ((value: unknown) => boolean) | undefined
}

const isEmptyMap = (value: unknown): boolean => {
  for (const _ in value as object) return false
  return true
}

const memberOf = (field: Field): Member => {
  const { type, omitEmpty, omitZero } = field
  const leftOut = type.kind === 'pointer' ? omitEmpty : type.kind === 'struct' || (type.kind === 'scalar' && (type.scalar === 'Time' || type.scalar === 'MicroTime' || type.scalar === 'Quantity' || type.scalar === 'IntOrString')) ? omitZero : omitEmpty
  let isEmpty: Member['isEmpty']
  if (leftOut) {
    if (type.kind === 'list') isEmpty = value => (value as unknown[]).length === 0
    else if (type.kind === 'map') isEmpty = isEmptyMap
    else if (type.kind === 'struct') isEmpty = isEmptyMap
    else if (type.kind === 'scalar' && type.scalar in zeros) isEmpty = value => value === zeros[type.scalar as ScalarName]
  } else if (type.kind === 'list') isEmpty = undefined
  return { name: field.name, convert: convertOf(type), whenMissing: leftOut || type.kind === 'pointer' && omitEmpty ? () => absent : type.kind === 'pointer' ? () => null : zeroOf(type), isEmpty }
}

const converts = new Map<Struct, Convert>()

const structConvert = (struct: Struct): Convert => {
  const known = converts.get(struct)
  if (known) return known
  let members: Member[] | undefined
  const convert: Convert = value => {
    if (!isObject(value)) return wrong()
    members ??= struct.fields.map(memberOf)
    const out: Record<string, unknown> = {}
    let present = 0
    for (const member of members) {
      const item = value[member.name]
      if (item === undefined || item === null) {
        if (item === null) present++
        const zero = member.whenMissing(absent)
        if (zero !== undefined) out[member.name] = zero
        continue
      }
      present++
      const converted = member.convert(item)
      if (converted === undefined || (member.isEmpty !== undefined && member.isEmpty(converted))) continue
      out[member.name] = converted
    }
    // A count is enough to see that something unknown is there; what it is called is looked for only then.
    for (const key in value) if (value[key] !== undefined) present--
    if (present !== 0) suspect = true
    return out
  }
  converts.set(struct, convert)
  return convert
}

export interface Decoded {
  /** The value as Go would write it back; shares no container with the input. Unknown fields are left out. */
  readonly object: unknown
  /** `unknown field "spec.foo"`, in the order of the input. */
  readonly unknown: readonly string[]
  /** What Go's decoder says about values of the wrong type; the first is what the real server answers with. */
  readonly errors: readonly string[]
}

const none: readonly string[] = []

/**
 * Checks a JSON value against a schema (`io.k8s.api.core.v1.Pod`) and brings it into the server's form, as decoding
 * into the Go type and encoding it again would. Field names match case-sensitively.
 */
export const decodeStrict = (schema: string, value: unknown): Decoded => {
  const struct = structFor(schema)
  if (!struct) throw new Error(`no schema ${schema}`)
  suspect = false
  const object = structConvert(struct)(value)
  if (!suspect) return { object, unknown: none, errors: none }
  const unknown: string[] = []
  const errors: string[] = []
  diagnose({ kind: 'struct', struct, go: `v1.${struct.name}` }, value, [], [], undefined, unknown, errors)
  return { object, unknown, errors }
}

/** The Go name of what a JSON value is, as json.UnmarshalTypeError has it. */
const jsonKind = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value)

const diagnose = (type: Type, value: unknown, path: readonly string[], fields: readonly string[], owner: string | undefined, unknown: string[], errors: string[]): void => {
  if (value === null || value === undefined) return
  const mismatch = (go: string, what = jsonKind(value)) => errors.push(owner === undefined ? `json: cannot unmarshal ${what} into Go value of type ${go}` : `json: cannot unmarshal ${what} into Go struct field ${owner}.${fields.join('.')} of type ${go}`)
  switch (type.kind) {
    case 'pointer':
      return diagnose(type.of, value, path, fields, owner, unknown, errors)
    case 'list':
      if (!Array.isArray(value)) return void mismatch(type.go)
      for (const [index, item] of value.entries()) diagnose(type.of, item, [...path.slice(0, -1), `${path.at(-1) ?? ''}[${index}]`], fields, owner, unknown, errors)
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
      if (scalarConverts[scalar](value) === undefined) mismatch(go, typeof value === 'number' ? `number ${value}` : undefined)
      return
    case 'bytes':
      if (typeof value !== 'string') mismatch(go)
      else if (scalarConverts.bytes(value) === undefined) errors.push(`illegal base64 data at input byte ${illegalBase64At(value)}`)
      return
    case 'Quantity':
      if (typeof value === 'string' || typeof value === 'number') return thrown(() => canonicalQuantity(value))
      return thrown(() => canonicalQuantity(JSON.stringify(value)))
    case 'Time':
    case 'MicroTime':
      if (typeof value !== 'string') return void errors.push(`json: cannot unmarshal ${jsonKind(value)} into Go value of type string`)
      return thrown(() => canonicalTime(value, scalar === 'Time' ? 0 : 6))
    case 'IntOrString':
      if (scalarConverts.IntOrString(value) === undefined) errors.push(`json: cannot unmarshal ${typeof value === 'number' ? `number ${value}` : jsonKind(value)} into Go value of type int32`)
      return
    default:
      if (scalarConverts[scalar](value) === undefined) mismatch(go)
  }
}

/** Go's base64 decoder names the first byte that cannot be. */
const illegalBase64At = (text: string): number => {
  const bad = text.search(/[^A-Za-z0-9+/\r\n]/)
  const end = bad < 0 ? text.length : bad
  if (bad >= 0 && text[bad] !== '=') return bad
  return end - (end % 4) === end && bad >= 0 ? bad : bad >= 0 ? Math.min(text.length, end + 1) : end - (end % 4)
}
