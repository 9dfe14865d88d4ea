import { type PointerEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Layout, panesOf, type Split } from './layout.ts'
import { PaneView } from './PaneView.tsx'
import { resizeSplit, type Tab } from './store.ts'

/** The panes of a tab, as its splits arrange them. */
export const PaneTree = ({ tab }: { readonly tab: Tab }) => <Node tab={tab} layout={tab.layout} several={panesOf(tab.layout).length > 1} />

const Node = ({ tab, layout, several }: { readonly tab: Tab; readonly layout: Layout; readonly several: boolean }) =>
  layout.kind === 'pane' ? (
    <PaneView key={layout.id} pane={layout} active={layout.id === tab.activePane} several={several} />
  ) : (
    <SplitView tab={tab} layout={layout} />
  )

const SplitView = ({ tab, layout }: { readonly tab: Tab; readonly layout: Split }) => {
  const { t } = useTranslation()
  const box = useRef<HTMLDivElement>(null)
  const [held, setHeld] = useState(false)
  const row = layout.direction === 'row'
  const drag = (event: PointerEvent) => {
    const area = box.current!.getBoundingClientRect()
    resizeSplit(tab.id, layout.id, row ? (event.clientX - area.left) / area.width : (event.clientY - area.top) / area.height)
  }
  return (
    <div ref={box} className="dock-split" data-direction={layout.direction}>
      <div style={{ flex: layout.share }}>
        <Node tab={tab} layout={layout.first} several />
      </div>
      <div
        className="dock-divider"
        role="separator"
        aria-orientation={row ? 'vertical' : 'horizontal'}
        aria-label={t('terminal.share')}
        aria-valuenow={Math.round(layout.share * 100)}
        aria-valuemin={10}
        aria-valuemax={90}
        tabIndex={0}
        onPointerDown={event => {
          event.currentTarget.setPointerCapture(event.pointerId)
          setHeld(true)
        }}
        onPointerMove={event => held && drag(event)}
        onPointerUp={() => setHeld(false)}
        onPointerCancel={() => setHeld(false)}
        onKeyDown={event => {
          const by = { [row ? 'ArrowRight' : 'ArrowDown']: 0.05, [row ? 'ArrowLeft' : 'ArrowUp']: -0.05 }[event.key]
          if (by === undefined) return
          event.preventDefault()
          resizeSplit(tab.id, layout.id, layout.share + by)
        }}
      />
      <div style={{ flex: 1 - layout.share }}>
        <Node tab={tab} layout={layout.second} several />
      </div>
    </div>
  )
}
