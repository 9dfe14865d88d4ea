import { MultiSelect, Tabs, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useCallback, useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EventSummary, PodSummary, WorkloadSummary } from '../../../shared/domain/cluster.ts'
import { navigate, useRoute } from '../../app/router.ts'
import { useCluster } from '../../app/selection.ts'
import { DataTable } from '../../components/DataTable.tsx'
import { Page } from '../../components/Page.tsx'
import { sameList, useClusterStatus, useSelect } from '../../live/clusters.ts'
import type { Table } from '../../live/table.ts'
import { ClusterTrouble } from '../clusters/ClusterTrouble.tsx'
import { useEventColumns, usePodColumns, useWorkloadColumns } from './columns.tsx'
import { PodDrawer } from './PodDrawer.tsx'
import classes from './workloads.module.css'

const TABS = ['pods', 'workloads', 'events'] as const
type Tab = (typeof TABS)[number]

const wordsOf = (text: string) => text.toLowerCase().split(/\s+/).filter(Boolean)
const all = <T,>(rows: readonly T[]) => rows
const count = (rows: readonly unknown[]) => rows.length

/** The different values of a column, sorted: what a filter can offer. */
const useChoices = <T,>(table: Table<T>, of: (row: T) => string | undefined): string[] =>
  useSelect(
    table,
    useCallback((rows: readonly T[]) => [...new Set(rows.map(of).filter(value => value !== undefined))].sort() as string[], [of]),
    sameList,
  )

const namespaceOf = (row: { readonly namespace: string }) => row.namespace
const statusOf = (pod: PodSummary) => pod.status
const nodeOf = (pod: PodSummary) => pod.node

interface Filter {
  readonly text: string
  readonly namespaces: readonly string[]
  readonly statuses: readonly string[]
  readonly nodes: readonly string[]
}
const EVERYTHING: Filter = { text: '', namespaces: [], statuses: [], nodes: [] }
const within = (wanted: readonly string[], value: string | undefined) => wanted.length === 0 || (value !== undefined && wanted.includes(value))

