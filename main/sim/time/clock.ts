/** Virtual time in milliseconds since the Unix epoch. */
export type VirtualTime = number

/** Cancels what `Clock.after` or `Clock.soon` arranged; harmless when it has already run. */
export type Cancel = () => void

/**
 * The only source of time under `main/sim`. Every component of the simulated homelab runs as tasks of one clock,
 * ordered by (due time, order of arrangement), so that a seed replays a run.
 */
export interface Clock {
  readonly now: VirtualTime
  /** Runs `task` once, `ms` milliseconds of virtual time from now (0 means later in this same instant). */
  after(ms: number, task: () => void): Cancel
  /** Runs `task` later in this same instant, after everything already due. */
  soon(task: () => void): Cancel
  /** Resolves after `ms` milliseconds of virtual time; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** RFC 3339 with second precision in UTC, as Kubernetes' metav1.Time is serialised. */
export const rfc3339 = (time: VirtualTime): string => {
  const second = Math.floor(time / 1000)
  // Many objects are written in one second: they share one string.
  if (second !== lastSecond) {
    lastSecond = second
    lastText = new Date(second * 1000).toISOString().replace('.000Z', 'Z')
  }
  return lastText
}
let lastSecond = Number.NaN
let lastText = ''

/** RFC 3339 with microseconds, as Kubernetes' metav1.MicroTime is serialised. */
export const rfc3339Micro = (time: VirtualTime): string => new Date(time).toISOString().replace(/\.(\d{3})Z$/, '.$1000Z')

interface Task {
  readonly due: VirtualTime
  readonly order: number
  run: (() => void) | undefined
}

/** A binary heap of tasks over virtual time. Whoever owns it decides how fast time passes (see `pace` in the host). */
export class VirtualClock implements Clock {
  private time: VirtualTime
  private order = 0
  private readonly heap: Task[] = []
  /** Called when a task is arranged that is due before all others: the pacer may have to wake up earlier. */
  onEarlier: (() => void) | undefined
  /** Told of what a task throws, so that one faulty part does not stop all the others; without it, it is thrown on. */
  onFault: ((error: unknown) => void) | undefined

  /** Called before the time is read while nothing runs: what comes in from outside finds the present time, not that of the last task. */
  catchUp: (() => void) | undefined

  constructor(start: VirtualTime) {
    this.time = start
  }

  get now(): VirtualTime {
    this.catchUp?.()
    return this.time
  }

  after(ms: number, task: () => void): Cancel {
    const entry: Task = { due: this.now + Math.max(0, ms), order: this.order++, run: task }
    this.push(entry)
    if (this.heap[0] === entry) this.onEarlier?.()
    return () => {
      entry.run = undefined
    }
  }

  soon(task: () => void): Cancel {
    return this.after(0, task)
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = () => {
        cancel()
        reject(signal!.reason)
      }
      const cancel = this.after(ms, () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      })
      signal?.addEventListener('abort', stop, { once: true })
    })
  }

  /** When the next task is due, or undefined when nothing is arranged. */
  get nextDue(): VirtualTime | undefined {
    while (this.heap.length > 0 && this.heap[0]!.run === undefined) this.pop()
    return this.heap[0]?.due
  }

  /**
   * Runs the next task that is due at or before `limit`, moving `now` to its due time.
   * Returns false when there is none; `now` then stays where it is.
   */
  step(limit: VirtualTime): boolean {
    const due = this.nextDue
    if (due === undefined || due > limit) return false
    const task = this.pop()!
    if (due > this.time) this.time = due
    try {
      task.run!()
    } catch (error) {
      if (!this.onFault) throw error
      this.onFault(error)
    }
    return true
  }

  /** Moves `now` forward to `time` when nothing is due before it. Time never goes back. */
  moveTo(time: VirtualTime): void {
    const due = this.nextDue
    this.time = Math.max(this.time, due === undefined ? time : Math.min(time, due))
  }

  private push(task: Task): void {
    const heap = this.heap
    let i = heap.push(task) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (!before(task, heap[parent]!)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = task
  }

  private pop(): Task | undefined {
    const heap = this.heap
    const top = heap[0]
    const last = heap.pop()
    if (heap.length > 0 && last) {
      let i = 0
      for (;;) {
        let child = 2 * i + 1
        if (child >= heap.length) break
        if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
        if (!before(heap[child]!, last)) break
        heap[i] = heap[child]!
        i = child
      }
      heap[i] = last
    }
    return top
  }
}

const before = (a: Task, b: Task): boolean => a.due < b.due || (a.due === b.due && a.order < b.order)
