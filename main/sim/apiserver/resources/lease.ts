import type { FieldError, ResourceDefinition } from '../definition.ts'
import { invalidValue } from '../fielderrors.ts'
import { dns1123Subdomain } from './names.ts'
import { ageColumn, column, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { Lease } from './types.ts'

const validate = ({ spec }: Lease): FieldError[] => [
  ...(spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0
    ? [invalidValue('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0')]
    : []),
  ...(spec.leaseTransitions !== undefined && spec.leaseTransitions < 0
    ? [invalidValue('spec.leaseTransitions', spec.leaseTransitions, 'must be greater than or equal to 0')]
    : []),
]

export const lease: ResourceDefinition<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  resource: 'leases',
  singular: 'lease',
  namespaced: true,
  schema: 'io.k8s.api.coordination.v1.Lease',
  storageVersionHash: 'gqkMMb/YqFM=',
  validateName: dns1123Subdomain,
  validate,
  table: {
    columns: [nameColumn, column('Holder', 'Identity of whoever holds the lease.'), ageColumn],
    cells: ({ metadata, spec }, now) => [metadata.name, spec.holderIdentity ?? '', since(metadata.creationTimestamp, now)],
  },
}
