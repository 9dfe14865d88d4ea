import type { PatchType } from '../../client/client.ts'
import { ApiError } from '../errors.ts'
import { isObject } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { decodeStrict } from '../schema/decode.ts'
import { parseBody } from '../schema/body.ts'
import type { Parsed } from '../schema/json.ts'
import { schemaNames } from '../schema/types.ts'
import { jsonPatch, type Operation, PatchFault } from './json.ts'
import { mergePatch } from './merge.ts'
import { goText, StrategicFault, strategicMergePatch } from './strategic.ts'

export { jsonPatch, mergePatch, strategicMergePatch }

const MAX_OPERATIONS = 10_000
const badRequest = (message: string) => new ApiError(400, 'BadRequest', message)
const goKind = (value: unknown): string => (Array.isArray(value) ? 'array' : isObject(value) ? 'object' : typeof value === 'boolean' ? 'bool' : typeof value)

/** The types of patch by Content-Type. */
export const patchTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

/** Reads the body of a PATCH request. Throws ApiError 400 or 413, in the words of the real server. */
export const parsePatch = (type: PatchType, bytes: Uint8Array): Parsed => {
  let parsed: Parsed
  try {
    parsed = parseBody(bytes, type === 'apply' ? 'application/yaml' : 'application/json')
  } catch (error) {
    throw badRequest(type === 'strategic' ? (error as Error).message : `error decoding ${type === 'apply' ? 'YAML' : 'patch'}: ${(error as Error).message}`)
  }
  const { value } = parsed
  if (type === 'json') {
    if (!Array.isArray(value)) throw badRequest(`error decoding patch: json: cannot unmarshal ${goKind(value)} into Go value of type []handlers.jsonPatchOp`)
    if (value.length > MAX_OPERATIONS)
      throw new ApiError(
        413,
        'RequestEntityTooLarge',
        `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${value.length}`,
      )
    for (const operation of value)
      if (!isObject(operation)) throw badRequest(`error decoding patch: json: cannot unmarshal ${goKind(operation)} into Go value of type handlers.jsonPatchOp`)
  } else if (!isObject(value)) throw badRequest(`json: cannot unmarshal ${goKind(value)} into Go value of type map[string]interface {}`)
  return parsed
}

/** JSON with the keys of every object that the patch went through in order, as the real server's library leaves them. */
const sortedAlong = (value: unknown, patch: unknown): unknown => {
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map(key => [key, isObject(patch) && isObject(patch[key]) ? sortedAlong(value[key], patch[key]) : value[key]]),
  )
}

/** What the conversion from unstructured data says where the JSON decoder speaks of Go struct fields. */
const unstructuredWords = (message: string): string => {
  const match = /^json: cannot unmarshal (\w+)(?: \S+)? into Go .* of type (\S+)$/.exec(message)
  if (!match) return message
  const source = ({ number: 'int64', array: 'slice', object: 'map' } as Record<string, string>)[match[1]!] ?? match[1]!
  const target = match[2]!
  if (target.startsWith('[]')) return `cannot restore slice from ${source}`
  if (target.startsWith('map[')) return `cannot restore map from ${source}`
  if (target.startsWith('v1.'))
    return schemaNames().some(name => name.endsWith(`.${target}`)) ? `cannot restore struct from: ${source}` : 'unrecognized type: string'
  return `unrecognized type: ${target}`
}

const invalidPatch = (shown: string, why: string) => {
  const message = `Invalid value: ${JSON.stringify(shown)}: ${why}`
  return new ApiError(422, 'Invalid', ` "" is invalid: patch: ${message}`, { causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }] })
}

export interface Patched {
  readonly object: KubeObject
  /** `unknown field "spec.foo"` and the like, for `fieldValidation`. */
  readonly strict: readonly string[]
  /** The error for `fieldValidation=Strict` with these. */
  readonly refuse: (strict: readonly string[]) => ApiError
}

/**
 * Applies a patch to a stored object and decodes the result by its schema. The stored object stays as it is.
 * Throws ApiError: 422 where the patch does not apply or its result does not decode.
 */
export const patchObject = (type: Exclude<PatchType, 'apply'>, schema: string, live: KubeObject, patch: unknown): Patched => {
  let value: unknown
  try {
    value =
      type === 'json' ? jsonPatch(live, patch as Operation[]) : type === 'merge' ? mergePatch(live, patch) : strategicMergePatch(schema, live, patch as object)
  } catch (error) {
    if (error instanceof PatchFault) throw new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
    if (error instanceof StrategicFault) throw badRequest(error.message)
    throw error
  }
  const shown = () => (type === 'strategic' ? goText(patch) : JSON.stringify(sortedAlong(value, type === 'merge' ? patch : {})))
  const { object, unknown, errors } = decodeStrict(schema, value)
  if (errors.length > 0) throw invalidPatch(shown(), type === 'strategic' ? unstructuredWords(errors[0]!) : errors[0]!)
  return { object: object as KubeObject, strict: unknown, refuse: strict => invalidPatch(shown(), `strict decoding error: ${strict.join(', ')}`) }
}
