import type { ScalarName, Struct, Type } from '../schema/types.ts'

// The wire format of Protocol Buffers (https://protobuf.dev/programming-guides/encoding/), and how Kubernetes' own
// types stand in it: Quantity, IntOrString, Time and raw JSON are messages; maps are repeated pairs of key and value.

interface Reader {
  readonly bytes: Uint8Array
  at: number
}

const text = new TextDecoder()

const varint = (reader: Reader): bigint => {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined) throw new Error('unexpected EOF')
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return BigInt.asIntN(64, value)
  }
  throw new Error('proto: integer overflow')
}

const chunk = (reader: Reader, length: number): Uint8Array => {
  if (length < 0 || reader.at + length > reader.bytes.length) throw new Error('unexpected EOF')
  reader.at += length
  return reader.bytes.subarray(reader.at - length, reader.at)
}

type Raw = bigint | Uint8Array

/** Every field of a message: its number, and its value as it stands. */
export const fields = function* (bytes: Uint8Array): Generator<readonly [number, Raw]> {
  const reader: Reader = { bytes, at: 0 }
  while (reader.at < bytes.length) {
    const tag = Number(varint(reader))
    const number = tag >>> 3
    if (number === 0) throw new Error(`proto: illegal tag ${number} (wire type ${tag & 7})`)
    switch (tag & 7) {
      case 0:
        yield [number, varint(reader)]
        break
      case 1:
        yield [number, chunk(reader, 8)]
        break
      case 2:
        yield [number, chunk(reader, Number(varint(reader)))]
        break
      case 5:
        yield [number, chunk(reader, 4)]
        break
      default:
        throw new Error(`proto: illegal wireType ${tag & 7}`)
    }
  }
}

const asBytes = (raw: Raw | undefined): Uint8Array => {
  if (raw === undefined) return new Uint8Array()
  if (typeof raw === 'bigint') throw new Error('proto: wrong wireType = 0')
  return raw
}

const asNumber = (raw: Raw | undefined): number => {
  if (raw !== undefined && typeof raw !== 'bigint') throw new Error('proto: wrong wireType = 2')
  return Number(raw ?? 0n)
}

const members = (raw: Raw | undefined): ReadonlyMap<number, Raw> => new Map(fields(asBytes(raw)))

const json = (raw: Raw | undefined): unknown => {
  const bytes = asBytes(raw)
  return bytes.length === 0 ? null : JSON.parse(text.decode(bytes))
}

const time = (raw: Raw, digits: 0 | 6): string | null => {
  const message = members(raw)
  if (message.size === 0) return null
  const seconds = asNumber(message.get(1))
  const date = new Date(seconds * 1000).toISOString().slice(0, 19)
  return digits === 0 ? `${date}Z` : `${date}.${String(Math.floor(asNumber(message.get(2)) / 1000)).padStart(6, '0')}Z`
}

const scalar = (name: ScalarName, raw: Raw): unknown => {
  switch (name) {
    case 'string':
      return text.decode(asBytes(raw))
    case 'bytes':
      return Buffer.from(asBytes(raw)).toString('base64')
    case 'bool':
      return asNumber(raw) !== 0
    case 'int32':
    case 'int64':
      return asNumber(raw)
    case 'float64': {
      const bytes = asBytes(raw)
      return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getFloat64(0, true)
    }
    case 'Quantity':
      return text.decode(asBytes(members(raw).get(1))) || '0'
    case 'IntOrString': {
      const message = members(raw)
      return asNumber(message.get(1)) === 0 ? asNumber(message.get(2)) : text.decode(asBytes(message.get(3)))
    }
    case 'Time':
      return time(raw, 0)
    case 'MicroTime':
      return time(raw, 6)
    case 'RawExtension':
    case 'FieldsV1':
      return json(members(raw).get(1))
  }
}

const set = (object: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
  else object[key] = value
}

/** A value that is not itself repeated. */
const single = (type: Type, raw: Raw): unknown => {
  switch (type.kind) {
    case 'pointer':
      return single(type.of, raw)
    case 'scalar':
      return scalar(type.scalar, raw)
    case 'struct':
      return decodeStruct(type.struct, asBytes(raw))
    case 'list':
      // A list within a map or list is a message with the items in its first field.
      return [...fields(asBytes(raw))].filter(([number]) => number === 1).map(([, item]) => single(type.of, item))
    case 'map':
      throw new Error('proto: map within a map')
  }
}

/** Decodes one message to the JSON object of a Go struct. Throws an Error that says what is wrong with the bytes. */
export const decodeStruct = (struct: Struct, bytes: Uint8Array): Record<string, unknown> => {
  const out: Record<string, unknown> = {}
  for (const [number, raw] of fields(bytes)) {
    const field = struct.wire.get(number)
    if (!field) continue
    const { type, name } = field
    if (field.inline) Object.assign(out, single(type, raw))
    else if (type.kind === 'list') {
      const items = (out[name] ??= []) as unknown[]
      items.push(single(type.of, raw))
    } else if (type.kind === 'map') {
      const pair = members(raw)
      const value = pair.get(2)
      const missing = type.of.kind === 'scalar' && type.of.scalar === 'string' ? '' : type.of.kind === 'scalar' && type.of.scalar === 'bytes' ? '' : null
      set((out[name] ??= {}) as Record<string, unknown>, text.decode(asBytes(pair.get(1))), value === undefined ? missing : single(type.of, value))
    } else out[name] = single(type, raw)
  }
  return out
}
