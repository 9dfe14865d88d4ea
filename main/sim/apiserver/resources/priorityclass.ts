import type { FieldError, ResourceDefinition } from '../definition.ts'
import { forbiddenField, notSupported } from '../fielderrors.ts'
import { dns1123Subdomain } from './names.ts'
import { ageColumn, column, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { PriorityClass } from './types.ts'

const MAX_USER_PRIORITY = 1_000_000_000
const SYSTEM: Readonly<Record<string, number>> = { 'system-node-critical': 2_000_001_000, 'system-cluster-critical': 2_000_000_000 }
const POLICIES = ['Never', 'PreemptLowerPriority']

const validate = ({ metadata, value, preemptionPolicy }: PriorityClass): FieldError[] => {
  const errors: FieldError[] = []
  const name = metadata.name ?? ''
  if (name.startsWith('system-')) {
    if (SYSTEM[name] === undefined)
      errors.push(
        forbiddenField(
          'metadata.name',
          `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`,
        ),
      )
    else if (SYSTEM[name] !== value)
      errors.push(
        forbiddenField(
          'metadata.name',
          `priority class names with 'system-' prefix are reserved for system use only. error: value of ${name} PriorityClass must be ${SYSTEM[name]}`,
        ),
      )
  } else if (value > MAX_USER_PRIORITY) errors.push(forbiddenField('value', `maximum allowed value of a user defined priority is ${MAX_USER_PRIORITY}`))
  if (preemptionPolicy !== undefined && !POLICIES.includes(preemptionPolicy))
    errors.push(notSupported('preemptionPolicy', preemptionPolicy, ['PreemptLowerPriority', 'Never']))
  return errors
}

export const priorityClass: ResourceDefinition<PriorityClass> = {
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  resource: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  schema: 'io.k8s.api.scheduling.v1.PriorityClass',
  storageVersionHash: '1QwjyaZjj3Y=',
  validateName: dns1123Subdomain,
  generation: true,
  defaults: draft => {
    draft.preemptionPolicy ??= 'PreemptLowerPriority'
  },
  validate,
  validateUpdate: (object, old) => [
    ...(object.value === old.value ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
    ...(object.preemptionPolicy === old.preemptionPolicy
      ? []
      : [{ reason: 'FieldValueInvalid', field: 'preemptionPolicy', message: `Invalid value: ${JSON.stringify(object.preemptionPolicy)}: field is immutable` }]),
  ],
  table: {
    columns: [
      nameColumn,
      column('Value', 'Priority of the pods of the class.', { type: 'integer' }),
      column('Global-Default', 'Whether pods without a class get this one.', { type: 'boolean' }),
      ageColumn,
      column('PreemptionPolicy', 'Whether pods of the class may displace others.'),
    ],
    cells: ({ metadata, value, globalDefault, preemptionPolicy }, now) => [
      metadata.name,
      value,
      globalDefault ?? false,
      since(metadata.creationTimestamp, now),
      preemptionPolicy ?? '',
    ],
  },
}
