import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react'
import { client } from '../rpc/client.ts'
import { follow } from '../rpc/follow.ts'
import { createLiveCluster, type ClusterStatus, type LiveCluster } from './cluster.ts'
import type { Sample } from './history.ts'
import type { Table } from './table.ts'

/** A stream outlives its last viewer by this much, so that going from page to page does not read the cluster anew. */
const LINGER_MS = 10_000

interface Followed {
  readonly cluster: LiveCluster
  readonly stop: AbortController
  viewers: number
  leaving?: ReturnType<typeof setTimeout>
}
const followed = new Map<string, Followed>()
const nobody = createLiveCluster()

const view = (id: string): (() => void) => {
  let entry = followed.get(id)
  if (!entry) {
    entry = { cluster: createLiveCluster(), stop: new AbortController(), viewers: 0 }
    followed.set(id, entry)
    const { cluster, stop } = entry
    void follow(signal => client.clusters.watch({ id }, { signal }), stop.signal, { event: cluster.apply, failed: cluster.fail })
  }
  const held = entry
  held.viewers++
  clearTimeout(held.leaving)
  return () => {
    if (--held.viewers > 0) return
    held.leaving = setTimeout(() => {
      held.stop.abort()
      followed.delete(id)
      announce()
    }, LINGER_MS)
  }
}

const waiting = new Set<() => void>()
const announce = () => waiting.forEach(listener => listener())
const subscribeFollowed = (listener: () => void) => {
  waiting.add(listener)
  return () => waiting.delete(listener)
}

/** Follows a cluster for as long as the component is there. Without an id: a cluster with nothing in it. */
export const useLiveCluster = (id: string | undefined): LiveCluster => {
  useEffect(() => {
    if (id === undefined) return
    const leave = view(id)
    announce()
    return leave
  }, [id])
  return useSyncExternalStore(subscribeFollowed, () => (id !== undefined && followed.get(id)?.cluster) || nobody)
}

export const useClusterStatus = (cluster: LiveCluster): ClusterStatus => useSyncExternalStore(cluster.subscribeStatus, cluster.status)

export const useRow = <T>(table: Table<T>, key: string): T | undefined => {
  const subscribe = useCallback((listener: () => void) => table.subscribeKey(key, listener), [table, key])
  return useSyncExternalStore(subscribe, () => table.get(key))
}

/**
 * Something computed from a whole table. `select` runs once per batch; the component renders again only when its result
 * changed by `same`.
 */
export const useSelect = <T, S>(table: Table<T>, select: (rows: readonly T[]) => S, same: (a: S, b: S) => boolean = Object.is): S => {
  const cache = useRef<{ rows: readonly T[]; select: typeof select; value: S } | undefined>(undefined)
  return useSyncExternalStore(table.subscribe, () => {
    const rows = table.rows()
    const before = cache.current
    if (before && before.rows === rows && before.select === select) return before.value
    const value = select(rows)
    cache.current = { rows, select, value: before && same(before.value, value) ? before.value : value }
    return cache.current.value
  })
}

/** Usage of one node over the last half hour. */
export const useHistory = (cluster: LiveCluster, name: string): readonly Sample[] => {
  const subscribe = useCallback((listener: () => void) => cluster.nodes.subscribeKey(name, listener), [cluster, name])
  return useSyncExternalStore(subscribe, () => cluster.history.of(name))
}

export const sameList = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((item, index) => item === b[index])
