import classes from './Sparkline.module.css'

const WIDTH = 240
const HEIGHT = 44

/** A pen recorder's line over paper; values from 0 to 1, oldest first. Purely visual: the value stands beside it as text. */
export const Sparkline = ({ values }: { readonly values: readonly number[] }) => {
  if (values.length < 2) return <div className={classes.empty} aria-hidden />
  const step = WIDTH / (values.length - 1)
  const points = values.map((value, index) => `${(index * step).toFixed(1)} ${(HEIGHT - 2 - Math.min(1, Math.max(0, value)) * (HEIGHT - 4)).toFixed(1)}`)
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className={classes.line} aria-hidden>
      <path className={classes.area} d={`M0 ${HEIGHT}L${points.join('L')}L${WIDTH} ${HEIGHT}Z`} />
      <path className={classes.pen} d={`M${points.join('L')}`} />
    </svg>
  )
}
