import type { PatchType } from '../../client/client.ts'
import type { ResourceDefinition } from '../definition.ts'
import { ApiError } from '../errors.ts'
import { cloneJson, isObject } from '../json.ts'
import type { Plan } from '../request.ts'
import { noSuchResource } from '../status.ts'
import type { Registry } from './environment.ts'
import { updatePlan, type Scope } from './update.ts'

/** RFC 7386. */
const merge = (target: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return patch
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = merge(result[key], value)
  }
  return result
}

/** The plan of PATCH with a decoded patch. */
export const patchPlan = (registry: Registry, definition: ResourceDefinition, namespace: string, name: string, type: PatchType, patch: unknown, subresource: string): Plan => {
  if (subresource && !definition.subresources?.includes(subresource)) throw noSuchResource()
  const scope = (subresource || 'object') as Scope
  return updatePlan(registry, { definition, namespace, name, scope, whole: false, change: old => {
    if (type !== 'merge' && type !== 'strategic') throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
    return cloneJson(merge(old, patch)) as object
  } })
}
