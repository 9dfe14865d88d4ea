import { IconAlertTriangle, IconCircleCheckFilled, IconCircleDashed, IconEyeOff, IconProgress } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { LabStepState } from '../../../shared/domain/lab.ts'

export const resultIcon = { pass: IconCircleCheckFilled, wait: IconProgress, fail: IconCircleDashed, error: IconEyeOff } as const

/** What was seen at the last look: word, icon and colour, and the sentence. Announced politely when it changes. */
export const StepResult = ({ step, onCheck }: { readonly step: LabStepState; readonly onCheck?: () => void }) => {
  const { t } = useTranslation()
  const { value, seen } = step.result
  const Icon = resultIcon[value]
  return (
    <div className="lab-result" data-value={value}>
      <Icon size={20} aria-hidden />
      <p role="status">
        <strong>{t(`labs.result.${value}`)}</strong> <span className="lab-seen">{seen}</span>
      </p>
      {onCheck && !step.passed && (
        <button type="button" className="lab-button" onClick={onCheck}>
          {t('labs.check')}
        </button>
      )}
    </div>
  )
}

/** A recognised wrong turn, named. */
export const Diagnosis = ({ children }: { readonly children: React.ReactNode }) => {
  const { t } = useTranslation()
  return (
    <div className="lab-diagnosis" role="status">
      <IconAlertTriangle size={20} aria-hidden />
      <div>
        <strong>{t('labs.diagnosis')}</strong>
        {children}
      </div>
    </div>
  )
}
