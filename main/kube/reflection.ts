import type { KubernetesObject } from '@kubernetes/client-node'
import { Failure } from '../../shared/domain/errors.ts'
import type { KubeObject, ObjectChange, ObjectQuery } from './connection.ts'
import { queryString, selectors } from './discovery.ts'
import { answerFailure, type Requests, transportFailure } from './requests.ts'

/** Objects a page, as kubectl asks for them: large lists must not hold up everything else. */
const PAGE = 500

interface Page {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items: readonly KubeObject[]
}

/** Every object at `path`, page by page. Rejects with Failure. */
export const listAll = async (
  requests: Pick<Requests, 'send'>,
  server: string,
  path: string,
  query: ObjectQuery,
): Promise<{ items: KubeObject[]; resourceVersion: string }> => {
  let items: KubeObject[] = []
  let token: string | undefined
  for (;;) {
    const answer = await requests.send('GET', path + queryString({ ...selectors(query), limit: PAGE, continue: token }))
    if (answer.status === 410 && token !== undefined) {
      // The token expired while the pages were read: from the start.
      token = undefined
      items = []
      continue
    }
    if (answer.status !== 200) throw answerFailure(server, path, answer.status, answer.body)
    const page = JSON.parse(answer.body) as Page
    items.push(...page.items)
    token = page.metadata.continue || undefined
    if (token === undefined) return { items, resourceVersion: page.metadata.resourceVersion ?? '' }
  }
}

export interface ReflectionListener {
  change(change: ObjectChange): void
  /** Everything that exists has been told and changes follow: at first, and again after each reconnect. */
  live(): void
  /** The connection was lost, or never came; it is tried again by itself. */
  error(error: Failure): void
}

const FIRST_RETRY_MS = 1000
/** A refused connection costs next to nothing, and whoever restarted K3s is looking at the screen. */
const LAST_RETRY_MS = 5_000
/** A collection that may not be read, or is not served, will hardly be so in a second. */
const DENIED_RETRY_MS = 60_000

/** Follows one collection with an informer of @kubernetes/client-node, reconnecting with back-off. Returns how to stop. */
export const reflect = async (requests: Requests, server: string, path: string, query: ObjectQuery, listener: ReflectionListener): Promise<() => void> => {
  const { ListWatch, Watch } = await import('@kubernetes/client-node')
  let disposed = false
  let retryMs = FIRST_RETRY_MS
  let timer: NodeJS.Timeout | undefined

  class LiveWatch extends Watch {
    /** Bookmarks keep the resourceVersion of a quiet collection young, so that a reconnect does not have to list again. */
    override async watch(...[watchPath, parameters, onEvent, onDone]: Parameters<InstanceType<typeof Watch>['watch']>) {
      let open = true
      const controller = await super.watch(watchPath, { ...parameters, allowWatchBookmarks: true }, onEvent, error => {
        open = false
        onDone(error)
      })
      if (open && !disposed) {
        retryMs = FIRST_RETRY_MS
        listener.live()
      }
      return controller
    }
  }

  const lost = (error: unknown) => {
    if (disposed) return
    const reason = watchFailure(server, path, error)
    listener.error(reason)
    const denied = reason.code === 'clusterForbidden' || (reason.code === 'clusterAnswer' && reason.args.status === '404')
    timer = setTimeout(start, denied ? DENIED_RETRY_MS : retryMs)
    timer.unref()
    retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
  }
  const list = async () => {
    const { items, resourceVersion } = await listAll(requests, server, path, query)
    return { items: items as KubernetesObject[], metadata: { resourceVersion } }
  }
  const informer = new ListWatch<KubernetesObject>(path, new LiveWatch(requests.config), list, false, query.labelSelector, query.fieldSelector)
  const start = () => void informer.start().catch(lost)
  const tell = (type: ObjectChange['type']) => (object: KubernetesObject) => {
    if (!disposed) listener.change({ type, object: object as unknown as KubeObject })
  }
  informer.on('add', tell('added'))
  informer.on('update', tell('modified'))
  informer.on('delete', tell('deleted'))
  informer.on('error', lost)
  start()
  return () => {
    disposed = true
    clearTimeout(timer)
    void informer.stop()
  }
}

const watchFailure = (server: string, path: string, error: unknown): Failure => {
  if (error instanceof Failure) return error
  const { statusCode, message } = (error ?? {}) as { statusCode?: number; message?: string }
  return statusCode ? answerFailure(server, path, statusCode, message) : transportFailure(server, error ?? new Error('the connection was closed'))
}
