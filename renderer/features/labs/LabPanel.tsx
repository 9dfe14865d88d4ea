import { IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { LabSteps } from './LabSteps.tsx'
import { useLab } from './useLab.ts'
import './labs.css'

/** A lab's steps in a narrow column, for working beside a terminal. */
export const LabPanel = ({ labId, onClose }: { readonly labId: string; readonly onClose: () => void }) => {
  const { t } = useTranslation()
  const { text, state, error } = useLab(labId)
  return (
    <div className="lab-panel">
      <div className="lab-panel-head">
        <h2>{text?.title ?? labId}</h2>
        <button type="button" className="lab-button" aria-label={t('labs.closePanel')} title={t('labs.closePanel')} onClick={onClose}>
          <IconX size={16} aria-hidden />
        </button>
      </div>
      <div className="lab-panel-body">
        {error && <ErrorNotice error={error} />}
        {text && state && <LabSteps text={text} state={state} />}
      </div>
    </div>
  )
}
