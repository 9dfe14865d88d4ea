import { create } from 'zustand'
import { type Layout, type Pane, panesOf, type Split, splitPane, withoutPane, withShare } from './layout.ts'
import { endSession, sessionOf } from './session.ts'

export interface Tab {
  readonly id: string
  readonly layout: Layout
  readonly activePane: string
}

/** The dock: what is only about its looks. The shells themselves stand in `session.ts`. */
export interface DockState {
  readonly tabs: readonly Tab[]
  readonly activeTab: string | undefined
  /** In CSS pixels. */
  readonly height: number
  readonly collapsed: boolean
  /** In CSS pixels. */
  readonly fontSize: number
  /** Output is also written for a screen reader; slower, so only when wanted. */
  readonly screenReader: boolean
  readonly searching: boolean
  /** The lab whose steps stand beside the terminals. */
  readonly labId: string | undefined
}

export const FONT_SIZES = { least: 10, usual: 14, most: 28 } as const
export const LEAST_HEIGHT = 140

const KEPT = 'k3lab.dock'

const remembered = (): Pick<DockState, 'height' | 'fontSize' | 'screenReader'> => {
  const usual = { height: 320, fontSize: FONT_SIZES.usual, screenReader: false }
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Partial<typeof usual>
    return {
      height: typeof kept.height === 'number' ? Math.max(LEAST_HEIGHT, kept.height) : usual.height,
      fontSize: typeof kept.fontSize === 'number' ? clampFont(kept.fontSize) : usual.fontSize,
      screenReader: kept.screenReader === true,
    }
  } catch {
    return usual
  }
}

const clampFont = (size: number) => Math.min(FONT_SIZES.most, Math.max(FONT_SIZES.least, Math.round(size)))

export const useDock = create<DockState>(() => ({ tabs: [], activeTab: undefined, collapsed: true, searching: false, labId: undefined, ...remembered() }))

useDock.subscribe((state, before) => {
  if (state.height === before.height && state.fontSize === before.fontSize && state.screenReader === before.screenReader) return
  localStorage.setItem(KEPT, JSON.stringify({ height: state.height, fontSize: state.fontSize, screenReader: state.screenReader }))
})

const { getState: get, setState: set } = useDock
let count = 0
const fresh = (prefix: string) => `${prefix}-${++count}`

const changeTab = (tabId: string, change: (tab: Tab) => Tab) => set(state => ({ tabs: state.tabs.map(tab => (tab.id === tabId ? change(tab) : tab)) }))
const activeTab = () => get().tabs.find(tab => tab.id === get().activeTab)
const tabOfPane = (paneId: string) => get().tabs.find(tab => panesOf(tab.layout).some(pane => pane.id === paneId))

/** Opens a terminal on a machine in a new tab and shows it. */
export const openTerminal = (machineId: string): void => {
  const pane: Pane = { kind: 'pane', id: fresh('pane'), machineId }
  const tab: Tab = { id: fresh('tab'), layout: pane, activePane: pane.id }
  set(state => ({ tabs: [...state.tabs, tab], activeTab: tab.id, collapsed: false, searching: false }))
}

export const selectTab = (tabId: string): void => set({ activeTab: tabId, collapsed: false, searching: false })

/** The next tab (1) or the one before (-1), around the ends. */
export const stepTab = (by: 1 | -1): void => {
  const { tabs, activeTab: current } = get()
  const next = tabs[(tabs.findIndex(tab => tab.id === current) + by + tabs.length) % tabs.length]
  if (next) selectTab(next.id)
}

export const closeTab = (tabId: string): void => {
  const { tabs, activeTab: current } = get()
  const index = tabs.findIndex(tab => tab.id === tabId)
  if (index < 0) return
  for (const pane of panesOf(tabs[index]!.layout)) endSession(pane.id)
  const left = tabs.filter(tab => tab.id !== tabId)
  set({ tabs: left, activeTab: current === tabId ? left[Math.min(index, left.length - 1)]?.id : current, searching: false })
}

export const focusPane = (paneId: string): void => {
  const tab = tabOfPane(paneId)
  if (tab && tab.activePane !== paneId) changeTab(tab.id, one => ({ ...one, activePane: paneId }))
}

/** Splits the active pane; the new one is on the same machine unless another is named. */
export const split = (direction: Split['direction'], machineId?: string): void => {
  const tab = activeTab()
  const from = tab && panesOf(tab.layout).find(pane => pane.id === tab.activePane)
  if (!tab || !from) return
  const added: Pane = { kind: 'pane', id: fresh('pane'), machineId: machineId ?? from.machineId }
  changeTab(tab.id, one => ({ ...one, layout: splitPane(one.layout, from.id, direction, added, fresh('split')), activePane: added.id }))
}

export const closePane = (paneId: string): void => {
  const tab = tabOfPane(paneId)
  if (!tab) return
  const layout = withoutPane(tab.layout, paneId)
  if (!layout) return closeTab(tab.id)
  endSession(paneId)
  changeTab(tab.id, one => ({ ...one, layout, activePane: one.activePane === paneId ? panesOf(layout)[0]!.id : one.activePane }))
}

/** The next pane of the tab in reading order. */
export const stepPane = (by: 1 | -1): void => {
  const tab = activeTab()
  if (!tab) return
  const panes = panesOf(tab.layout)
  const next = panes[(panes.findIndex(pane => pane.id === tab.activePane) + by + panes.length) % panes.length]!
  focusPane(next.id)
}

export const resizeSplit = (tabId: string, splitId: string, share: number): void =>
  changeTab(tabId, tab => ({ ...tab, layout: withShare(tab.layout, splitId, share) }))

export const setHeight = (height: number): void => set({ height: Math.round(Math.max(LEAST_HEIGHT, height)), collapsed: false })
export const setCollapsed = (collapsed: boolean): void => set({ collapsed, searching: false })
export const setSearching = (searching: boolean): void => set({ searching })
export const setScreenReader = (screenReader: boolean): void => set({ screenReader })
export const setFontSize = (size: number): void => set({ fontSize: clampFont(size) })

/** Puts a lab's steps beside the terminals, or takes them away. */
export const showLab = (labId: string | undefined): void =>
  // Steps need more room than a few lines of shell.
  set(state => (labId === undefined ? { labId } : { labId, collapsed: false, height: Math.max(state.height, Math.round(innerHeight * 0.6)) }))

/** Types text into the active terminal without submitting it. False when none is open. */
export const insertIntoTerminal = (text: string): boolean => {
  const pane = activeTab()?.activePane
  const session = pane === undefined ? undefined : sessionOf(pane)
  if (!session || session.state().name !== 'open') return false
  setCollapsed(false)
  session.paste(text.replace(/\n+$/, ''))
  return true
}
