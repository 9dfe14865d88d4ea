import { useTranslation } from 'react-i18next'
import type { NodeSummary } from '../../../shared/domain/cluster.ts'
import type { Disk } from '../../../shared/domain/machine.ts'
import { Level } from '../../components/Level.tsx'
import { Sparkline } from '../../components/Sparkline.tsx'
import { useFormat } from '../../i18n/format.ts'
import type { LiveCluster } from '../../live/cluster.ts'
import { useHistory } from '../../live/clusters.ts'
import classes from './NodeResources.module.css'

/** Used, requested, allocatable and capacity of each resource, with its last half hour. The notch is what is requested.
 * What is used of the disk only the machine itself knows (`root`). */
export const NodeResources = ({ node, live, root }: { readonly node: NodeSummary; readonly live: LiveCluster; readonly root: Disk | undefined }) => {
  const { t } = useTranslation()
  const format = useFormat()
  const history = useHistory(live, node.name)
  const cores = (milli: number) => t('nodes.cores', { count: milli / 1000, value: format.cores(milli) })
  const { capacity, allocatable, requested, usage } = node
  const rows = [
    {
      key: 'cpu',
      used: usage?.cpuMilli,
      requested: requested.cpuMilli,
      allocatable: allocatable.cpuMilli,
      capacity: capacity.cpuMilli,
      text: cores,
      past: history.map(sample => sample.cpuMilli / allocatable.cpuMilli),
    },
    {
      key: 'memory',
      used: usage?.memoryBytes,
      requested: requested.memoryBytes,
      allocatable: allocatable.memoryBytes,
      capacity: capacity.memoryBytes,
      text: format.bytes,
      past: history.map(sample => sample.memoryBytes / allocatable.memoryBytes),
    },
    {
      key: 'disk',
      used: root?.usedBytes,
      requested: requested.storageBytes,
      allocatable: allocatable.storageBytes,
      capacity: capacity.storageBytes,
      text: format.bytes,
      past: undefined,
    },
    { key: 'pods', used: requested.pods, requested: undefined, allocatable: allocatable.pods, capacity: capacity.pods, text: format.number, past: undefined },
  ] as const
  return (
    <ul className={classes.list}>
      {rows.map(row => {
        const label = t(`nodes.meter.${row.key}`)
        const shareOf = (part: number | undefined) => (part === undefined || row.allocatable <= 0 ? undefined : part / row.allocatable)
        return (
          <li key={row.key}>
            <h3>{label}</h3>
            <span className={`${classes.value} numbers`}>
              {row.used === undefined
                ? row.key === 'disk'
                  ? ''
                  : t('nodes.resources.unmeasured')
                : `${row.text(row.used)} · ${format.percent(shareOf(row.used) ?? 0)}`}
            </span>
            <Level label={label} share={shareOf(row.used)} mark={row.requested ? shareOf(row.requested) : undefined} />
            <dl className="numbers">
              {row.requested !== undefined && (
                <div>
                  <dt>{t('nodes.resources.requested')}</dt>
                  <dd>{row.text(row.requested)}</dd>
                </div>
              )}
              <div>
                <dt>{t('nodes.resources.allocatable')}</dt>
                <dd>{row.text(row.allocatable)}</dd>
              </div>
              <div>
                <dt>{t('nodes.resources.capacity')}</dt>
                <dd>{row.text(row.capacity)}</dd>
              </div>
            </dl>
            {row.past && row.past.length > 1 && <Sparkline values={row.past} />}
          </li>
        )
      })}
    </ul>
  )
}
