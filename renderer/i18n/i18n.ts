import { createInstance, type i18n as Texts } from 'i18next'
import { initReactI18next } from 'react-i18next'
import type ko from './ko/index.ts'
import { patiently } from '../rpc/patiently.ts'
import { PARTICLES, withParticle } from './particles.ts'

export type Locale = 'ko' | 'en'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'texts'
    resources: { texts: typeof ko }
  }
}

/** Each language is a chunk of its own; only the one in use is loaded. */
const load = async (locale: Locale) => (await patiently(() => (locale === 'ko' ? import('./ko/index.ts') : import('./en/index.ts')))).default

/** In Korean texts `{{name, 을/를}}` writes the value with the fitting particle. */
export const i18n: Texts = createInstance()

export const startTexts = async (locale: Locale): Promise<void> => {
  const texts = await load(locale)
  await i18n.use(initReactI18next).init({
    lng: locale,
    ns: ['texts'],
    defaultNS: 'texts',
    resources: { [locale]: { texts } },
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  })
  for (const particle of PARTICLES) i18n.services.formatter?.add(particle, value => withParticle(String(value), particle))
}

export const changeTexts = async (locale: Locale): Promise<void> => {
  if (i18n.language === locale) return
  if (!i18n.hasResourceBundle(locale, 'texts')) i18n.addResourceBundle(locale, 'texts', await load(locale))
  await i18n.changeLanguage(locale)
  document.documentElement.lang = locale
}
