import type { CapacityUpdate } from '../../../shared/contract/contract.ts'
import { failure } from '../../../shared/domain/errors.ts'
import type { Log } from '../../log/log.ts'
import { CAPACITY_COMMAND, type CpuTimes, type CapacityReading, parseCapacity } from '../../ssh/capacity.ts'
import type { SshConnection } from '../../ssh/connect.ts'
import { asFailure, contractError } from '../contract-error.ts'
import type { Connections } from './connections.ts'

/** Often enough to see a machine work, seldom enough not to be its work. */
const INTERVAL_MS = 5_000

/** After a failure the next try waits twice as long, up to this. */
const LAST_RETRY_MS = 60_000

/** One reading over an open connection. Rejects with Failure (`capacityUnreadable` where no Linux answers). */
export const readCapacity = async (connection: SshConnection, name: string, previous?: CpuTimes): Promise<CapacityReading> => {
  const result = await connection.exec(CAPACITY_COMMAND)
  const reading = parseCapacity(result.stdout, previous, new Date())
  if (!reading) throw failure('capacityUnreadable', { name }, { detail: (result.stderr || result.stdout).slice(0, 500) })
  return reading
}

export interface CapacityWatch {
  /** Readings while anybody listens; the last one is told at once. */
  add(listener: (update: CapacityUpdate) => void): () => void
  /** Now, not in a few seconds: the machine was switched on or off. */
  hurry(): void
}

/** Reads one machine's capacity over one held connection for all who look at it. */
export const capacityWatch = (machine: { readonly id: string; readonly name: string }, connections: Connections, log: Log): CapacityWatch => {
  const listeners = new Set<(update: CapacityUpdate) => void>()
  let last: CapacityUpdate | undefined
  let timer: NodeJS.Timeout | undefined
  let reading = false
  let previous: { readonly times: CpuTimes | undefined; readonly bootId: string | null } | undefined
  let retryMs = INTERVAL_MS

  const read = async () => {
    if (reading) return
    reading = true
    clearTimeout(timer)
    try {
      const { connection, release } = await connections.lease(machine.id)
      try {
        const { capacity, cpuTimes } = await readCapacity(connection, machine.name, previous?.times)
        // Counters of another boot are no measure.
        last = { type: 'reading', capacity: previous && previous.bootId !== capacity.bootId ? { ...capacity, cpuUsage: null } : capacity }
        previous = { times: cpuTimes, bootId: capacity.bootId }
        retryMs = INTERVAL_MS
      } finally {
        release()
      }
    } catch (error) {
      last = { type: 'failed', error: contractError(asFailure(error, log)) }
      previous = undefined
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS)
    }
    reading = false
    for (const listener of listeners) listener(last)
    if (listeners.size > 0) timer = setTimeout(() => void read(), last.type === 'reading' ? INTERVAL_MS : retryMs)
  }

  return {
    add: listener => {
      listeners.add(listener)
      if (last) listener(last)
      if (listeners.size === 1) void read()
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        clearTimeout(timer)
        last = undefined
        previous = undefined
      }
    },
    hurry: () => {
      retryMs = INTERVAL_MS
      if (listeners.size > 0) void read()
    },
  }
}
