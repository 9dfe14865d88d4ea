import type { FieldError, ResourceDefinition } from '../definition.ts'
import { required } from '../fielderrors.ts'
import { dns1123Subdomain } from './names.ts'
import { ageColumn, column, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { ControllerRevision } from './types.ts'
import { immutable, nonNegative } from './workload.ts'

const controllerOf = ({ metadata }: ControllerRevision): string => {
  const owner = metadata.ownerReferences?.find(reference => reference.controller)
  if (!owner) return '<none>'
  const slash = owner.apiVersion.indexOf('/')
  return `${owner.kind.toLowerCase()}${slash < 0 ? '' : `.${owner.apiVersion.slice(0, slash)}`}/${owner.name}`
}

export const controllerRevision: ResourceDefinition<ControllerRevision> = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  resource: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.ControllerRevision',
  storageVersionHash: '85nkx63pcBU=',
  validateName: dns1123Subdomain,
  validate: ({ revision, data }): FieldError[] => [
    ...(data === undefined ? [required('data', 'data is mandatory')] : []),
    ...nonNegative(revision, 'revision'),
  ],
  validateUpdate: (object, old) => immutable(object.data, old.data, 'data'),
  table: {
    columns: [nameColumn, column('Controller', 'What the revision belongs to.'), column('Revision', 'Number of the revision.'), ageColumn],
    cells: (object, now) => [object.metadata.name, controllerOf(object), object.revision, since(object.metadata.creationTimestamp, now)],
  },
}
