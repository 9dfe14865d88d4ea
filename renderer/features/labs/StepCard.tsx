import { useEffect, useRef, useState } from 'react'
import { IconChevronDown } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { LabStepState, LabStepText } from '../../../shared/domain/lab.ts'
import { client } from '../../rpc/client.ts'
import { Hints } from './Hints.tsx'
import { Markdown } from './Markdown.tsx'
import { QuizForm } from './QuizForm.tsx'
import { Diagnosis, resultIcon, StepResult } from './StepState.tsx'

interface StepCardProps {
  readonly labId: string
  readonly index: number
  readonly text: LabStepText
  readonly state: LabStepState
  /** The first step that has not passed. */
  readonly current: boolean
  readonly started: boolean
  readonly onError: (error: unknown) => void
}

/** One step: what to do, what was seen, the questions, the hints. The current one is open; others on request. */
export const StepCard = ({ labId, index, text, state, current, started, onError }: StepCardProps) => {
  const { t } = useTranslation()
  const [open, setOpen] = useState(current)
  const wasCurrent = useRef(current)
  // A step opens when its turn comes and closes when it has passed, but a student may hold any of them open.
  useEffect(() => {
    if (current !== wasCurrent.current) setOpen(current)
    wasCurrent.current = current
  }, [current])
  const id = `${labId}-${text.id}`
  const Icon = resultIcon[started ? state.result.value : 'fail']
  const tell = (call: Promise<unknown>) => call.catch(onError)
  return (
    <li className="lab-step" data-current={current} data-passed={state.passed}>
      <h3>
        <button type="button" aria-expanded={open} aria-controls={`${id}-body`} aria-current={current ? 'step' : undefined} onClick={() => setOpen(!open)}>
          <span className="lab-step-mark" data-value={started ? state.result.value : 'fail'}>
            <Icon size={20} role="img" aria-label={t(`labs.result.${started ? state.result.value : 'fail'}`)} />
          </span>
          <span className="lab-step-title">
            <span className="lettered">{index + 1}.</span> {text.title}
          </span>
          <IconChevronDown size={16} aria-hidden className="lab-chevron" />
        </button>
      </h3>
      {open && (
        <div id={`${id}-body`} className="lab-step-body">
          <Markdown text={text.body} runHint={text.runHint} />
          {started && (
            <>
              <QuizForm text={text} state={state} onAnswer={answers => tell(client.labs.answer({ labId, stepId: text.id, answers }))} />
              <StepResult step={state} onCheck={() => void tell(client.labs.check({ labId, stepId: text.id }))} />
              {state.diagnosis && (
                <Diagnosis>
                  <Markdown text={state.diagnosis} />
                </Diagnosis>
              )}
              <Hints text={text} state={state} onOpen={() => void tell(client.labs.hint({ labId, stepId: text.id }))} />
            </>
          )}
        </div>
      )}
    </li>
  )
}
