import { useSyncExternalStore } from 'react'
import { useFormat } from '../i18n/format.ts'

const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

/** One second hand for the whole window; it stands still while nothing shows an age. */
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  timer ??= setInterval(() => listeners.forEach(tick => tick()), 1000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** How long ago that was; renders again only when the text changes. */
export const Age = ({ since }: { readonly since: string }) => {
  const format = useFormat()
  const text = useSyncExternalStore(subscribe, () => {
    const at = Date.parse(since)
    return Number.isFinite(at) ? format.duration(Math.max(0, Date.now() - at)) : '–'
  })
  return (
    <time dateTime={since} title={format.time(since)} className="numbers">
      {text}
    </time>
  )
}
