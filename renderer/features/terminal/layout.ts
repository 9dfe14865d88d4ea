/** How the panes of one tab share its surface: a tree of splits. Pure functions over plain data. */

export interface Pane {
  readonly kind: 'pane'
  readonly id: string
  readonly machineId: string
}

/** `row`: panes side by side; `column`: one above the other. `share` is the first child's part, 0 to 1. */
export interface Split {
  readonly kind: 'split'
  readonly id: string
  readonly direction: 'row' | 'column'
  readonly share: number
  readonly first: Layout
  readonly second: Layout
}

export type Layout = Pane | Split

export const panesOf = (layout: Layout): readonly Pane[] => (layout.kind === 'pane' ? [layout] : [...panesOf(layout.first), ...panesOf(layout.second)])

/** Puts a new pane beside or below an existing one. */
export const splitPane = (layout: Layout, paneId: string, direction: Split['direction'], added: Pane, splitId: string): Layout => {
  if (layout.kind === 'pane') return layout.id === paneId ? { kind: 'split', id: splitId, direction, share: 0.5, first: layout, second: added } : layout
  return { ...layout, first: splitPane(layout.first, paneId, direction, added, splitId), second: splitPane(layout.second, paneId, direction, added, splitId) }
}

/** Takes a pane away; its neighbour takes the place. Undefined when it was the only one. */
export const withoutPane = (layout: Layout, paneId: string): Layout | undefined => {
  if (layout.kind === 'pane') return layout.id === paneId ? undefined : layout
  const first = withoutPane(layout.first, paneId)
  const second = withoutPane(layout.second, paneId)
  return first && second ? { ...layout, first, second } : (first ?? second)
}

export const withShare = (layout: Layout, splitId: string, share: number): Layout => {
  if (layout.kind === 'pane') return layout
  if (layout.id === splitId) return { ...layout, share: Math.min(0.9, Math.max(0.1, share)) }
  return { ...layout, first: withShare(layout.first, splitId, share), second: withShare(layout.second, splitId, share) }
}
