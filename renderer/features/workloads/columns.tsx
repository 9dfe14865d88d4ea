import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { EventSummary, PodSummary, WorkloadSummary } from '../../../shared/domain/cluster.ts'
import { hrefOf } from '../../app/router.ts'
import { Age } from '../../components/Age.tsx'
import type { Column } from '../../components/DataTable.tsx'
import { Status } from '../../components/Status.tsx'
import classes from './workloads.module.css'

const stop = (event: React.MouseEvent) => event.stopPropagation()

/** `open` is what the button in the name's cell does. */
export const usePodColumns = (open: (pod: PodSummary) => void, without?: 'node'): readonly Column<PodSummary>[] => {
  const { t } = useTranslation()
  return useMemo(() => {
    const columns: readonly Column<PodSummary>[] = [
      { key: 'status', title: t('workloads.pod.status'), width: '178px', order: pod => pod.status, cell: pod => <Status tone={pod.tone} text={pod.status} /> },
      {
        key: 'name',
        title: t('workloads.pod.name'),
        width: 'minmax(200px, 3fr)',
        order: pod => pod.name,
        cell: pod => (
          <button type="button" className={classes.open} title={pod.name} onClick={event => (stop(event), open(pod))}>
            {pod.name}
          </button>
        ),
      },
      {
        key: 'namespace',
        title: t('workloads.pod.namespace'),
        width: 'minmax(100px, 0.8fr)',
        order: pod => pod.namespace,
        cell: pod => pod.namespace,
        wideOnly: true,
      },
      { key: 'ready', title: t('workloads.pod.ready'), width: '74px', numeric: true, cell: pod => `${pod.readyContainers}/${pod.containers}`, wideOnly: true },
      {
        key: 'restarts',
        title: t('workloads.pod.restarts'),
        width: '90px',
        numeric: true,
        order: pod => pod.restarts,
        cell: pod => pod.restarts,
        wideOnly: true,
      },
      {
        key: 'node',
        title: t('workloads.pod.node'),
        width: 'minmax(80px, 0.7fr)',
        order: pod => pod.node ?? '',
        cell: pod =>
          pod.node ? (
            <a className={classes.link} href={hrefOf(['nodes', pod.node])} onClick={stop}>
              {pod.node}
            </a>
          ) : (
            '–'
          ),
        wideOnly: true,
      },
      { key: 'ip', title: t('workloads.pod.ip'), width: '116px', cell: pod => <span className="mono">{pod.ip ?? '–'}</span>, wideOnly: true },
      {
        key: 'age',
        title: t('workloads.pod.age'),
        width: '100px',
        numeric: true,
        order: pod => -Date.parse(pod.createdAt),
        cell: pod => <Age since={pod.createdAt} />,
        wideOnly: true,
      },
    ]
    return columns.filter(({ key }) => key !== without)
  }, [t, open, without])
}

export const useWorkloadColumns = (): readonly Column<WorkloadSummary>[] => {
  const { t } = useTranslation()
  return useMemo(
    () => [
      {
        key: 'ready',
        title: t('workloads.workload.ready'),
        width: '110px',
        order: ({ ready, desired }) => (desired === 0 ? 1 : ready / desired),
        cell: ({ ready, desired }) => <Status tone={ready >= desired ? 'ok' : ready === 0 ? 'error' : 'progress'} text={`${ready}/${desired}`} />,
      },
      { key: 'name', title: t('workloads.workload.name'), width: 'minmax(150px, 1.6fr)', order: row => row.name, cell: row => <b>{row.name}</b> },
      { key: 'kind', title: t('workloads.workload.kind'), width: '130px', order: row => row.kind, cell: row => row.kind, wideOnly: true },
      {
        key: 'namespace',
        title: t('workloads.pod.namespace'),
        width: 'minmax(100px, 0.8fr)',
        order: row => row.namespace,
        cell: row => row.namespace,
        wideOnly: true,
      },
      {
        key: 'images',
        title: t('workloads.workload.images'),
        width: 'minmax(180px, 2fr)',
        cell: row => <span className="mono">{row.images.join(', ')}</span>,
        wideOnly: true,
      },
      {
        key: 'age',
        title: t('workloads.pod.age'),
        width: '100px',
        numeric: true,
        order: row => -Date.parse(row.createdAt),
        cell: row => <Age since={row.createdAt} />,
      },
    ],
    [t],
  )
}

export const useEventColumns = (): readonly Column<EventSummary>[] => {
  const { t } = useTranslation()
  return useMemo(
    () => [
      { key: 'age', title: t('workloads.event.lastSeen'), width: '100px', order: row => -Date.parse(row.lastSeen), cell: row => <Age since={row.lastSeen} /> },
      {
        key: 'type',
        title: t('workloads.event.reason'),
        width: 'minmax(150px, 1fr)',
        order: row => row.reason,
        cell: row => <Status tone={row.type === 'Warning' ? 'warning' : 'done'} text={row.reason} />,
      },
      { key: 'object', title: t('workloads.event.object'), width: 'minmax(150px, 1fr)', order: row => row.object, cell: row => row.object, wideOnly: true },
      { key: 'message', title: t('workloads.event.message'), width: 'minmax(120px, 3fr)', cell: row => <span title={row.message}>{row.message}</span> },
      { key: 'count', title: t('workloads.event.count'), width: '70px', numeric: true, order: row => row.count, cell: row => row.count, wideOnly: true },
    ],
    [t],
  )
}
