import { isObject } from '../json.ts'
import { canonicalQuantity } from './quantity.ts'
import { canonicalTime } from './time.ts'
import type { ScalarName } from './types.ts'

const integer =
  (min: number, max: number): ((value: unknown) => unknown) =>
  value =>
    Number.isInteger(value) && (value as number) >= min && (value as number) <= max ? value : undefined

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const orWrong =
  (convert: (value: never) => unknown, accepts: (value: unknown) => boolean): ((value: unknown) => unknown) =>
  value => {
    if (!accepts(value)) return undefined
    try {
      return convert(value as never)
    } catch {
      return undefined
    }
  }

const isString = (value: unknown) => typeof value === 'string'

/** Reads a value of each scalar type and gives its canonical form, or undefined when it is of another type. */
export const readScalar: Readonly<Record<ScalarName, (value: unknown) => unknown>> = {
  string: value => (typeof value === 'string' ? value : undefined),
  bool: value => (typeof value === 'boolean' ? value : undefined),
  int32: integer(-(2 ** 31), 2 ** 31 - 1),
  int64: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  float64: value => (typeof value === 'number' ? value : undefined),
  bytes: value =>
    typeof value === 'string' && BASE64.test(value)
      ? value
      : typeof value === 'string' && BASE64.test(value.replaceAll(/[\r\n]/g, ''))
        ? value.replaceAll(/[\r\n]/g, '')
        : undefined,
  Quantity: orWrong(canonicalQuantity, value => typeof value === 'string' || typeof value === 'number'),
  IntOrString: value => (typeof value === 'string' || (Number.isInteger(value) && Math.abs(value as number) < 2 ** 31) ? value : undefined),
  Time: orWrong((value: string) => canonicalTime(value, 0), isString),
  MicroTime: orWrong((value: string) => canonicalTime(value, 6), isString),
  RawExtension: value => (isObject(value) ? value : undefined),
  FieldsV1: value => (isObject(value) ? value : undefined),
}
