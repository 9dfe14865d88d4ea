import type { Bucket, Store } from '../../store/store.ts'
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../resources/types.ts'
import type { Attributes, User } from '../request.ts'

const RBAC = 'rbac.authorization.k8s.io'
/** Decisions remembered until a role or binding changes; a client in a loop asks the same few. */
const MAX_REMEMBERED = 20_000

/** A rule that holds for a user, where it holds (undefined: in the whole cluster), and the words that say why. */
interface GrantedRule {
  readonly rule: PolicyRule
  readonly namespace: string | undefined
  readonly because: string
}

export interface Authorizer {
  allows(user: User, attributes: Attributes): boolean
  /** In kube-apiserver's words (`RBAC: allowed by …`); undefined when not allowed. */
  reason(user: User, attributes: Attributes): string | undefined
  /** Every rule that holds for the user, in that namespace or in the cluster. */
  rulesFor(user: User, namespace: string): GrantedRule[]
}

/** Evaluates Roles, ClusterRoles and their bindings as they stand in the store (plugin/pkg/auth/authorizer/rbac). */
export const createRbacAuthorizer = (store: Store): Authorizer => {
  const clusterRoles = store.bucket(`${RBAC}/clusterroles`)
  const roles = store.bucket(`${RBAC}/roles`)
  const clusterBindings = store.bucket(`${RBAC}/clusterrolebindings`)
  const bindings = store.bucket(`${RBAC}/rolebindings`)
  let granted = new Map<string, GrantedRule[]>()
  let decisions = new Map<string, GrantedRule | null>()
  for (const bucket of [clusterRoles, roles, clusterBindings, bindings])
    bucket.subscribe(() => {
      granted = new Map()
      decisions = new Map()
    })

  const rulesOf = (binding: RoleBinding | ClusterRoleBinding): readonly PolicyRule[] => {
    const { kind, name } = binding.roleRef
    const role = (kind === 'ClusterRole' ? clusterRoles.get(name) : roles.get(`${binding.metadata.namespace}/${name}`)) as Role | ClusterRole | undefined
    return role?.rules ?? []
  }

  const everyRule = (user: User): GrantedRule[] => {
    const key = identity(user)
    let rules = granted.get(key)
    if (rules) return rules
    rules = []
    const collect = (bucket: Bucket) => {
      for (const binding of bucket.list() as readonly (RoleBinding | ClusterRoleBinding)[]) {
        const subject = binding.subjects?.find(candidate => isMeant(candidate, user, binding.metadata.namespace))
        if (!subject) continue
        const { namespace, name } = binding.metadata
        const which = namespace ? `RoleBinding "${name}/${namespace}"` : `ClusterRoleBinding "${name}"`
        const because = `RBAC: allowed by ${which} of ${binding.roleRef.kind} "${binding.roleRef.name}" to ${subjectText(subject, namespace)}`
        for (const rule of rulesOf(binding)) rules!.push({ rule, namespace, because })
      }
    }
    collect(clusterBindings)
    collect(bindings)
    granted.set(key, rules)
    return rules
  }

  const decide = (user: User, attributes: Attributes): GrantedRule | undefined => {
    const { verb, group, resource, subresource, namespace, name, path } = attributes
    // Names only matter to rules that list some; without them the decision serves every object of the kind.
    const rules = everyRule(user)
    const namesMatter = rules.some(({ rule }) => rule.resourceNames?.length && rule.resources?.some(listed => listed === '*' || listed.startsWith(resource)))
    const key = `${identity(user)}\n${verb}\n${resource ? `${group}/${resource}/${subresource}\n${namespace}\n${namesMatter ? name : ''}` : path}`
    const known = decisions.get(key)
    if (known !== undefined) return known ?? undefined
    const found = rules.find(
      grant => (grant.namespace === undefined || grant.namespace === namespace) && covers(grant.rule, attributes, grant.namespace === undefined),
    )
    if (decisions.size > MAX_REMEMBERED) decisions = new Map()
    decisions.set(key, found ?? null)
    return found
  }

  return {
    // kube-apiserver lets system:masters pass before any other authorizer.
    allows: (user, attributes) => user.groups.includes('system:masters') || decide(user, attributes) !== undefined,
    reason: (user, attributes) => (user.groups.includes('system:masters') ? undefined : decide(user, attributes)?.because),
    rulesFor: (user, namespace) => everyRule(user).filter(grant => grant.namespace === undefined || grant.namespace === namespace),
  }
}

const identity = (user: User): string => (user.groups.length > 0 ? `${user.name}\t${user.groups.join('\t')}` : user.name)

const isMeant = ({ kind, name, namespace }: Subject, user: User, bindingNamespace: string | undefined): boolean => {
  switch (kind) {
    case 'User':
      return user.name === name
    case 'Group':
      return user.groups.includes(name)
    case 'ServiceAccount':
      return user.name === `system:serviceaccount:${namespace ?? bindingNamespace ?? ''}:${name}`
    default:
      return false
  }
}

const subjectText = ({ kind, name, namespace }: Subject, bindingNamespace: string | undefined): string =>
  kind === 'ServiceAccount' ? `ServiceAccount "${name}/${namespace ?? bindingNamespace ?? ''}"` : `${kind} "${name}"`

/** True when the rule allows what is asked (pkg/registry/rbac/validation). */
export const covers = (rule: PolicyRule, { verb, group, resource, subresource, name, path }: Attributes, clusterWide: boolean): boolean => {
  if (!rule.verbs.includes('*') && !rule.verbs.includes(verb)) return false
  if (!resource)
    return clusterWide && (rule.nonResourceURLs ?? []).some(url => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1))))
  if (!rule.apiGroups?.some(allowed => allowed === '*' || allowed === group)) return false
  const full = subresource ? `${resource}/${subresource}` : resource
  if (!rule.resources?.some(allowed => allowed === '*' || allowed === full || (subresource !== '' && allowed === `*/${subresource}`))) return false
  return !rule.resourceNames?.length || rule.resourceNames.includes(name)
}
