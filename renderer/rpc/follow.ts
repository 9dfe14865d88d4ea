import type { ContractError } from '../../shared/contract/contract.ts'
import { contractErrorOf } from './errors.ts'
import { whenOpen } from './transport.ts'

/** Pauses before a stream that ended is opened again. */
const RETRY_MS = [250, 1_000, 3_000, 5_000]

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })

/**
 * Keeps a stream open until the signal aborts: opens it again, with growing pauses, after the transport or the service lost it.
 * A failure that repeating cannot cure ends it. Never rejects.
 */
export const follow = async <T>(
  open: (signal: AbortSignal) => Promise<AsyncIterable<T>>,
  signal: AbortSignal,
  on: { event(event: T): void; failed?(error: ContractError): void },
): Promise<void> => {
  let failures = 0
  while (!signal.aborted) {
    await whenOpen(signal)
    if (signal.aborted) return
    try {
      for await (const event of await open(signal)) {
        if (signal.aborted) return
        failures = 0
        on.event(event)
      }
    } catch (thrown) {
      if (signal.aborted) return
      const error = contractErrorOf(thrown)
      on.failed?.(error)
      if (!error.retryable) return
    }
    await pause(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] ?? 0, signal)
  }
}
