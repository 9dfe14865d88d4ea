import type { Event, ObjectReference } from '../apiserver/resources/types.ts'
import { events } from '../apiserver/resources/types.ts'
import { ApiError, hasReason } from '../apiserver/errors.ts'
import type { Draft, KubeObject } from '../apiserver/object.ts'
import { rfc3339, rfc3339Micro } from '../time/clock.ts'
import type { Cancel, Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { ApiClient } from './client.ts'

export type EventType = 'Normal' | 'Warning'

/** What an event is about: an object, or a reference to it. */
type EventSubject = KubeObject | (ObjectReference & { readonly name: string })

export interface EventExtra {
  /** Part of the object, `spec.containers{nginx}`. */
  readonly fieldPath?: string
  readonly annotations?: Record<string, string>
  /** What was being done (`Binding`); recorders of the events API only. */
  readonly action?: string
}

export interface EventRecorder {
  /** Writes an event, later and without telling of failures: events are best effort. */
  event(object: EventSubject, type: EventType, reason: string, message: string, extra?: EventExtra): void
  dispose(): void
}

export interface RecorderOptions {
  /** `replicaset-controller`, `kubelet`, … */
  readonly component: string
  /** The node the component runs on; controllers leave it out. */
  readonly host?: string
  /** `core`: client-go's tools/record. `events`: its tools/events, as kube-scheduler uses it. */
  readonly api?: 'core' | 'events'
}

// client-go tools/record/events_cache.go
const MAX_OBJECTS = 4096
const SIMILAR_LIMIT = 10
const SIMILAR_WINDOW_MS = 600_000
const SPAM_BURST = 25
const SPAM_REFILL_MS = 300_000
// client-go tools/events/event_broadcaster.go; a series is over after six minutes of silence
const SERIES_WINDOW_MS = 360_000
const MAX_TRIES = 12
const RETRY_MS = 10_000

const referenceTo = (object: EventSubject, fieldPath: string | undefined): ObjectReference => {
  if (!('metadata' in object)) return fieldPath === undefined ? object : { ...object, fieldPath }
  const { namespace, name, uid, resourceVersion } = object.metadata
  return {
    kind: object.kind,
    ...(namespace !== undefined && { namespace }),
    name,
    uid,
    apiVersion: object.apiVersion,
    resourceVersion,
    ...(fieldPath !== undefined && { fieldPath }),
  }
}

/** Names are the subject's name and the time in nanoseconds; events of one instant get ascending times. */
const eventNames = (clock: Clock, random: Random): ((subject: string) => string) => {
  let instant = -1
  let nanos = 0
  return subject => {
    nanos = clock.now === instant ? nanos + 1 + random.below(997) : random.below(100_000)
    instant = clock.now
    return `${subject}.${(BigInt(Math.floor(instant)) * 1_000_000n + BigInt(nanos)).toString(16)}`
  }
}

/** Tries again while the API server cannot be reached; what it refuses is dropped. */
const persistently = (clock: Clock, isDisposed: () => boolean, write: () => Promise<unknown>, tries = 1): void => {
  write().catch((error: unknown) => {
    if (error instanceof ApiError || isDisposed() || tries >= MAX_TRIES) return
    clock.after(RETRY_MS, () => persistently(clock, isDisposed, write, tries + 1))
  })
}

interface Observation {
  readonly name: string
  readonly firstTimestamp: string
  count: number
}

/** Messages of one type and reason; most often there is only one. */
interface Similar {
  messages: string | Set<string>
  lastAt: number
}

/** Takes a message in; true when there are too many different ones to be told apart. */
const isCombined = (similar: Similar, message: string): boolean => {
  if (similar.messages === message) return false
  if (typeof similar.messages === 'string') similar.messages = new Set([similar.messages])
  similar.messages.add(message)
  if (similar.messages.size < SIMILAR_LIMIT) return false
  for (const any of similar.messages) if (similar.messages.delete(any)) break
  return true
}

/** What has been said about one object: for counting repeats, combining similar events, and stopping spam. */
interface SubjectLog {
  tokens: number
  refilledAt: number
  readonly observed: Map<string, Observation>
  readonly similar: Map<string, Similar>
}

/**
 * Records events as the components of Kubernetes do: the same event again raises the count of the first, the tenth
 * event that differs only by its message within ten minutes becomes "(combined from similar events)", and a source
 * that has written 25 events about an object writes only one more every five minutes.
 */
export const eventRecorder = (clock: Clock, random: Random, client: ApiClient, options: RecorderOptions): EventRecorder =>
  options.api === 'events' ? seriesRecorder(clock, random, client, options) : countingRecorder(clock, random, client, options)

const countingRecorder = (clock: Clock, random: Random, client: ApiClient, { component, host }: RecorderOptions): EventRecorder => {
  const logs = new Map<string, SubjectLog>()
  const nameFor = eventNames(clock, random)
  const source = host === undefined ? { component } : { component, host }
  let disposed = false

  /** Keeps the logs of the objects last written about. */
  const logOf = (key: string): SubjectLog => {
    const found = logs.get(key)
    if (found) {
      logs.delete(key)
      logs.set(key, found)
      return found
    }
    const fresh: SubjectLog = { tokens: SPAM_BURST, refilledAt: clock.now, observed: new Map(), similar: new Map() }
    logs.set(key, fresh)
    if (logs.size > MAX_OBJECTS) for (const oldest of logs.keys()) return (logs.delete(oldest), fresh)
    return fresh
  }

  const isSpam = (log: SubjectLog): boolean => {
    log.tokens = Math.min(SPAM_BURST, log.tokens + (clock.now - log.refilledAt) / SPAM_REFILL_MS)
    log.refilledAt = clock.now
    if (log.tokens < 1) return true
    log.tokens--
    return false
  }

  return {
    event: (object, type, reason, message, extra) => {
      if (disposed) return
      const involvedObject = referenceTo(object, extra?.fieldPath)
      const name = involvedObject.name!
      const log = logOf(involvedObject.uid ?? `${involvedObject.kind}/${involvedObject.namespace}/${name}`)
      const now = rfc3339(clock.now)

      const group = `${type} ${reason}`
      let similar = log.similar.get(group)
      if (!similar || clock.now - similar.lastAt > SIMILAR_WINDOW_MS) log.similar.set(group, (similar = { messages: message, lastAt: clock.now }))
      similar.lastAt = clock.now
      const combined = isCombined(similar, message)
      const text = combined ? `(combined from similar events): ${message}` : message

      const key = combined ? group : `${group} ${involvedObject.fieldPath ?? ''} ${message}`
      let observation = log.observed.get(key)
      if (observation) observation.count++
      else log.observed.set(key, (observation = { name: nameFor(name), firstTimestamp: now, count: 1 }))
      if (isSpam(log)) return

      const namespace = involvedObject.namespace ?? 'default'
      const { count, firstTimestamp, name: eventName } = observation
      const draft: Draft<Event> = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: eventName, namespace, ...(extra?.annotations && { annotations: extra.annotations }) },
        involvedObject,
        reason,
        message: text,
        source,
        firstTimestamp,
        lastTimestamp: now,
        count,
        type,
        eventTime: null as never,
        reportingComponent: component,
        reportingInstance: host ?? '',
      }
      persistently(
        clock,
        () => disposed,
        async () => {
          if (count > 1)
            try {
              return await client.patch(events, namespace, eventName, 'strategic', { count, lastTimestamp: now, message: text })
            } catch (error) {
              if (!hasReason(error, 'NotFound')) throw error
            }
          return client.create(events, draft)
        },
      )
    },
    dispose: () => {
      disposed = true
    },
  }
}

