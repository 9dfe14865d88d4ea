import { Drawer } from '@mantine/core'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import type { EventSummary, PodSummary } from '../../../shared/domain/cluster.ts'
import { hrefOf } from '../../app/router.ts'
import { Age } from '../../components/Age.tsx'
import { Facts } from '../../components/Facts.tsx'
import { Status } from '../../components/Status.tsx'
import type { LiveCluster } from '../../live/cluster.ts'
import { sameList, useRow, useSelect } from '../../live/clusters.ts'
import classes from './PodDrawer.module.css'

const What = ({ pod, events }: { readonly pod: PodSummary; readonly events: readonly EventSummary[] }) => {
  const { t } = useTranslation()
  return (
    <div className={classes.body}>
      <p className={classes.tone}>
        <Status tone={pod.tone} text={pod.status} />
        <span>{t(`workloads.tone.${pod.tone}`)}</span>
      </p>
      <Facts
        rows={[
          [t('workloads.pod.namespace'), pod.namespace],
          [t('workloads.pod.owner'), pod.owner ?? t('workloads.pod.bare')],
          [t('workloads.pod.node'), pod.node ? <a href={hrefOf(['nodes', pod.node])}>{pod.node}</a> : t('workloads.pod.unscheduled')],
          [t('workloads.pod.ip'), pod.ip && <span className="mono">{pod.ip}</span>],
          [t('workloads.pod.ready'), `${pod.readyContainers}/${pod.containers}`],
          [t('workloads.pod.restarts'), pod.restarts],
          [t('workloads.pod.age'), <Age key="age" since={pod.createdAt} />],
          [
            t('workloads.workload.images'),
            <span key="images" className="mono">
              {pod.images.join('\n')}
            </span>,
          ],
        ]}
      />
      <h3>{t('workloads.tabs.events')}</h3>
      {events.length === 0 && <p className={classes.none}>{t('workloads.event.none')}</p>}
      <ol className={classes.events}>
        {events.map(event => (
          <li key={event.uid} data-warning={event.type === 'Warning' || undefined}>
            <b>{event.reason}</b>{' '}
            <small>
              {event.count > 1 && `×${event.count} · `}
              <Age since={event.lastSeen} />
            </small>
            <p>{event.message}</p>
          </li>
        ))}
      </ol>
    </div>
  )
}

/** One pod beside the list; stays current while open, and says so when the pod is gone. */
export const PodDrawer = ({ live, uid, onClose }: { readonly live: LiveCluster; readonly uid: string | undefined; readonly onClose: () => void }) => {
  const { t } = useTranslation()
  const pod = useRow(live.pods, uid ?? '')
  const about = pod && `Pod/${pod.name}`
  const events = useSelect(
    live.events,
    useCallback(
      (rows: readonly EventSummary[]) =>
        rows.filter(event => event.object === about && event.namespace === pod?.namespace).sort((a, b) => b.lastSeen.localeCompare(a.lastSeen)),
      [about, pod?.namespace],
    ),
    sameList,
  )
  return (
    <Drawer
      opened={uid !== undefined}
      onClose={onClose}
      position="right"
      size={460}
      title={pod?.name ?? t('workloads.pod.gone')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
      classNames={{ title: classes.title }}
    >
      {pod ? <What pod={pod} events={events} /> : <p>{t('workloads.pod.goneText')}</p>}
    </Drawer>
  )
}
