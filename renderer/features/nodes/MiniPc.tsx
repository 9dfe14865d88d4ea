import type { CSSProperties } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './MiniPc.module.css'

/** What the light on the front panel says. `alone`: a machine that is no node of this cluster. */
export type Light = 'ready' | 'unknown' | 'notReady' | 'off' | 'alone'

const VENTS = Array.from({ length: 11 }, (_, index) => 22 + index * 7)

export interface PowerButton {
  readonly on: boolean
  readonly busy: boolean
  press(): void
}

/**
 * The front of a mini-PC: vents that glow with CPU load (0 to 1), a paper label with the name, ports, and the power
 * button with its light. Only the power button is an element for assistive technology; the rest is told in words nearby.
 */
export const MiniPc = ({
  name,
  light,
  load,
  power,
  cordoned = false,
}: {
  readonly name: string
  readonly light: Light
  readonly load: number
  readonly power?: PowerButton
  readonly cordoned?: boolean
}) => {
  const { t } = useTranslation()
  return (
    <div className={classes.pc} data-light={light} data-device={name}>
      <svg viewBox="0 0 320 92" className={classes.case} aria-hidden>
        <rect className={classes.foot} x="26" y="84" width="34" height="6" rx="2" />
        <rect className={classes.foot} x="260" y="84" width="34" height="6" rx="2" />
        <rect className={classes.body} x="2" y="4" width="316" height="82" rx="11" />
        <rect className={classes.lid} x="2" y="4" width="316" height="15" rx="11" />
        <path className={classes.seam} d="M2 19.5H318" />
        <path className={classes.shine} d="M12 5.2H308" />
        {VENTS.map(x => (
          <rect key={x} className={classes.vent} x={x} y="33" width="3.4" height="38" rx="1.7" />
        ))}
        <g className={classes.glow} style={{ opacity: (light === 'off' ? 0 : Math.min(1, load * 1.05)).toFixed(2) }}>
          {VENTS.map(x => (
            <rect key={x} x={x} y="33" width="3.4" height="38" rx="1.7" />
          ))}
        </g>
        <g className={classes.ports}>
          <rect x="214" y="34" width="20" height="9" rx="1.2" />
          <rect x="214" y="48" width="20" height="9" rx="1.2" />
          <rect x="216" y="64" width="16" height="6.5" rx="3.2" />
          <circle cx="247" cy="67" r="3.6" />
        </g>
        <path className={classes.tongue} d="M216.5 40.5h15M216.5 54.5h15" />
        <path className={classes.print} d="M243.5 37.5l3-3 3 3M246.5 34.5v8M243.5 51.5l3-3 3 3M246.5 48.5v8" />
        <circle className={classes.ring} cx="284" cy="52" r="15" />
        <circle className={classes.button} cx="284" cy="52" r="12" />
        <path className={classes.symbol} d="M280.4 48.6a5 5 0 1 0 7.2 0M284 46.2v5.4" />
      </svg>
      <span className={`${classes.label} lettered`} style={{ '--letters': name.length } as CSSProperties} aria-hidden>
        {name}
      </span>
      {cordoned && (
        <span className={classes.tape} aria-hidden>
          {t('nodes.state.cordoned')}
        </span>
      )}
      {power && (
        <button
          type="button"
          className={classes.press}
          aria-label={t(power.on ? 'nodes.power.off' : 'nodes.power.on', { name })}
          title={t(power.on ? 'nodes.power.off' : 'nodes.power.on', { name })}
          aria-busy={power.busy}
          disabled={power.busy}
          onClick={power.press}
        />
      )}
    </div>
  )
}
