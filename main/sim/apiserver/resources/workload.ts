import type { FieldError } from '../definition.ts'
import { invalidValue, notSupported } from '../fielderrors.ts'
import { equalJson } from '../json.ts'
import { annotationErrors, labelErrors } from '../metadata.ts'
import { validatePodSpec } from './podvalidation.ts'
import { isBrokenSelector, selectorMatches } from './selectorvalidation.ts'
import type { LabelSelector, PodTemplateSpec } from './types.ts'

// What the workload kinds of apps/v1 share (pkg/apis/apps/validation, pkg/apis/core/validation).

export const nonNegative = (value: number | undefined | null, field: string): FieldError[] => (value !== undefined && value !== null && value < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : [])

/** Checks a pod template by itself. */
export const validatePodTemplate = (template: PodTemplateSpec, field: string): FieldError[] => [
  ...labelErrors(template.metadata?.labels, `${field}.labels`),
  ...annotationErrors(template.metadata?.annotations, `${field}.annotations`),
  ...validatePodSpec(template.spec!, `${field}.spec`),
]

/** Checks the template of a workload against its selector, and that its pods restart always. */
export const validateTemplate = (template: PodTemplateSpec, selector: LabelSelector | undefined | null, field: string, isDaemonSet = false): FieldError[] => {
  const errors: FieldError[] = []
  // Labels that no selector can be made to match are not looked at.
  const labels = template.metadata?.labels
  const selectsNothing = !selector || isBrokenSelector(selector)
  if (!selector || (!selectsNothing && !selectorMatches(selector, labels))) errors.push(invalidValue(`${field}.metadata.labels`, labels ?? null, '`selector` does not match template `labels`'))
  errors.push(...validatePodTemplate(template, field))
  const { restartPolicy, activeDeadlineSeconds } = template.spec!
  if (restartPolicy !== undefined && restartPolicy !== 'Always') errors.push(notSupported(`${field}.spec.restartPolicy`, restartPolicy, ['Always']))
  if (activeDeadlineSeconds !== undefined) errors.push({ reason: 'FieldValueForbidden', field: `${field}.spec.activeDeadlineSeconds`, message: `Forbidden: activeDeadlineSeconds in ${isDaemonSet ? 'DaemonSet' : 'ReplicaSet'} is not Supported` })
  return errors
}

export const immutable = (value: unknown, old: unknown, field: string): FieldError[] => (equalJson(value, old) ? [] : [invalidValue(field, value ?? null, 'field is immutable')])

/** An int32 or a percentage that is not negative (IsPositiveIntOrPercent); `undefined` passes. */
export const intOrPercent = (value: number | string | undefined, field: string): FieldError[] => {
  if (typeof value === 'string') return /^\d+%$/.test(value) ? [] : [invalidValue(field, value, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")]
  return nonNegative(value, field)
}

/** A percentage may not be more than 100%. */
export const atMostAll = (value: number | string | undefined, field: string): FieldError[] => (typeof value === 'string' && /^\d+%$/.test(value) && Number.parseInt(value, 10) > 100 ? [invalidValue(field, value, 'must not be greater than 100%')] : [])

/** True for 0 and 0%. */
export const isNothing = (value: number | string | undefined): boolean => value === undefined || value === 0 || (typeof value === 'string' && Number.parseInt(value, 10) === 0)