export default function WorkloadsPage() {
  const { t } = useTranslation()
  const { path } = useRoute()
  const tab: Tab = TABS.find(name => name === path[1]) ?? 'pods'
  const { live } = useCluster()
  const status = useClusterStatus(live)
  const [filter, setFilter] = useState(EVERYTHING)
  const [opened, setOpened] = useState<string>()
  const counts = { pods: useSelect(live.pods, count), workloads: useSelect(live.workloads, count), events: useSelect(live.events, count) }
  const namespaces = useChoices(live.pods, namespaceOf)
  const statuses = useChoices(live.pods, statusOf)
  const nodes = useChoices(live.pods, nodeOf)
  const pick = (key: 'namespaces' | 'statuses' | 'nodes', label: string, data: string[]) => (
    <MultiSelect
      className={classes.pick}
      aria-label={label}
      placeholder={filter[key].length === 0 ? label : ''}
      data={data}
      value={[...filter[key]]}
      onChange={value => setFilter({ ...filter, [key]: value })}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('workloads.filter.clear', { label }) }}
      nothingFoundMessage={t('app.palette.nothing')}
      hidePickedOptions
    />
  )
  return (
    <Page title={t('workloads.title')} fill>
      <ClusterTrouble status={status} />
      <Tabs value={tab} vars={() => ({ root: { '--tabs-color': 'var(--accent)' } })} onChange={value => navigate('workloads', value ?? 'pods')}>
        <Tabs.List aria-label={t('workloads.title')}>
          {TABS.map(name => (
            <Tabs.Tab key={name} value={name}>
              {t(`workloads.tabs.${name}`)} <small className="numbers">{counts[name]}</small>
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map(name => (
          // The table stands below, outside: it takes the height that is left.
          <Tabs.Panel key={name} value={name} pt="sm">
            <div className={classes.tools} role="search">
              <TextInput
                className={classes.text}
                leftSection={<IconSearch size={16} aria-hidden />}
                aria-label={t('workloads.filter.label')}
                placeholder={t('workloads.filter.placeholder')}
                value={filter.text}
                onChange={event => setFilter({ ...filter, text: event.currentTarget.value })}
              />
              {pick('namespaces', t('workloads.pod.namespace'), namespaces)}
              {name === 'pods' && pick('statuses', t('workloads.pod.status'), statuses)}
              {name === 'pods' && pick('nodes', t('workloads.pod.node'), nodes)}
            </div>
          </Tabs.Panel>
        ))}
      </Tabs>
      {tab === 'pods' && <Pods live={live} filter={filter} onOpen={setOpened} opened={opened} />}
      {tab === 'workloads' && <Workloads live={live} filter={filter} />}
      {tab === 'events' && <Events live={live} filter={filter} />}
      <PodDrawer live={live} uid={opened} onClose={() => setOpened(undefined)} />
    </Page>
  )
}

type Live = ReturnType<typeof useCluster>['live']

const Pods = ({
  live,
  filter,
  opened,
  onOpen,
}: {
  readonly live: Live
  readonly filter: Filter
  readonly opened: string | undefined
  readonly onOpen: (uid: string) => void
}) => {
  const { t } = useTranslation()
  const rows = useDeferredValue(useSelect(live.pods, all<PodSummary>))
  const shown = useMemo(() => {
    const words = wordsOf(filter.text)
    return rows.filter(
      pod =>
        within(filter.namespaces, pod.namespace) &&
        within(filter.statuses, pod.status) &&
        within(filter.nodes, pod.node) &&
        words.every(word => `${pod.name} ${pod.namespace} ${pod.status} ${pod.node ?? ''} ${pod.ip ?? ''} ${pod.owner ?? ''}`.toLowerCase().includes(word)),
    )
  }, [rows, filter])
  const open = useCallback((pod: PodSummary) => onOpen(pod.uid), [onOpen])
  return (
    <DataTable
      label={t('workloads.tabs.pods')}
      columns={usePodColumns(open)}
      rows={shown}
      rowKey={pod => pod.uid}
      initialSort="name"
      onOpen={open}
      openedKey={opened}
      empty={t(rows.length === 0 ? 'workloads.pod.none' : 'workloads.filter.none')}
    />
  )
}

const Workloads = ({ live, filter }: { readonly live: Live; readonly filter: Filter }) => {
  const { t } = useTranslation()
  const rows = useSelect(live.workloads, all<WorkloadSummary>)
  const shown = useMemo(() => {
    const words = wordsOf(filter.text)
    return rows.filter(
      row =>
        within(filter.namespaces, row.namespace) &&
        words.every(word => `${row.kind} ${row.name} ${row.namespace} ${row.images.join(' ')}`.toLowerCase().includes(word)),
    )
  }, [rows, filter])
  return (
    <DataTable
      label={t('workloads.tabs.workloads')}
      columns={useWorkloadColumns()}
      rows={shown}
      rowKey={row => row.uid}
      initialSort="name"
      empty={t(rows.length === 0 ? 'workloads.workload.none' : 'workloads.filter.none')}
    />
  )
}

const Events = ({ live, filter }: { readonly live: Live; readonly filter: Filter }) => {
  const { t } = useTranslation()
  const rows = useSelect(live.events, all<EventSummary>)
  const shown = useMemo(() => {
    const words = wordsOf(filter.text)
    return rows.filter(
      row =>
        within(filter.namespaces, row.namespace) && words.every(word => `${row.reason} ${row.object} ${row.message} ${row.type}`.toLowerCase().includes(word)),
    )
  }, [rows, filter])
  return (
    <DataTable
      label={t('workloads.tabs.events')}
      columns={useEventColumns()}
      rows={shown}
      rowKey={row => row.uid}
      initialSort="age"
      empty={t(rows.length === 0 ? 'workloads.event.none' : 'workloads.filter.none')}
    />
  )
}
