import { useEffect, useState, useSyncExternalStore } from 'react'
import type { CapacityUpdate, ContractError } from '../../shared/contract/contract.ts'
import type { Machine, MachineCapacity } from '../../shared/domain/machine.ts'
import { client } from '../rpc/client.ts'
import { follow } from '../rpc/follow.ts'

let machines: readonly Machine[] | undefined
const listeners = new Set<() => void>()
let stop: AbortController | undefined

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  if (!stop) {
    stop = new AbortController()
    void follow(signal => client.machines.watch(undefined, { signal }), stop.signal, {
      event: list => {
        machines = list
        for (const each of listeners) each()
      },
    })
  }
  return () => listeners.delete(listener)
}

/** Every machine k3lab can reach over SSH; undefined until the list is in. Followed from first use until the window closes. */
export const useMachines = (): readonly Machine[] | undefined => useSyncExternalStore(subscribe, () => machines)

export interface CapacityState {
  readonly capacity?: MachineCapacity
  readonly error?: ContractError
}

/** A machine's own readings over SSH, while the component is there. A failed reading leaves the last good one in view. */
export const useCapacity = (machineId: string | undefined): CapacityState => {
  const [state, setState] = useState<CapacityState & { readonly of?: string }>({})
  useEffect(() => {
    if (machineId === undefined) return
    const leave = new AbortController()
    const take = (update: CapacityUpdate) =>
      setState(before =>
        update.type === 'reading'
          ? { of: machineId, capacity: update.capacity }
          : { of: machineId, capacity: before.of === machineId ? before.capacity : undefined, error: update.error },
      )
    void follow(signal => client.machines.watchCapacity({ id: machineId }, { signal }), leave.signal, {
      event: take,
      failed: error => take({ type: 'failed', error }),
    })
    return () => leave.abort()
  }, [machineId])
  return state.of === machineId ? state : {}
}
