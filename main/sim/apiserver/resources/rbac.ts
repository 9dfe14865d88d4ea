import type { FieldError, ResourceDefinition } from '../definition.ts'
import { invalidValue, notSupported, required } from '../fielderrors.ts'
import { equalJson } from '../json.ts'
import { dns1123Subdomain, pathSegment } from './names.ts'
import { ageColumn, column, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import { validateLabelSelector } from './selectorvalidation.ts'
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from './types.ts'

// pkg/apis/rbac: validation, defaults, and how the four kinds print.

const GROUP = 'rbac.authorization.k8s.io'

const validateRules = (rules: readonly PolicyRule[] | null | undefined, namespaced: boolean): FieldError[] =>
  (rules ?? []).flatMap((rule, index): FieldError[] => {
    const at = `rules[${index}]`
    if (!rule.verbs?.length) return [required(`${at}.verbs`, 'verbs must contain at least one value')]
    if (rule.nonResourceURLs?.length) {
      if (namespaced) return [invalidValue(`${at}.nonResourceURLs`, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs')]
      return rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length
        ? [invalidValue(`${at}.nonResourceURLs`, rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs')]
        : []
    }
    return [
      ...(rule.apiGroups?.length ? [] : [required(`${at}.apiGroups`, 'resource rules must supply at least one api group')]),
      ...(rule.resources?.length ? [] : [required(`${at}.resources`, 'resource rules must supply at least one resource')]),
    ]
  })

const KINDS = ['ServiceAccount', 'User', 'Group']

const validateSubject = (subject: Subject, field: string, namespaced: boolean): FieldError[] => {
  const errors: FieldError[] = []
  if (!subject.name) errors.push(required(`${field}.name`, ''))
  const group = subject.apiGroup ?? ''
  switch (subject.kind) {
    case 'ServiceAccount':
      if (subject.name) for (const message of dns1123Subdomain(subject.name)) errors.push(invalidValue(`${field}.name`, subject.name, message))
      if (group !== '') errors.push(notSupported(`${field}.apiGroup`, group, ['']))
      if (!namespaced && !subject.namespace) errors.push(required(`${field}.namespace`, ''))
      break
    case 'User':
    case 'Group':
      if (group !== GROUP) errors.push(notSupported(`${field}.apiGroup`, group, [GROUP]))
      break
    default:
      errors.push(notSupported(`${field}.kind`, subject.kind, KINDS))
  }
  return errors
}

type Binding = RoleBinding | ClusterRoleBinding

const validateBinding = ({ roleRef, subjects }: Binding, namespaced: boolean): FieldError[] => {
  const errors: FieldError[] = []
  if (roleRef.apiGroup !== GROUP) errors.push(notSupported('roleRef.apiGroup', roleRef.apiGroup, [GROUP]))
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  if (!kinds.includes(roleRef.kind)) errors.push(notSupported('roleRef.kind', roleRef.kind, kinds))
  if (!roleRef.name) errors.push(required('roleRef.name', ''))
  else for (const message of pathSegment(roleRef.name)) errors.push(invalidValue('roleRef.name', roleRef.name, message))
  return [...errors, ...(subjects ?? []).flatMap((subject, index) => validateSubject(subject, `subjects[${index}]`, namespaced))]
}

const defaultBinding = ({ roleRef, subjects }: Binding): void => {
  roleRef.apiGroup ||= GROUP
  for (const subject of subjects ?? []) if (!subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')) subject.apiGroup = GROUP
}

const validateBindingUpdate = (object: Binding, old: Binding): FieldError[] => {
  if (equalJson(object.roleRef, old.roleRef)) return []
  const { apiGroup, kind, name } = object.roleRef
  return [invalidValue('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')]
}

const roleTable: ResourceDefinition<Role | ClusterRole>['table'] = {
  columns: [nameColumn, column('Created At', 'When the role was created.', { type: 'date' })],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
}

const bindingTable: ResourceDefinition<Binding>['table'] = {
  columns: [
    nameColumn,
    column('Role', 'Role that is granted.'),
    ageColumn,
    column('Users', 'Users it is granted to.', { wide: true }),
    column('Groups', 'Groups it is granted to.', { wide: true }),
    column('ServiceAccounts', 'Service accounts it is granted to, with their namespaces.', { wide: true }),
  ],
  cells: ({ metadata, roleRef, subjects }, now) => {
    const names = (kind: string) =>
      (subjects ?? [])
        .filter(subject => subject.kind === kind)
        .map(subject => (kind === 'ServiceAccount' ? `${subject.namespace ?? ''}/${subject.name}` : subject.name))
        .join(', ')
    return [metadata.name, `${roleRef.kind}/${roleRef.name}`, since(metadata.creationTimestamp, now), names('User'), names('Group'), names('ServiceAccount')]
  },
}

const common = { group: GROUP, version: 'v1', validateName: pathSegment } as const

export const role: ResourceDefinition<Role> = {
  ...common,
  kind: 'Role',
  resource: 'roles',
  singular: 'role',
  namespaced: true,
  schema: 'io.k8s.api.rbac.v1.Role',
  storageVersionHash: '7FuwZcIIItM=',
  validate: object => validateRules(object.rules, true),
  table: roleTable,
}

export const clusterRole: ResourceDefinition<ClusterRole> = {
  ...common,
  kind: 'ClusterRole',
  resource: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  schema: 'io.k8s.api.rbac.v1.ClusterRole',
  storageVersionHash: 'bYE5ZWDrJ44=',
  validate: ({ rules, aggregationRule }) => {
    const errors = validateRules(rules, false)
    if (!aggregationRule) return errors
    const selectors = aggregationRule.clusterRoleSelectors ?? []
    if (selectors.length === 0)
      return [...errors, required('aggregationRule.clusterRoleSelectors', 'at least one clusterRoleSelector required if aggregationRule is non-nil')]
    return [...errors, ...selectors.flatMap((selector, index) => validateLabelSelector(selector, `aggregationRule.clusterRoleSelectors[${index}]`))]
  },
  table: roleTable,
}

export const roleBinding: ResourceDefinition<RoleBinding> = {
  ...common,
  kind: 'RoleBinding',
  resource: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  schema: 'io.k8s.api.rbac.v1.RoleBinding',
  storageVersionHash: 'eGsCzGH6b1g=',
  defaults: defaultBinding,
  validate: object => validateBinding(object, true),
  validateUpdate: validateBindingUpdate,
  table: bindingTable,
}

export const clusterRoleBinding: ResourceDefinition<ClusterRoleBinding> = {
  ...common,
  kind: 'ClusterRoleBinding',
  resource: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  schema: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
  storageVersionHash: '48tpQ8gZHFc=',
  defaults: defaultBinding,
  validate: object => validateBinding(object, false),
  validateUpdate: validateBindingUpdate,
  table: bindingTable,
}
