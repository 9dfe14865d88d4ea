import type { FieldError } from '../definition.ts'
import { duplicateValue, forbiddenField, invalidValue, notSupported, required } from '../fielderrors.ts'
import { validateLabelSelector } from './selectorvalidation.ts'
import { dns1123Label, labelValue, qualifiedName } from './names.ts'
import type { PodSpec, Toleration } from './types.ts'

type Affinity = NonNullable<PodSpec['affinity']>
type NodeTerm = NonNullable<NonNullable<Affinity['nodeAffinity']>['preferredDuringSchedulingIgnoredDuringExecution']>[number]['preference']
type NodeRequirement = NonNullable<NodeTerm['matchExpressions']>[number]
type PodTerm = NonNullable<NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']>[number]

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution'

const labelName = (key: string, field: string): FieldError[] => qualifiedName(key).map(message => invalidValue(field, key, message))

const nodeRequirement = ({ key, operator, values = [] }: NodeRequirement, field: string): FieldError[] => {
  const errors: FieldError[] = []
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0) errors.push(forbiddenField(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) errors.push(required(`${field}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"))
  } else errors.push(invalidValue(`${field}.operator`, operator, 'not a valid selector operator'))
  return [
    ...errors,
    ...labelName(key, `${field}.key`),
    ...values.flatMap((value, index) => labelValue(value).map(message => invalidValue(`${field}.values[${index}]`, value, message))),
  ]
}

const nodeFieldRequirement = ({ key, operator, values = [] }: NodeRequirement, field: string): FieldError[] => {
  if (operator !== 'In' && operator !== 'NotIn') return [invalidValue(`${field}.operator`, operator, 'not a valid selector operator')]
  return [
    ...(values.length === 1 ? [] : [required(`${field}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")]),
    ...(key === 'metadata.name' ? [] : [invalidValue(`${field}.key`, key, 'not a valid field selector key')]),
  ]
}

const nodeTerm = (term: NodeTerm, field: string): FieldError[] => [
  ...(term.matchExpressions ?? []).flatMap((item, index) => nodeRequirement(item, `${field}.matchExpressions[${index}]`)),
  ...(term.matchFields ?? []).flatMap((item, index) => nodeFieldRequirement(item, `${field}.matchFields[${index}]`)),
]

const weight = (value: number, field: string): FieldError[] =>
  value <= 0 || value > 100 ? [invalidValue(`${field}.weight`, value, 'must be in the range 1-100')] : []

const podTerm = (term: PodTerm, field: string): FieldError[] => [
  ...validateLabelSelector(term.labelSelector, `${field}.labelSelector`),
  ...validateLabelSelector(term.namespaceSelector, `${field}.namespaceSelector`),
  ...(term.namespaces ?? []).flatMap(name => dns1123Label(name).map(message => invalidValue(`${field}.namespace`, name, message))),
  ...(term.topologyKey ? [] : [required(`${field}.topologyKey`, 'can not be empty')]),
  ...labelName(term.topologyKey, `${field}.topologyKey`),
]

const podTerms = (affinity: Affinity['podAffinity'], field: string): FieldError[] => [
  ...(affinity?.[REQUIRED] ?? []).flatMap((term, index) => podTerm(term, `${field}.${REQUIRED}[${index}]`)),
  ...(affinity?.[PREFERRED] ?? []).flatMap((item, index) => [
    ...weight(item.weight, `${field}.${PREFERRED}[${index}]`),
    ...podTerm(item.podAffinityTerm, `${field}.${PREFERRED}[${index}].podAffinityTerm`),
  ]),
]

export const validateAffinity = (affinity: Affinity, field: string): FieldError[] => {
  const errors: FieldError[] = []
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  const at = `${field}.nodeAffinity`
  if (nodeAffinity?.[REQUIRED]) {
    const terms = nodeAffinity[REQUIRED].nodeSelectorTerms ?? []
    if (terms.length === 0) errors.push(required(`${at}.${REQUIRED}.nodeSelectorTerms`, 'must have at least one node selector term'))
    for (const [index, term] of terms.entries()) errors.push(...nodeTerm(term, `${at}.${REQUIRED}.nodeSelectorTerms[${index}]`))
  }
  for (const [index, item] of (nodeAffinity?.[PREFERRED] ?? []).entries())
    errors.push(...weight(item.weight, `${at}.${PREFERRED}[${index}]`), ...nodeTerm(item.preference, `${at}.${PREFERRED}[${index}].preference`))
  return [...errors, ...podTerms(podAffinity, `${field}.podAffinity`), ...podTerms(podAntiAffinity, `${field}.podAntiAffinity`)]
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

export const validateTolerations = (tolerations: readonly Toleration[], field: string): FieldError[] => {
  const errors: FieldError[] = []
  for (const [index, { key = '', operator, value = '', effect, tolerationSeconds }] of tolerations.entries()) {
    const at = `${field}[${index}]`
    if (key !== '') errors.push(...labelName(key, `${at}.key`))
    if (key === '' && operator !== 'Exists')
      errors.push(invalidValue(`${at}.operator`, operator ?? '', 'operator must be Exists when `key` is empty, which means "match all values and all keys"'))
    if (tolerationSeconds !== undefined && effect !== 'NoExecute')
      errors.push(invalidValue(`${at}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    if (!operator || operator === 'Equal') errors.push(...labelValue(value).map(message => invalidValue(`${at}.operator`, value, message)))
    else if (operator === 'Exists') {
      if (value !== '') errors.push(invalidValue(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"))
    } else errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']))
    if (effect && !EFFECTS.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, EFFECTS))
  }
  return errors
}

export const validateTopologySpread = (constraints: NonNullable<PodSpec['topologySpreadConstraints']>, field: string): FieldError[] => {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, constraint] of constraints.entries()) {
    const at = `${field}[${index}]`
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains } = constraint
    if (maxSkew <= 0) errors.push(invalidValue(`${at}.maxSkew`, maxSkew, 'must be greater than zero'))
    if (!topologyKey) errors.push(required(`${at}.topologyKey`, 'can not be empty'))
    const actions = ['DoNotSchedule', 'ScheduleAnyway']
    if (!actions.includes(whenUnsatisfiable)) errors.push(notSupported(`${at}.whenUnsatisfiable`, whenUnsatisfiable, actions))
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`
    if (seen.has(pair)) errors.push(duplicateValue(`${at}.{topologyKey, whenUnsatisfiable}`, pair))
    seen.add(pair)
    if (minDomains !== undefined) {
      if (minDomains <= 0) errors.push(invalidValue(`${at}.minDomains`, minDomains, 'must be greater than zero'))
      if (whenUnsatisfiable !== 'DoNotSchedule')
        errors.push(invalidValue(`${at}.minDomains`, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`))
    }
    for (const key of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const)
      if (constraint[key] !== undefined && !['Honor', 'Ignore'].includes(constraint[key]))
        errors.push(notSupported(`${at}.${key}`, constraint[key], ['Honor', 'Ignore']))
    errors.push(...validateLabelSelector(constraint.labelSelector, `${at}.labelSelector`))
  }
  return errors
}
