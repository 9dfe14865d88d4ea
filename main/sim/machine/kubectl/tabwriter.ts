/**
 * Aligns tab-separated cells into columns, as Go's text/tabwriter does for kubectl: a column is as wide as the widest
 * cell of the block of adjacent lines that have it, and the last cell of a line belongs to no column.
 */
export const tabwriter = (text: string, options: { readonly minWidth: number; readonly padding: number }): string => {
  const lines = text.split('\n').map(line => line.split('\t'))
  const widths: number[][] = lines.map(() => [])
  const columns = Math.max(0, ...lines.map(cells => cells.length - 1))
  for (let column = 0; column < columns; column++) {
    for (let start = 0; start < lines.length;) {
      if (lines[start]!.length - 1 <= column) {
        start++
        continue
      }
      let end = start
      let width = 0
      while (end < lines.length && lines[end]!.length - 1 > column) width = Math.max(width, displayWidth(lines[end++]![column]!))
      // A column whose cells are all empty takes no room at all, unless a minimum is set.
      const total = width === 0 && options.minWidth === 0 ? 0 : Math.max(options.minWidth, width + options.padding)
      for (let line = start; line < end; line++) widths[line]![column] = total
      start = end
    }
  }
  return lines
    .map((cells, line) =>
      cells.map((cell, column) => (column === cells.length - 1 ? cell : cell + ' '.repeat(Math.max(0, widths[line]![column]! - displayWidth(cell))))).join(''),
    )
    .join('\n')
}

/** Go's tabwriter counts code points, not cells. */
const displayWidth = (cell: string): number => (/^[\x20-\x7e]*$/.test(cell) ? cell.length : [...cell].length)
