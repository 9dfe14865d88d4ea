import type { PatchType } from '../../client/client.ts'
import type { ResourceDefinition } from '../definition.ts'
import { ApiError } from '../errors.ts'
import type { KubeObject } from '../object.ts'
import { patchObject } from '../patch/index.ts'
import type { Plan, RequestContext } from '../request.ts'
import { noSuchResource } from '../status.ts'
import type { Registry } from './environment.ts'
import { updatePlan, type Scope } from './update.ts'

/** A parsed patch; `strict` holds what parsing found (duplicate fields). */
export interface PatchInput {
  readonly type: PatchType
  readonly patch: unknown
  readonly strict?: readonly string[]
}

/** Applies a patch to a stored object; what is unknown in it is refused, warned of or ignored, as the client asks. */
export const applyPatch = (schema: string, { type, patch, strict = [] }: PatchInput, live: KubeObject, context: RequestContext): KubeObject => {
  if (type === 'apply') throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
  const patched = patchObject(type, schema, live, patch)
  const findings = [...strict, ...patched.strict]
  if (findings.length > 0 && context.options.fieldValidation === 'Strict') throw patched.refuse(findings)
  if (context.options.fieldValidation === 'Warn') context.warnings.push(...findings)
  return patched.object
}

/** The plan of PATCH. */
export const patchPlan = (
  registry: Registry,
  definition: ResourceDefinition,
  namespace: string,
  name: string,
  input: PatchInput,
  subresource: string,
): Plan => {
  if (subresource && !definition.subresources?.includes(subresource)) throw noSuchResource()
  const scope: Scope = subresource === 'status' ? 'status' : 'object'
  return updatePlan(registry, {
    definition,
    namespace,
    name,
    scope,
    whole: false,
    change: (old, context) => applyPatch(definition.schema, input, old, context),
  })
}
