import type { Clock, VirtualTime } from '../../time/clock.ts'
import type { MachineLoad, MachineSpec } from '../machine.ts'

/** What the kernel counts since boot. Times in milliseconds of CPU, sizes in bytes. */
export interface Counters {
  /** Brings everything up to the present moment and returns it. */
  read(): {
    readonly uptimeMs: number
    readonly userMs: number
    readonly systemMs: number
    readonly idleMs: number
    readonly iowaitMs: number
    /** Each core's busy share of the total, summing to 1. */
    readonly coreShare: readonly number[]
    readonly load: readonly [number, number, number]
    readonly contextSwitches: number
    readonly rxBytes: number
    readonly txBytes: number
    readonly readBytes: number
    readonly writtenBytes: number
    /** Busy fraction of all cores over the last stretch. */
    readonly usage: number
    readonly temperature: number
  }
}

/** An idle mini-PC on a LAN talks and logs this much: broadcasts, time, journal. Bytes a second. */
const IDLE_RX = 900
const IDLE_TX = 450
const IDLE_WRITES = 2_500
/** Traffic and writes that come with work, in bytes per millisecond of CPU. */
const WORK_RX = 220
const WORK_TX = 260
const WORK_WRITES = 400
/** Package temperature of a fanless N100 class machine, idle and under full load. */
const IDLE_CELSIUS = 41
const FULL_CELSIUS = 78

/** Counts from `bootedAt` on, by integrating the load whenever somebody looks: between two looks it counts as constant. */
export const createCounters = (clock: Clock, spec: MachineSpec, bootedAt: () => VirtualTime, load: () => MachineLoad): Counters => {
  let boot = bootedAt()
  let at = boot
  let busyMs = 0
  let averages: [number, number, number] = [0, 0, 0]
  let usage = 0
  const skew = Array.from({ length: spec.cores }, (_, i) => 1 + ((i * 7) % 5) / 20)
  const skewSum = skew.reduce((sum, share) => sum + share, 0)
  return {
    read: () => {
      if (boot !== bootedAt()) {
        boot = at = bootedAt()
        busyMs = 0
        averages = [0, 0, 0]
      }
      const elapsed = Math.max(0, clock.now - at)
      const cpuMilli = Math.min(load().cpuMilli, spec.cores * 1000)
      usage = cpuMilli / (spec.cores * 1000)
      busyMs += (cpuMilli / 1000) * elapsed
      averages = averages.map((average, i) => {
        const keep = Math.exp(-elapsed / ([60, 300, 900][i]! * 1000))
        return average * keep + (cpuMilli / 1000) * (1 - keep)
      }) as [number, number, number]
      at = clock.now
      const uptimeMs = at - boot
      const total = uptimeMs * spec.cores
      const iowaitMs = busyMs * 0.01
      const seconds = uptimeMs / 1000
      return {
        uptimeMs,
        userMs: busyMs * 0.7,
        systemMs: busyMs * 0.3,
        iowaitMs,
        idleMs: Math.max(0, total - busyMs - iowaitMs),
        coreShare: skew.map(share => share / skewSum),
        load: averages,
        contextSwitches: Math.round(seconds * 180 + busyMs * 2.4),
        rxBytes: Math.round(seconds * IDLE_RX + busyMs * WORK_RX),
        txBytes: Math.round(seconds * IDLE_TX + busyMs * WORK_TX),
        readBytes: Math.round(620e6 + busyMs * 60),
        writtenBytes: Math.round(seconds * IDLE_WRITES + busyMs * WORK_WRITES),
        usage,
        temperature: IDLE_CELSIUS + (FULL_CELSIUS - IDLE_CELSIUS) * usage,
      }
    },
  }
}
