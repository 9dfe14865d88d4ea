import { useTranslation } from 'react-i18next'
import type { NodeSummary } from '../../../shared/domain/cluster.ts'
import { Age } from '../../components/Age.tsx'
import { Status } from '../../components/Status.tsx'
import classes from './Conditions.module.css'

/** The conditions every kubelet reports; others may be added by anyone, and are shown in their own words. */
const KNOWN = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'] as const
const isKnown = (type: string): type is (typeof KNOWN)[number] => (KNOWN as readonly string[]).includes(type)

/** The kubelet's own checklist; Ready first. */
export const Conditions = ({ node }: { readonly node: NodeSummary }) => {
  const { t } = useTranslation()
  const sorted = [...node.conditions].sort((a, b) => Number(b.type === 'Ready') - Number(a.type === 'Ready'))
  return (
    <ul className={classes.list}>
      {sorted.map(({ type, status, reason, message, since }) => {
        const good = (type === 'Ready') === (status === 'True') && status !== 'Unknown'
        const health = status === 'Unknown' ? 'unknown' : good ? 'good' : 'bad'
        return (
          <li key={type}>
            <Status tone={good ? 'ok' : type === 'Ready' ? 'error' : 'warning'} text={`${type} = ${status}`} />
            <small>
              <Age since={since} />
            </small>
            <p>
              {isKnown(type) && <span>{t(`nodes.condition.${type}.${health}`)} </span>}
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
