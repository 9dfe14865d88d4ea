import { useTranslation } from 'react-i18next'
import type { Machine } from '../../../shared/domain/machine.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Sheet } from '../../components/Page.tsx'
import { useCapacity } from '../../live/machines.ts'
import { CapacityFacts } from './CapacityFacts.tsx'

/** The machine's own readings over SSH, while the page is open. */
export const MachineSheet = ({ machine }: { readonly machine: Machine }) => {
  const { t } = useTranslation()
  const off = machine.power === 'off'
  const { capacity, error } = useCapacity(off ? undefined : machine.id)
  return (
    <Sheet title={t('machines.readings')}>
      {off && <p style={{ margin: 0 }}>{t('machines.off')}</p>}
      {error && <ErrorNotice error={error} />}
      {capacity && <CapacityFacts capacity={capacity} />}
      {!off && !capacity && !error && <p style={{ margin: 0 }}>{t('machines.reading')}</p>}
    </Sheet>
  )
}
