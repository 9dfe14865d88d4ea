import type { ReactNode } from 'react'
import classes from './EmptyDesk.module.css'

/** An empty place on the desk, with the outline of what could stand there. `late`: appears only after a moment, for a wait that is
 * usually over before anyone could read of it. */
export const EmptyDesk = ({
  title,
  text,
  late = false,
  children,
}: {
  readonly title: string
  readonly text: string
  readonly late?: boolean
  readonly children?: ReactNode
}) => (
  <div className={classes.empty} data-late={late || undefined}>
    <svg viewBox="0 0 320 120" className={classes.outline} aria-hidden>
      <rect x="40" y="30" width="240" height="62" rx="10" />
      <path d="M40 44H280M62 54v26M72 54v26M82 54v26M92 54v26" />
      <rect x="128" y="56" width="70" height="20" rx="1" />
      <circle cx="252" cy="68" r="10" />
      <path className={classes.cord} d="M300 4C302 40 240 8 250 30" />
    </svg>
    <h2>{title}</h2>
    <p>{text}</p>
    {children}
  </div>
)
