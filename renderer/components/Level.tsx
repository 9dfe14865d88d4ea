import { levelOf } from './Gauge.tsx'
import classes from './Level.module.css'

/** A level tube: how full something is, 0 to 1; `mark` notches another share of the same whole (what is requested). Without a label it is
 * only a picture of a number that stands beside it. */
export const Level = ({
  label,
  share,
  mark,
  text,
  slim = false,
}: {
  readonly label?: string
  readonly share: number | undefined
  readonly mark?: number
  readonly text?: string
  readonly slim?: boolean
}) => {
  const shown = Math.min(1, Math.max(0, share ?? 0))
  return (
    <span
      className={classes.tube}
      {...(label === undefined
        ? { 'aria-hidden': true }
        : { role: 'meter', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': Math.round(shown * 100), 'aria-valuetext': text })}
      data-level={levelOf(shown)}
      data-slim={slim || undefined}
    >
      <i className={classes.fill} style={{ transform: `scaleX(${shown.toFixed(3)})` }} />
      {mark !== undefined && <i className={classes.mark} style={{ left: `${Math.min(100, mark * 100).toFixed(1)}%` }} />}
    </span>
  )
}
