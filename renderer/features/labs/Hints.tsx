import { IconBulb } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { LabStepState, LabStepText } from '../../../shared/domain/lab.ts'
import { Markdown } from './Markdown.tsx'

const rungs = ['where', 'what', 'how', 'solution'] as const

/** The hint ladder: from where to look, to the solution with its reasons; one rung at a time. */
export const Hints = ({ text, state, onOpen }: { readonly text: LabStepText; readonly state: LabStepState; readonly onOpen: () => void }) => {
  const { t } = useTranslation()
  const opened = state.hints.length
  const next = rungs[opened]
  if (text.hintCount === 0) return null
  return (
    <div className="lab-hints">
      <div aria-live="polite">
        {state.hints.map((hint, index) => (
          <section key={index} className="lab-hint" aria-label={t(`labs.hint.${rungs[index]!}`)}>
            <h4>{t(`labs.hint.${rungs[index]!}`)}</h4>
            <Markdown text={hint} runHint={text.runHint === 'none' ? 'copy' : text.runHint} />
          </section>
        ))}
      </div>
      {next && opened < text.hintCount && !state.passed && (
        <button type="button" className="lab-button lab-hint-key" onClick={onOpen}>
          <IconBulb size={16} aria-hidden />
          {t('labs.openHint', { rung: t(`labs.hint.${next}`), left: text.hintCount - opened })}
        </button>
      )}
    </div>
  )
}
