import { Button, SegmentedControl, Select, TextInput } from '@mantine/core'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { lazy, Suspense, useCallback, useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useCluster } from '../../app/selection.ts'
import { EmptyDesk } from '../../components/EmptyDesk.tsx'
import { Page } from '../../components/Page.tsx'
import type { NodeSummary } from '../../../shared/domain/cluster.ts'
import { sameList, useClusterStatus, useSelect } from '../../live/clusters.ts'
import { useMachines } from '../../live/machines.ts'
import { patiently } from '../../rpc/patiently.ts'
import { ClusterTrouble } from '../clusters/ClusterTrouble.tsx'
import { Desk } from './Desk.tsx'
import classes from './NodesPage.module.css'
import { matches, sortNodes, unitsOf, type NodeFilter, type NodeSort, type Unit } from './unit.ts'

const AddMachine = lazy(() => patiently(() => import('../machines/AddMachine.tsx')))
const Rack = lazy(() => patiently(() => import('./Rack.tsx').then(({ Rack: component }) => ({ default: component }))))

/** Up to here the nodes stand on the desk, each with its sheet; more than these go into a rack. */
const DESK_HOLDS = 12
const STATES = ['all', 'ready', 'notReady', 'unknown', 'off', 'cordoned'] as const
const SORTS = ['name', 'cpu', 'memory', 'pods', 'age'] as const

export default function NodesPage() {
  const { t } = useTranslation()
  const { entry, live } = useCluster()
  const status = useClusterStatus(live)
  const machines = useMachines()
  const origin = entry?.origin ?? 'simulated'
  const [filter, setFilter] = useState<NodeFilter>({ text: '', state: 'all' })
  const [sort, setSort] = useState<NodeSort>('name')
  const [adding, setAdding] = useState(false)
  const wanted = useDeferredValue(filter)

  const nodes = useSelect(
    live.nodes,
    useCallback((rows: readonly NodeSummary[]) => sortNodes(rows, sort), [sort]),
  )
  const units = useMemo(() => unitsOf(nodes, machines ?? [], origin), [nodes, machines, origin])
  const shown = useMemo(() => units.filter(unit => matches(unit, wanted)), [units, wanted])
  const crowded = units.length > DESK_HOLDS
  const slots = useStable(crowded ? shown.map(slotOf) : [])
  const machineBySlot = useMemo(
    () => new Map(crowded ? units.flatMap(unit => (unit.machine ? [[slotOf(unit), unit.machine] as const] : [])) : []),
    [crowded, units],
  )
  const ready = nodes.filter(node => node.ready === 'True').length

  return (
    <Page
      title={t('nodes.title')}
      lead={status.ready ? t('nodes.lead', { ready, count: nodes.length }) : undefined}
      fill={crowded}
      actions={
        <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setAdding(true)}>
          {t('machines.add.open')}
        </Button>
      }
    >
      <ClusterTrouble status={status} />
      {units.length > 4 && (
        <div className={classes.tools} role="search">
          <TextInput
            className={classes.text}
            leftSection={<IconSearch size={16} aria-hidden />}
            placeholder={t('nodes.filter.placeholder')}
            aria-label={t('nodes.filter.label')}
            value={filter.text}
            onChange={event => setFilter({ ...filter, text: event.currentTarget.value })}
          />
          <SegmentedControl
            className={classes.states}
            aria-label={t('nodes.filter.state')}
            value={filter.state}
            onChange={state => setFilter({ ...filter, state: state as NodeFilter['state'] })}
            data={STATES.map(value => ({ value, label: t(`nodes.state.${value}`) }))}
          />
          <Select
            className={classes.sort}
            aria-label={t('nodes.sort.label')}
            allowDeselect={false}
            value={sort}
            onChange={value => setSort((value ?? 'name') as NodeSort)}
            data={SORTS.map(value => ({ value, label: t(`nodes.sort.${value}`) }))}
          />
          <span className={`${classes.count} numbers`} role="status">
            {t('nodes.filter.count', { shown: shown.length, count: units.length })}
          </span>
        </div>
      )}
      {units.length === 0 && !status.ready && status.entry?.connection.state !== 'failed' && (
        <EmptyDesk late title={t('nodes.starting.title')} text={t('nodes.starting.text')} />
      )}
      {units.length === 0 && status.ready && machines && (
        <EmptyDesk title={t('nodes.empty.title')} text={t('nodes.empty.text')}>
          <Button onClick={() => setAdding(true)}>{t('machines.add.open')}</Button>
        </EmptyDesk>
      )}
      {units.length > 0 && shown.length === 0 && <EmptyDesk title={t('nodes.none.title')} text={t('nodes.none.text')} />}
      {shown.length > 0 &&
        (crowded ? (
          <Suspense>
            <Rack live={live} slots={slots} machines={machineBySlot} />
          </Suspense>
        ) : (
          <Desk units={shown} />
        ))}
      {adding && (
        <Suspense>
          <AddMachine onClose={() => setAdding(false)} />
        </Suspense>
      )}
    </Page>
  )
}

/** A node's name; a colon, which no node's name has, marks a machine alone. */
const slotOf = ({ node, machine, name }: Unit): string => node?.name ?? `machine:${machine?.id ?? name}`

/** The same array while its names are the same: most batches change loads, not who is there. */
const useStable = (names: readonly string[]): readonly string[] => {
  const [held, setHeld] = useState(names)
  if (held === names || sameList(held, names)) return held
  setHeld(names)
  return names
}
