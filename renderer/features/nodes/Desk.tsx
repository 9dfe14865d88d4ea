import { useTranslation } from 'react-i18next'
import { useCallback, useLayoutEffect, useRef, useState } from 'react'
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
    setCables(
      [...area.querySelectorAll<HTMLElement>('[data-device]')].flatMap((device, index) => {
        const port = area.querySelector<HTMLElement>(`[data-port="${index}"]`)?.getBoundingClientRect()
        if (!port) return []
        const box = device.getBoundingClientRect()
        // Into the left half of the enclosure's back, where the drawing has no label to cover.
        return [{ name: device.dataset['device'] ?? '', path: hang(port.x + port.width / 2 - origin.x, port.bottom - origin.y, box.x + box.width * 0.5 - origin.x, box.y + 8 - origin.y) }]
      }),
    )
  }, [])

  useLayoutEffect(() => {
    lay()
    const watch = new ResizeObserver(lay)
    if (desk.current) watch.observe(desk.current)
    return () => watch.disconnect()
  }, [lay, names])

  const stateByName = new Map(units.map(unit => [unit.name, stateOf(unit)]))
  return (
    <div ref={desk} className={classes.desk}>
      <svg className={classes.cables} aria-hidden>
        {cables.map(({ name, path }) => (
          <g key={name} data-state={stateByName.get(name)}>
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
            const unit = units[index]
            const state = unit && stateOf(unit)
            return <i key={index} data-port={index} data-link={(state && state !== 'off') || index === ports - 1 || undefined} style={{ animationDelay: `${(index * 0.37) % 1.3}s` }} />
          })}
        </div>
      </div>
      <div className={classes.places} data-few={units.length <= 3 || undefined}>
        {units.map(unit => (
          <NodeCard key={unit.name + (unit.node ? '' : (unit.machine?.id ?? ''))} {...unit} />
        ))}
      </div>
    </div>
  )
}
