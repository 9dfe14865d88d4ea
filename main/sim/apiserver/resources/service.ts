import type { ResourceDefinition, StrategyContext } from '../definition.ts'
import { equalJson } from '../json.ts'
import { dns1123Label } from './names.ts'
import { ageColumn, column, formatLabels, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import { isReachable, validateService, validateServiceUpdate, validateIngressAddresses } from './servicevalidation.ts'
import type { Service } from './types.ts'

const needsClusterIP = (type: string | undefined) => type !== 'ExternalName'
const needsNodePort = ({ spec }: Service) => spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)

const needsHealthCheck = ({ spec }: Service) => spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'

/** Whom what was allocated belongs to. */
const ownerOf = ({ metadata }: Service) => `${metadata.namespace}/${metadata.name}`

/** Defaults of pkg/apis/core/v1/defaults.go, and of pkg/registry/core/service on a single-stack IPv4 cluster. */
const defaults = (service: Service): void => {
  const { spec } = service
  spec.sessionAffinity ||= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  if (spec.sessionAffinity === 'ClientIP')
    spec.sessionAffinityConfig = { ...spec.sessionAffinityConfig, clientIP: { timeoutSeconds: 10800, ...spec.sessionAffinityConfig?.clientIP } }
  spec.type ||= 'ClusterIP'
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP'
    if (!port.targetPort) port.targetPort = port.port
  }
  if (isReachable(service)) spec.externalTrafficPolicy ||= 'Cluster'
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true
  if (spec.type === 'NodePort' || spec.type === 'LoadBalancer' || spec.type === 'ClusterIP') spec.internalTrafficPolicy ??= 'Cluster'
  // The singular of the two fields is what older clients write.
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
}

const familyDefaults = ({ spec }: Service): void => {
  if (spec.type === 'ExternalName') return
  // Nobody but the maker of its endpoints knows the families of a headless service without selector.
  if (spec.clusterIP === 'None' && !spec.selector) {
    spec.ipFamilyPolicy ??= 'RequireDualStack'
    spec.ipFamilies ??= ['IPv4']
    if (spec.ipFamilyPolicy !== 'SingleStack' && spec.ipFamilies.length === 1)
      spec.ipFamilies = spec.ipFamilies[0] === 'IPv4' ? ['IPv4', 'IPv6'] : ['IPv6', 'IPv4']
    return
  }
  spec.ipFamilyPolicy ??= 'SingleStack'
  spec.ipFamilies ??= ['IPv4']
}

/** Takes the addresses and node ports that a service has or still needs. */
const claimAddresses = (service: Service, allocate: StrategyContext['allocate']): void => {
  const { spec } = service
  const owner = ownerOf(service)
  if (needsClusterIP(spec.type) && spec.clusterIP !== 'None') {
    spec.clusterIP = allocate.clusterIP(spec.clusterIP || undefined, owner)
    spec.clusterIPs = [spec.clusterIP]
  }
  // One node port serves the same port of several protocols.
  const taken = new Map<number, number>()
  for (const port of spec.ports ?? []) {
    if (!port.nodePort && !needsNodePort(service)) continue
    const shared = taken.get(port.port)
    if (shared !== undefined && (!port.nodePort || port.nodePort === shared)) {
      port.nodePort = shared
      continue
    }
    const wanted = port.nodePort || spec.ports!.find(other => other.port === port.port && other.nodePort)?.nodePort
    port.nodePort = allocate.nodePort(wanted, owner)
    taken.set(port.port, port.nodePort)
  }
  if (needsHealthCheck(service)) spec.healthCheckNodePort = allocate.nodePort(spec.healthCheckNodePort || undefined, owner)
}

