import { isObject } from '../json.ts'
import { copyOf, put } from './json.ts'

/** Applies a JSON Merge Patch (RFC 7386) and gives the new document; `target` stays as it is and may be shared. */
export const mergePatch = (target: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return copyOf(patch)
  const result: Record<string, unknown> = {}
  if (isObject(target)) for (const key of Object.keys(target)) put(result, key, target[key])
  for (const key of Object.keys(patch)) {
    if (patch[key] === null) delete result[key]
    else put(result, key, mergePatch(Object.hasOwn(result, key) ? result[key] : undefined, patch[key]))
  }
  return result
}
