import type { Wall } from '../../time/pace.ts'
import type { ApiServerCore } from '../core.ts'
import type { ResourceDefinition } from '../definition.ts'
import { ApiError } from '../errors.ts'
import type { KubeObject } from '../object.ts'
import { changesAfter, eventOf, type ObjectEvent, type WatchScope } from '../registry/watch.ts'
import { selectorPredicate } from '../selectors.ts'
import { unknownError } from '../status.ts'
import { RawAnswer } from './message.ts'
import type { Representation } from './negotiate.ts'
import type { ListQuery } from './query.ts'
import { includeObject, representObject } from './represent.ts'

/** Bookmarks come this often to those who want them (kube-apiserver: about once a minute). */
const BOOKMARK_MS = 60_000
/** A watch without timeoutSeconds ends after 30 to 60 minutes (--min-request-timeout 1800). */
const MIN_TIMEOUT_MS = 1_800_000
/** What a client may leave unread before it is cut off, as the watch cache forgets slow watchers. */
const MAX_QUEUED = 20_000

/** A queue that is written from events and read as a stream. */
const channel = () => {
  let waiting: string[] = []
  let wake: (() => void) | undefined
  let ended = false
  return {
    push: (text: string) => {
      waiting.push(text)
      wake?.()
    },
    get length() {
      return waiting.length
    },
    end: () => {
      ended = true
      wake?.()
    },
    stream: async function* (onReturn: () => void): AsyncGenerator<string> {
      try {
        for (;;) {
          if (waiting.length > 0) {
            // Everything that came in one turn goes out in one write.
            const text = waiting.join('')
            waiting = []
            yield text
          } else if (ended) return
          else await new Promise<void>(resolve => (wake = resolve))
        }
      } finally {
        onReturn()
      }
    },
  }
}

/** Texts of the last objects sent as plain JSON, for the next watcher that wants the same. */
const lately = new Map<KubeObject, string>()
const LATELY = 256
const textOf = (object: KubeObject): string => {
  let text = lately.get(object)
  if (text === undefined) {
    text = JSON.stringify(object)
    lately.set(object, text)
    if (lately.size > LATELY) lately.delete(lately.keys().next().value!)
  }
  return text
}

export interface WatchRequest {
  readonly definition: ResourceDefinition
  readonly namespace: string | undefined
  readonly name?: string
  readonly query: ListQuery
  readonly search: URLSearchParams
  readonly representation: Representation
  readonly signal: AbortSignal | undefined
}

/** The chunked answer of a watch: one JSON event a line. */
export const watchStream = (core: ApiServerCore, wall: Wall, request: WatchRequest): RawAnswer => {
  const { definition, namespace, query, representation } = request
  const { store, clock, random } = core.registry
  const bucket = core.registry.bucketOf(definition)
  const scope: WatchScope = {
    namespace,
    ...(request.name !== undefined && { name: request.name }),
    selects: selectorPredicate(definition, query.labelSelector, query.fieldSelector),
  }
  const include = representation.as === 'Table' ? includeObject(request.search) : 'Metadata'
  const version = query.resourceVersion
  if (version && !/^\d+$/.test(version))
    throw unknownError(`resourceVersion: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`)

  const out = channel()
  let columnsSent = false
  const send = ({ type, object }: Pick<ObjectEvent, 'type' | 'object'>) => {
    if (representation.as === 'object') return out.push(`{"type":"${type}","object":${textOf(object)}}\n`)
    const shown = representObject(definition, object, representation, include, clock.now, !columnsSent)
    columnsSent = true
    out.push(`${JSON.stringify({ type, object: shown })}\n`)
  }
  const bookmark = (revision: number, initialEnd = false) => {
    const metadata = { resourceVersion: String(revision), ...(initialEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }) }
    const object =
      representation.as === 'Table'
        ? { kind: 'Table', apiVersion: `meta.k8s.io/${representation.metaVersion}`, metadata, columnDefinitions: null, rows: [] }
        : representation.as === 'object'
          ? { kind: definition.kind, apiVersion: definition.group ? `${definition.group}/${definition.version}` : definition.version, metadata }
          : { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${representation.metaVersion}`, metadata }
    out.push(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
  }

  const since = version && version !== '0' && query.sendInitialEvents !== true ? Number(version) : undefined
  const initial = since === undefined && query.sendInitialEvents !== false
  const stops: (() => void)[] = []
  const stop = () => {
    for (const end of stops.splice(0)) end()
  }
  const finish = () => {
    stop()
    out.end()
  }

  try {
    if (initial) {
      for (const object of bucket.list(namespace))
        if ((scope.name === undefined || object.metadata.name === scope.name) && (!scope.selects || scope.selects(object))) send({ type: 'ADDED', object })
      // A watch from the most recent state tells where that state ends, asked for or not.
      if ((query.sendInitialEvents || version === '') && query.allowWatchBookmarks) bookmark(store.revision, true)
    } else {
      for (const change of changesAfter(store, bucket, core.compacted, since ?? store.revision)) {
        const event = eventOf(scope, change)
        if (event) send(event)
      }
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    out.push(`${JSON.stringify({ type: 'ERROR', object: error.status })}\n`)
    out.end()
    return answer(out.stream(() => {}))
  }

  stops.push(
    bucket.subscribe(change => {
      if (since !== undefined && change.revision <= since) return
      const event = eventOf(scope, change)
      if (event) send(event)
      if (out.length > MAX_QUEUED) finish()
    }),
    core.onStop(finish),
  )
  const timeout = query.timeoutSeconds !== undefined && query.timeoutSeconds > 0 ? query.timeoutSeconds * 1000 : MIN_TIMEOUT_MS + random.below(MIN_TIMEOUT_MS)
  // Connections live in the world outside: their clocks are the host's.
  stops.push(wall.after(timeout, finish))
  if (query.allowWatchBookmarks) {
    const again = () => {
      bookmark(store.revision)
      stops.push(wall.after(BOOKMARK_MS, again))
    }
    stops.push(wall.after(BOOKMARK_MS, again))
  }
  request.signal?.addEventListener('abort', finish, { once: true })
  return answer(out.stream(stop))

  function answer(body: AsyncIterable<string>): RawAnswer {
    return new RawAnswer({ status: 200, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' }, body })
  }
}
