import { useVirtualizer } from '@tanstack/react-virtual'
import { Fragment, memo, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { hrefOf } from '../../app/router.ts'
import { Level } from '../../components/Level.tsx'
import { useFormat } from '../../i18n/format.ts'
import type { LiveCluster } from '../../live/cluster.ts'
import { useRow } from '../../live/clusters.ts'
import type { Machine } from '../../../shared/domain/machine.ts'
import classes from './Rack.module.css'
import { cpuShare, memoryShare, stateOf } from './unit.ts'

const ROW = 68
const GAP = 8
const LEAST_WIDTH = 168
/** The rack's own edge, above and below. */
const FRAME = 20

/** A node as one slot of the rack; hears of its own node only. Its key is the node's name, or stands for a machine alone. */
const Slot = memo(
  ({
    live,
    slot,
    machine,
    index,
    count,
  }: {
    readonly live: LiveCluster
    readonly slot: string
    readonly machine: Machine | undefined
    readonly index: number
    readonly count: number
  }) => {
    const { t } = useTranslation()
    const format = useFormat()
    const node = useRow(live.nodes, slot)
    if (!node && !machine) return null
    const name = node?.name ?? machine?.name ?? slot
    const state = stateOf({ name, node, machine })
    const meters = [
      [t('nodes.meter.cpu'), node && cpuShare(node)],
      [t('nodes.meter.memoryShort'), node && memoryShare(node)],
    ] as const
    return (
      <div role="listitem" aria-setsize={count} aria-posinset={index + 1} className={classes.slot} data-light={state}>
        <a href={node ? hrefOf(['nodes', name]) : hrefOf(['machines', machine?.id ?? slot])}>
          <span className={classes.top}>
            <i className={classes.led} />
            <span className={`${classes.name} lettered`}>{name}</span>
            <span className="unseen">{t(`nodes.state.${state}`)}</span>
            {node && node.roles.length > 0 && <b className={classes.server}>{t('nodes.role.server')}</b>}
            {node?.unschedulable && <b className={classes.tape}>{t('nodes.state.cordonedShort')}</b>}
            {node && <span className={`${classes.pods} numbers`}>{t('nodes.podsShort', { count: node.requested.pods })}</span>}
          </span>
          {node ? (
            <span className={classes.meters}>
              {meters.map(([label, share]) => (
                <Fragment key={label}>
                  <span>{label}</span>
                  <Level slim share={share} />
                  <span className="numbers">{share === undefined ? '–' : format.percent(share)}</span>
                </Fragment>
              ))}
            </span>
          ) : (
            <span className={classes.address}>
              {machine?.user}@{machine?.host}
            </span>
          )}
        </a>
      </div>
    )
  },
)

/** Many nodes, as slots of a rack; only the rows in view exist. */
export const Rack = ({
  live,
  slots,
  machines,
}: {
  readonly live: LiveCluster
  readonly slots: readonly string[]
  readonly machines: ReadonlyMap<string, Machine>
}) => {
  const { t } = useTranslation()
  const frame = useRef<HTMLDivElement>(null)
  const [columns, setColumns] = useState(4)
  useEffect(() => {
    const element = frame.current
    if (!element) return
    const watch = new ResizeObserver(() => setColumns(Math.max(1, Math.floor((element.clientWidth - FRAME + GAP) / (LEAST_WIDTH + GAP)))))
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  const rows = Math.ceil(slots.length / columns)
  // oxlint-disable-next-line react/incompatible-library -- the rule is for the React compiler, which is not used here
  const virtual = useVirtualizer({ count: rows, getScrollElement: () => frame.current, estimateSize: () => ROW + GAP, overscan: 4 })
  return (
    <div ref={frame} className={classes.rack} style={{ maxHeight: rows * (ROW + GAP) + FRAME - GAP }} tabIndex={0} role="region" aria-label={t('nodes.title')}>
      <div role="list" style={{ height: virtual.getTotalSize() - GAP, position: 'relative' }}>
        {virtual.getVirtualItems().map(row => (
          <div
            key={row.key}
            role="presentation"
            className={classes.row}
            style={{ transform: `translateY(${row.start}px)`, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
          >
            {slots.slice(row.index * columns, (row.index + 1) * columns).map((slot, index) => (
              <Slot key={slot} live={live} slot={slot} machine={machines.get(slot)} index={row.index * columns + index} count={slots.length} />
            ))}
          </div>
        ))}
      </div>
    </div>
  )
}
