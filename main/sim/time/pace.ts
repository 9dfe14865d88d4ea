import type { Cancel, VirtualClock, VirtualTime } from './clock.ts'

/** What the outside world lends the simulation: its time and its event loop. Nothing under `main/sim` takes them itself. */
export interface Wall {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls back once after that many milliseconds of wall time. */
  after(ms: number, callback: () => void): Cancel
  /** Calls back after pending I/O and promises have had their turn. */
  defer(callback: () => void): void
}

/** Longest stretch of simulation without letting I/O in, so that a request waits no longer than a frame. */
const SLICE_MS = 8

/** Tasks looked at between two readings of the wall clock. */
const TASKS_PER_READING = 32

/**
 * Runs what is due at the present instant, then lets promises settle, until the instant is quiet.
 * Virtual time never advances while a component is in the middle of something.
 */
const quiet = (clock: VirtualClock, wall: Wall, isStopped: () => boolean, done: () => void): void => {
  const slice = () => {
    if (isStopped()) return
    const until = wall.now() + SLICE_MS
    let ran = false
    do {
      let count = TASKS_PER_READING
      while (count-- > 0 && clock.step(clock.now)) ran = true
    } while (clock.nextDue !== undefined && clock.nextDue <= clock.now && wall.now() < until)
    if (ran) wall.defer(slice)
    else done()
  }
  wall.defer(slice)
}

/** Runs the simulation for `ms` of virtual time as fast as the machine can, and resolves when it is quiet again. */
export const advance = (clock: VirtualClock, wall: Wall, ms: number): Promise<void> =>
  new Promise(resolve => {
    const target = clock.now + ms
    const turn = () => {
      const due = clock.nextDue
      if (due === undefined || due > target) {
        clock.moveTo(target)
        return resolve()
      }
      clock.moveTo(due)
      quiet(clock, wall, () => false, turn)
    }
    quiet(clock, wall, () => false, turn)
  })

/** Ties virtual time to wall time. */
export interface Pacer {
  /** Virtual milliseconds per wall millisecond; 0 while paused. */
  speed: number
  dispose(): void
}

/** Lets virtual time run along wall time at `speed`, sleeping whenever nothing is due. */
export const pace = (clock: VirtualClock, wall: Wall, speed = 1): Pacer => {
  let rate = speed
  let wallStart = wall.now()
  let virtualStart: VirtualTime = clock.now
  let stopped = false
  let busy = false
  let cancelSleep: Cancel | undefined

  const target = () => virtualStart + (wall.now() - wallStart) * rate

  /** An idle clock stands where its last task ran; whatever comes in from outside happens at the present time. */
  const catchUp = () => clock.moveTo(target())

  const turn = () => {
    busy = false
    clock.catchUp = undefined
    if (stopped) return
    const limit = target()
    const due = clock.nextDue
    clock.moveTo(due === undefined ? limit : Math.min(due, limit))
    if (due !== undefined && due <= limit) {
      busy = true
      return quiet(clock, wall, () => stopped, turn)
    }
    clock.catchUp = catchUp
    if (due !== undefined && rate > 0) cancelSleep = wall.after(Math.max(1, Math.ceil((due - limit) / rate)), turn)
  }

  const wake = () => {
    if (busy || stopped) return
    cancelSleep?.()
    cancelSleep = undefined
    busy = true
    clock.catchUp = undefined
    wall.defer(turn)
  }
  clock.onEarlier = wake
  wake()

  return {
    get speed() {
      return rate
    },
    set speed(next) {
      const now = target()
      clock.moveTo(now)
      virtualStart = Math.max(now, clock.now)
      wallStart = wall.now()
      rate = next
      wake()
    },
    dispose: () => {
      stopped = true
      cancelSleep?.()
      clock.onEarlier = undefined
      clock.catchUp = undefined
    },
  }
}
