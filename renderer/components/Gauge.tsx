import classes from './Gauge.module.css'

/** Where a load begins to matter, and where it hurts. */
const WARN = 0.8
const BAD = 0.92

export const levelOf = (share: number): 'ok' | 'warn' | 'bad' => (share >= BAD ? 'bad' : share >= WARN ? 'warn' : 'ok')

const RADIUS = 38
/** The needle sweeps from -75° (empty) to 75° (full). */
const SWEEP = 75
const point = (share: number, radius: number): string => {
  const angle = ((share * 2 - 1) * SWEEP * Math.PI) / 180
  return `${(50 + radius * Math.sin(angle)).toFixed(2)} ${(52 - radius * Math.cos(angle)).toFixed(2)}`
}
const arc = (from: number, to: number) => `M${point(from, RADIUS)}A${RADIUS} ${RADIUS} 0 0 1 ${point(to, RADIUS)}`
const TICKS = Array.from({ length: 11 }, (_, index) => index / 10)

/** A dial as on a bench meter. `share` is 0 to 1; undefined while nothing is measured (the needle rests). */
export const Gauge = ({
  label,
  share,
  value,
  of,
}: {
  readonly label: string
  readonly share: number | undefined
  readonly value: string
  readonly of?: string
}) => {
  const shown = Math.min(1, Math.max(0, share ?? 0))
  return (
    <div
      className={classes.gauge}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(shown * 100)}
      aria-valuetext={of ? `${value} / ${of}` : value}
      data-level={share === undefined ? 'none' : levelOf(shown)}
    >
      <svg viewBox="0 0 100 58" className={classes.dial} aria-hidden>
        <path className={classes.plate} d="M6 54V50A44 44 0 0 1 94 50V54A3 3 0 0 1 91 57H9A3 3 0 0 1 6 54Z" />
        <path className={classes.scale} d={arc(0, 1)} />
        <path className={classes.warn} d={arc(WARN, BAD)} />
        <path className={classes.bad} d={arc(BAD, 1)} />
        {TICKS.map((tick, index) => (
          <path key={tick} className={classes.tick} d={`M${point(tick, index % 5 === 0 ? 31 : 34)}L${point(tick, RADIUS)}`} />
        ))}
        <path className={classes.needle} d="M50 52L50 19" style={{ transform: `rotate(${((shown * 2 - 1) * SWEEP).toFixed(1)}deg)` }} />
        <circle className={classes.hub} cx="50" cy="52" r="4.2" />
      </svg>
      <span className={classes.label}>{label}</span>
      <span className={`${classes.value} numbers`}>{value}</span>
      {of && <span className={`${classes.of} numbers`}>{of}</span>}
    </div>
  )
}
