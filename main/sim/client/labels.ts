import type { LabelSelector } from '../apiserver/resources/types.ts'

export type Labels = Readonly<Record<string, string>>

/** A compiled label selector. `key` is the same for selectors that mean the same, written in any order. */
export interface Selector {
  readonly key: string
  readonly isEmpty: boolean
  matches(labels: Labels | undefined): boolean
}

export interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

const NO_LABELS: Labels = {}

const requirementMatches = (requirement: Requirement, labels: Labels): boolean => {
  const value = labels[requirement.key]
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && requirement.values!.includes(value)
    case 'NotIn':
      return value === undefined || !requirement.values!.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) > Number(requirement.values![0])
    case 'Lt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) < Number(requirement.values![0])
    default:
      return false
  }
}

/** A selector of which every requirement must hold; with none it matches everything. */
export const selectorOf = (requirements: readonly Requirement[]): Selector => {
  const sorted = requirements.map(({ key, operator, values }) => `${key} ${operator} ${values ? values.toSorted().join(',') : ''}`).toSorted()
  const only = requirements.length === 1 ? requirements[0] : undefined
  return {
    key: sorted.join('; '),
    isEmpty: requirements.length === 0,
    matches: only
      ? labels => requirementMatches(only, labels ?? NO_LABELS)
      : labels => {
          for (const requirement of requirements) if (!requirementMatches(requirement, labels ?? NO_LABELS)) return false
          return true
        },
  }
}

const equalities = (labels: Labels): Requirement[] => Object.entries(labels).map(([key, value]) => ({ key, operator: 'In', values: [value] }))

/** The requirements of a metav1.LabelSelector. */
export const requirementsOf = (selector: LabelSelector): Requirement[] => [
  ...equalities(selector.matchLabels ?? NO_LABELS),
  ...((selector.matchExpressions ?? []) as Requirement[]),
]

export const NOTHING: Selector = { key: '\0nothing', isEmpty: false, matches: () => false }

/** As metav1.LabelSelectorAsSelector: no selector selects nothing, an empty one everything. */
export const labelSelector = (selector: LabelSelector | undefined): Selector => (selector === undefined ? NOTHING : selectorOf(requirementsOf(selector)))

/** Equality with every label of a map, as Service selectors are. */
export const labelsSelector = (labels: Labels): Selector => selectorOf(equalities(labels))
