import { useEffect, useState } from 'react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { ContractError } from '../../../shared/contract/contract.ts'
import type { LabState } from '../../../shared/domain/lab.ts'
import type { Locale } from '../../i18n/i18n.ts'
import { client } from '../../rpc/client.ts'
import { follow } from '../../rpc/follow.ts'

export const useLocale = (): Locale => (useTranslation().i18n.language === 'en' ? 'en' : 'ko')

/** The words of a lab, and its state as it changes. */
export const useLab = (labId: string) => {
  const locale = useLocale()
  const text = useQuery({ queryKey: ['lab', labId, locale], queryFn: () => client.labs.get({ labId, locale }), staleTime: Infinity })
  const [live, setLive] = useState<{ readonly key: string; readonly state?: LabState; readonly error?: ContractError }>()
  const key = `${labId} ${locale}`
  useEffect(() => {
    const leave = new AbortController()
    void follow(signal => client.labs.watch({ labId, locale }, { signal }), leave.signal, {
      event: state => setLive({ key: `${labId} ${locale}`, state }),
      failed: error => setLive({ key: `${labId} ${locale}`, error }),
    })
    return () => leave.abort()
  }, [labId, locale])
  const now = live?.key === key ? live : undefined
  return { text: text.data, state: now?.state, error: text.error ?? now?.error }
}
