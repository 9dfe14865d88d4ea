import type { Bucket, Store } from '../../store/store.ts'
import type { Change } from '../../store/history.ts'
import type { KubeObject } from '../object.ts'
import type { Predicate } from '../selectors.ts'
import { expired } from '../status.ts'

export interface ObjectEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
  readonly revision: number
}

export interface WatchScope {
  /** Absent: every namespace. */
  readonly namespace: string | undefined
  /** One object only (`watch` on a name). */
  readonly name?: string
  readonly selects: Predicate | undefined
}

/**
 * What a change is to a watcher with this scope: an object that stops matching is DELETED to it, one that begins to
 * match is ADDED. Undefined when it does not concern the watcher.
 */
export const eventOf = (scope: WatchScope, { type, object, previous, revision }: Change): ObjectEvent | undefined => {
  if (scope.namespace !== undefined && object.metadata.namespace !== scope.namespace) return undefined
  if (scope.name !== undefined && object.metadata.name !== scope.name) return undefined
  const { selects } = scope
  if (!selects) return { type, object, revision }
  const matches = type !== 'DELETED' && selects(object)
  const matched = previous !== undefined && selects(previous)
  if (matches) return { type: matched ? 'MODIFIED' : 'ADDED', object, revision }
  if (!matched) return undefined
  // The state it had while it matched, at the revision where it ceased to.
  return {
    type: 'DELETED',
    object: type === 'DELETED' ? object : { ...previous!, metadata: { ...previous!.metadata, resourceVersion: String(revision) } },
    revision,
  }
}

/** Throws 410 when changes after `revision` are no longer all known. */
export const changesAfter = (store: Store, bucket: Bucket, compacted: number, revision: number): Change[] => {
  const oldest = Math.max(bucket.history.trimmed, compacted)
  if (revision < oldest) throw expired(`too old resource version: ${revision} (${oldest})`)
  return revision >= store.revision ? [] : bucket.history.after(revision)
}
