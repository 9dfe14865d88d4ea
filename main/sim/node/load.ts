import { fnv1a32 } from '../time/random.ts'
import type { VirtualTime } from '../time/clock.ts'
import type { RuntimeContainer } from './runtime.ts'

/** CPU in millicores, memory in bytes (working set). */
export interface Usage {
  readonly cpuMilli: number
  readonly memoryBytes: number
}

/** Usage changes at this rhythm, and drifts from one value to the next in between. */
const PERIOD_MS = 20_000

const noise = (seed: number, step: number): number => {
  let z = (seed ^ Math.imul(step, 0x9e3779b1)) >>> 0
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
  return ((z ^ (z >>> 16)) >>> 0) / 0x1_0000_0000
}

/** A number in [0, 1) that wanders with time: always the same for one name and moment. */
const wander = (name: string, time: VirtualTime): number => {
  const seed = fnv1a32(name)
  const at = time / PERIOD_MS + (seed % 1000) / 1000
  const step = Math.floor(at)
  const part = at - step
  return noise(seed, step) * (1 - part) + noise(seed, step + 1) * part
}

/** Start-up costs this much CPU for this long. */
const START_CPU_MILLI = 180
const START_MS = 4000

/** What a container takes at a moment: its image's profile, a bit more or less, and the work of its start. */
export const containerUsage = (container: RuntimeContainer, time: VirtualTime): Usage => {
  const { stored, process, id } = container
  if (process.exit) return { cpuMilli: 0, memoryBytes: 0 }
  const { cpuMilli, memoryBytes } = stored.image.load
  const age = time - process.startedAt
  const starting = age < START_MS && cpuMilli > 0 ? START_CPU_MILLI * (1 - age / START_MS) : 0
  const memory = memoryBytes * (0.92 + 0.16 * wander(`${id}m`, time))
  return { cpuMilli: cpuMilli * (0.55 + 0.9 * wander(id, time)) + starting, memoryBytes: Math.floor(Math.min(1, 0.6 + age / 30_000) * memory) }
}

/** A long-running daemon of the node (k3s itself). */
export const daemonUsage = (name: string, base: Usage, time: VirtualTime): Usage => ({
  cpuMilli: base.cpuMilli * (0.7 + 0.6 * wander(name, time)),
  memoryBytes: Math.floor(base.memoryBytes * (0.97 + 0.06 * wander(`${name}m`, time))),
})
