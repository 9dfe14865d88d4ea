import { Menu, UnstyledButton } from '@mantine/core'
import { IconCheck, IconPlugConnected, IconPlugConnectedX, IconSelector } from '@tabler/icons-react'
import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import type { NodeSummary, PodSummary } from '../../shared/domain/cluster.ts'
import { useClusterStatus, useSelect } from '../live/clusters.ts'
import { transport } from '../rpc/transport.ts'
import { hrefOf } from './router.ts'
import { chooseCluster, useCluster, useClusters } from './selection.ts'
import classes from './StatusBar.module.css'

const readyNodes = (nodes: readonly NodeSummary[]) => nodes.filter(({ ready }) => ready === 'True').length
const runningPods = (pods: readonly PodSummary[]) => pods.filter(({ status }) => status === 'Running').length
/** Pods that have done their work are no longer meant to run. */
const unfinishedPods = (pods: readonly PodSummary[]) => pods.filter(({ tone }) => tone !== 'done').length
const length = (rows: readonly unknown[]) => rows.length

/** One line about the cluster in view, under everything. */
export const StatusBar = () => {
  const { t } = useTranslation()
  const { entry, live } = useCluster()
  const { data: clusters = [] } = useClusters()
  const status = useClusterStatus(live)
  const connection = useSyncExternalStore(transport.subscribe, transport.get)
  const ready = useSelect(live.nodes, readyNodes)
  const nodes = useSelect(live.nodes, length)
  const running = useSelect(live.pods, runningPods)
  const pods = useSelect(live.pods, unfinishedPods)
  const state = connection === 'open' ? (status.entry?.connection.state ?? 'connecting') : connection === 'lost' ? 'lost' : 'connecting'
  const good = state === 'connected'
  return (
    <footer className={classes.bar} aria-label={t('app.status.label')}>
      <Menu position="top-start" withinPortal={false} floatingStrategy="fixed" withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <UnstyledButton className={classes.cluster} aria-label={t('app.status.cluster', { name: entry?.name ?? '–' })}>
            <b>{entry?.name ?? '–'}</b>
            <IconSelector size={14} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          {clusters.map(({ id, name, server }) => (
            <Menu.Item
              key={id}
              leftSection={id === entry?.id ? <IconCheck size={15} aria-hidden /> : <span style={{ width: 15, display: 'block' }} />}
              onClick={() => chooseCluster(id)}
            >
              {name} <small className="mono">{server}</small>
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item component="a" href={hrefOf(['clusters'])}>
            {t('app.status.allClusters')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <span className={classes.state} data-good={good || undefined} role="status">
        {good ? <IconPlugConnected size={15} aria-hidden /> : <IconPlugConnectedX size={15} aria-hidden />}
        <span className={classes.word}>{t(`app.status.${state}`)}</span>
      </span>
      <span className="numbers" data-warn={ready < nodes || undefined}>
        {t('app.status.nodes', { ready, count: nodes })}
      </span>
      <span className="numbers">{t('app.status.pods', { running, count: pods })}</span>
      {entry?.origin === 'simulated' && <span className={classes.hint}>{t('app.status.simulated')}</span>}
      {entry?.origin === 'real' && <span className={classes.hint}>{t('app.status.real')}</span>}
    </footer>
  )
}
