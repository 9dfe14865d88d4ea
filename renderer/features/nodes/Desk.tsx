import { useTranslation } from 'react-i18next'
import { type CSSProperties, useCallback, useLayoutEffect, useRef, useState } from 'react'
import classes from './Desk.module.css'
import { NodeCard } from './NodeCard.tsx'
import { stateOf, type Unit } from './unit.ts'

interface Cable {
  readonly name: string
  readonly path: string
}

/** The switch has at least five ports, like the smallest one can buy. */
const LEAST_PORTS = 5
const PORT_WIDTH = 26

/** A cable from a port of the switch, hanging a little, to the back of a mini-PC. */
const hang = (fromX: number, fromY: number, toX: number, toY: number): string => {
  const sag = Math.min(90, 30 + Math.abs(toX - fromX) * 0.12 + (toY - fromY) * 0.25)
  return `M${fromX.toFixed(1)} ${fromY.toFixed(1)}C${fromX.toFixed(1)} ${(fromY + sag).toFixed(1)} ${toX.toFixed(1)} ${(toY - sag).toFixed(1)} ${toX.toFixed(1)} ${toY.toFixed(1)}`
}

/** To a row further down: along the gutter beside the cards, as cables are led along the edge of a desk. */
const lead = (fromX: number, fromY: number, gutterX: number, gutterY: number, toX: number, toY: number): string =>
  `${hang(fromX, fromY, gutterX, gutterY)}V${(toY - 26).toFixed(1)}C${gutterX.toFixed(1)} ${(toY - 4).toFixed(1)} ${toX.toFixed(1)} ${(toY - 26).toFixed(1)} ${toX.toFixed(1)} ${toY.toFixed(1)}`

/** Mini-PCs standing on the desk, each on its cable to a small switch. For a homelab's handful of machines. */
export const Desk = ({ units }: { readonly units: readonly Unit[] }) => {
  const { t } = useTranslation()
  const desk = useRef<HTMLDivElement>(null)
  const [cables, setCables] = useState<readonly Cable[]>([])
  const ports = Math.max(LEAST_PORTS, units.length + 1)
  const names = units.map(({ name }) => name).join(' ')

  const lay = useCallback(() => {
    const area = desk.current
    if (!area) return
    const origin = area.getBoundingClientRect()
    const devices = [...area.querySelectorAll<HTMLElement>('[data-device]')].map(device => ({
      name: device.dataset['device'] ?? '',
      box: device.getBoundingClientRect(),
    }))
    const top = Math.min(...devices.map(({ box }) => box.y))
    // Ports from left to right as the devices stand, so that no two cables cross.
    devices.sort((a, b) => a.box.x - b.box.x || b.box.y - a.box.y)
    const tops = [...new Set(devices.map(({ box }) => Math.round(box.y)))].sort((a, b) => a - b)
    const row = (y: number) => tops.indexOf(Math.round(y))
    setCables(
      devices.flatMap(({ name, box }, index) => {
        const port = area.querySelector<HTMLElement>(`[data-port="${index}"]`)?.getBoundingClientRect()
        if (!port) return []
        const [fromX, fromY, toY] = [port.x + port.width / 2 - origin.x, port.bottom - origin.y, box.y + 8 - origin.y]
        const first = row(box.y) === 0
        const path = first
          ? hang(fromX, fromY, box.x + box.width / 2 - origin.x, toY)
          : lead(fromX, fromY, Math.max(box.x - 18, box.x - 5 - 5 * row(box.y)) - origin.x, top - origin.y, box.x + box.width * 0.16 - origin.x, toY)
        return [{ name, path }]
      }),
    )
  }, [])

  useLayoutEffect(() => {
    lay()
    const watch = new ResizeObserver(lay)
    if (desk.current) watch.observe(desk.current)
    return () => watch.disconnect()
  }, [lay, names])

  const unitByName = new Map(units.map(unit => [unit.name, unit]))
  const linked = (unit: Unit | undefined) => unit !== undefined && stateOf(unit) !== 'off'
  return (
    <div ref={desk} className={classes.desk}>
      <svg className={classes.cables} aria-hidden>
        {cables.map(({ name, path }) => (
          <g key={name} data-linked={linked(unitByName.get(name)) || undefined}>
            <path className={classes.shadow} d={path} />
            <path className={classes.cable} d={path} />
            <path className={classes.sheen} d={path} />
          </g>
        ))}
      </svg>
      <div className={classes.switch} style={{ width: ports * PORT_WIDTH + 96 }} aria-hidden>
        <span className="lettered">{t('nodes.switch')}</span>
        <div className={classes.ports}>
          {Array.from({ length: ports }, (_, index) => {
            const unit = unitByName.get(cables[index]?.name ?? '')
            return (
              // A new key starts the blink anew: the light flickers when the node has reported, as link lights do.
              <i key={`${index} ${unit?.node?.usage?.at}`} data-port={index} data-link={linked(unit) || index === ports - 1 || undefined} />
            )
          })}
        </div>
      </div>
      <div className={classes.places} data-few={units.length <= 3 || undefined} style={{ '--count': units.length } as CSSProperties}>
        {units.map(unit => (
          <NodeCard key={unit.name + (unit.node ? '' : (unit.machine?.id ?? ''))} {...unit} />
        ))}
      </div>
    </div>
  )
}
