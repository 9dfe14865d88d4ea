import type { KubeObject } from '../apiserver/object.ts'
import type { Clock } from '../time/clock.ts'
import type { ApiClient, ListOptions, ResourceType } from './client.ts'

interface InformerHandler<T> {
  added?(object: T): void
  updated?(object: T, old: T): void
  deleted?(object: T): void
}

/** A local copy of one resource type, kept by list and watch, as client-go's shared informers. */
export interface Informer<T extends KubeObject> {
  /** True once the first list has been delivered to every handler. */
  readonly synced: boolean
  /** Calls back once when the first list has been delivered; at once (in this same instant) when that was before. */
  onSynced(callback: () => void): void
  get(namespace: string | undefined, name: string): T | undefined
  list(): Iterable<T>
  /** Objects of one namespace. */
  inNamespace(namespace: string): Iterable<T>
  /** Returns how to stop being called. */
  on(handler: InformerHandler<T>): () => void
  dispose(): void
}

/** The key of an object: `namespace/name`, or `name` for what is cluster-scoped. */
export const keyOf = (object: KubeObject): string => (object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : object.metadata.name)

/** Splits what `keyOf` made. */
export const splitKey = (key: string): { namespace: string | undefined; name: string } => {
  const slash = key.indexOf('/')
  return slash < 0 ? { namespace: undefined, name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

const RELIST_DELAY_MS = 1000

/** Starts listing and watching at once; handlers registered before the first list see every object as added. */
export const informer = <T extends KubeObject>(clock: Clock, client: ApiClient, type: ResourceType<T>, options: ListOptions = {}): Informer<T> => {
  /** Cluster-scoped objects stand under the empty namespace. */
  const objects = new Map<string, Map<string, T>>()
  let handlers: readonly InformerHandler<T>[] = []
  const whenSynced: (() => void)[] = []
  let stopWatch: (() => void) | undefined
  let disposed = false
  let synced = false

  const put = (object: T) => {
    const { namespace = '', name, uid, resourceVersion } = object.metadata
    let members = objects.get(namespace)
    if (!members) objects.set(namespace, (members = new Map()))
    const old = members.get(name)
    members.set(name, object)
    if (old && old.metadata.uid === uid) {
      if (old.metadata.resourceVersion !== resourceVersion) for (const handler of handlers) handler.updated?.(object, old)
      return
    }
    if (old) for (const handler of handlers) handler.deleted?.(old)
    for (const handler of handlers) handler.added?.(object)
  }

  const drop = (object: T) => {
    const { namespace = '', name } = object.metadata
    const members = objects.get(namespace)
    if (!members?.delete(name)) return
    if (members.size === 0) objects.delete(namespace)
    for (const handler of handlers) handler.deleted?.(object)
  }

  const all = function* () {
    for (const members of objects.values()) yield* members.values()
  }

  const run = async () => {
    if (disposed) return
    try {
      const { items, resourceVersion } = await client.list(type, options)
      if (disposed) return
      const listed = new Set(items.map(keyOf))
      for (const object of all()) if (!listed.has(keyOf(object))) drop(object)
      for (const item of items) put(item)
      synced = true
      stopWatch = client.watch(
        type,
        { ...options, resourceVersion },
        event => {
          if (disposed) return
          if (event.type === 'DELETED') drop(event.object)
          else if (event.type !== 'BOOKMARK') put(event.object)
        },
        () => clock.soon(() => void run()),
      )
      for (const callback of whenSynced.splice(0)) callback()
    } catch {
      clock.after(RELIST_DELAY_MS, () => void run())
    }
  }
  clock.soon(() => void run())

  return {
    get synced() {
      return synced
    },
    onSynced: callback => {
      if (synced) clock.soon(callback)
      else whenSynced.push(callback)
    },
    get: (namespace, name) => objects.get(namespace ?? '')?.get(name),
    list: all,
    inNamespace: namespace => objects.get(namespace)?.values() ?? [],
    on: handler => {
      handlers = [...handlers, handler]
      for (const object of all()) handler.added?.(object)
      return () => {
        handlers = handlers.filter(other => other !== handler)
      }
    },
    dispose: () => {
      disposed = true
      stopWatch?.()
    },
  }
}
