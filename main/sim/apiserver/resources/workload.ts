import type { FieldError } from '../definition.ts'
import { forbiddenField, invalidValue, notSupported } from '../fielderrors.ts'
import { equalJson } from '../json.ts'
import { annotationErrors, labelErrors } from '../metadata.ts'
import { internalForm } from './internal.ts'
import { validatePodSpec } from './podvalidation.ts'
import { isBrokenSelector, selectorMatches } from './selectorvalidation.ts'
import type { LabelSelector, PodTemplateSpec } from './types.ts'

// What the workload kinds of apps/v1 share (pkg/apis/apps/validation, pkg/apis/core/validation).

export const nonNegative = (value: number | undefined | null, field: string): FieldError[] =>
  value !== undefined && value !== null && value < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : []

/** Checks a pod template by itself. */
export const validatePodTemplate = (template: PodTemplateSpec, field: string): FieldError[] => [
  ...labelErrors(template.metadata?.labels, `${field}.labels`),
  ...annotationErrors(template.metadata?.annotations, `${field}.annotations`),
  ...validatePodSpec(template.spec!, `${field}.spec`),
]

/** Pods of a workload restart always, and have no deadline of their own. */
export const restartsAlways = ({ spec }: PodTemplateSpec, field: string, kind: 'ReplicaSet' | 'DaemonSet'): FieldError[] => [
  ...(spec!.restartPolicy !== undefined && spec!.restartPolicy !== 'Always'
    ? [notSupported(`${field}.spec.restartPolicy`, spec!.restartPolicy, ['Always'])]
    : []),
  ...(spec!.activeDeadlineSeconds !== undefined
    ? [forbiddenField(`${field}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`)]
    : []),
]

/** Labels in the order in which Go prints a map. */
export const sorted = (labels: Readonly<Record<string, string>> | undefined): Record<string, string> | null =>
  labels ? Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) : null

/** Checks the template of a Deployment or ReplicaSet against its selector. */
export const validateTemplate = (template: PodTemplateSpec, selector: LabelSelector | undefined | null, field: string): FieldError[] => {
  const labels = template.metadata?.labels
  const matches = selector && (isBrokenSelector(selector) || selectorMatches(selector, labels))
  return [
    ...(matches ? [] : [invalidValue(`${field}.metadata.labels`, sorted(labels), '`selector` does not match template `labels`')]),
    ...validatePodTemplate(template, field),
    ...restartsAlways(template, field, 'ReplicaSet'),
  ]
}

export const immutable = (value: unknown, old: unknown, field: string): FieldError[] =>
  equalJson(value, old) ? [] : [invalidValue(field, value ?? null, 'field is immutable')]

/** An int32 or a percentage that is not negative (IsPositiveIntOrPercent); `undefined` passes. */
export const intOrPercent = (value: number | string | undefined, field: string): FieldError[] => {
  if (typeof value === 'string')
    return /^\d+%$/.test(value)
      ? []
      : [
          invalidValue(
            field,
            value,
            "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
          ),
        ]
  return nonNegative(value, field)
}

/** A percentage may not be more than 100%. */
export const atMostAll = (value: number | string | undefined, field: string): FieldError[] =>
  typeof value === 'string' && /^\d+%$/.test(value) && Number.parseInt(value, 10) > 100 ? [invalidValue(field, value, 'must not be greater than 100%')] : []

/** True for 0 and 0%. */
export const isNothing = (value: number | string | undefined): boolean =>
  value === undefined || value === 0 || (typeof value === 'string' && Number.parseInt(value, 10) === 0)

/** A pod template as the real server's internal type prints it. */
export const shownTemplate = ({ metadata, spec }: PodTemplateSpec) => ({
  ...metadata,
  ...(metadata?.labels && { labels: sorted(metadata.labels) }),
  Spec: internalForm('io.k8s.api.core.v1.PodSpec', spec!),
})
