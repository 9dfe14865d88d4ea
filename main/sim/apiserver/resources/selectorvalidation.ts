import type { FieldError } from '../definition.ts'
import { forbiddenField, invalidValue, required } from '../fielderrors.ts'
import { labelErrors } from '../metadata.ts'
import { labelValue, qualifiedName } from './names.ts'
import type { LabelSelector } from './types.ts'

/** apimachinery's validation of a LabelSelector; a missing selector is the caller's matter. */
export const validateLabelSelector = (selector: LabelSelector | undefined | null, field: string): FieldError[] => {
  if (!selector) return []
  const errors = labelErrors(selector.matchLabels, `${field}.matchLabels`)
  for (const [index, { key, operator, values = [] }] of (selector.matchExpressions ?? []).entries()) {
    const at = `${field}.matchExpressions[${index}]`
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) errors.push(forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
    } else errors.push(invalidValue(`${at}.operator`, operator, 'not a valid selector operator'))
    for (const message of qualifiedName(key)) errors.push(invalidValue(`${at}.key`, key, message))
    for (const [place, value] of values.entries()) for (const message of labelValue(value)) errors.push(invalidValue(`${at}.values[${place}]`, value, message))
  }
  return errors
}

/** True when a selector cannot be turned into requirements at all. */
export const isBrokenSelector = (selector: LabelSelector): boolean =>
  (selector.matchExpressions ?? []).some(({ operator, values = [] }) =>
    operator === 'In' || operator === 'NotIn' ? values.length === 0 : operator === 'Exists' || operator === 'DoesNotExist' ? values.length > 0 : true,
  )

/** Whether labels satisfy a selector (metav1.LabelSelectorAsSelector). */
export const selectorMatches = (selector: LabelSelector, labels: Readonly<Record<string, string>> = {}): boolean => {
  for (const key in selector.matchLabels) if (labels[key] !== selector.matchLabels[key]) return false
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels[key]
    if (operator === 'In') return value !== undefined && values.includes(value)
    if (operator === 'NotIn') return value === undefined || !values.includes(value)
    return operator === 'Exists' ? value !== undefined : value === undefined
  })
}

export const isEmptySelector = (selector: LabelSelector): boolean =>
  Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions?.length ?? 0) === 0
