import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ClusterEntry } from '../../../shared/contract/contract.ts'
import { navigate } from '../../app/router.ts'
import { chooseCluster, useCluster, useClusters } from '../../app/selection.ts'
import { Confirm } from '../../components/Confirm.tsx'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Page, Sheet } from '../../components/Page.tsx'
import { Status } from '../../components/Status.tsx'
import { client } from '../../rpc/client.ts'
import { AddCluster } from './AddCluster.tsx'
import classes from './clusters.module.css'

/** How often the connections of the clusters nobody looks at are asked for, while this page is open. */
const REFRESH_MS = 3_000
const TONE = { connected: 'ok', connecting: 'progress', failed: 'error' } as const

export default function ClustersPage() {
  const { t } = useTranslation()
  const { data: clusters = [], error, refetch } = useClusters()
  const { entry: current } = useCluster()
  const [adding, setAdding] = useState(false)
  useEffect(() => {
    const timer = setInterval(() => void refetch(), REFRESH_MS)
    return () => clearInterval(timer)
  }, [refetch])
  return (
    <Page
      title={t('clusters.title')}
      lead={t('clusters.lead')}
      actions={
        <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setAdding(true)}>
          {t('clusters.add.open')}
        </Button>
      }
    >
      {error && <ErrorNotice error={error} onRetry={() => void refetch()} />}
      <ul className={classes.list}>
        {clusters.map(entry => (
          <li key={entry.id}>
            <ClusterSheet entry={entry} current={entry.id === current?.id} />
          </li>
        ))}
      </ul>
      {adding && <AddCluster onClose={() => setAdding(false)} />}
    </Page>
  )
}

const ClusterSheet = ({ entry, current }: { readonly entry: ClusterEntry; readonly current: boolean }) => {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [leaving, setLeaving] = useState(false)
  const remove = useMutation({
    mutationFn: () => client.clusters.remove({ id: entry.id }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['clusters'] }),
    onSettled: () => setLeaving(false),
  })
  const { connection } = entry
  const look = () => {
    chooseCluster(entry.id)
    navigate('nodes')
  }
  return (
    <Sheet title={entry.name} aside={<span className={classes.origin}>{t(`clusters.origin.${entry.origin}`)}</span>}>
      <p className={classes.server}>
        <Status tone={TONE[connection.state]} text={t(`app.status.${connection.state}`)} /> <span className="mono">{entry.server}</span>
      </p>
      {connection.state === 'failed' && <ErrorNotice error={connection.error} />}
      {remove.error && <ErrorNotice error={remove.error} />}
      <div className={classes.actions}>
        {current ? (
          <span className={classes.current}>{t('clusters.current')}</span>
        ) : (
          <Button variant="default" size="sm" onClick={look} aria-label={t('clusters.lookAt', { name: entry.name })}>
            {t('clusters.look')}
          </Button>
        )}
        {entry.origin === 'real' && (
          <Button variant="subtle" size="sm" color="red" onClick={() => setLeaving(true)} aria-label={t('clusters.removeNamed', { name: entry.name })}>
            {t('common.remove')}
          </Button>
        )}
      </div>
      {leaving && (
        <Confirm
          title={t('clusters.remove.title', { name: entry.name })}
          text={t('clusters.remove.text')}
          action={t('common.remove')}
          busy={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={() => setLeaving(false)}
        />
      )}
    </Sheet>
  )
}
