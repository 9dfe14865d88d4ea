import { tabwriter } from '../tabwriter.ts'

/** A meta/v1 Table as the server sends it. */
export interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly type: string; readonly priority: number }[]
  readonly rows: readonly {
    readonly cells: readonly unknown[]
    readonly object?: {
      readonly metadata?: {
        readonly name?: string
        readonly namespace?: string
        readonly labels?: Readonly<Record<string, string>>
        readonly resourceVersion?: string
      }
    }
  }[]
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
}

export interface TableOptions {
  readonly wide: boolean
  readonly noHeaders: boolean
  readonly withNamespace: boolean
  readonly showLabels: boolean
  readonly labelColumns: readonly string[]
  /** Prefix of every name when several kinds are shown: `deployment.apps`. */
  readonly kindPrefix?: string
}

/** Cells of a table, header first, as kubectl's human-readable printer lays them out (k8s.io/cli-runtime/pkg/printers). */
export const tableCells = (table: Table, options: TableOptions): { readonly header: string[]; readonly rows: string[][] } => {
  const shown = table.columnDefinitions.map((column, index) => ({ column, index })).filter(({ column }) => options.wide || column.priority === 0)
  const header = [
    ...(options.withNamespace ? ['NAMESPACE'] : []),
    ...shown.map(({ column }) => column.name.toUpperCase()),
    ...options.labelColumns.map(label => label.slice(label.lastIndexOf('/') + 1).toUpperCase()),
    ...(options.showLabels ? ['LABELS'] : []),
  ]
  const rows = table.rows.map(row => {
    const labels = row.object?.metadata?.labels ?? {}
    return [
      ...(options.withNamespace ? [row.object?.metadata?.namespace ?? ''] : []),
      ...shown.map(({ column, index }) => {
        const cell = row.cells[index]
        const text = cell === null || cell === undefined ? '<none>' : String(cell)
        return options.kindPrefix && index === 0 && column.name === 'Name' ? `${options.kindPrefix}/${text}` : text
      }),
      ...options.labelColumns.map(label => labels[label] ?? '<none>'),
      ...(options.showLabels ? [labelText(labels)] : []),
    ]
  })
  return { header, rows }
}

const labelText = (labels: Readonly<Record<string, string>>): string => {
  const pairs = Object.keys(labels)
    .toSorted()
    .map(key => `${key}=${labels[key]}`)
  return pairs.length > 0 ? pairs.join(',') : '<none>'
}

/** Newlines and control characters would break the columns. */
const oneLine = (cell: string): string => cell.replace(/[\n\r\f]+/g, ' ').replaceAll('\t', ' ')

/** Aligned text of rows; ends with a line break when there is any row. */
export const alignRows = (rows: readonly (readonly string[])[]): string =>
  rows.length === 0 ? '' : `${tabwriter(rows.map(row => row.map(oneLine).join('\t')).join('\n'), { minWidth: 6, padding: 3 })}\n`

export const printTable = (table: Table, options: TableOptions): string => {
  const { header, rows } = tableCells(table, options)
  return alignRows(options.noHeaders ? rows : [header, ...rows])
}
