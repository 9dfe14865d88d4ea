import type { KubeObject } from '../apiserver/object.ts'

/** One change of one object. `previous` is what stood there before, absent when the object is new. */
export interface Change {
  readonly revision: number
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** For DELETED: the last state, carrying the revision of the deletion. */
  readonly object: KubeObject
  readonly previous: KubeObject | undefined
}

/** The changes of one resource type that a watch may still ask for, oldest first. */
export interface History {
  push(change: Change): void
  /** Changes after `revision`, in order. */
  after(revision: number): Change[]
  /** Gives up changes at or before `revision`. */
  trim(revision: number): void
  /** The last revision that was given up. */
  readonly trimmed: number
}

/** Keeps at most `limit` changes. */
export const createHistory = (limit: number): History => {
  let changes: Change[] = []
  /** Index of the oldest change still kept; the front is cut off in bulk. */
  let head = 0
  let trimmed = 0
  const drop = (count: number) => {
    if (count === 0) return
    trimmed = changes[head + count - 1]!.revision
    head += count
    if (head > 1024 && head * 2 > changes.length) {
      changes = changes.slice(head)
      head = 0
    }
  }
  const firstAfter = (revision: number) => {
    let low = head
    let high = changes.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (changes[middle]!.revision <= revision) low = middle + 1
      else high = middle
    }
    return low
  }
  return {
    push: change => {
      changes.push(change)
      // Dropping in eighths keeps the cost of a full ring away from every single write.
      if (changes.length - head > limit + (limit >> 3)) drop(changes.length - head - limit)
    },
    after: revision => changes.slice(firstAfter(revision)),
    trim: revision => drop(firstAfter(revision) - head),
    get trimmed() {
      return trimmed
    },
  }
}
