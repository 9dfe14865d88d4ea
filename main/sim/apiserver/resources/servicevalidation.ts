import type { FieldError } from '../definition.ts'
import { duplicateValue, forbiddenField, invalidValue, notSupported, required } from '../fielderrors.ts'
import { equalJson } from '../json.ts'
import { validateEndpointAddress } from './endpointvalidation.ts'
import { labelErrors } from '../metadata.ts'
import { address, cidr, dns1123Label, dns1123Subdomain, inRange, isAddress, portName, portNumber } from './names.ts'
import type { Service, ServicePort } from './types.ts'

// pkg/apis/core/validation.ValidateService, for a single-stack IPv4 cluster.

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const messages = (field: string, value: unknown, list: readonly string[]): FieldError[] => list.map(message => invalidValue(field, value, message))
const isExternal = (type: string | undefined) => type === 'NodePort' || type === 'LoadBalancer'

/** Whether a service can be reached from outside the cluster (ExternallyAccessible). */
export const isReachable = ({ spec }: Service): boolean => isExternal(spec.type) || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0)

const validatePort = (port: ServicePort, needsName: boolean, names: Set<string>, field: string): FieldError[] => {
  const errors: FieldError[] = []
  if (needsName && !port.name) errors.push(required(`${field}.name`, ''))
  else if (port.name) {
    errors.push(...messages(`${field}.name`, port.name, dns1123Label(port.name)))
    if (names.has(port.name)) errors.push(duplicateValue(`${field}.name`, port.name))
    names.add(port.name)
  }
  errors.push(...messages(`${field}.port`, port.port, portNumber(port.port)))
  if (!PROTOCOLS.includes(port.protocol ?? '')) errors.push(notSupported(`${field}.protocol`, port.protocol ?? '', PROTOCOLS))
  const target = port.targetPort ?? 0
  errors.push(...messages(`${field}.targetPort`, target, typeof target === 'string' ? portName(target) : portNumber(target)))
  return errors
}

