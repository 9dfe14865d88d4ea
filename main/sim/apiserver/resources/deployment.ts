import type { FieldError, ResourceDefinition } from '../definition.ts'
import { forbiddenField, invalidValue, notSupported, required } from '../fielderrors.ts'
import { dns1123Subdomain } from './names.ts'
import { defaultPodSpec } from './poddefaults.ts'
import { workloadWarnings } from './podwarnings.ts'
import { ageColumn, column, containerColumns, containerImages, containerNames, formatSelector, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import { isBrokenSelector, isEmptySelector, validateLabelSelector } from './selectorvalidation.ts'
import type { Deployment } from './types.ts'
import { atMostAll, immutable, intOrPercent, isNothing, nonNegative, validateTemplate } from './workload.ts'

const STRATEGIES = ['Recreate', 'RollingUpdate']

const validateStrategy = (strategy: NonNullable<Deployment['spec']['strategy']>, field: string): FieldError[] => {
  const { type, rollingUpdate } = strategy
  if (type === 'Recreate') return rollingUpdate ? [forbiddenField(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : []
  if (type !== 'RollingUpdate')
    return [
      notSupported(
        field,
        { Type: type ?? '', RollingUpdate: rollingUpdate ? { MaxUnavailable: rollingUpdate.maxUnavailable, MaxSurge: rollingUpdate.maxSurge } : null },
        STRATEGIES,
      ),
    ]
  if (!rollingUpdate) return [required(`${field}.rollingUpdate`, 'this should be defaulted and never be nil')]
  const { maxUnavailable, maxSurge } = rollingUpdate
  const at = `${field}.rollingUpdate`
  return [
    ...intOrPercent(maxUnavailable, `${at}.maxUnavailable`),
    ...intOrPercent(maxSurge, `${at}.maxSurge`),
    ...(isNothing(maxUnavailable) && isNothing(maxSurge) ? [invalidValue(`${at}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')] : []),
    ...atMostAll(maxUnavailable, `${at}.maxUnavailable`),
  ]
}

const validate = ({ spec }: Deployment): FieldError[] => {
  const errors: FieldError[] = nonNegative(spec.replicas, 'spec.replicas')
  if (!spec.selector) errors.push(required('spec.selector', ''))
  else {
    errors.push(...validateLabelSelector(spec.selector, 'spec.selector'))
    if (isEmptySelector(spec.selector)) errors.push(invalidValue('spec.selector', spec.selector, 'empty selector is invalid for deployment'))
    if (isBrokenSelector(spec.selector)) errors.push(invalidValue('spec.selector', spec.selector, 'invalid label selector'))
  }
  if (!spec.selector || !isBrokenSelector(spec.selector)) errors.push(...validateTemplate(spec.template, spec.selector, 'spec.template'))
  errors.push(
    ...validateStrategy(spec.strategy ?? {}, 'spec.strategy'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  )
  if (spec.progressDeadlineSeconds !== undefined) {
    errors.push(...nonNegative(spec.progressDeadlineSeconds, 'spec.progressDeadlineSeconds'))
    if (spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0))
      errors.push(invalidValue('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds'))
  }
  return errors
}

const validateStatus = ({ status }: Deployment): FieldError[] => {
  const counts = ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'collisionCount'] as const
  const errors = counts.flatMap(key => nonNegative(status[key], `status.${key}`))
  const replicas = status.replicas ?? 0
  const atMost = (key: 'updatedReplicas' | 'readyReplicas' | 'availableReplicas', limit: number, than: string) =>
    (status[key] ?? 0) > limit ? [invalidValue(`status.${key}`, status[key] ?? 0, `cannot be greater than ${than}`)] : []
  return [
    ...errors,
    ...atMost('updatedReplicas', replicas, 'status.replicas'),
    ...atMost('readyReplicas', replicas, 'status.replicas'),
    ...atMost('availableReplicas', replicas, 'status.replicas'),
    ...atMost('availableReplicas', status.readyReplicas ?? 0, 'readyReplicas'),
  ]
}

export const deployment: ResourceDefinition<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  resource: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.Deployment',
  storageVersionHash: '8aSe+NMegvE=',
  validateName: dns1123Subdomain,
  generation: true,
  subresources: ['scale', 'status'],
  defaults: ({ spec }) => {
    spec.replicas ??= 1
    spec.strategy ??= {}
    spec.strategy.type ||= 'RollingUpdate'
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {}
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%'
      spec.strategy.rollingUpdate.maxSurge ??= '25%'
    }
    spec.revisionHistoryLimit ??= 10
    spec.progressDeadlineSeconds ??= 600
    defaultPodSpec(spec.template.spec!)
  },
  prepareForCreate: draft => {
    draft.status = {}
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status
  },
  warnings: workloadWarnings,
  validate,
  validateUpdate: (object, old) => immutable(object.spec.selector, old.spec.selector, 'spec.selector'),
  validateStatusUpdate: validateStatus,
  table: {
    columns: [
      nameColumn,
      column('Ready', 'Ready pods against wanted pods.'),
      column('Up-to-date', 'Pods of the newest template.'),
      column('Available', 'Pods that have been ready for long enough.'),
      ageColumn,
      ...containerColumns,
    ],
    cells: ({ metadata, spec, status }, now) => [
      metadata.name,
      `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
      status.updatedReplicas ?? 0,
      status.availableReplicas ?? 0,
      since(metadata.creationTimestamp, now),
      containerNames(spec.template.spec?.containers),
      containerImages(spec.template.spec?.containers),
      formatSelector(spec.selector),
    ],
  },
}
