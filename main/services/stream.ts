export interface StreamSource<T> {
  push(value: T): void
  end(): void
}

/**
 * What is pushed, as an async iterable that ends when the source ends or the caller's signal is aborted. A consumer
 * that lags finds its values waiting; `merge` may fold a new value into the last one not yet taken (undefined: cannot).
 */
export async function* stream<T>(
  signal: AbortSignal | undefined,
  subscribe: (source: StreamSource<T>) => () => void,
  merge?: (waiting: T, next: T) => T | undefined,
): AsyncGenerator<T, void, void> {
  const waiting: T[] = []
  let ended = signal?.aborted ?? false
  let wake: (() => void) | undefined
  const notify = () => {
    wake?.()
    wake = undefined
  }
  const end = () => {
    ended = true
    notify()
  }
  if (ended) return
  signal?.addEventListener('abort', end, { once: true })
  const unsubscribe = subscribe({
    push: value => {
      if (ended) return
      const last = waiting.at(-1)
      const merged = merge && last !== undefined ? merge(last, value) : undefined
      if (merged === undefined) waiting.push(value)
      else waiting[waiting.length - 1] = merged
      notify()
    },
    end,
  })
  try {
    for (;;) {
      while (waiting.length > 0) {
        if (signal?.aborted) return
        yield waiting.shift()!
      }
      if (ended) return
      await new Promise<void>(resolve => (wake = resolve))
    }
  } finally {
    signal?.removeEventListener('abort', end)
    unsubscribe()
  }
}