interface Series {
  readonly draft: Draft<Event>
  /** When the event, or its last repetition, was seen. */
  lastAt: number
  count: number
}

const seriesRecorder = (clock: Clock, random: Random, client: ApiClient, { component, host }: RecorderOptions): EventRecorder => {
  const known = new Map<string, Series>()
  const nameFor = eventNames(clock, random)
  const reportingInstance = `${component}-${host ?? 'localhost'}`
  let sweep: Cancel | undefined
  let disposed = false
  const isDisposed = () => disposed

  const writeSeries = (entry: Series) => {
    const series = { count: entry.count, lastObservedTime: rfc3339Micro(entry.lastAt) }
    persistently(clock, isDisposed, async () => {
      const { name, namespace } = entry.draft.metadata
      try {
        return await client.patch(events, namespace, name!, 'strategic', { series })
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error
        return client.create(events, { ...entry.draft, series })
      }
    })
  }

  const finishSeries = () => {
    sweep = undefined
    for (const [key, entry] of known) {
      if (clock.now - entry.lastAt <= SERIES_WINDOW_MS) continue
      if (entry.count > 2) writeSeries(entry)
      known.delete(key)
    }
    if (known.size > 0) sweep = clock.after(SERIES_WINDOW_MS, finishSeries)
  }

  return {
    event: (object, type, reason, message, extra) => {
      if (disposed) return
      const involvedObject = referenceTo(object, extra?.fieldPath)
      const key = `${type} ${extra?.action} ${reason} ${involvedObject.kind}/${involvedObject.namespace}/${involvedObject.name} ${involvedObject.uid} ${involvedObject.resourceVersion}`
      const entry = known.get(key)
      if (entry) {
        entry.count++
        entry.lastAt = clock.now
        if (entry.count === 2) writeSeries(entry)
        return
      }
      const draft: Draft<Event> = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: nameFor(involvedObject.name!), namespace: involvedObject.namespace ?? 'default' },
        involvedObject,
        reason,
        message,
        source: {},
        firstTimestamp: null as never,
        lastTimestamp: null as never,
        type,
        eventTime: rfc3339Micro(clock.now),
        action: extra?.action,
        reportingComponent: component,
        reportingInstance,
      }
      known.set(key, { draft, lastAt: clock.now, count: 1 })
      sweep ??= clock.after(SERIES_WINDOW_MS, finishSeries)
      persistently(clock, isDisposed, () => client.create(events, draft))
    },
    dispose: () => {
      disposed = true
      sweep?.()
    },
  }
}
