/**
 * Rows by key, changed in batches and read by React through `useSyncExternalStore`. Readers of one row hear only of that
 * row; readers of the whole table hear once a batch. `rows()` keeps its identity until something changed.
 */
export interface Table<T> {
  get(key: string): T | undefined
  rows(): readonly T[]
  subscribe(listener: () => void): () => void
  subscribeKey(key: string, listener: () => void): () => void
  /** Everything anew: what is not in `rows` is gone. */
  replace(rows: readonly T[]): void
  /** One batch of changes. */
  change(upserted: readonly T[], removed: readonly string[]): void
}

export const createTable = <T>(keyOf: (row: T) => string): Table<T> => {
  let byKey = new Map<string, T>()
  let list: readonly T[] | undefined
  const listeners = new Set<() => void>()
  const keyListeners = new Map<string, Set<() => void>>()

  const tell = (keys: Iterable<string>) => {
    list = undefined
    for (const listener of listeners) listener()
    for (const key of keys) for (const listener of keyListeners.get(key) ?? []) listener()
  }

  return {
    get: key => byKey.get(key),
    rows: () => (list ??= [...byKey.values()]),
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    subscribeKey: (key, listener) => {
      const set = keyListeners.get(key) ?? new Set()
      keyListeners.set(key, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0 && keyListeners.get(key) === set) keyListeners.delete(key)
      }
    },
    replace: rows => {
      byKey = new Map(rows.map(row => [keyOf(row), row]))
      tell(keyListeners.keys())
    },
    change: (upserted, removed) => {
      if (upserted.length === 0 && removed.length === 0) return
      for (const key of removed) byKey.delete(key)
      const keys = new Set(removed)
      for (const row of upserted) {
        const key = keyOf(row)
        byKey.set(key, row)
        keys.add(key)
      }
      tell(keys)
    },
  }
}
