import type { FieldError } from '../definition.ts'
import { duplicateValue, invalidValue, notSupported, required, tooMany } from '../fielderrors.ts'
import { address, dns1123Label, dns1123Subdomain, isAddress, portNumber } from './names.ts'
import type { EndpointSlice } from './types.ts'

// pkg/apis/discovery/validation, and the parts of pkg/apis/core/validation about addresses of endpoints.

const MAX_ENDPOINTS = 1000
const MAX_ADDRESSES = 100
const MAX_PORTS = 20000

/** Addresses that no endpoint may have (ValidateEndpointIP). */
export const validateEndpointAddress = (ip: string, field: string): FieldError[] => {
  const refuse = (detail: string) => [invalidValue(field, ip, detail)]
  if (!isAddress(ip)) return refuse('must be a valid IP address')
  const lower = ip.toLowerCase()
  if (ip === '0.0.0.0' || lower === '::') return refuse('may not be unspecified (0.0.0.0 or ::)')
  if (ip.startsWith('127.') || lower === '::1') return refuse('may not be in the loopback range (127.0.0.0/8, ::1/128)')
  if (ip.startsWith('169.254.') || /^fe[89ab]/.test(lower)) return refuse('may not be in the link-local range (169.254.0.0/16, fe80::/10)')
  if (ip.startsWith('224.0.0.') || lower.startsWith('ff02:')) return refuse('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')
  return []
}

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

export const validateEndpointSlice = ({ addressType, endpoints, ports }: EndpointSlice): FieldError[] => {
  const errors: FieldError[] = []
  const types = ['FQDN', 'IPv4', 'IPv6']
  if (!addressType) errors.push(required('addressType', ''))
  else if (!types.includes(addressType)) errors.push(notSupported('addressType', addressType, types))
  if ((ports?.length ?? 0) > MAX_PORTS) return [...errors, tooMany('ports', ports!.length, MAX_PORTS)]
  const names = new Set<string>()
  for (const [index, port] of (ports ?? []).entries()) {
    const at = `ports[${index}]`
    const name = port.name ?? ''
    if (name !== '') for (const message of dns1123Label(name)) errors.push(invalidValue(`${at}.name`, name, message))
    if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name))
    names.add(name)
    if (port.protocol !== undefined && !PROTOCOLS.includes(port.protocol)) errors.push(notSupported(`${at}.protocol`, port.protocol, PROTOCOLS))
    if (port.port !== undefined) for (const message of portNumber(port.port)) errors.push(invalidValue(`${at}.port`, port.port, message))
  }
  if ((endpoints?.length ?? 0) > MAX_ENDPOINTS) return [...errors, tooMany('endpoints', endpoints!.length, MAX_ENDPOINTS)]
  for (const [index, endpoint] of (endpoints ?? []).entries()) {
    const at = `endpoints[${index}]`
    const addresses = endpoint.addresses ?? []
    if (addresses.length === 0) errors.push(required(`${at}.addresses`, 'must contain at least 1 address'))
    else if (addresses.length > MAX_ADDRESSES) errors.push(tooMany(`${at}.addresses`, addresses.length, MAX_ADDRESSES))
    for (const [place, item] of addresses.entries()) {
      const field = `${at}.addresses[${place}]`
      if (addressType === 'FQDN') {
        for (const message of dns1123Subdomain(item)) errors.push(invalidValue(field, item, message))
        continue
      }
      if (addressType !== 'IPv4' && addressType !== 'IPv6') continue
      const family = item.includes(':') ? 'IPv6' : 'IPv4'
      if (!isAddress(item)) for (const message of address(item)) errors.push(invalidValue(field, item, message))
      else if (family !== addressType) errors.push(invalidValue(field, item, `must be an ${addressType} address`))
      else errors.push(...validateEndpointAddress(item, field))
    }
    if (endpoint.nodeName !== undefined)
      for (const message of dns1123Subdomain(endpoint.nodeName)) errors.push(invalidValue(`${at}.nodeName`, endpoint.nodeName, message))
    if (endpoint.hostname !== undefined)
      for (const message of dns1123Label(endpoint.hostname)) errors.push(invalidValue(`${at}.hostname`, endpoint.hostname, message))
  }
  return errors
}
