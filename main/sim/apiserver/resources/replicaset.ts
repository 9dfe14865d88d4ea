import type { FieldError, ResourceDefinition } from '../definition.ts'
import { invalidValue, required } from '../fielderrors.ts'
import { dns1123Subdomain } from './names.ts'
import { defaultPodSpec } from './poddefaults.ts'
import { workloadWarnings } from './podwarnings.ts'
import { ageColumn, column, containerColumns, containerImages, containerNames, formatSelector, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import { isBrokenSelector, isEmptySelector, validateLabelSelector } from './selectorvalidation.ts'
import type { ReplicaSet } from './types.ts'
import { immutable, nonNegative, validateTemplate } from './workload.ts'

const validate = ({ spec }: ReplicaSet): FieldError[] => {
  const errors = [...nonNegative(spec.replicas, 'spec.replicas'), ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds')]
  if (!spec.selector) errors.push(required('spec.selector', ''))
  else {
    errors.push(...validateLabelSelector(spec.selector, 'spec.selector'))
    if (isEmptySelector(spec.selector)) errors.push(invalidValue('spec.selector', spec.selector, 'empty selector is invalid for deployment'))
    if (isBrokenSelector(spec.selector)) return [...errors, invalidValue('spec.selector', spec.selector, 'invalid label selector')]
  }
  return [...errors, ...validateTemplate(spec.template!, spec.selector, 'spec.template')]
}

export const replicaSet: ResourceDefinition<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  resource: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.ReplicaSet',
  storageVersionHash: 'P1RzHs8/mWQ=',
  validateName: dns1123Subdomain,
  generation: true,
  subresources: ['scale', 'status'],
  defaults: ({ spec }) => {
    spec.replicas ??= 1
    if (spec.template?.spec) defaultPodSpec(spec.template.spec)
  },
  prepareForCreate: draft => {
    draft.status = { replicas: 0 }
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status
  },
  warnings: workloadWarnings,
  validate,
  validateUpdate: (object, old) => immutable(object.spec.selector, old.spec.selector, 'spec.selector'),
  validateStatusUpdate: ({ status }) =>
    (['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'] as const).flatMap(key =>
      nonNegative(status[key], `status.${key}`),
    ),
  selectableFields: { 'status.replicas': object => String(object.status.replicas) },
  table: {
    columns: [
      nameColumn,
      column('Desired', 'Wanted pods.', { type: 'integer' }),
      column('Current', 'Pods there are.', { type: 'integer' }),
      column('Ready', 'Pods that are ready.', { type: 'integer' }),
      ageColumn,
      ...containerColumns,
    ],
    cells: ({ metadata, spec, status }, now) => [
      metadata.name,
      spec.replicas ?? 0,
      status.replicas,
      status.readyReplicas ?? 0,
      since(metadata.creationTimestamp, now),
      containerNames(spec.template?.spec?.containers),
      containerImages(spec.template?.spec?.containers),
      formatSelector(spec.selector),
    ],
  },
}
