import type { FieldError, ResourceDefinition } from '../definition.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../fielderrors.ts'
import { equalJson } from '../json.ts'
import { dns1123Subdomain, qualifiedName } from './names.ts'
import { ageColumn, column, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { StorageClass } from './types.ts'

const DEFAULT_ANNOTATIONS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']

const validate = ({ provisioner, reclaimPolicy, volumeBindingMode }: StorageClass): FieldError[] => {
  const errors: FieldError[] = []
  if (!provisioner) errors.push(required('provisioner', ''))
  else for (const message of qualifiedName(provisioner.toLowerCase())) errors.push(invalidValue('provisioner', provisioner, message))
  if (reclaimPolicy && !['Delete', 'Retain'].includes(reclaimPolicy)) errors.push(notSupported('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']))
  const modes = ['Immediate', 'WaitForFirstConsumer']
  if (volumeBindingMode === undefined) errors.push(required('volumeBindingMode', ''))
  else if (!modes.includes(volumeBindingMode)) errors.push(notSupported('volumeBindingMode', volumeBindingMode, modes))
  return errors
}

export const storageClass: ResourceDefinition<StorageClass> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  resource: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.StorageClass',
  storageVersionHash: 'K+m6uJwbjGY=',
  validateName: dns1123Subdomain,
  defaults: draft => {
    draft.reclaimPolicy ??= 'Delete'
    draft.volumeBindingMode ??= 'Immediate'
  },
  validate,
  validateUpdate: (object, old) => [
    ...(equalJson(object.parameters, old.parameters) ? [] : [forbiddenField('parameters', 'updates to parameters are forbidden.')]),
    ...(object.provisioner === old.provisioner ? [] : [forbiddenField('provisioner', 'updates to provisioner are forbidden.')]),
    ...(object.reclaimPolicy === old.reclaimPolicy ? [] : [forbiddenField('reclaimPolicy', 'updates to reclaimPolicy are forbidden.')]),
    ...(object.volumeBindingMode === old.volumeBindingMode ? [] : [invalidValue('volumeBindingMode', object.volumeBindingMode, 'field is immutable')]),
  ],
  table: {
    columns: [
      nameColumn,
      column('Provisioner', 'What makes volumes of the class.'),
      column('ReclaimPolicy', 'What becomes of a volume that is given back.'),
      column('VolumeBindingMode', 'When volumes are made and bound.'),
      column('AllowVolumeExpansion', 'Whether volumes of the class can grow.'),
      ageColumn,
    ],
    cells: ({ metadata, provisioner, reclaimPolicy, volumeBindingMode, allowVolumeExpansion }, now) => {
      const isDefault = DEFAULT_ANNOTATIONS.some(key => metadata.annotations?.[key] === 'true')
      return [
        isDefault ? `${metadata.name} (default)` : metadata.name,
        provisioner,
        reclaimPolicy ?? 'Delete',
        volumeBindingMode ?? '<unset>',
        allowVolumeExpansion ?? false,
        since(metadata.creationTimestamp, now),
      ]
    },
  },
}
