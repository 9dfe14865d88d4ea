import { useState } from 'react'
import { Button, Modal } from '@mantine/core'
import { IconRotate } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { LabState, LabText } from '../../../shared/domain/lab.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { client } from '../../rpc/client.ts'
import { Markdown } from './Markdown.tsx'
import { StepCard } from './StepCard.tsx'

/** The steps of a lab with their live results, the debrief when all have passed, and how to begin again. */
export const LabSteps = ({ text, state }: { readonly text: LabText; readonly state: LabState }) => {
  const { t } = useTranslation()
  const [error, setError] = useState<unknown>()
  const [asking, setAsking] = useState(false)
  const [busy, setBusy] = useState(false)
  const current = state.steps.find(step => !step.passed)?.id
  const passed = state.steps.filter(step => step.passed).length
  const tell = (call: Promise<unknown>) => {
    setBusy(true)
    setError(undefined)
    void call.catch(setError).finally(() => setBusy(false))
  }
  return (
    <div className="lab-steps">
      {state.status === 'new' ? (
        <Button loading={busy} onClick={() => tell(client.labs.start({ labId: text.id }))}>
          {t('labs.start')}
        </Button>
      ) : (
        <div className="lab-progress">
          <span role="status">{t('labs.passed', { passed, total: state.steps.length })}</span>
          <span className="lab-dots" aria-hidden>
            {state.steps.map(step => (
              <i key={step.id} data-passed={step.passed} data-current={step.id === current} />
            ))}
          </span>
          <button type="button" className="lab-button" onClick={() => setAsking(true)}>
            <IconRotate size={15} aria-hidden /> {t('labs.reset')}
          </button>
        </div>
      )}
      {error !== undefined && <ErrorNotice error={error} />}
      {state.status === 'finished' && (
        <section className="lab-debrief" aria-label={t('labs.debrief')}>
          <h3>{t('labs.debrief')}</h3>
          <Markdown text={text.debrief} />
        </section>
      )}
      <ol className="lab-list">
        {text.steps.map((step, index) => {
          const one = state.steps.find(({ id }) => id === step.id)
          return (
            one && (
              <StepCard
                key={step.id}
                labId={text.id}
                index={index}
                text={step}
                state={one}
                current={state.status !== 'new' && step.id === current}
                started={state.status !== 'new'}
                onError={setError}
              />
            )
          )
        })}
      </ol>
      <Modal opened={asking} onClose={() => setAsking(false)} title={t('labs.resetTitle')} closeButtonProps={{ 'aria-label': t('labs.keep') }}>
        <p>{t('labs.resetText')}</p>
        <div className="lab-actions">
          <Button variant="default" onClick={() => setAsking(false)}>
            {t('labs.keep')}
          </Button>
          <Button
            color="red"
            onClick={() => {
              setAsking(false)
              tell(client.labs.reset({ labId: text.id }))
            }}
          >
            {t('labs.resetConfirm')}
          </Button>
        </div>
      </Modal>
    </div>
  )
}
