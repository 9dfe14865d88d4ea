import type { Store } from '../../store/store.ts'
import { NODE_RULES } from '../bootstrap/roles.ts'
import { isObject } from '../json.ts'
import type { Attributes, User } from '../request.ts'
import type { Pod } from '../resources/types.ts'
import { covers } from './rbac.ts'

const PREFIX = 'system:node:'
const LEASE_NAMESPACE = 'kube-node-lease'

/** The node that a user is; undefined for everybody else. */
export const nodeOf = (user: User): string | undefined =>
  user.name.startsWith(PREFIX) && user.groups.includes('system:nodes') ? user.name.slice(PREFIX.length) : undefined

/** Keys under which a pod names other objects of its namespace. */
const REFERENCES: Record<string, readonly string[]> = {
  secrets: ['secretName', 'secretRef', 'secretKeyRef', 'secret', 'imagePullSecrets', 'nodePublishSecretRef'],
  configmaps: ['configMap', 'configMapRef', 'configMapKeyRef'],
  persistentvolumeclaims: ['persistentVolumeClaim'],
  serviceaccounts: ['serviceAccountName'],
}

const names = (value: unknown): unknown[] =>
  Array.isArray(value) ? value.flatMap(names) : isObject(value) ? [value['name'], value['secretName'], value['claimName']] : [value]

const refersTo = (value: unknown, keys: readonly string[], name: string): boolean => {
  if (Array.isArray(value)) return value.some(item => refersTo(item, keys, name))
  if (!isObject(value)) return false
  return Object.entries(value).some(([key, member]) => (keys.includes(key) && names(member).includes(name)) || refersTo(member, keys, name))
}

/**
 * Grants kubelets what the role system:node lists, secrets and the like only where a pod on their node needs them
 * (plugin/pkg/auth/authorizer/node).
 */
export const createNodeAuthorizer = (store: Store) => {
  const pods = store.bucket('/pods')
  const needed = (node: string, { resource, namespace, name }: Attributes): boolean =>
    name !== '' && (pods.list(namespace) as readonly Pod[]).some(pod => pod.spec.nodeName === node && refersTo(pod.spec, REFERENCES[resource]!, name))
  return (user: User, attributes: Attributes): boolean => {
    const node = nodeOf(user)
    if (node === undefined || !NODE_RULES.some(rule => covers(rule, attributes, true))) return false
    const { group, resource, namespace, name } = attributes
    if (group === 'coordination.k8s.io' && resource === 'leases') return namespace === LEASE_NAMESPACE && (name === '' || name === node)
    if (group === '' && REFERENCES[resource] && attributes.subresource !== 'status') return needed(node, attributes)
    return true
  }
}
