import type { Clock } from '../../time/clock.ts'
import type { JournalEntry } from '../machine.ts'

/** Entries kept in memory; the oldest go first. */
const CAPACITY = 20_000

/** Entries kept for the next start of the process. */
const PERSISTED = 400

/** The machine's log, a ring. */
export interface Journal {
  readonly entries: readonly (JournalEntry & { readonly boot: string; readonly priority: number })[]
  /** Called with every new entry; returns how to stop being called. */
  follow(listener: (entry: JournalEntry) => void): () => void
  append(entry: Omit<JournalEntry, 'time'> & { readonly priority?: number }): void
  /** The tail as JSON, for persistence. */
  tail(): string
}

export const createJournal = (clock: Clock, bootId: () => string, saved: string | undefined): Journal => {
  let entries: (JournalEntry & { boot: string; priority: number })[] = saved ? JSON.parse(saved) : []
  const listeners = new Set<(entry: JournalEntry) => void>()
  return {
    get entries() {
      return entries
    },
    follow: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    append: ({ priority = 6, ...entry }) => {
      const complete = { time: clock.now, boot: bootId(), priority, ...entry }
      entries.push(complete)
      if (entries.length > CAPACITY * 1.1) entries = entries.slice(-CAPACITY)
      for (const listener of listeners) listener(complete)
    },
    tail: () => JSON.stringify(entries.slice(-PERSISTED)),
  }
}
