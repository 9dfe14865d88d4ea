import type { TraceRecord } from './request.ts'

const KEPT = 500

/** The last requests, kept only while somebody looks. */
export interface Traces {
  readonly wanted: boolean
  add(record: TraceRecord): void
  /** Calls back with every request from now on; returns how to stop. */
  subscribe(listener: (record: TraceRecord) => void): () => void
  /** Newest last. */
  recent(): readonly TraceRecord[]
}

export const createTraces = (): Traces => {
  const listeners = new Set<(record: TraceRecord) => void>()
  let ring: TraceRecord[] = []
  return {
    get wanted() {
      return listeners.size > 0
    },
    add: record => {
      ring.push(record)
      if (ring.length > 2 * KEPT) ring = ring.slice(-KEPT)
      for (const listener of listeners) listener(record)
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) ring = []
      }
    },
    recent: () => ring.slice(-KEPT),
  }
}
