import type { FieldError, ResourceDefinition } from '../definition.ts'
import { invalidValue, notSupported, required } from '../fielderrors.ts'
import { equalJson } from '../json.ts'
import { internalForm } from './internal.ts'
import { dns1123Subdomain } from './names.ts'
import { defaultPodSpec } from './poddefaults.ts'
import { workloadWarnings } from './podwarnings.ts'
import { ageColumn, column, containerColumns, containerImages, containerNames, formatSelector, nameColumn } from './print.ts'
import { humanDuration, since } from '../../../../shared/kubernetes/duration.ts'
import { selectorMatches, validateLabelSelector } from './selectorvalidation.ts'
import type { Job, PodSpec } from './types.ts'
import { immutable, nonNegative, shownTemplate, sorted, validatePodTemplate } from './workload.ts'

const MODES = ['NonIndexed', 'Indexed']
const UID_LABEL = 'batch.kubernetes.io/controller-uid'

/** Labels that tie pods to their job; the short names are those of older versions (generateSelector). */
const generateSelector = (draft: Job): void => {
  const { uid, name = '' } = draft.metadata
  const metadata = (draft.spec.template.metadata ??= {})
  metadata.labels = { ...metadata.labels, 'job-name': name, 'controller-uid': uid, 'batch.kubernetes.io/job-name': name, [UID_LABEL]: uid }
  draft.spec.selector ??= {}
  draft.spec.selector.matchLabels = { ...draft.spec.selector.matchLabels, [UID_LABEL]: uid }
}

const validateFailurePolicy = (policy: Job['spec']['podFailurePolicy'], field: string): FieldError[] =>
  (policy?.rules ?? []).flatMap((rule, index): FieldError[] => {
    const at = `${field}.rules[${index}]`
    const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
    const errors: FieldError[] = []
    if (!rule.action) errors.push(required(`${at}.action`, `valid values: ${actions.map(action => JSON.stringify(action)).join(', ')}`))
    else if (!actions.includes(rule.action)) errors.push(notSupported(`${at}.action`, rule.action, actions))
    const conditions = rule.onPodConditions?.length ?? 0
    if (rule.onExitCodes && conditions > 0)
      errors.push({ reason: 'FieldValueInvalid', field: at, message: 'Invalid value: specifying both OnExitCodes and OnPodConditions is not supported' })
    else if (!rule.onExitCodes && conditions === 0)
      errors.push({ reason: 'FieldValueInvalid', field: at, message: 'Invalid value: specifying one of OnExitCodes and OnPodConditions is required' })
    return errors
  })

const validate = ({ metadata, spec }: Job): FieldError[] => {
  const errors: FieldError[] = []
  const generated = spec.selector?.matchLabels ?? {}
  if (!spec.selector) errors.push(required('spec.selector', ''))
  else {
    errors.push(...validateLabelSelector(spec.selector, 'spec.selector'))
    // A selector that nobody asked for by hand is exactly the generated one.
    const isGenerated = generated[UID_LABEL] === metadata.uid && Object.keys(generated).length === 1 && !spec.selector.matchExpressions?.length
    if (!spec.manualSelector && !isGenerated) errors.push(invalidValue('spec.selector', spec.selector, '`selector` not auto-generated'))
  }
  for (const key of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const)
    errors.push(...nonNegative(spec[key], `spec.${key}`))
  if (spec.completionMode !== undefined) {
    if (!MODES.includes(spec.completionMode)) errors.push(notSupported('spec.completionMode', spec.completionMode, MODES))
    else if (spec.completionMode === 'Indexed' && spec.completions === undefined) errors.push(required('spec.completions', 'when completion mode is Indexed'))
  }
  errors.push(...validateFailurePolicy(spec.podFailurePolicy, 'spec.podFailurePolicy'), ...validatePodTemplate(spec.template, 'spec.template'))
  const restart = spec.template.spec!.restartPolicy
  if (restart === undefined || restart === 'Always') errors.push(required('spec.template.spec.restartPolicy', 'valid values: "OnFailure", "Never"'))
  else if (restart !== 'OnFailure' && restart !== 'Never') errors.push(notSupported('spec.template.spec.restartPolicy', restart, ['OnFailure', 'Never']))
  else if (spec.podFailurePolicy && restart !== 'Never')
    errors.push(invalidValue('spec.template.spec.restartPolicy', restart, 'only "Never" is supported when podFailurePolicy is specified'))
  if (spec.selector && !selectorMatches(spec.selector, spec.template.metadata?.labels))
    errors.push(invalidValue('spec.template.metadata.labels', sorted(spec.template.metadata?.labels), '`selector` does not match template `labels`'))
  return errors
}

