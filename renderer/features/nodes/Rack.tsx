import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useEffect, useRef, useState } from 'react'
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

/** A node as one slot of the rack; hears of its own node only. */
const Slot = memo(
  ({
    live,
    name,
    machine,
    index,
    count,
  }: {
    readonly live: LiveCluster
    readonly name: string
    readonly machine: Machine | undefined
    readonly index: number
    readonly count: number
  }) => {
    const { t } = useTranslation()
    const format = useFormat()
    const node = useRow(live.nodes, name)
    if (!node) return null
    const state = stateOf({ name, node, machine })
    const cpu = cpuShare(node)
    const memory = memoryShare(node)
    return (
      <div role="listitem" aria-setsize={count} aria-posinset={index + 1} className={classes.slot} data-light={state}>
        <a href={hrefOf(['nodes', name])}>
          <span className={classes.top}>
            <i className={classes.led} />
            <span className={`${classes.name} lettered`}>{name}</span>
            <span className="unseen">{t(`nodes.state.${state}`)}</span>
            {node.roles.length > 0 && <b className={classes.server}>{t('nodes.role.server')}</b>}
            {node.unschedulable && <b className={classes.tape}>{t('nodes.state.cordonedShort')}</b>}
            <span className={`${classes.pods} numbers`}>{t('nodes.podsShort', { count: node.requested.pods })}</span>
          </span>
          <span className={classes.meters}>
            <span>{t('nodes.meter.cpu')}</span>
            <Level slim share={cpu} />
            <span className="numbers">{cpu === undefined ? '–' : format.percent(cpu)}</span>
            <span>{t('nodes.meter.memoryShort')}</span>
            <Level slim share={memory} />
            <span className="numbers">{memory === undefined ? '–' : format.percent(memory)}</span>
          </span>
        </a>
      </div>
    )
  },
)

/** Many nodes, as slots of a rack; only the rows in view exist. */
export const Rack = ({
  live,
  names,
  machines,
}: {
  readonly live: LiveCluster
  readonly names: readonly string[]
  readonly machines: ReadonlyMap<string, Machine>
}) => {
  const { t } = useTranslation()
  const frame = useRef<HTMLDivElement>(null)
  const [columns, setColumns] = useState(4)
  useEffect(() => {
    const element = frame.current
    if (!element) return
    const watch = new ResizeObserver(() => setColumns(Math.max(1, Math.floor((element.clientWidth - 20 + GAP) / (LEAST_WIDTH + GAP)))))
    watch.observe(element)
    return () => watch.disconnect()
  }, [])
  const rows = Math.ceil(names.length / columns)
  // oxlint-disable-next-line react/incompatible-library -- the rule is for the React compiler, which is not used here
  const virtual = useVirtualizer({ count: rows, getScrollElement: () => frame.current, estimateSize: () => ROW + GAP, overscan: 4 })
  return (
    <div ref={frame} className={classes.rack} tabIndex={0} role="region" aria-label={t('nodes.title')}>
      <div role="list" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(row => (
          <div
            key={row.key}
            role="presentation"
            className={classes.row}
            style={{ transform: `translateY(${row.start}px)`, gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}
          >
            {names.slice(row.index * columns, (row.index + 1) * columns).map((name, index) => (
              <Slot key={name} live={live} name={name} machine={machines.get(name)} index={row.index * columns + index} count={names.length} />
            ))}
          </div>
        ))}
      </div>
    </div>
  )
}
