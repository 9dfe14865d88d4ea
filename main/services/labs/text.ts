import type { CheckValue } from '../../../shared/domain/lab.ts'

export type Locale = 'ko' | 'en'
export const locales: readonly Locale[] = ['ko', 'en']

/** A sentence in both languages; which one is shown is decided when somebody looks. */
export type Text = Readonly<Record<Locale, string>>

/** What a check found. `marks` tells a quiz field by field. */
export interface Outcome {
  readonly value: CheckValue
  readonly seen: Text
  readonly marks?: Readonly<Record<string, { readonly right: boolean; readonly why?: Text }>>
}

export const outcome = (value: CheckValue, ko: string, en: string): Outcome => ({ value, seen: { ko, en } })
