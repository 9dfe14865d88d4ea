import type { FieldError, ResourceDefinition } from '../definition.ts'
import { invalidValue } from '../fielderrors.ts'
import { dns1123Subdomain } from './names.ts'
import { ageColumn, column, firstOf, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { EndpointSlice } from './types.ts'
import { validateEndpointSlice } from './endpointvalidation.ts'

export const endpointSlice: ResourceDefinition<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  resource: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  storageVersionHash: 'qgS0xkrxYAI=',
  validateName: dns1123Subdomain,
  generation: true,
  defaults: draft => {
    for (const port of draft.ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  validate: validateEndpointSlice,
  validateUpdate: (object, old): FieldError[] =>
    object.addressType === old.addressType ? [] : [invalidValue('addressType', object.addressType, 'field is immutable')],
  table: {
    columns: [
      nameColumn,
      column('AddressType', 'Family of the addresses.'),
      column('Ports', 'Ports of the endpoints.'),
      column('Endpoints', 'Addresses of the endpoints.'),
      ageColumn,
    ],
    cells: ({ metadata, addressType, ports, endpoints }, now) => [
      metadata.name,
      addressType,
      firstOf(
        (ports ?? []).map(port => String(port.port ?? port.name ?? '*')),
        3,
        '<unset>',
      ),
      firstOf(
        (endpoints ?? []).flatMap(endpoint => endpoint.addresses),
        3,
        '<unset>',
      ),
      since(metadata.creationTimestamp, now),
    ],
  },
}
