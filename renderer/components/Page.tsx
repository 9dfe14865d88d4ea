import type { ReactNode } from 'react'
import classes from './Page.module.css'

/** A page's heading and body. `fill`: the body takes the rest of the height and scrolls inside itself. */
export const Page = ({
  title,
  lead,
  actions,
  fill = false,
  children,
}: {
  readonly title: ReactNode
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  readonly fill?: boolean
  readonly children: ReactNode
}) => (
  <div className={classes.page} data-fill={fill || undefined}>
    <header className={classes.head}>
      <div>
        <h1>{title}</h1>
        {lead && <p>{lead}</p>}
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </header>
    {children}
  </div>
)

/** A sheet of paper lying on the desk. */
export const Sheet = ({
  title,
  aside,
  children,
  wide = false,
}: {
  readonly title?: ReactNode
  readonly aside?: ReactNode
  readonly children: ReactNode
  readonly wide?: boolean
}) => (
  <section className={classes.sheet} data-wide={wide || undefined}>
    {title && (
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
    )}
    {children}
  </section>
)
