import type { Cancel, Clock } from '../time/clock.ts'

/**
 * A deduplicating, rate-limited queue of keys, as client-go's util/workqueue: a key that is added while it is being
 * worked on runs once more afterwards; a failing key is retried after 5 ms, doubling, up to 1000 s.
 */
export interface Workqueue {
  add(key: string): void
  addAfter(key: string, ms: number): void
  /** How many keys wait or are being worked on. */
  readonly length: number
  dispose(): void
}

const BASE_DELAY_MS = 5
const MAX_DELAY_MS = 1_000_000

/** `sync` reconciles one key; when it rejects, the key is retried with back-off and `onError` is told. */
export const workqueue = (
  clock: Clock,
  sync: (key: string) => Promise<void>,
  options: { workers?: number; onError?: (key: string, error: unknown) => void } = {},
): Workqueue => {
  const waiting = new Set<string>()
  const active = new Set<string>()
  const failures = new Map<string, number>()
  const timers = new Set<Cancel>()
  const workers = options.workers ?? 5
  let arranged = false
  let disposed = false

  const arrange = () => {
    if (arranged || disposed) return
    arranged = true
    clock.soon(drain)
  }

  const drain = () => {
    arranged = false
    if (disposed) return
    for (const key of waiting) {
      if (active.size >= workers) break
      if (active.has(key)) continue
      waiting.delete(key)
      active.add(key)
      void sync(key)
        .then(
          () => failures.delete(key),
          error => {
            if (disposed) return
            const count = failures.get(key) ?? 0
            failures.set(key, count + 1)
            options.onError?.(key, error)
            queue.addAfter(key, Math.min(BASE_DELAY_MS * 2 ** count, MAX_DELAY_MS))
          },
        )
        .finally(() => {
          active.delete(key)
          if (waiting.size > 0) arrange()
        })
    }
  }

  const queue: Workqueue = {
    add: key => {
      if (disposed) return
      waiting.add(key)
      arrange()
    },
    addAfter: (key, ms) => {
      if (disposed) return
      const cancel = clock.after(ms, () => {
        timers.delete(cancel)
        queue.add(key)
      })
      timers.add(cancel)
    },
    get length() {
      return waiting.size + active.size
    },
    dispose: () => {
      disposed = true
      waiting.clear()
      for (const cancel of timers) cancel()
      timers.clear()
    },
  }
  return queue
}
