import { useVirtualizer } from '@tanstack/react-virtual'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { useMemo, useRef, useState, type ReactNode } from 'react'
import classes from './DataTable.module.css'

export interface Column<T> {
  readonly key: string
  readonly title: string
  /** A CSS grid track: `minmax(160px, 2fr)`, `90px`. */
  readonly width: string
  readonly cell: (row: T) => ReactNode
  /** Makes the column sortable. */
  readonly order?: (row: T) => string | number
  readonly numeric?: boolean
  /** Left out on narrow windows, where `Name` shows what matters of it. */
  readonly wideOnly?: boolean
}

const ROW = 38
const collator = new Intl.Collator('en', { numeric: true })

/** Sorts by one column; the order is kept by name of the column, and a second press turns it around. */
const sortRows = <T,>(rows: readonly T[], order: ((row: T) => string | number) | undefined, down: boolean): readonly T[] => {
  if (!order) return rows
  const turn = down ? -1 : 1
  return rows
    .map(row => [order(row), row] as const)
    .sort(([a], [b]) => turn * (typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))))
    .map(([, row]) => row)
}

/** A table of any length: only the rows in view exist. `fit`: as high as its rows, for short tables inside a page. */
export const DataTable = <T,>(props: {
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[]
  readonly rowKey: (row: T) => string
  readonly initialSort?: string
  readonly empty: ReactNode
  readonly onOpen?: (row: T) => void
  readonly openedKey?: string
  readonly fit?: boolean
}) => {
  const { label, columns, rows, rowKey, empty, onOpen, openedKey, fit } = props
  const frame = useRef<HTMLDivElement>(null)
  const [sort, setSort] = useState<{ readonly key: string | undefined; readonly down: boolean }>({ key: props.initialSort, down: false })
  const order = columns.find(({ key }) => key === sort.key)?.order
  const sorted = useMemo(() => sortRows(rows, order, sort.down), [rows, order, sort.down])
  // oxlint-disable-next-line react/incompatible-library -- the rule is for the React compiler, which is not used here
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 8,
    getItemKey: index => rowKey(sorted[index]!),
  })
  const tracks = {
    '--tracks': columns.map(({ width }) => width).join(' '),
    '--narrow': columns
      .filter(({ wideOnly }) => !wideOnly)
      .map(({ width }) => width)
      .join(' '),
  } as React.CSSProperties

  return (
    <div ref={frame} className={classes.frame} data-fit={fit || undefined} tabIndex={0} role="region" aria-label={label}>
      <div role="table" aria-label={label} aria-rowcount={sorted.length + 1} className={classes.table} style={tracks}>
        <div role="rowgroup" className={classes.head}>
          <div role="row" aria-rowindex={1} className={classes.row}>
            {columns.map(column => {
              const active = column.key === sort.key
              return (
                <div
                  key={column.key}
                  role="columnheader"
                  data-numeric={column.numeric || undefined}
                  data-wide={column.wideOnly || undefined}
                  aria-sort={active ? (sort.down ? 'descending' : 'ascending') : undefined}
                >
                  {column.order ? (
                    <button type="button" onClick={() => setSort({ key: column.key, down: active && !sort.down })}>
                      {column.title}
                      {active && (sort.down ? <IconArrowDown size={13} aria-hidden /> : <IconArrowUp size={13} aria-hidden />)}
                    </button>
                  ) : (
                    column.title
                  )}
                </div>
              )
            })}
          </div>
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const row = sorted[index]!
            return (
              // The button in the row is what the keyboard and assistive technology use; a click anywhere does the same.
              <div
                key={key}
                role="row"
                aria-rowindex={index + 2}
                className={classes.row}
                data-even={index % 2 === 0 || undefined}
                data-open={openedKey === rowKey(row) || undefined}
                data-press={onOpen ? true : undefined}
                style={{ position: 'absolute', insetInline: 0, height: ROW, transform: `translateY(${start}px)` }}
                onClick={onOpen && (() => onOpen(row))}
              >
                {columns.map(column => (
                  <div key={column.key} role="cell" data-numeric={column.numeric || undefined} data-wide={column.wideOnly || undefined}>
                    {column.cell(row)}
                  </div>
                ))}
              </div>
            )
          })}
        </div>
      </div>
      {sorted.length === 0 && <div className={classes.empty}>{empty}</div>}
    </div>
  )
}
