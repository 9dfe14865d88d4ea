import type { KubeObject } from '../apiserver/object.ts'
import type { Clock } from '../time/clock.ts'
import type { Wall } from '../time/pace.ts'
import { createHistory, type Change, type History } from './history.ts'
import type { SqliteLog } from './sqlite-log.ts'

/** History older than this is compacted away, as kube-apiserver tells etcd to (--etcd-compaction-interval). */
const COMPACTION_INTERVAL_MS = 5 * 60_000
/** Superseded revisions kept in the log at most; more means an early compaction. */
const MAX_SUPERSEDED = 100_000
/** Changes a watch can go back, per resource type (the watch cache's size in kube-apiserver is bounded likewise). */
const HISTORY_LIMIT = 5_000
/** Superseded revisions left when the store is closed. */
const CLOSED_HISTORY = 1_000
/** A waiting transaction of this many rows is written at once. */
const FLUSH_ROWS = 2_000
/** How long after a failed write to disk the next attempt comes. */
const RETRY_FLUSH_MS = 500

/** The disk does not take what was written: etcd's NOSPACE alarm. Reads go on, writes are refused until it does. */
export class NoSpaceError extends Error {
  override readonly name = 'NoSpaceError'
  constructor(cause: unknown) {
    super('etcdserver: mvcc: database space exceeded', { cause })
  }
}

/** All objects of one resource type. */
export interface Bucket {
  /** `<group>/<resource>`. */
  readonly name: string
  get(key: string): KubeObject | undefined
  /** Sorted by key, as etcd lists. Treat as frozen. */
  list(namespace?: string): readonly KubeObject[]
  /** All keys, in no order to rely on. */
  keys(): Iterable<string>
  readonly size: number
  /** Objects as they were at `revision`, sorted by key; undefined when history does not reach that far back. */
  listAt(revision: number, namespace?: string): KubeObject[] | undefined
  readonly history: History
  /** Called with every change, in order, inside the write. */
  subscribe(listener: (change: Change) => void): () => void
}

/** What etcd is to kube-apiserver: objects, one counter of revisions, watchable history. */
export interface Store {
  /** The revision of the last write. */
  readonly revision: number
  readonly boot: number
  /** False while the disk does not take writes. */
  readonly writable: boolean
  bucket(name: string): Bucket
  buckets(): Iterable<Bucket>
  /** Writes `object` under `key` at the next revision, which it puts into `metadata.resourceVersion`. Throws NoSpaceError. */
  put(bucket: Bucket, key: string, object: KubeObject): void
  /** Removes what stands under `key`; returns its last state with the revision of the removal. Throws NoSpaceError. */
  remove(bucket: Bucket, key: string): KubeObject
  /** Resolves when everything written so far is durable; rejects with NoSpaceError. */
  durable(): Promise<void>
  /** Gives up history at or before `revision`. */
  compact(revision: number): void
  /** Writes what waits and closes the log. */
  close(): void
}

/** `namespace/name`, or `name` for what is cluster-scoped. */
export const storeKey = (namespace: string | undefined, name: string): string => (namespace ? `${namespace}/${name}` : name)

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : a > b ? 1 : 0)

interface OpenBucket extends Bucket {
  set(key: string, object: KubeObject | undefined): void
  notify(change: Change): void
}

