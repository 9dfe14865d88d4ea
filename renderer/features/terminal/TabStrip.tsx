import { type KeyboardEvent, useRef } from 'react'
import { IconLayoutColumns, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Machine } from '../../../shared/domain/machine.ts'
import { useMachines } from '../../live/machines.ts'
import { panesOf } from './layout.ts'
import { closeTab, selectTab, type Tab, useDock } from './store.ts'

/** Paper labels on the console's edge, one a tab. */
export const TabStrip = () => {
  const { t } = useTranslation()
  const { tabs, activeTab, collapsed } = useDock()
  const machines = useMachines()
  const strip = useRef<HTMLDivElement>(null)

  const pressed = (event: KeyboardEvent, tab: Tab) => {
    const index = tabs.indexOf(tab)
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key]
    if (next !== undefined) {
      event.preventDefault()
      const to = tabs[(next + tabs.length) % tabs.length]!
      selectTab(to.id)
      strip.current?.querySelector<HTMLElement>(`#${to.id}-label`)?.focus()
    } else if (event.key === 'Delete') {
      event.preventDefault()
      closeTab(tab.id)
    }
  }

  if (tabs.length === 0) return <span className="dock-title">{t('terminal.dock')}</span>
  return (
    <div ref={strip} className="dock-tabs">
      <div role="tablist" aria-label={t('terminal.tabs')} className="dock-tablist">
        {tabs.map((tab, index) => {
          const name = nameOf(tab, machines)
          const number = tabs.slice(0, index).filter(other => nameOf(other, machines) === name).length
          const title = number === 0 ? name : `${name} (${number + 1})`
          const panes = panesOf(tab.layout).length
          return (
            <button
              key={tab.id}
              id={`${tab.id}-label`}
              type="button"
              role="tab"
              className="dock-tab lettered"
              aria-selected={tab.id === activeTab}
              aria-controls={tab.id === activeTab && !collapsed ? 'dock-screens' : undefined}
              tabIndex={tab.id === activeTab ? 0 : -1}
              onClick={() => selectTab(tab.id)}
              onKeyDown={event => pressed(event, tab)}
              onAuxClick={event => event.button === 1 && closeTab(tab.id)}
            >
              {title}
              {panes > 1 && <IconLayoutColumns size={13} aria-label={t('terminal.panes', { count: panes })} />}
            </button>
          )
        })}
      </div>
      {activeTab !== undefined && (
        <button
          type="button"
          className="dock-key"
          aria-label={t('terminal.closeTab', {
            name: nameOf(
              tabs.find(tab => tab.id === activeTab)!,
              machines,
            ),
          })}
          title={t('terminal.closeTabShort')}
          onClick={() => closeTab(activeTab)}
        >
          <IconX size={15} aria-hidden />
        </button>
      )}
    </div>
  )
}

const nameOf = (tab: Tab, machines: readonly Machine[] | undefined): string => {
  const pane = panesOf(tab.layout).find(one => one.id === tab.activePane) ?? panesOf(tab.layout)[0]!
  return machines?.find(machine => machine.id === pane.machineId)?.name ?? pane.machineId
}
