import { Button } from '@mantine/core'
import { IconArrowLeft, IconCircleCheckFilled, IconClock, IconLayoutSidebar } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { hrefOf, useRoute } from '../../app/router.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { useMachines } from '../../live/machines.ts'
import { client } from '../../rpc/client.ts'
import { openTerminal, showLab, useDock } from '../terminal/store.ts'
import { LabSteps } from './LabSteps.tsx'
import { useLab, useLocale } from './useLab.ts'
import './labs.css'

/** `#/labs`: the course's notebooks on the desk. `#/labs/L01`: one of them, open. */
const LabsPage = () => {
  const labId = useRoute().path[1]
  return labId === undefined ? <Shelf /> : <OpenLab key={labId} labId={labId} />
}

const Shelf = () => {
  const { t } = useTranslation()
  const locale = useLocale()
  const { data, error } = useQuery({ queryKey: ['labs', locale], queryFn: () => client.labs.list({ locale }), refetchOnMount: 'always' })
  return (
    <div className="labs-page">
      <header className="labs-head">
        <h1>{t('labs.title')}</h1>
        <p>{t('labs.intro')}</p>
      </header>
      {error && <ErrorNotice error={error} />}
      <ul className="labs-shelf">
        {data?.map(({ text, status }) => (
          <li key={text.id}>
            <a className="labs-notebook" data-status={status} href={hrefOf(['labs', text.id])}>
              <span className="labs-rings" aria-hidden />
              <span className="labs-cover">
                <span className="labs-label lettered">{text.id}</span>
                <strong>{text.title}</strong>
                <span className="labs-summary">{text.summary}</span>
                <span className="labs-foot">
                  <IconClock size={15} aria-hidden /> {t('labs.minutes', { minutes: text.minutes })}
                  <span className="labs-status">
                    {status === 'finished' && <IconCircleCheckFilled size={16} aria-hidden />}
                    {t(`labs.status.${status}`)}
                  </span>
                </span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </div>
  )
}

const OpenLab = ({ labId }: { readonly labId: string }) => {
  const { t } = useTranslation()
  const { text, state, error } = useLab(labId)
  const beside = useDock(dock => dock.labId === labId && !dock.collapsed)
  const machines = useMachines()
  const workBeside = () => {
    const server = machines?.find(machine => machine.role === 'server') ?? machines?.[0]
    if (useDock.getState().tabs.length === 0 && server) openTerminal(server.id)
    showLab(labId)
  }
  return (
    <div className="labs-page">
      <a className="labs-back" href={hrefOf(['labs'])}>
        <IconArrowLeft size={16} aria-hidden /> {t('labs.back')}
      </a>
      {error && <ErrorNotice error={error} />}
      {text && (
        <article className="labs-sheet">
          <header className="labs-head">
            <span className="labs-label lettered">{text.id}</span>
            <h1>{text.title}</h1>
            <p>{text.summary}</p>
            <div className="labs-goals">
              <h2>{t('labs.objectives')}</h2>
              <ul>
                {text.objectives.map(objective => (
                  <li key={objective}>{objective}</li>
                ))}
              </ul>
            </div>
            <Button variant="default" leftSection={<IconLayoutSidebar size={16} aria-hidden />} disabled={beside} onClick={workBeside}>
              {t(beside ? 'labs.isBeside' : 'labs.beside')}
            </Button>
          </header>
          {beside ? <p className="lab-soft">{t('labs.besideNote')}</p> : state && <LabSteps text={text} state={state} />}
        </article>
      )}
    </div>
  )
}

export default LabsPage
