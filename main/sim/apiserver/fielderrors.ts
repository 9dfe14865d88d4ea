import type { FieldError } from './definition.ts'

// k8s.io/apimachinery/pkg/util/validation/field: one function for each kind of error.

/** A value as field.Error prints it: texts quoted, everything else as JSON. */
const shown = (value: unknown): string => JSON.stringify(value) ?? 'null'

export const required = (field: string, detail: string): FieldError => ({
  reason: 'FieldValueRequired',
  message: detail ? `Required value: ${detail}` : 'Required value',
  field,
})
export const invalidValue = (field: string, value: unknown, detail: string): FieldError => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${shown(value)}: ${detail}`,
  field,
})
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  reason: 'FieldValueNotSupported',
  message: `Unsupported value: ${shown(value)}: supported values: ${supported.map(shown).join(', ')}`,
  field,
})
export const forbiddenField = (field: string, detail: string): FieldError => ({ reason: 'FieldValueForbidden', message: `Forbidden: ${detail}`, field })
export const tooLong = (field: string, max: number, unit = 'bytes'): FieldError => ({
  reason: 'FieldValueTooLong',
  message: `Too long: may not be more than ${max} ${unit}`,
  field,
})
export const duplicateValue = (field: string, value: unknown): FieldError => ({
  reason: 'FieldValueDuplicate',
  message: `Duplicate value: ${shown(value)}`,
  field,
})
export const notFoundValue = (field: string, value: unknown): FieldError => ({ reason: 'FieldValueNotFound', message: `Not found: ${shown(value)}`, field })
export const tooMany = (field: string, actual: number, max: number): FieldError => ({
  reason: 'FieldValueTooMany',
  message: `Too many: ${actual}: must have at most ${max} ${max === 1 ? 'item' : 'items'}`,
  field,
})