/** Carries over what was allocated when the new version leaves it out (patchAllocatedValues). */
const keepAllocated = (draft: Service, old: Service): void => {
  const [next, before] = [draft.spec, old.spec]
  // Whoever changes one of the singular and the plural means both (NormalizeClusterIPs).
  if (next.clusterIP !== before.clusterIP && equalJson(next.clusterIPs, before.clusterIPs)) {
    if (next.clusterIP) next.clusterIPs = [next.clusterIP]
    else delete next.clusterIPs
  } else if (next.clusterIP === before.clusterIP && next.clusterIPs?.length && next.clusterIPs[0] !== before.clusterIPs?.[0])
    next.clusterIP = next.clusterIPs[0]!
  if (needsClusterIP(next.type) && needsClusterIP(before.type)) {
    if (!next.clusterIP && before.clusterIP) next.clusterIP = before.clusterIP
    if (!next.clusterIPs?.length && before.clusterIPs && next.clusterIP === before.clusterIP) next.clusterIPs = before.clusterIPs
    next.ipFamilies ??= before.ipFamilies
    next.ipFamilyPolicy ??= before.ipFamilyPolicy
  }
  const external = (type: string | undefined) => type === 'NodePort' || type === 'LoadBalancer'
  if (external(next.type) && external(before.type)) {
    for (const port of next.ports ?? []) {
      if (!port.nodePort)
        port.nodePort = before.ports?.find(other => other.port === port.port && (other.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))?.nodePort
      if (!port.nodePort) delete port.nodePort
    }
  }
  if (needsHealthCheck(draft) && needsHealthCheck(old)) next.healthCheckNodePort ||= before.healthCheckNodePort
  if (!needsHealthCheck(draft) && next.healthCheckNodePort === before.healthCheckNodePort) delete next.healthCheckNodePort
  if (external(before.type) && !external(next.type)) {
    // A node port that was only ever allocated goes away with the type that needed it.
    for (const port of next.ports ?? []) if (port.nodePort && before.ports?.some(other => other.nodePort === port.nodePort)) delete port.nodePort
    if (next.externalTrafficPolicy === before.externalTrafficPolicy) delete next.externalTrafficPolicy
    if (next.allocateLoadBalancerNodePorts === before.allocateLoadBalancerNodePorts) delete next.allocateLoadBalancerNodePorts
  }
  if (next.type === 'ExternalName' && before.type !== 'ExternalName') {
    if (next.clusterIP === before.clusterIP) {
      delete next.clusterIP
      delete next.clusterIPs
    }
    if (next.ipFamilies && JSON.stringify(next.ipFamilies) === JSON.stringify(before.ipFamilies)) delete next.ipFamilies
    if (next.ipFamilyPolicy === before.ipFamilyPolicy) delete next.ipFamilyPolicy
    if (next.internalTrafficPolicy === before.internalTrafficPolicy) delete next.internalTrafficPolicy
  }
}

const loadBalancerAddresses = ({ status }: Service): string =>
  [...new Set((status.loadBalancer?.ingress ?? []).map(ingress => ingress.ip || ingress.hostname || '').filter(Boolean))].sort().join(',')

const externalIP = (service: Service): string => {
  const { spec } = service
  const fixed = spec.externalIPs ?? []
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return fixed.length > 0 ? fixed.join(',') : '<none>'
    case 'LoadBalancer': {
      const addresses = [loadBalancerAddresses(service), ...fixed].filter(Boolean)
      return addresses.length > 0 ? addresses.join(',') : '<pending>'
    }
    case 'ExternalName':
      return spec.externalName ?? ''
    default:
      return '<unknown>'
  }
}

export const service: ResourceDefinition<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  resource: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Service',
  storageVersionHash: '0/CO1lhkEBI=',
  validateName: dns1123Label,
  subresources: ['status'],
  defaults,
  prepareForCreate: (draft, context) => {
    draft.status = { loadBalancer: {} }
    // An invalid service is refused in the next step; nothing may be allocated for it.
    if (validateService(draft).length > 0) return
    familyDefaults(draft)
    claimAddresses(draft, context.allocate)
  },
  prepareForUpdate: (draft, old, context) => {
    draft.status = old.status
    keepAllocated(draft, old)
    if (validateService(draft).length > 0 || validateServiceUpdate(draft, old).length > 0) return
    familyDefaults(draft)
    if (equalJson(draft.spec, old.spec)) return
    context.allocate.release(ownerOf(old))
    claimAddresses(draft, context.allocate)
  },
  afterDelete: (object, context) => context.allocate.release(ownerOf(object)),
  warnings: ({ spec }) => (spec.externalIPs?.length ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters'] : []),
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: ({ status }) => validateIngressAddresses(status.loadBalancer?.ingress, 'status.loadBalancer.ingress'),
  selectableFields: { 'spec.clusterIP': object => object.spec.clusterIP ?? '', 'spec.type': object => object.spec.type ?? '' },
  table: {
    columns: [
      nameColumn,
      column('Type', 'How the service is exposed.'),
      column('Cluster-IP', 'Virtual address within the cluster.'),
      column('External-IP', 'Addresses from outside the cluster.'),
      column('Port(s)', 'Ports, with node port and protocol.'),
      ageColumn,
      column('Selector', 'Labels of the pods behind the service.', { wide: true }),
    ],
    cells: (object, now) => {
      const { metadata, spec } = object
      const ports = (spec.ports ?? [])
        .map(port => (port.nodePort ? `${port.port}:${port.nodePort}/${port.protocol}` : `${port.port}/${port.protocol}`))
        .join(',')
      return [
        metadata.name,
        spec.type ?? '',
        spec.clusterIPs?.[0] || spec.clusterIP || '<none>',
        externalIP(object),
        ports || '<none>',
        since(metadata.creationTimestamp, now),
        formatLabels(spec.selector),
      ]
    },
  },
}