/** The template may not change; that of a suspended job which never started may be given other nodes and labels. */
const validateTemplateUpdate = (object: Job, old: Job): FieldError[] => {
  const [now, before] = [object.spec.template, old.spec.template]
  if (equalJson(now, before)) return []
  if (!old.spec.suspend || old.status.startTime !== undefined) return [invalidValue('spec.template', shownTemplate(now), 'field is immutable')]
  const fixed = (spec: PodSpec) => {
    const { nodeSelector: _selector, affinity: _affinity, tolerations: _tolerations, schedulingGates: _gates, ...rest } = spec
    return rest
  }
  return equalJson(fixed(now.spec!), fixed(before.spec!))
    ? []
    : [invalidValue('spec.template.spec', internalForm('io.k8s.api.core.v1.PodSpec', now.spec!), 'field is immutable')]
}

const validateUpdate = (object: Job, old: Job): FieldError[] => {
  // An indexed job may be resized; a suspended one that never started may still be given other nodes and resources.
  const elastic = object.spec.completionMode === 'Indexed' && object.spec.completions === object.spec.parallelism
  return [
    ...(elastic ? [] : immutable(object.spec.completions, old.spec.completions, 'spec.completions')),
    ...immutable(object.spec.selector, old.spec.selector, 'spec.selector'),
    ...validateTemplateUpdate(object, old),
    ...immutable(object.spec.completionMode, old.spec.completionMode, 'spec.completionMode'),
    ...immutable(object.spec.podFailurePolicy, old.spec.podFailurePolicy, 'spec.podFailurePolicy'),
    ...immutable(object.spec.backoffLimitPerIndex, old.spec.backoffLimitPerIndex, 'spec.backoffLimitPerIndex'),
    ...immutable(object.spec.managedBy, old.spec.managedBy, 'spec.managedBy'),
    ...immutable(object.spec.successPolicy, old.spec.successPolicy, 'spec.successPolicy'),
  ]
}

const status = ({ metadata, status }: Job): string => {
  const holds = (type: string) => status.conditions?.some(condition => condition.type === type && condition.status === 'True')
  if (holds('Complete')) return 'Complete'
  if (holds('Failed')) return 'Failed'
  if (metadata.deletionTimestamp) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(holds) ?? 'Running'
}

export const job: ResourceDefinition<Job> = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  resource: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.batch.v1.Job',
  storageVersionHash: 'mudhfqk/qZY=',
  validateName: dns1123Subdomain,
  generation: true,
  subresources: ['status'],
  defaults: ({ metadata, spec }) => {
    // Without either number the job does one pod's work.
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
    spec.parallelism ??= 1
    spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1
    spec.completionMode ??= 'NonIndexed'
    spec.suspend ??= false
    spec.manualSelector ??= false
    spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
    for (const rule of spec.podFailurePolicy?.rules ?? []) for (const condition of rule.onPodConditions ?? []) condition.status ||= 'True'
    const labels = spec.template.metadata?.labels
    if (labels && Object.keys(labels).length > 0 && !metadata.labels) metadata.labels = { ...labels }
    defaultPodSpec(spec.template.spec!)
  },
  prepareForCreate: draft => {
    draft.status = {}
    if (!draft.spec.manualSelector) generateSelector(draft)
    draft.metadata.labels ??= { ...draft.spec.template.metadata?.labels }
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status
  },
  warnings: workloadWarnings,
  validate,
  validateUpdate,
  validateStatusUpdate: ({ status }) =>
    (['active', 'succeeded', 'failed', 'ready', 'terminating'] as const).flatMap(key => nonNegative(status[key], `status.${key}`)),
  selectableFields: { 'status.successful': object => String(object.status.succeeded ?? 0) },
  table: {
    columns: [
      nameColumn,
      column('Status', 'How far the job has come.'),
      column('Completions', 'Pods that succeeded, of those that must.'),
      column('Duration', 'Time from the start to the end, or until now.'),
      ageColumn,
      ...containerColumns,
    ],
    cells: (object, now) => {
      const { metadata, spec } = object
      const { startTime, completionTime, succeeded = 0 } = object.status
      const parallelism = spec.parallelism ?? 0
      return [
        metadata.name,
        status(object),
        spec.completions !== undefined ? `${succeeded}/${spec.completions}` : parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`,
        startTime ? humanDuration((completionTime ? Date.parse(completionTime) : now) - Date.parse(startTime)) : '',
        since(metadata.creationTimestamp, now),
        containerNames(spec.template.spec?.containers),
        containerImages(spec.template.spec?.containers),
        formatSelector(spec.selector),
      ]
    },
  },
}
