import type { Draft, KubeObject } from '../apiserver/object.ts'

/** Names one resource type. `group` is empty for the core group; `resource` is the plural (`pods`). */
export interface ResourceType<T extends KubeObject = KubeObject> {
  readonly group: string
  readonly version: string
  readonly resource: string
  /** Never set; carries the object's type. */
  readonly object?: T
}

export interface ListResult<T extends KubeObject> {
  readonly items: readonly T[]
  readonly resourceVersion: string
}

export type WatchEvent<T extends KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly object: { readonly metadata: { readonly resourceVersion: string } } }

export interface ListOptions {
  readonly namespace?: string
  /** As in `kubectl -l`. */
  readonly labelSelector?: string
  /** As in `kubectl --field-selector`. */
  readonly fieldSelector?: string
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply'

/**
 * How a component of the simulated homelab (scheduler, controller, kubelet, …) reaches the API server from inside
 * the worker. Every call goes through the same request pipeline as a request over HTTPS, under the identity the
 * client was made for (`apiserver.clientFor`). Objects go in and come out without being copied or serialised:
 * treat them as frozen. Every verb rejects with ApiError.
 */
export interface ApiClient {
  get<T extends KubeObject>(type: ResourceType<T>, namespace: string | undefined, name: string): Promise<T>
  list<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions): Promise<ListResult<T>>
  create<T extends KubeObject>(type: ResourceType<T>, object: Draft<T>): Promise<T>
  /** Replaces the object; `subresource` 'status' replaces its status only. Conflict when resourceVersion is stale. */
  update<T extends KubeObject>(type: ResourceType<T>, object: T, subresource?: 'status' | 'finalize'): Promise<T>
  patch<T extends KubeObject>(
    type: ResourceType<T>,
    namespace: string | undefined,
    name: string,
    patchType: PatchType,
    patch: unknown,
    subresource?: string,
  ): Promise<T>
  delete(type: ResourceType, namespace: string | undefined, name: string, options?: DeleteOptions): Promise<void>
  /** POST to a subresource with a body of another kind (`binding`, `eviction`, `token`). */
  post(type: ResourceType, namespace: string | undefined, name: string, subresource: string, body: object): Promise<unknown>
  /**
   * Everything after `resourceVersion`, in order, each on a task of the clock of its own turn. `onClosed` is called
   * when the server ends the watch (410 Expired, or the API server stopped): list again, then watch again.
   */
  watch<T extends KubeObject>(
    type: ResourceType<T>,
    options: ListOptions & { readonly resourceVersion: string },
    onEvent: (event: WatchEvent<T>) => void,
    onClosed: (reason: Error) => void,
  ): () => void
}
