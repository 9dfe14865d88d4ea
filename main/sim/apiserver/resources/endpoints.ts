import type { FieldError, ResourceDefinition } from '../definition.ts'
import { invalidValue, notSupported, required } from '../fielderrors.ts'
import { validateEndpointAddress } from './endpointvalidation.ts'
import { address, dns1123Label, dns1123Subdomain, portNumber } from './names.ts'
import { ageColumn, column, firstOf, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { Endpoints } from './types.ts'

type Subset = NonNullable<Endpoints['subsets']>[number]
type Address = NonNullable<Subset['addresses']>[number]

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

const validateAddress = ({ ip, hostname, nodeName }: Address, field: string): FieldError[] => [
  ...address(ip).map(message => invalidValue(`${field}.ip`, ip, message)),
  ...(hostname ? dns1123Label(hostname).map(message => invalidValue(`${field}.hostname`, hostname, message)) : []),
  ...(nodeName !== undefined ? dns1123Subdomain(nodeName).map(message => invalidValue(`${field}.nodeName`, nodeName, message)) : []),
  ...validateEndpointAddress(ip, `${field}.ip`),
]

const validateSubset = ({ addresses = [], notReadyAddresses = [], ports = [] }: Subset, field: string): FieldError[] => {
  const errors: FieldError[] = []
  if (addresses.length === 0 && notReadyAddresses.length === 0) errors.push(required(field, 'must specify `addresses` or `notReadyAddresses`'))
  for (const [index, item] of addresses.entries()) errors.push(...validateAddress(item, `${field}.addresses[${index}]`))
  for (const [index, item] of notReadyAddresses.entries()) errors.push(...validateAddress(item, `${field}.notReadyAddresses[${index}]`))
  for (const [index, port] of ports.entries()) {
    const at = `${field}.ports[${index}]`
    if (ports.length > 1 && !port.name) errors.push(required(`${at}.name`, ''))
    else if (port.name) for (const message of dns1123Label(port.name)) errors.push(invalidValue(`${at}.name`, port.name, message))
    for (const message of portNumber(port.port)) errors.push(invalidValue(`${at}.port`, port.port, message))
    if (!port.protocol) errors.push(required(`${at}.protocol`, ''))
    else if (!PROTOCOLS.includes(port.protocol)) errors.push(notSupported(`${at}.protocol`, port.protocol, PROTOCOLS))
  }
  return errors
}

/** `address:port` of everything that is ready. */
const listed = ({ subsets }: Endpoints): string[] =>
  (subsets ?? []).flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0
      ? addresses.map(({ ip }) => ip)
      : ports.flatMap(({ port }) => addresses.map(({ ip }) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`))),
  )

export const endpoints: ResourceDefinition<Endpoints> = {
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  resource: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Endpoints',
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  storageVersionHash: 'fWeeMqaN/OA=',
  validateName: dns1123Subdomain,
  defaults: ({ subsets }) => {
    for (const { ports } of subsets ?? []) for (const port of ports ?? []) port.protocol ||= 'TCP'
  },
  validate: ({ subsets }) => (subsets ?? []).flatMap((subset, index) => validateSubset(subset, `subsets[${index}]`)),
  warnings: () => ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
  table: {
    columns: [nameColumn, column('Endpoints', 'Addresses and ports that are ready.'), ageColumn],
    cells: (object, now) => [object.metadata.name, firstOf(listed(object), 3, '<none>'), since(object.metadata.creationTimestamp, now)],
  },
}
