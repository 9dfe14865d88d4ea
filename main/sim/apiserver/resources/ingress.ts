import type { FieldError, ResourceDefinition } from '../definition.ts'
import { invalidValue, notSupported, required } from '../fielderrors.ts'
import { validateIngressAddresses } from './servicevalidation.ts'
import { dns1035Label, dns1123Subdomain, isAddress, portName, portNumber } from './names.ts'
import { ageColumn, column, firstOf, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { Ingress, IngressClass } from './types.ts'

type Backend = NonNullable<Ingress['spec']['defaultBackend']>
type Path = NonNullable<NonNullable<NonNullable<Ingress['spec']['rules']>[number]['http']>['paths']>[number]

const messages = (field: string, value: unknown, list: readonly string[]): FieldError[] => list.map(message => invalidValue(field, value, message))

const validateBackend = ({ service, resource }: Backend, field: string): FieldError[] => {
  if (service && resource) return [invalidValue(field, '', 'cannot set both resource and service backends')]
  if (resource) return [...(resource.kind ? [] : [required(`${field}.resource.kind`, '')]), ...(resource.name ? [] : [required(`${field}.resource.name`, '')])]
  if (!service) return [invalidValue(field, '', 'resource or service backend is required')]
  const { name, port } = service
  const errors = name ? messages(`${field}.service.name`, name, dns1035Label(name)) : [required(`${field}.service.name`, '')]
  const [hasName, hasNumber] = [Boolean(port?.name), Boolean(port?.number)]
  if (hasName && hasNumber) errors.push(invalidValue(`${field}`, '', 'cannot set both port name & port number'))
  else if (hasName) errors.push(...messages(`${field}.service.port.name`, port!.name, portName(port!.name!)))
  else if (hasNumber) errors.push(...messages(`${field}.service.port.number`, port!.number, portNumber(port!.number!)))
  else errors.push(required(`${field}`, 'port name or number is required'))
  return errors
}

const TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
const REFUSED_PARTS = ['//', '/./', '/../', '%2f', '%2F']
const REFUSED_ENDS = ['/..', '/.']

const validatePath = ({ path = '', pathType, backend }: Path, field: string): FieldError[] => {
  // Without a type nothing else about the path can be judged.
  if (!pathType) return [required(`${field}.pathType`, 'pathType must be specified')]
  const errors: FieldError[] = []
  if (pathType === 'Exact' || pathType === 'Prefix') {
    if (!path.startsWith('/')) errors.push(invalidValue(`${field}.path`, path, 'must be an absolute path'))
    for (const part of REFUSED_PARTS) if (path.includes(part)) errors.push(invalidValue(`${field}.path`, path, `must not contain '${part}'`))
    for (const end of REFUSED_ENDS) if (path.endsWith(end)) errors.push(invalidValue(`${field}.path`, path, `cannot end with '${end}'`))
  } else if (pathType === 'ImplementationSpecific') {
    if (path !== '' && !path.startsWith('/')) errors.push(invalidValue(`${field}.path`, path, 'must be an absolute path'))
  } else errors.push(notSupported(`${field}.pathType`, pathType, TYPES))
  return [...errors, ...validateBackend(backend, `${field}.backend`)]
}

const wildcardSubdomain = (host: string): string[] =>
  dns1123Subdomain(host.slice(2)).length === 0
    ? []
    : [
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ]

const validateHost = (host: string, field: string): FieldError[] => {
  if (isAddress(host)) return [invalidValue(field, host, 'must be a DNS name, not an IP address')]
  return messages(field, host, host.includes('*') ? wildcardSubdomain(host) : dns1123Subdomain(host))
}

/** Marks the class of ingresses that name none. */
export const DEFAULT_CLASS = 'ingressclass.kubernetes.io/is-default-class'
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'

const validate = ({ metadata, spec }: Ingress): FieldError[] => {
  const errors: FieldError[] = []
  const annotated = metadata.annotations?.[CLASS_ANNOTATION]
  if (annotated !== undefined && spec.ingressClassName !== undefined && annotated !== spec.ingressClassName && !metadata.resourceVersion) {
    errors.push(invalidValue(`annotations.${CLASS_ANNOTATION}`, annotated, 'must match `ingressClassName` when both are specified'))
  }
  if (!spec.rules?.length && !spec.defaultBackend) errors.push(invalidValue('spec', spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'))
  for (const [index, { hosts = [] }] of (spec.tls ?? []).entries()) {
    for (const [place, host] of hosts.entries())
      errors.push(...messages(`spec.tls[${index}].hosts[${place}]`, host, host.includes('*') ? wildcardSubdomain(host) : dns1123Subdomain(host)))
  }
  for (const [index, rule] of (spec.rules ?? []).entries()) {
    const at = `spec.rules[${index}]`
    if (rule.host) errors.push(...validateHost(rule.host, `${at}.host`))
    if (!rule.http) continue
    if (!rule.http.paths?.length) errors.push(required(`${at}.http.paths`, ''))
    for (const [place, path] of (rule.http.paths ?? []).entries()) errors.push(...validatePath(path, `${at}.http.paths[${place}]`))
  }
  if (spec.defaultBackend) errors.push(...validateBackend(spec.defaultBackend, 'spec.defaultBackend'))
  if (spec.ingressClassName !== undefined) errors.push(...messages('spec.ingressClassName', spec.ingressClassName, dns1123Subdomain(spec.ingressClassName)))
  return errors
}

export const ingress: ResourceDefinition<Ingress> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  resource: 'ingresses',
  singular: 'ingress',
  shortNames: ['ing'],
  namespaced: true,
  schema: 'io.k8s.api.networking.v1.Ingress',
  storageVersionHash: '39NQlfNR+bo=',
  validateName: dns1123Subdomain,
  generation: true,
  subresources: ['status'],
  prepareForCreate: draft => {
    draft.status = { loadBalancer: {} }
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status
  },
  validate,
  validateStatusUpdate: ({ status }) => validateIngressAddresses(status.loadBalancer?.ingress, 'status.loadBalancer.ingress'),
  table: {
    columns: [
      nameColumn,
      column('Class', 'Class of the ingress.'),
      column('Hosts', 'Hosts that the rules match.'),
      column('Address', 'Where the ingress is reached.'),
      column('Ports', 'Ports on which it is reached.'),
      ageColumn,
    ],
    cells: ({ metadata, spec, status }, now) => [
      metadata.name,
      spec.ingressClassName ?? '<none>',
      firstOf((spec.rules ?? []).map(rule => rule.host ?? '').filter(Boolean), 3, '*'),
      [...new Set((status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter(Boolean))].sort().join(','),
      spec.tls?.length ? '80, 443' : '80',
      since(metadata.creationTimestamp, now),
    ],
  },
}

export const ingressClass: ResourceDefinition<IngressClass> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  resource: 'ingressclasses',
  singular: 'ingressclass',
  namespaced: false,
  schema: 'io.k8s.api.networking.v1.IngressClass',
  storageVersionHash: 'l/iqIbDgFyQ=',
  validateName: dns1123Subdomain,
  generation: true,
  defaults: ({ spec }) => {
    if (spec.parameters) spec.parameters.scope ??= 'Cluster'
  },
  validate: ({ spec }) => {
    const controller = spec.controller ?? ''
    if (controller === '') return [required('spec.controller', '')]
    if (controller.length > 250) return [{ reason: 'FieldValueTooLong', field: 'spec.controller', message: 'Too long: may not be more than 250 bytes' }]
    const slash = controller.indexOf('/')
    return slash <= 0
      ? [invalidValue('spec.controller', controller, 'must be a domain-prefixed path (such as "acme.io/foo")')]
      : messages('spec.controller', controller, dns1123Subdomain(controller.slice(0, slash)))
  },
  validateUpdate: (object, old) =>
    object.spec.controller === old.spec.controller ? [] : [invalidValue('spec.controller', object.spec.controller, 'field is immutable')],
  table: {
    columns: [nameColumn, column('Controller', 'What serves ingresses of the class.'), column('Parameters', 'Further settings of the class.'), ageColumn],
    cells: ({ metadata, spec }, now) => {
      const { parameters } = spec
      return [
        metadata.annotations?.[DEFAULT_CLASS] === 'true' ? `${metadata.name} (default)` : metadata.name,
        spec.controller ?? '',
        parameters ? `${parameters.kind}${parameters.apiGroup ? `.${parameters.apiGroup}` : ''}/${parameters.name}` : '<none>',
        since(metadata.creationTimestamp, now),
      ]
    },
  },
}
