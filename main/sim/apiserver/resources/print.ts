import type { TableColumn } from '../definition.ts'
import type { Container, LabelSelector } from './types.ts'

// What Kubernetes' printers (pkg/printers/internalversion, apimachinery's duration and labels packages) share.

/** Labels as `a=b,c=d` in order of their keys, or `<none>`. */
export const formatLabels = (labels: Readonly<Record<string, string>> | undefined): string => {
  const text = Object.keys(labels ?? {})
    .sort()
    .map(key => `${key}=${labels![key]}`)
    .join(',')
  return text === '' ? '<none>' : text
}

/** A label selector as labels.Selector prints itself, or `<none>`. */
export const formatSelector = (selector: LabelSelector | undefined): string => {
  if (!selector) return '<none>'
  const requirements = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` }))
  for (const { key, operator, values = [] } of selector.matchExpressions ?? []) {
    const set = `(${[...values].sort().join(',')})`
    requirements.push({
      key,
      text: operator === 'In' ? `${key} in ${set}` : operator === 'NotIn' ? `${key} notin ${set}` : operator === 'Exists' ? key : `!${key}`,
    })
  }
  const text = requirements
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(requirement => requirement.text)
    .join(',')
  return text === '' ? '<none>' : text
}

export const containerNames = (containers: readonly Container[] | undefined): string => (containers ?? []).map(container => container.name).join(',')
export const containerImages = (containers: readonly Container[] | undefined): string => (containers ?? []).map(container => container.image ?? '').join(',')

/** The first `max` of a list, and how many more there are; `empty` when there is nothing. */
export const firstOf = (list: readonly string[], max: number, empty: string): string =>
  list.length === 0 ? empty : list.length > max ? `${list.slice(0, max).join(',')} + ${list.length - max} more...` : list.join(',')

type ColumnType = TableColumn['type']

/** Columns in a line each: name, description, and what differs from a text of priority 0. */
export const column = (name: string, description: string, options: { readonly type?: ColumnType; readonly wide?: boolean } = {}): TableColumn => ({
  name,
  type: options.type ?? 'string',
  format: '',
  priority: options.wide ? 1 : 0,
  description,
})
export const nameColumn: TableColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  priority: 0,
  description: 'Name of the object, unique among its kind in a namespace.',
}
export const ageColumn = column('Age', 'Time since the object was created.')
export const containerColumns: readonly TableColumn[] = [
  column('Containers', 'Names of the containers in the template.', { wide: true }),
  column('Images', 'Images of the containers in the template.', { wide: true }),
  column('Selector', 'Labels that pods must have to be counted in.', { wide: true }),
]
