import type { Pod } from '../apiserver/resources/types.ts'
import type { Cancel, Clock } from '../time/clock.ts'
import type { ClusterEvent, Plugin } from './framework.ts'
import { heap } from './heap.ts'
import { podInfo } from './pod-info.ts'
import type { PodInfo } from './pod-info.ts'

/** A pod that waits to be placed. */
export interface QueuedPod {
  pod: PodInfo
  /** When it entered the active queue, with a serial number that keeps arrivals of one instant in order. */
  queuedAt: number
  /** Attempts that found no node, and attempts in a row that broke down. */
  attempts: number
  errors: number
  rejectedBy: ReadonlySet<string>
  state: 'active' | 'backoff' | 'unschedulable' | 'gated' | 'taken' | 'gone'
  /** When it may be tried again, and since when it waits. */
  backoffUntil: number
  failedAt: number
}

export interface SchedulingQueue {
  /** How many pods wait in each place (kube-scheduler's metric scheduler_pending_pods). */
  readonly counts: { readonly active: number; readonly backoff: number; readonly unschedulable: number; readonly gated: number }
  add(pod: Pod): void
  update(pod: Pod, old: Pod): void
  remove(uid: string): void
  /** The next pod to place; it is `taken` until given back by `failed` or removed. */
  pop(): QueuedPod | undefined
  /** Gives back a pod that could not be placed. With `error` it is tried again after its back-off, without any event. */
  failed(entry: QueuedPod, rejectedBy: ReadonlySet<string>, error: boolean): void
  /** Lets those pods move that the event may help. */
  react(event: ClusterEvent): void
  dispose(): void
}

const INITIAL_BACKOFF_MS = 1000
const MAX_BACKOFF_MS = 10_000
/** Pods that no event ever helped are tried again after five minutes; looked at each half minute. */
const MAX_UNSCHEDULABLE_MS = 300_000
const FLUSH_MS = 30_000

const backoff = (attempts: number) => Math.min(INITIAL_BACKOFF_MS * 2 ** Math.max(0, attempts - 1), MAX_BACKOFF_MS)

/** Status and bookkeeping aside, has the pod changed? */
const isChanged = (pod: Pod, old: Pod): boolean =>
  (pod.spec !== old.spec && JSON.stringify(pod.spec) !== JSON.stringify(old.spec)) ||
  JSON.stringify(pod.metadata.labels) !== JSON.stringify(old.metadata.labels) ||
  pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp

/**
 * Active queue, back-off queue and the pool of unschedulable pods (backend/queue/scheduling_queue.go). A pod leaves the
 * pool when something happens that interests a plugin that rejected it; `onReady` is called when there is one to pop.
 */
