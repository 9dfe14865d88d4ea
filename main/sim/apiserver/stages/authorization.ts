import type { Authorizer } from '../access/rbac.ts'
import { impersonated, impersonationChecks } from '../access/impersonation.ts'
import type { Stage } from '../pipeline.ts'
import { ApiError } from '../errors.ts'
import type { Attributes, User } from '../request.ts'

/** May they: nodes by what they need, everybody by the roles and bindings in the store; and may they be whom they impersonate. */
export const authorization = (authorizer: Authorizer): Stage => ({
  name: 'authorization',
  run: context => {
    const require = (attributes: Attributes) => {
      if (!authorizer.allows(context.user!, attributes)) throw refusal(context.user!, attributes)
    }
    const { impersonation } = context
    if (impersonation) {
      for (const needed of impersonationChecks(impersonation)) require(needed)
      context.user = impersonated(impersonation)
    }
    require(context.attributes)
  },
  detail: ({ user, attributes }) => authorizer.reason(user!, attributes),
})

/** The 403 of k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go. */
const refusal = (user: User, { verb, group, resource, subresource, namespace, name, path }: Attributes): ApiError => {
  const who = `User ${JSON.stringify(user.name)}`
  if (!resource) return new ApiError(403, 'Forbidden', `forbidden: ${who} cannot ${verb} path ${JSON.stringify(path)}`, {})
  const what = group ? `${resource}.${group}` : resource
  const full = subresource ? `${resource}/${subresource}` : resource
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope'
  const message = `${what}${name ? ` ${JSON.stringify(name)}` : ''} is forbidden: ${who} cannot ${verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${where}`
  return new ApiError(403, 'Forbidden', message, { ...(name && { name }), ...(group && { group }), kind: resource })
}
