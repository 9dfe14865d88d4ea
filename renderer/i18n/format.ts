import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Locale } from './i18n.ts'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const
const SECOND = 1000
const SPANS = [
  ['day', 86_400 * SECOND],
  ['hour', 3_600 * SECOND],
  ['minute', 60 * SECOND],
  ['second', SECOND],
] as const

/** Numbers as people of that language write them. */
export interface Format {
  readonly locale: Locale
  number(value: number): string
  /** 0.42 → `42%`. */
  percent(share: number): string
  /** 8 GiB, 512 MiB: binary units, as Kubernetes counts. */
  bytes(value: number): string
  /** 100 GB: decimal units, as disks are sold and K3s' requirements are given. */
  diskBytes(value: number): string
  /** Millicores as cores: 250 → `0.25`. */
  cores(milli: number): string
  /** The two largest units of a duration in milliseconds: `3d 4h`, `3일 4시간`. */
  duration(ms: number): string
  time(at: string): string
}

const make = (locale: Locale): Format => {
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const precise = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const time = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' })
  const spans = SPANS.map(([unit, ms]) => [ms, new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow' })] as const)
  return {
    locale,
    number: value => number.format(value),
    percent: share => percent.format(share),
    bytes: value => {
      const power = value < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(value) / 10))
      const scaled = value / 1024 ** power
      return `${scaled >= 100 ? number.format(Math.round(scaled)) : number.format(scaled)} ${UNITS[power]}`
    },
    diskBytes: value => `${number.format(Math.round(value / 1e8) / 10)} GB`,
    cores: milli => precise.format(milli / 1000),
    duration: ms => {
      const first = spans.findIndex(([span]) => ms >= span)
      if (first === -1) return spans.at(-1)![1].format(0)
      let rest = ms
      return spans
        .slice(first, first + 2)
        .map(([span, unit]) => {
          const count = Math.floor(rest / span)
          rest -= count * span
          return count === 0 ? '' : unit.format(count)
        })
        .filter(Boolean)
        .join(' ')
    },
    time: at => (Number.isFinite(Date.parse(at)) ? time.format(new Date(at)) : at),
  }
}

export const formats: Readonly<Record<Locale, Format>> = { ko: make('ko'), en: make('en') }

export const useFormat = (): Format => {
  const { i18n } = useTranslation()
  return useMemo(() => formats[i18n.language === 'en' ? 'en' : 'ko'], [i18n.language])
}
