import type { Descriptor } from './frame.ts'

/** What Ctrl-Z closes: a stopped job goes on to where it next reads, writes or begins a command, and waits there. */
export interface Gate {
  readonly closed: boolean
  close(): void
  open(): void
  /** Resolves while the gate is open; rejects with the signal's reason when the job is killed. */
  pass(): Promise<void>
  /** Resolves at the next `close`. */
  whenClosed(): Promise<void>
}

export const createGate = (signal: AbortSignal): Gate => {
  let closed = false
  const passing = new Set<() => void>()
  const watching = new Set<() => void>()
  const wake = (waiting: Set<() => void>) => {
    for (const resolve of waiting) resolve()
    waiting.clear()
  }
  signal.addEventListener('abort', () => wake(passing), { once: true })
  return {
    get closed() {
      return closed
    },
    close: () => {
      closed = true
      wake(watching)
    },
    open: () => {
      closed = false
      wake(passing)
    },
    pass: async () => {
      while (closed) {
        signal.throwIfAborted()
        await new Promise<void>(resolve => void passing.add(resolve))
      }
    },
    whenClosed: () => new Promise<void>(resolve => void watching.add(resolve)),
  }
}

/** Open files of a job whose terminal is behind the gate. */
export const gated = (io: ReadonlyMap<number, Descriptor>, gate: Gate): Map<number, Descriptor> =>
  new Map(
    [...io].map(([fd, { input, output }]) => [
      fd,
      {
        ...(input && {
          input: {
            isTty: input.isTty,
            unread: input.unread,
            read: async () => {
              for (;;) {
                await gate.pass()
                const bytes = await input.read()
                if (!gate.closed) return bytes
                // Typed for whoever has the terminal now.
                if (bytes) input.unread(bytes)
              }
            },
          },
        }),
        ...(output && {
          output: {
            isTty: output.isTty,
            write: async data => {
              if (gate.closed) await gate.pass()
              return output.write(data)
            },
          },
        }),
      },
    ]),
  )
