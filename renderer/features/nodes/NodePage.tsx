import { Button } from '@mantine/core'
import { IconArrowLeft, IconTerminal2 } from '@tabler/icons-react'
import { useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EventSummary, PodSummary } from '../../../shared/domain/cluster.ts'
import { hrefOf, useRoute } from '../../app/router.ts'
import { useCluster } from '../../app/selection.ts'
import { openTerminal } from '../../app/terminal.ts'
import { Age } from '../../components/Age.tsx'
import { DataTable } from '../../components/DataTable.tsx'
import { EmptyDesk } from '../../components/EmptyDesk.tsx'
import { Facts } from '../../components/Facts.tsx'
import { Page, Sheet } from '../../components/Page.tsx'
import { sameList, useClusterStatus, useRow, useSelect } from '../../live/clusters.ts'
import { useCapacity, useMachines } from '../../live/machines.ts'
import { ClusterTrouble } from '../clusters/ClusterTrouble.tsx'
import { MachineSheet } from '../machines/MachineSheet.tsx'
import { useEventColumns, usePodColumns } from '../workloads/columns.tsx'
import { PodDrawer } from '../workloads/PodDrawer.tsx'
import { Conditions } from './Conditions.tsx'
import { MiniPc } from './MiniPc.tsx'
import classes from './NodePage.module.css'
import { NodeResources } from './NodeResources.tsx'
import { StateChip } from './StateChip.tsx'
import { cpuShare, machineOf, stateOf } from './unit.ts'
import { usePower } from './usePower.ts'

/** Everything about one node: what Kubernetes knows of it, what runs on it, and what its machine says itself. */
export default function NodePage() {
  const { t } = useTranslation()
  const name = useRoute().path[1] ?? ''
  const { entry, live } = useCluster()
  const status = useClusterStatus(live)
  const node = useRow(live.nodes, name)
  const machines = useMachines()
  const machine = node && machineOf(node, machines ?? [], entry?.origin ?? 'simulated')
  const power = usePower(machine)
  const reading = useCapacity(machine && machine.power !== 'off' ? machine.id : undefined)
  const [opened, setOpened] = useState<string>()
  const pods = useSelect(
    live.pods,
    useCallback((rows: readonly PodSummary[]) => rows.filter(pod => pod.node === name), [name]),
    sameList,
  )
  const podNames = useMemo(() => new Set(pods.map(pod => `Pod/${pod.name}`)), [pods])
  const events = useSelect(
    live.events,
    useCallback((rows: readonly EventSummary[]) => rows.filter(event => event.object === `Node/${name}` || podNames.has(event.object)), [name, podNames]),
    sameList,
  )
  const open = useCallback((pod: PodSummary) => setOpened(pod.uid), [])
  const podColumns = usePodColumns(open, 'node')
  const eventColumns = useEventColumns()
  const back = (
    <a className={classes.back} href={hrefOf(['nodes'])}>
      <IconArrowLeft size={15} aria-hidden /> {t('app.pages.nodes')}
    </a>
  )

  if (!node)
    return (
      <Page title={name} lead={back}>
        <ClusterTrouble status={status} />
        {status.ready && <EmptyDesk title={t('nodes.gone.title')} text={t('nodes.gone.text')} />}
      </Page>
    )
  const state = stateOf({ name, node, machine })
  return (
    <Page
      title={name}
      lead={back}
      actions={
        machine && (
          <Button leftSection={<IconTerminal2 size={17} aria-hidden />} disabled={state === 'off'} onClick={() => openTerminal(machine.id)}>
            {t('machines.terminal')}
          </Button>
        )
      }
    >
      <ClusterTrouble status={status} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <div className={classes.device}>
            <MiniPc name={name} light={state} load={cpuShare(node) ?? 0} power={power} cordoned={node.unschedulable} />
            <p>
              <StateChip state={state} />
              <span>{t(node.roles.length > 0 ? 'nodes.role.server' : 'nodes.role.agent')}</span>
              <span>
                {t('nodes.age')} <Age since={node.createdAt} />
              </span>
            </p>
          </div>
          <Sheet title={t('nodes.resources.title')}>
            <NodeResources node={node} live={live} root={reading.capacity?.disks.find(({ mount }) => mount === '/')} />
          </Sheet>
          {machine && <MachineSheet machine={machine} reading={reading} />}
        </div>
        <div className={classes.column}>
          <Sheet title={t('nodes.conditionsTitle')}>
            <Conditions node={node} />
          </Sheet>
          <Sheet title={t('nodes.system.title')}>
            <Facts
              rows={[
                [t('nodes.system.roles'), node.roles.join(', ') || t('nodes.role.agent')],
                [t('nodes.version'), node.kubeletVersion],
                [t('nodes.system.os'), node.osImage],
                [t('nodes.system.kernel'), `${node.kernelVersion} · ${node.architecture}`],
                [t('nodes.system.runtime'), node.containerRuntime],
                [t('nodes.system.address'), node.internalIP],
                [t('nodes.system.podCIDR'), node.podCIDR],
              ]}
            />
          </Sheet>
          <Sheet title={t('nodes.marks.title')}>
            <h3 className={classes.small}>{t('nodes.marks.taints')}</h3>
            <ul className={classes.marks}>
              {node.taints.length === 0 && <li data-none>{t('common.none')}</li>}
              {node.taints.map(({ key, value, effect }) => (
                <li key={key + effect} data-taint>
                  {key}
                  {value ? `=${value}` : ''}:{effect}
                </li>
              ))}
            </ul>
            <h3 className={classes.small}>{t('nodes.marks.labels')}</h3>
            <ul className={classes.marks}>
              {Object.entries(node.labels)
                .sort()
                .map(([key, value]) => (
                  <li key={key}>
                    {key}
                    <b>{value && `=${value}`}</b>
                  </li>
                ))}
            </ul>
          </Sheet>
        </div>
      </div>
      <Sheet title={t('nodes.podsHere', { count: pods.length })}>
        <DataTable
          fit
          label={t('workloads.tabs.pods')}
          columns={podColumns}
          rows={pods}
          rowKey={pod => pod.uid}
          initialSort="name"
          onOpen={open}
          openedKey={opened}
          empty={t('workloads.pod.none')}
        />
      </Sheet>
      <Sheet title={t('workloads.tabs.events')}>
        <DataTable
          fit
          label={t('workloads.tabs.events')}
          columns={eventColumns}
          rows={events}
          rowKey={event => event.uid}
          initialSort="age"
          empty={t('workloads.event.none')}
        />
      </Sheet>
      <PodDrawer live={live} uid={opened} onClose={() => setOpened(undefined)} />
    </Page>
  )
}
