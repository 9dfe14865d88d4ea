import { useTranslation } from 'react-i18next'
import type { Machine } from '../../../shared/domain/machine.ts'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { Sheet } from '../../components/Page.tsx'
import type { CapacityState } from '../../live/machines.ts'
import { CapacityFacts } from './CapacityFacts.tsx'

/** The machine's own readings over SSH. */
export const MachineSheet = ({ machine, reading }: { readonly machine: Machine; readonly reading: CapacityState }) => {
  const { t } = useTranslation()
  const off = machine.power === 'off'
  const { capacity, error } = reading
  return (
    <Sheet title={t('machines.readings')}>
      {off && <p style={{ margin: 0 }}>{t('machines.off')}</p>}
      {error && <ErrorNotice error={error} />}
      {capacity && <CapacityFacts capacity={capacity} />}
      {!off && !capacity && !error && <p style={{ margin: 0 }}>{t('machines.reading')}</p>}
    </Sheet>
  )
}
