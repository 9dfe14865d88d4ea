import type { KubeObject } from '../apiserver/object.ts'
import type { Clock } from '../time/clock.ts'
import type { ApiClient, ListOptions, ResourceType } from './client.ts'

export interface InformerHandler<T> {
  added?(object: T): void
  updated?(object: T, old: T): void
  deleted?(object: T): void
}

/** A local copy of one resource type, kept by list and watch, as client-go's shared informers. */
export interface Informer<T extends KubeObject> {
  /** True once the first list has been delivered to every handler. */
  readonly synced: boolean
  get(namespace: string | undefined, name: string): T | undefined
  list(): Iterable<T>
  /** Objects of one namespace. */
  inNamespace(namespace: string): Iterable<T>
  on(handler: InformerHandler<T>): void
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
  const objects = new Map<string, T>()
  const namespaces = new Map<string, Map<string, T>>()
  const handlers: InformerHandler<T>[] = []
  let stopWatch: (() => void) | undefined
  let disposed = false
  let synced = false

  const put = (object: T) => {
    const key = keyOf(object)
    const old = objects.get(key)
    objects.set(key, object)
    const namespace = object.metadata.namespace
    if (namespace !== undefined) {
      let members = namespaces.get(namespace)
      if (!members) namespaces.set(namespace, (members = new Map()))
      members.set(object.metadata.name, object)
    }
    if (old && old.metadata.uid === object.metadata.uid) {
      if (old.metadata.resourceVersion !== object.metadata.resourceVersion) for (const handler of handlers) handler.updated?.(object, old)
      return
    }
    if (old) for (const handler of handlers) handler.deleted?.(old)
    for (const handler of handlers) handler.added?.(object)
  }

  const drop = (object: T) => {
    const key = keyOf(object)
    if (!objects.delete(key)) return
    const { namespace, name } = object.metadata
    if (namespace !== undefined) {
      const members = namespaces.get(namespace)
      members?.delete(name)
      if (members?.size === 0) namespaces.delete(namespace)
    }
    for (const handler of handlers) handler.deleted?.(object)
  }

  const run = async () => {
    if (disposed) return
    try {
      const { items, resourceVersion } = await client.list(type, options)
      if (disposed) return
      const listed = new Set(items.map(keyOf))
      for (const [key, object] of objects) if (!listed.has(key)) drop(object)
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
    } catch {
      clock.after(RELIST_DELAY_MS, () => void run())
    }
  }
  clock.soon(() => void run())

  return {
    get synced() {
      return synced
    },
    get: (namespace, name) => objects.get(namespace === undefined ? name : `${namespace}/${name}`),
    list: () => objects.values(),
    inNamespace: namespace => namespaces.get(namespace)?.values() ?? [],
    on: handler => {
      handlers.push(handler)
      for (const object of objects.values()) handler.added?.(object)
    },
    dispose: () => {
      disposed = true
      stopWatch?.()
    },
  }
}
