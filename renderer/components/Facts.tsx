import type { ReactNode } from 'react'
import classes from './Facts.module.css'

/** Names and values, as on a data sheet. Rows without a value are left out. */
export const Facts = ({ rows }: { readonly rows: readonly (readonly [name: string, value: ReactNode])[] }) => (
  <dl className={classes.facts}>
    {rows
      .filter(([, value]) => value !== undefined && value !== null && value !== '')
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
)
