import type { ResourceDefinition } from '../definition.ts'
import { invalidValue } from '../fielderrors.ts'
import { dns1123Label } from './names.ts'
import { ageColumn, column, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { Namespace } from './types.ts'

export const namespace: ResourceDefinition<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  resource: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.Namespace',
  storageVersionHash: 'Q3oi5N2YM8M=',
  validateName: dns1123Label,
  subresources: ['finalize', 'status'],
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  defaults: draft => {
    // Which namespace it is, for selectors that can only match labels.
    if (draft.metadata.name) draft.metadata.labels = { ...draft.metadata.labels, 'kubernetes.io/metadata.name': draft.metadata.name }
  },
  prepareForCreate: draft => {
    draft.status = { phase: 'Active' }
    draft.spec = { ...draft.spec }
    if (!draft.spec.finalizers?.includes('kubernetes')) draft.spec.finalizers = [...(draft.spec.finalizers ?? []), 'kubernetes']
  },
  prepareForUpdate: (draft, old) => {
    draft.spec = { ...draft.spec, finalizers: old.spec.finalizers }
    draft.status = old.status
  },
  validate: object =>
    (object.spec.finalizers ?? [])
      .filter(finalizer => finalizer !== 'kubernetes' && !finalizer.includes('/'))
      .map(finalizer => invalidValue('spec.finalizers', finalizer, 'name is neither a standard finalizer name nor is it fully qualified')),
  validateStatusUpdate: object => {
    const { deletionTimestamp } = object.metadata
    if (!deletionTimestamp && object.status.phase !== 'Active')
      return [invalidValue('status.Phase', object.status.phase, "may only be 'Active' if `deletionTimestamp` is empty")]
    if (deletionTimestamp && object.status.phase !== 'Terminating')
      return [invalidValue('status.Phase', object.status.phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")]
    return []
  },
  selectableFields: { 'status.phase': object => object.status.phase ?? '' },
  table: {
    columns: [nameColumn, column('Status', 'Phase of the namespace.'), ageColumn],
    cells: ({ metadata, status }, now) => [metadata.name, status.phase ?? '', since(metadata.creationTimestamp, now)],
  },
}