export const schedulingQueue = (clock: Clock, plugins: readonly Plugin[], onReady: () => void): SchedulingQueue => {
  const queueSort = plugins.find(plugin => plugin.queueSort)!.queueSort!
  const gates = plugins.filter(plugin => plugin.preEnqueue)
  const interested = plugins.filter(plugin => plugin.mayHelp)
  const entries = new Map<string, QueuedPod>()
  const active = heap<QueuedPod>(queueSort)
  const waiting = heap<QueuedPod>((a, b) => a.backoffUntil - b.backoffUntil || a.queuedAt - b.queuedAt)
  const unschedulable = new Set<QueuedPod>()
  let serial = 0
  let backoffTimer: Cancel | undefined
  let flushTimer: Cancel | undefined

  const activate = (entry: QueuedPod) => {
    unschedulable.delete(entry)
    if (gates.some(plugin => plugin.preEnqueue!(entry.pod.pod) !== undefined)) {
      entry.state = 'gated'
      return
    }
    entry.state = 'active'
    entry.queuedAt = clock.now + (serial = (serial + 1) % 1_000_000) / 1_000_000
    active.push(entry)
    onReady()
  }

  /** What has left the back-off queue otherwise, is still in the heap and skipped. */
  const firstWaiting = (): QueuedPod | undefined => {
    while (waiting.size > 0 && waiting.peek()!.state !== 'backoff') waiting.pop()
    return waiting.peek()
  }
  const wake = () => {
    backoffTimer = undefined
    for (let first = firstWaiting(); first && first.backoffUntil <= clock.now; first = firstWaiting()) activate(waiting.pop()!)
    const next = firstWaiting()
    if (next) backoffTimer = clock.after(next.backoffUntil - clock.now, wake)
  }
  const holdBack = (entry: QueuedPod) => {
    unschedulable.delete(entry)
    entry.state = 'backoff'
    waiting.push(entry)
    if (firstWaiting() === entry) {
      backoffTimer?.()
      backoffTimer = clock.after(entry.backoffUntil - clock.now, wake)
    }
    onReady()
  }
  const move = (entry: QueuedPod) => (entry.backoffUntil > clock.now ? holdBack(entry) : activate(entry))

  const flush = () => {
    flushTimer = undefined
    for (const entry of unschedulable) if (clock.now - entry.failedAt > MAX_UNSCHEDULABLE_MS) move(entry)
    if (unschedulable.size > 0) flushTimer = clock.after(FLUSH_MS, flush)
  }

  const mayHelp = (event: ClusterEvent, entry: QueuedPod): boolean => {
    // A pod that no plugin rejected (there were no nodes) waits for anything.
    if (entry.rejectedBy.size === 0) return true
    for (const plugin of interested) if (entry.rejectedBy.has(plugin.name) && plugin.mayHelp!(event, entry.pod)) return true
    return false
  }

  return {
    get counts() {
      const counts = { active: 0, backoff: 0, unschedulable: 0, gated: 0 }
      for (const { state } of entries.values()) if (state in counts) counts[state as keyof typeof counts]++
      return counts
    },
    add: pod => {
      const entry: QueuedPod = {
        pod: podInfo(pod, true),
        queuedAt: 0,
        attempts: 0,
        errors: 0,
        rejectedBy: new Set(),
        state: 'active',
        backoffUntil: 0,
        failedAt: 0,
      }
      entries.set(pod.metadata.uid, entry)
      activate(entry)
    },
    update: (pod, old) => {
      const entry = entries.get(pod.metadata.uid)
      if (!entry) return
      if (!isChanged(pod, old)) {
        entry.pod.pod = pod
        return
      }
      entry.pod = podInfo(pod, true)
      if (entry.state === 'gated') activate(entry)
      else if (entry.state === 'unschedulable' && mayHelp({ kind: 'SelfUpdated', pod, old }, entry)) move(entry)
    },
    remove: uid => {
      const entry = entries.get(uid)
      if (!entry) return
      entry.state = 'gone'
      entries.delete(uid)
      unschedulable.delete(entry)
    },
    pop: () => {
      while (active.size > 0) {
        const entry = active.pop()!
        if (entry.state !== 'active') continue
        entry.state = 'taken'
        return entry
      }
      // Nothing better to do: a pod in back-off is tried early, unless it waits because something broke.
      const first = firstWaiting()
      if (!first || first.errors > 0) return undefined
      waiting.pop()
      first.state = 'taken'
      return first
    },
    failed: (entry, rejectedBy, error) => {
      if (entry.state !== 'taken') return
      entry.rejectedBy = rejectedBy
      entry.failedAt = clock.now
      if (error) entry.errors++
      else {
        entry.attempts++
        entry.errors = 0
      }
      entry.backoffUntil = clock.now + backoff(error ? entry.errors : entry.attempts)
      if (error) return holdBack(entry)
      entry.state = 'unschedulable'
      unschedulable.add(entry)
      flushTimer ??= clock.after(FLUSH_MS, flush)
    },
    react: event => {
      if (unschedulable.size > 0) for (const entry of unschedulable) if (mayHelp(event, entry)) move(entry)
    },
    dispose: () => {
      backoffTimer?.()
      flushTimer?.()
      entries.clear()
    },
  }
}
