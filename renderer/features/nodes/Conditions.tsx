import { useTranslation } from 'react-i18next'
import type { NodeSummary } from '../../../shared/domain/cluster.ts'
import { Age } from '../../components/Age.tsx'
import { Status } from '../../components/Status.tsx'
import classes from './Conditions.module.css'

/** The kubelet's own checklist; Ready first. */
export const Conditions = ({ node }: { readonly node: NodeSummary }) => {
  const { t, i18n } = useTranslation()
  const sorted = [...node.conditions].sort((a, b) => Number(b.type === 'Ready') - Number(a.type === 'Ready'))
  return (
    <ul className={classes.list}>
      {sorted.map(({ type, status, reason, message, since }) => {
        const good = (type === 'Ready') === (status === 'True') && status !== 'Unknown'
        const meaning = `nodes.condition.${type}`
        return (
          <li key={type}>
            <Status tone={good ? 'ok' : type === 'Ready' ? 'error' : 'warning'} text={`${type} = ${status}`} />
            <small>
              <Age since={since} />
            </small>
            <p>
              {i18n.exists(meaning) && <span>{t(meaning as 'nodes.condition.Ready')} </span>}
              <span className={classes.reason} title={message}>
                {reason}: {message}
              </span>
            </p>
          </li>
        )
      })}
    </ul>
  )
}
