import type { FieldError, ResourceDefinition } from '../definition.ts'
import { invalidValue, notSupported, required } from '../fielderrors.ts'
import { equalJson } from '../json.ts'
import { dns1123Subdomain } from './names.ts'
import { defaultPodSpec } from './poddefaults.ts'
import { workloadWarnings } from './podwarnings.ts'
import { ageColumn, column, containerColumns, containerImages, containerNames, formatLabels, formatSelector, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import { isBrokenSelector, isEmptySelector, selectorMatches, validateLabelSelector } from './selectorvalidation.ts'
import type { DaemonSet } from './types.ts'
import { atMostAll, immutable, intOrPercent, isNothing, nonNegative, restartsAlways, sorted, validatePodTemplate } from './workload.ts'

const STRATEGIES = ['RollingUpdate', 'OnDelete']

const validateStrategy = ({ type, rollingUpdate }: NonNullable<DaemonSet['spec']['updateStrategy']>, field: string): FieldError[] => {
  if (type === 'OnDelete') return []
  if (type !== 'RollingUpdate')
    return [
      notSupported(
        field,
        { Type: type ?? '', RollingUpdate: rollingUpdate ? { MaxUnavailable: rollingUpdate.maxUnavailable, MaxSurge: rollingUpdate.maxSurge } : null },
        STRATEGIES,
      ),
    ]
  if (!rollingUpdate) return [required(`${field}.rollingUpdate`, '')]
  const { maxUnavailable, maxSurge } = rollingUpdate
  const at = `${field}.rollingUpdate`
  return [
    ...intOrPercent(maxUnavailable, `${at}.maxUnavailable`),
    ...intOrPercent(maxSurge, `${at}.maxSurge`),
    ...(isNothing(maxUnavailable) && isNothing(maxSurge) ? [required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0')] : []),
    ...(!isNothing(maxUnavailable) && !isNothing(maxSurge) ? [invalidValue(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero')] : []),
    ...atMostAll(maxUnavailable, `${at}.maxUnavailable`),
    ...atMostAll(maxSurge, `${at}.maxSurge`),
  ]
}

const validate = ({ spec }: DaemonSet): FieldError[] => {
  const errors: FieldError[] = []
  const { selector, template } = spec
  errors.push(...validateLabelSelector(selector, 'spec.selector'))
  if (selector && !isBrokenSelector(selector) && !selectorMatches(selector, template.metadata?.labels))
    errors.push(invalidValue('spec.template.metadata.labels', sorted(template.metadata?.labels), '`selector` does not match template `labels`'))
  if (selector && isEmptySelector(selector)) errors.push(invalidValue('spec.selector', selector, 'empty selector is invalid for daemonset'))
  return [
    ...errors,
    ...validatePodTemplate(template, 'spec.template'),
    ...restartsAlways(template, 'spec.template', 'DaemonSet'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ]
}

const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

const templateGeneration = ({ metadata }: DaemonSet): number => Number(metadata.annotations?.[TEMPLATE_GENERATION] ?? 0) || 0

const setTemplateGeneration = (draft: DaemonSet, generation: number): void => {
  draft.metadata.annotations = { ...draft.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) }
}

export const daemonSet: ResourceDefinition<DaemonSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  resource: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.DaemonSet',
  storageVersionHash: 'dd7pWHUlMKQ=',
  validateName: dns1123Subdomain,
  generation: true,
  subresources: ['status'],
  defaults: ({ spec }) => {
    spec.updateStrategy ??= {}
    spec.updateStrategy.type ||= 'RollingUpdate'
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {}
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0
    }
    spec.revisionHistoryLimit ??= 10
    defaultPodSpec(spec.template.spec!)
  },
  prepareForCreate: draft => {
    draft.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }
    setTemplateGeneration(draft, Math.max(1, templateGeneration(draft)))
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status
    // Counted by the server, whatever the client sent.
    setTemplateGeneration(draft, templateGeneration(old) + (equalJson(draft.spec.template, old.spec.template) ? 0 : 1))
  },
  warnings: workloadWarnings,
  validate,
  validateUpdate: (object, old) => immutable(object.spec.selector, old.spec.selector, 'spec.selector'),
  validateStatusUpdate: ({ status }) =>
    (
      [
        'currentNumberScheduled',
        'numberMisscheduled',
        'desiredNumberScheduled',
        'numberReady',
        'observedGeneration',
        'updatedNumberScheduled',
        'numberAvailable',
        'numberUnavailable',
      ] as const
    ).flatMap(key => nonNegative(status[key], `status.${key}`)),
  table: {
    columns: [
      nameColumn,
      column('Desired', 'Nodes that should run the pod.', { type: 'integer' }),
      column('Current', 'Nodes that run the pod.', { type: 'integer' }),
      column('Ready', 'Nodes on which the pod is ready.', { type: 'integer' }),
      column('Up-to-date', 'Nodes that run the newest template.', { type: 'integer' }),
      column('Available', 'Nodes on which the pod has been ready for long enough.', { type: 'integer' }),
      column('Node Selector', 'Labels of the nodes that run the pod.'),
      ageColumn,
      ...containerColumns,
    ],
    cells: ({ metadata, spec, status }, now) => [
      metadata.name,
      status.desiredNumberScheduled,
      status.currentNumberScheduled,
      status.numberReady,
      status.updatedNumberScheduled ?? 0,
      status.numberAvailable ?? 0,
      formatLabels(spec.template.spec?.nodeSelector),
      since(metadata.creationTimestamp, now),
      containerNames(spec.template.spec?.containers),
      containerImages(spec.template.spec?.containers),
      formatSelector(spec.selector),
    ],
  },
}
