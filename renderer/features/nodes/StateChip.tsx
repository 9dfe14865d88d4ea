import { useTranslation } from 'react-i18next'
import classes from './StateChip.module.css'
import type { NodeState } from './unit.ts'

/** A node's state in words and in a shape of its own, so that colour is never the only sign. */
export const StateChip = ({ state }: { readonly state: NodeState }) => {
  const { t } = useTranslation()
  return (
    <span className={classes.chip} data-state={state}>
      <i aria-hidden />
      {t(`nodes.state.${state}`)}
    </span>
  )
}
