import type { ResourceDefinition } from '../definition.ts'
import { dns1123Subdomain } from './names.ts'
import { ageColumn, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { ServiceAccount } from './types.ts'

export const serviceAccount: ResourceDefinition<ServiceAccount> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  resource: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ServiceAccount',
  storageVersionHash: 'pbx9ZvyFpBE=',
  validateName: dns1123Subdomain,
  subresources: ['token'],
  table: {
    columns: [nameColumn, ageColumn],
    cells: ({ metadata }, now) => [metadata.name, since(metadata.creationTimestamp, now)],
  },
}