const createBucket = (name: string, floor: () => number): OpenBucket => {
  const objects = new Map<string, KubeObject>()
  const spaces = new Map<string, Set<string>>()
  const listeners = new Set<(change: Change) => void>()
  const history = createHistory(HISTORY_LIMIT)
  /** Sorted lists, made when first asked for after a change. */
  let sorted = new Map<string, readonly KubeObject[]>()
  return {
    name,
    history,
    get: key => objects.get(key),
    keys: () => objects.keys(),
    get size() {
      return objects.size
    },
    list: namespace => {
      const cached = sorted.get(namespace ?? '')
      if (cached) return cached
      const entries: [string, KubeObject][] = namespace === undefined ? [...objects] : Array.from(spaces.get(namespace) ?? [], key => [key, objects.get(key)!])
      const list = entries.sort(byKey).map(([, object]) => object)
      sorted.set(namespace ?? '', list)
      return list
    },
    listAt: (revision, namespace) => {
      if (revision < Math.max(history.trimmed, floor())) return undefined
      const at = new Map(objects)
      for (const change of history.after(revision).reverse()) {
        const key = storeKey(change.object.metadata.namespace, change.object.metadata.name)
        if (change.previous) at.set(key, change.previous)
        else at.delete(key)
      }
      return [...at]
        .filter(([, object]) => namespace === undefined || object.metadata.namespace === namespace)
        .sort(byKey)
        .map(([, object]) => object)
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set: (key, object) => {
      const slash = key.indexOf('/')
      const namespace = slash < 0 ? undefined : key.slice(0, slash)
      if (object) {
        if (namespace !== undefined && !objects.has(key)) {
          const space = spaces.get(namespace)
          if (space) space.add(key)
          else spaces.set(namespace, new Set([key]))
        }
        objects.set(key, object)
      } else {
        objects.delete(key)
        if (namespace !== undefined) {
          const space = spaces.get(namespace)
          space?.delete(key)
          if (space?.size === 0) spaces.delete(namespace)
        }
      }
      if (sorted.size > 0) sorted = new Map()
    },
    notify: change => {
      history.push(change)
      for (const listener of listeners) listener(change)
    },
  }
}

/** Loads the state from `log` and keeps it there. `wall.defer` is the turn after which a group of writes goes to disk. */
export const createStore = ({ log, clock, wall }: { log: SqliteLog; clock: Clock; wall: Wall }): Store => {
  const buckets = new Map<string, OpenBucket>()
  let revision = log.compacted
  /** Revisions that a later one has replaced or removed, and in step with them that later one, ascending. */
  let superseded: number[] = []
  let supersededBy: number[] = []
  let closed = false
  let flushArranged = false
  let failure: NoSpaceError | undefined
  let waiters: { resolve: () => void; reject: (error: Error) => void }[] = []
  /** The revision that the last compaction tick saw: the next one compacts up to it. */
  let lastTick = 0

  const bucket = (name: string): OpenBucket => {
    let found = buckets.get(name)
    if (!found) buckets.set(name, (found = createBucket(name, () => log.compacted)))
    return found
  }

  const supersede = (old: number, by: number) => {
    superseded.push(old)
    supersededBy.push(by)
  }

  for (const row of log.load()) {
    revision = Math.max(revision, row.revision)
    const home = bucket(row.bucket)
    const previous = home.get(row.key)
    const object = row.value === null ? undefined : (JSON.parse(row.value) as KubeObject)
    home.set(row.key, object)
    if (previous) supersede(Number(previous.metadata.resourceVersion), row.revision)
    if (!object) supersede(row.revision, row.revision)
    if (row.revision <= log.compacted) continue
    if (object) home.notify({ revision: row.revision, type: previous ? 'MODIFIED' : 'ADDED', object, previous })
    else if (previous) home.notify({ revision: row.revision, type: 'DELETED', object: withRevision(previous, row.revision), previous })
  }

  const flush = () => {
    flushArranged = false
    if (closed) return
    try {
      log.flush()
    } catch (cause) {
      failure = new NoSpaceError(cause)
      const failed = waiters
      waiters = []
      for (const { reject } of failed) reject(failure)
      // What was written but not acknowledged stays queued: it goes down when there is space again.
      wall.after(RETRY_FLUSH_MS, flush)
      return
    }
    failure = undefined
    const done = waiters
    waiters = []
    for (const { resolve } of done) resolve()
  }
  const arrangeFlush = () => {
    if (log.waiting >= FLUSH_ROWS) flush()
    else if (!flushArranged) {
      flushArranged = true
      wall.defer(flush)
    }
  }

  const write = (home: OpenBucket, key: string, object: KubeObject | undefined, previous: KubeObject | undefined) => {
    home.set(key, object)
    log.append({ revision, bucket: home.name, key, value: object ?? null })
    if (previous) supersede(Number(previous.metadata.resourceVersion), revision)
    if (!object) supersede(revision, revision)
    if (!failure) arrangeFlush()
    if (superseded.length > MAX_SUPERSEDED) compact(supersededBy[MAX_SUPERSEDED >> 1]!)
  }

  const compact = (to: number) => {
    if (to <= log.compacted || to > revision) return
    // What was replaced after `to` is still what stood there at `to`.
    let count = supersededBy.findIndex(by => by > to)
    if (count < 0) count = supersededBy.length
    const gone = superseded.slice(0, count)
    superseded = superseded.slice(count)
    supersededBy = supersededBy.slice(count)
    for (const home of buckets.values()) home.history.trim(to)
    log.compact(to, gone)
    if (!failure) arrangeFlush()
  }

  const tick = () => {
    if (closed) return
    compact(lastTick)
    lastTick = revision
    clock.after(COMPACTION_INTERVAL_MS, tick)
  }
  lastTick = revision
  clock.after(COMPACTION_INTERVAL_MS, tick)

  return {
    get revision() {
      return revision
    },
    boot: log.boot,
    get writable() {
      return failure === undefined
    },
    bucket,
    buckets: () => buckets.values(),
    put: (to, key, object) => {
      if (failure) throw failure
      const home = to as OpenBucket
      const previous = home.get(key)
      revision++
      object.metadata.resourceVersion = String(revision)
      write(home, key, object, previous)
      home.notify({ revision, type: previous ? 'MODIFIED' : 'ADDED', object, previous })
    },
    remove: (from, key) => {
      if (failure) throw failure
      const home = from as OpenBucket
      const previous = home.get(key)
      if (!previous) throw new Error(`no ${key} in ${home.name}`)
      revision++
      const object = withRevision(previous, revision)
      write(home, key, undefined, previous)
      home.notify({ revision, type: 'DELETED', object, previous })
      return object
    },
    durable: () => {
      if (failure) return Promise.reject(failure)
      if (log.waiting === 0) return Promise.resolve()
      return new Promise((resolve, reject) => waiters.push({ resolve, reject }))
    },
    compact,
    close: () => {
      if (closed) return
      // A long history would only make the next start slow.
      if (superseded.length > CLOSED_HISTORY) compact(supersededBy.at(-CLOSED_HISTORY)!)
      flush()
      closed = true
      log.close()
    },
  }
}

const withRevision = (object: KubeObject, revision: number): KubeObject => ({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } })
