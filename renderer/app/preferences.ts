import { useEffect } from 'react'
import { useMantineColorScheme } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Settings } from '../../shared/contract/contract.ts'
import { changeTexts, type Locale } from '../i18n/i18n.ts'
import { client } from '../rpc/client.ts'

const KEY = ['settings']

/** What the first paint needs before the main process can be asked (public/first-paint.js reads the same). */
const remember = ({ locale, colorScheme }: Settings): void => {
  localStorage.setItem('k3lab.locale', locale)
  localStorage.setItem('k3lab.colorScheme', colorScheme)
}

export const rememberedSettings = (): Settings => {
  const scheme = localStorage.getItem('k3lab.colorScheme')
  const locale: Locale = localStorage.getItem('k3lab.locale') === 'en' ? 'en' : 'ko'
  return { locale, colorScheme: scheme === 'light' || scheme === 'dark' ? scheme : 'auto' }
}

/** The user's settings, and how to change them. The main process keeps them; a change shows at once. */
export const useSettings = () => {
  const queries = useQueryClient()
  const { data } = useQuery({ queryKey: KEY, queryFn: () => client.app.settings(), placeholderData: rememberedSettings, staleTime: Infinity })
  const save = useMutation({
    mutationFn: (settings: Settings) => client.app.saveSettings(settings),
    onMutate: settings => {
      remember(settings)
      queries.setQueryData(KEY, settings)
    },
  })
  return { settings: data ?? rememberedSettings(), save: save.mutate, error: save.error }
}

/** Makes the window look and speak as set. Rendered once, by the frame. */
export const useApplySettings = (): void => {
  const {
    settings: { locale, colorScheme },
  } = useSettings()
  const { colorScheme: shown, setColorScheme } = useMantineColorScheme()
  useEffect(() => {
    remember({ locale, colorScheme })
    void changeTexts(locale)
  }, [locale, colorScheme])
  useEffect(() => {
    if (shown !== colorScheme) setColorScheme(colorScheme)
  }, [shown, colorScheme, setColorScheme])
}
