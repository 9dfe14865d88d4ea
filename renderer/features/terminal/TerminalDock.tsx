import { useEffect, useRef, useState } from 'react'
import { useMediaQuery } from '@mantine/hooks'
import { IconTerminal2 } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { LabPanel } from '../labs/LabPanel.tsx'
import { useMachines } from '../../live/machines.ts'
import { DockMenu } from './DockMenu.tsx'
import { dockKey } from './keys.ts'
import { NewTerminal } from './NewTerminal.tsx'
import { PaneTree } from './PaneTree.tsx'
import { SearchBar } from './SearchBar.tsx'
import { LEAST_HEIGHT, openTerminal, setCollapsed, setHeight, showLab, useDock } from './store.ts'
import { TabStrip } from './TabStrip.tsx'
import './terminal.css'

/** Below this width the open dock covers the window. */
const NARROW = '(max-width: 640px)'

/** The console at the front edge of the desk: terminals on any machine, and beside them the steps of a lab. */
const TerminalDock = () => {
  const { t } = useTranslation()
  const { tabs, activeTab, height, collapsed, searching, labId } = useDock()
  const machines = useMachines()
  const narrow = useMediaQuery(NARROW, false, { getInitialValueInEffect: false })
  const dock = useRef<HTMLElement>(null)
  const tab = tabs.find(one => one.id === activeTab)

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (dockKey(event) !== 'toggle') return
      event.preventDefault()
      const state = useDock.getState()
      if (!state.collapsed) {
        setCollapsed(true)
        return dock.current?.querySelector<HTMLElement>('[role=tab][aria-selected=true], .dock-bar button')?.focus()
      }
      const server = machines?.find(machine => machine.role === 'server') ?? machines?.[0]
      if (state.tabs.length > 0) setCollapsed(false)
      else if (server) openTerminal(server.id)
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  }, [machines])

  const open = !collapsed
  return (
    <section
      ref={dock}
      className="dock"
      data-open={open}
      data-sheet={open && narrow}
      aria-label={t('terminal.dock')}
      style={open && !narrow ? { height: `min(${height}px, 85vh)` } : undefined}
    >
      {open && !narrow && <Grip height={height} />}
      <div className="dock-bar">
        <TabStrip />
        <NewTerminal />
        <span className="dock-space" />
        <DockMenu narrow={narrow} />
      </div>
      {open && (
        <div className="dock-body">
          {labId !== undefined && (
            <aside className="dock-lab" aria-label={t('labs.panel')}>
              <LabPanel labId={labId} onClose={() => showLab(undefined)} />
            </aside>
          )}
          <div className="dock-screens" id="dock-screens" role={tab ? 'tabpanel' : undefined} aria-labelledby={tab ? `${tab.id}-label` : undefined}>
            {searching && tab && <SearchBar key={tab.activePane} paneId={tab.activePane} />}
            {tab ? <PaneTree key={tab.id} tab={tab} /> : <NothingOpen />}
          </div>
        </div>
      )}
    </section>
  )
}

const NothingOpen = () => {
  const { t } = useTranslation()
  return (
    <div className="dock-nothing">
      <IconTerminal2 size={28} stroke={1.4} aria-hidden />
      <p>{t('terminal.nothing')}</p>
    </div>
  )
}

/** The dock's upper edge, to be dragged or moved with the arrow keys. */
const Grip = ({ height }: { readonly height: number }) => {
  const { t } = useTranslation()
  const [held, setHeld] = useState(false)
  const most = Math.round(innerHeight * 0.85)
  return (
    <div
      className="dock-grip"
      data-held={held}
      role="separator"
      aria-orientation="horizontal"
      aria-label={t('terminal.height')}
      aria-valuenow={Math.min(height, most)}
      aria-valuemin={LEAST_HEIGHT}
      aria-valuemax={most}
      tabIndex={0}
      onPointerDown={event => {
        event.currentTarget.setPointerCapture(event.pointerId)
        setHeld(true)
      }}
      onPointerMove={event =>
        held && setHeight(Math.min(most, innerHeight - event.clientY - (innerHeight - event.currentTarget.parentElement!.getBoundingClientRect().bottom)))
      }
      onPointerUp={() => setHeld(false)}
      onPointerCancel={() => setHeld(false)}
      onKeyDown={event => {
        const by = { ArrowUp: 24, ArrowDown: -24, PageUp: 120, PageDown: -120 }[event.key]
        if (by === undefined) return
        event.preventDefault()
        setHeight(Math.min(most, height + by))
      }}
    />
  )
}

export default TerminalDock
