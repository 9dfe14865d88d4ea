import type { KubeObject } from '../apiserver/object.ts'
import type { Clock } from '../time/clock.ts'

/**
 * What a controller has done and not yet seen through its informers; until it has, it does not count again
 * (controller_utils.go, ControllerExpectations). Creations are counted, deletions remembered by uid.
 */
export interface Expectations {
  /** True when everything expected for this key has been seen, or too long ago to wait for. */
  satisfied(key: string): boolean
  expectCreations(key: string, count: number): void
  expectDeletions(key: string, uids: Iterable<string>): void
  created(key: string): void
  deleted(key: string, uid: string): void
  /** An object was seen for the first time; one that is already being deleted counts as gone. */
  appeared(key: string, object: KubeObject): void
  forget(key: string): void
}

const EXPIRY_MS = 300_000

export const expectations = (clock: Clock): Expectations => {
  const pending = new Map<string, { creations: number; readonly deletions: Set<string>; since: number }>()
  const entry = (key: string) => {
    let found = pending.get(key)
    if (!found) pending.set(key, (found = { creations: 0, deletions: new Set(), since: clock.now }))
    found.since = clock.now
    return found
  }
  const created = (key: string) => {
    const found = pending.get(key)
    if (found && found.creations > 0) found.creations--
  }
  const deleted = (key: string, uid: string) => void pending.get(key)?.deletions.delete(uid)
  return {
    satisfied: key => {
      const found = pending.get(key)
      return !found || (found.creations <= 0 && found.deletions.size === 0) || clock.now - found.since > EXPIRY_MS
    },
    expectCreations: (key, count) => void (entry(key).creations = count),
    expectDeletions: (key, uids) => {
      const found = entry(key)
      found.deletions.clear()
      for (const uid of uids) found.deletions.add(uid)
    },
    created,
    deleted,
    appeared: (key, { metadata }) => (metadata.deletionTimestamp === undefined ? created(key) : deleted(key, metadata.uid)),
    forget: key => void pending.delete(key),
  }
}
