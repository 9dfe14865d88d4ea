import { BrokenPipe, type Input, type Output } from '../commands/command.ts'

const encoder = new TextEncoder()
export const toBytes = (data: string | Uint8Array): Uint8Array => (typeof data === 'string' ? encoder.encode(data) : data)

/** As a Linux pipe: 64 KiB, then the writer waits. */
const PIPE_BYTES = 65_536

export interface Pipe {
  readonly output: Output
  readonly input: Input
  /** No more will be written. */
  end(): void
  /** Nobody reads any more. */
  close(): void
}

export const createPipe = (signal: AbortSignal): Pipe => {
  let chunks: Uint8Array[] = []
  let size = 0
  let ended = false
  let closed = false
  const waiting = new Set<() => void>()
  const wakeAll = () => {
    for (const wake of waiting) wake()
    waiting.clear()
  }
  const wait = () => new Promise<void>(resolve => void waiting.add(resolve))
  signal.addEventListener('abort', wakeAll, { once: true })
  return {
    output: {
      isTty: false,
      write: async data => {
        const bytes = toBytes(data)
        if (closed) throw new BrokenPipe()
        if (bytes.length === 0) return
        chunks.push(bytes)
        size += bytes.length
        wakeAll()
        while (size > PIPE_BYTES && !closed) {
          signal.throwIfAborted()
          await wait()
        }
        if (closed && size > 0) throw new BrokenPipe()
      },
    },
    input: {
      isTty: false,
      read: async () => {
        while (chunks.length === 0) {
          if (ended) return undefined
          signal.throwIfAborted()
          await wait()
        }
        const all = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
        chunks = []
        size = 0
        wakeAll()
        return all
      },
      unread: bytes => {
        chunks.unshift(bytes)
        size += bytes.length
      },
    },
    end: () => {
      ended = true
      wakeAll()
    },
    close: () => {
      closed = true
      wakeAll()
    },
  }
}

/** Gives these bytes, then ends. */
export const bytesInput = (content: Uint8Array | string): Input => {
  let chunks = [toBytes(content)].filter(bytes => bytes.length > 0)
  return {
    isTty: false,
    read: () => Promise.resolve(chunks.shift()),
    unread: bytes => {
      chunks = [bytes, ...chunks]
    },
  }
}

export const noInput: Input = { isTty: false, read: () => Promise.resolve(undefined), unread: () => undefined }
export const noOutput: Output = { isTty: false, write: () => Promise.resolve() }

/** Keeps what is written, up to `limit` bytes, after which the writer gets a broken pipe. */
export const collector = (limit = Number.POSITIVE_INFINITY): { readonly output: Output; bytes(): Uint8Array; text(): string } => {
  const chunks: Uint8Array[] = []
  let size = 0
  return {
    output: {
      isTty: false,
      write: data => {
        const bytes = toBytes(data)
        size += bytes.length
        if (size > limit) return Promise.reject(new BrokenPipe())
        chunks.push(bytes)
        return Promise.resolve()
      },
    },
    bytes: () => Buffer.concat(chunks),
    text: () => Buffer.concat(chunks).toString('utf8'),
  }
}