const validateAddresses = ({ spec }: Service): FieldError[] => {
  const ips = spec.clusterIPs ?? []
  const errors: FieldError[] = []
  if (spec.type === 'ExternalName') {
    if (spec.clusterIP) errors.push(forbiddenField('spec.clusterIP', 'may not be set for ExternalName services'))
    if (ips.length > 0) errors.push(forbiddenField('spec.clusterIPs', 'may not be set for ExternalName services'))
    if (spec.ipFamilies?.length) errors.push(forbiddenField('spec.ipFamilies', 'may not be set for ExternalName services'))
    if (spec.ipFamilyPolicy) errors.push(forbiddenField('spec.ipFamilyPolicy', 'may not be set for ExternalName services'))
    return errors
  }
  if (ips.length > 0 && spec.clusterIP !== ips[0]) errors.push(invalidValue('spec.clusterIPs', ips, 'first value must match `clusterIP`'))
  if (ips.length > 1 && ips.includes('None')) errors.push(invalidValue('spec.clusterIPs', ips, "'None' must be the first and only value"))
  if (ips.length > 2)
    errors.push({ reason: 'FieldValueInvalid', field: 'spec.clusterIPs', message: `Invalid value: ${JSON.stringify(ips)}: may only hold up to 2 values` })
  for (const [index, ip] of ips.entries()) if (ip !== 'None') errors.push(...messages(`spec.clusterIPs[${index}]`, ip, address(ip)))
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (!['IPv4', 'IPv6'].includes(family)) errors.push(notSupported(`spec.ipFamilies[${index}]`, family, ['IPv4', 'IPv6']))
    else if (family === 'IPv6' && !(spec.clusterIP === 'None' && !spec.selector))
      errors.push(invalidValue(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'))
  }
  return errors
}

/** Checks a service, new or replaced. */
export const validateService = (service: Service): FieldError[] => {
  const { spec } = service
  const errors: FieldError[] = []
  const ports = spec.ports ?? []
  const headless = spec.clusterIP === 'None'
  const addressErrors = validateAddresses(service)
  // Wrong addresses are found out before anything else, when families are worked out.
  if (addressErrors.some(error => error.field.startsWith('spec.clusterIPs') || error.field.startsWith('spec.ipFamilies'))) return addressErrors
  if (isExternal(spec.type) && headless) return [invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`)]
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') errors.push(required('spec.ports', ''))
  if (spec.type === 'ExternalName') {
    const name = spec.externalName ?? ''
    if (name === '') errors.push(required('spec.externalName', ''))
    else errors.push(...messages('spec.externalName', name, dns1123Subdomain(name.replace(/\.$/, ''))))
  }
  const names = new Set<string>()
  for (const [index, port] of ports.entries()) errors.push(...validatePort(port, ports.length > 1, names, `spec.ports[${index}]`))
  if (spec.selector) errors.push(...labelErrors(spec.selector, 'spec.selector'))
  if (!spec.sessionAffinity) errors.push(required('spec.sessionAffinity', ''))
  else if (!['ClientIP', 'None'].includes(spec.sessionAffinity)) errors.push(notSupported('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']))
  else if (spec.sessionAffinity === 'ClientIP') {
    const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds
    if (seconds !== undefined)
      errors.push(
        ...messages(
          'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
          seconds,
          inRange(seconds, 1, 86400).map(() => 'must be greater than 0 and less than or equal to 86400'),
        ),
      )
  }
  errors.push(...addressErrors)
  for (const [index, ip] of (spec.externalIPs ?? []).entries()) {
    const at = `spec.externalIPs[${index}]`
    errors.push(...messages(at, ip, address(ip)))
    if (isAddress(ip)) errors.push(...validateEndpointAddress(ip, at))
  }
  if (!TYPES.includes(spec.type ?? '')) errors.push(notSupported('spec.type', spec.type ?? '', TYPES))
  const seen = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const key = `${port.protocol}/${port.port}`
    if (seen.has(key))
      errors.push(duplicateValue(`spec.ports[${index}]`, { Name: '', Protocol: port.protocol, AppProtocol: null, Port: port.port, TargetPort: 0, NodePort: 0 }))
    seen.add(key)
  }
  if (!isExternal(spec.type)) {
    for (const [index, port] of ports.entries())
      if (port.nodePort) errors.push(forbiddenField(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
  }
  const nodePorts = new Set<string>()
  for (const [index, port] of ports.entries()) {
    if (!port.nodePort || !isExternal(spec.type)) continue
    const key = `${port.protocol}/${port.nodePort}`
    if (nodePorts.has(key)) errors.push(duplicateValue(`spec.ports[${index}].nodePort`, port.nodePort))
    nodePorts.add(key)
  }
  if (spec.loadBalancerSourceRanges?.length) {
    if (spec.type !== 'LoadBalancer') errors.push(forbiddenField('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'"))
    for (const [index, range] of spec.loadBalancerSourceRanges.entries())
      errors.push(...messages(`spec.loadBalancerSourceRanges[${index}]`, range, cidr(range)))
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== 'LoadBalancer')
    errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"))
  if (spec.externalTrafficPolicy) {
    if (!isReachable(service))
      errors.push(invalidValue('spec.externalTrafficPolicy', spec.externalTrafficPolicy, 'may only be set for externally-accessible services'))
    else if (!['Cluster', 'Local'].includes(spec.externalTrafficPolicy))
      errors.push(notSupported('spec.externalTrafficPolicy', spec.externalTrafficPolicy, ['Cluster', 'Local']))
  }
  if (spec.internalTrafficPolicy !== undefined && !['Cluster', 'Local'].includes(spec.internalTrafficPolicy))
    errors.push(notSupported('spec.internalTrafficPolicy', spec.internalTrafficPolicy, ['Cluster', 'Local']))
  return errors
}

/** What an update may not change: addresses that were given, while the service keeps needing them. */
export const validateServiceUpdate = (service: Service, old: Service): FieldError[] => {
  const [ips, before] = [service.spec.clusterIPs ?? [], old.spec.clusterIPs ?? []]
  if (service.spec.type === 'ExternalName' || old.spec.type === 'ExternalName' || before.length === 0) return []
  return before
    .flatMap((ip, index) => (index < ips.length && ips[index] !== ip ? [invalidValue(`spec.clusterIPs[${index}]`, ips, 'may not change once set')] : []))
    .concat(!equalJson(ips, before) && ips.length === 0 ? [invalidValue('spec.clusterIPs[0]', ips, 'primary clusterIP can not be unset')] : [])
}

/** Where a load balancer says that it is reached (ValidateLoadBalancerStatus). */
export const validateIngressAddresses = (ingress: readonly { readonly ip?: string; readonly hostname?: string }[] | undefined, field: string): FieldError[] =>
  (ingress ?? []).flatMap(({ ip, hostname }, index) => [
    ...(ip ? address(ip).map(message => invalidValue(`${field}[${index}].ip`, ip, message)) : []),
    ...(hostname
      ? isAddress(hostname)
        ? [invalidValue(`${field}[${index}].hostname`, hostname, 'must be a DNS name, not an IP address')]
        : dns1123Subdomain(hostname).map(message => invalidValue(`${field}[${index}].hostname`, hostname, message))
      : []),
  ])
