import { isObject } from '../json.ts'
import { diagnose } from './diagnose.ts'
import { canonicalAmount } from './quantity.ts'
import { readScalar } from './scalars.ts'
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

const wrong = (): undefined => {
  suspect = true
  return undefined
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
    case 'scalar': {
      const read = readScalar[type.scalar]
      return value => read(value) ?? wrong()
    }
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
      const read = convertOf(type.of)
      const element: Convert = type.go === 'v1.ResourceList' ? value => (read(value) === undefined ? undefined : canonicalAmount(value as string)) : read
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

const orNull = (value: unknown, isNothing: (value: unknown) => boolean): unknown => (value !== undefined && isNothing(value) ? null : value)

/** Structs in Go, though one value in JSON: omitempty says nothing about them. */
const structLike = new Set<ScalarName>(['Time', 'MicroTime', 'Quantity', 'IntOrString'])

const emptiness = (type: Type): Member['isEmpty'] => {
  if (type.kind === 'list') return value => (value as unknown[]).length === 0
  if (type.kind === 'map' || type.kind === 'struct') return isEmptyMap
  return type.kind === 'scalar' && type.scalar in zeros ? value => value === zeros[type.scalar] : undefined
}

const memberOf = ({ name, type, omitEmpty, omitZero }: Field): Member => {
  const leftOut = type.kind === 'struct' || (type.kind === 'scalar' && structLike.has(type.scalar)) ? omitZero : omitEmpty
  const convert = convertOf(type)
  if (leftOut) return { name, convert, whenMissing: () => absent, isEmpty: emptiness(type) }
  if (type.kind === 'pointer') return { name, convert, whenMissing: () => null, isEmpty: undefined }
  if (type.kind === 'list' || type.kind === 'map') {
    // Protobuf, in which objects are stored, knows no difference between an empty list or map and none.
    const isNothing = emptiness(type)!
    return { name, convert: value => orNull(convert(value), isNothing), whenMissing: () => null, isEmpty: undefined }
  }
  return { name, convert, whenMissing: zeroOf(type), isEmpty: undefined }
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
