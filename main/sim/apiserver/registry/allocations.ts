import type { Random } from '../../time/random.ts'
import { invalidValue } from '../fielderrors.ts'
import type { KubeObject } from '../object.ts'

/** K3s' defaults: --service-cidr and --service-node-port-range. */
const SERVICE_CIDR = { base: ipNumber('10.43.0.0'), bits: 16, text: '10.43.0.0/16' }
const NODE_PORTS = { first: 30000, last: 32767 }

/** What is unique in the cluster: service addresses and node ports. The services themselves are the record. */
export interface Allocations {
  /** Takes what a stored service holds, on load. */
  adopt(service: KubeObject): void
  begin(): {
    clusterIP(wanted: string | undefined, owner: string): string
    nodePort(wanted: number | undefined, owner: string): number
    release(owner: string): void
    rollback(): void
  }
}

interface ServiceLike extends KubeObject {
  spec?: { clusterIP?: string; clusterIPs?: string[]; ports?: { nodePort?: number }[]; healthCheckNodePort?: number }
}

function ipNumber(text: string): number {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
  if (!parts || parts.slice(1).some(part => Number(part) > 255)) return Number.NaN
  return parts.slice(1).reduce((sum, part) => sum * 256 + Number(part), 0)
}

const ipText = (value: number): string => [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.')

/** Draws free values as the real allocators do: addresses from the upper part of the range, ports at random. */
export const createAllocations = (random: Random): Allocations => {
  const addresses = new Map<string, string>()
  const ports = new Map<number, string>()
  const size = 2 ** (32 - SERVICE_CIDR.bits)
  // Static addresses are meant to come from the lower part, so that drawn ones do not take them (KEP-3070).
  const lower = Math.min(Math.max(size / 16, 16), 256)

  const drawAddress = (): string => {
    for (const [from, to] of [
      [lower, size - 1],
      [1, lower],
    ] as const) {
      const start = random.below(to - from)
      for (let step = 0; step < to - from; step++) {
        const address = ipText(SERVICE_CIDR.base + from + ((start + step) % (to - from)))
        if (!addresses.has(address)) return address
      }
    }
    throw [invalidValue('spec.clusterIPs', [''], 'failed to allocate IP: range is full')]
  }

  const drawPort = (): number => {
    const count = NODE_PORTS.last - NODE_PORTS.first + 1
    const start = random.below(count)
    for (let step = 0; step < count; step++) {
      const port = NODE_PORTS.first + ((start + step) % count)
      if (!ports.has(port)) return port
    }
    throw [invalidValue('spec.ports[0].nodePort', 0, 'failed to allocate a nodePort: range is full')]
  }

  return {
    adopt: service => {
      const owner = `${service.metadata.namespace}/${service.metadata.name}`
      const { spec } = service as ServiceLike
      for (const address of spec?.clusterIPs ?? (spec?.clusterIP ? [spec.clusterIP] : [])) if (address !== 'None') addresses.set(address, owner)
      for (const { nodePort } of spec?.ports ?? []) if (nodePort) ports.set(nodePort, owner)
      if (spec?.healthCheckNodePort) ports.set(spec.healthCheckNodePort, owner)
    },
    begin: () => {
      const undo: (() => void)[] = []
      return {
        clusterIP: (wanted, owner) => {
          if (wanted !== undefined && addresses.get(wanted) === owner) return wanted
          const fail = (why: string): never => {
            throw [invalidValue('spec.clusterIPs', [wanted], `failed to allocate IP ${wanted}: ${why}`)]
          }
          if (wanted !== undefined) {
            const offset = ipNumber(wanted) - SERVICE_CIDR.base
            if (!(offset >= 0 && offset < size)) fail('the provided network does not match the current range')
            if (offset === 0 || offset === size - 1)
              fail(`the provided IP (${wanted}) is not in the valid range. The range of valid IPs is ${SERVICE_CIDR.text}`)
            if (addresses.has(wanted)) fail('provided IP is already allocated')
          }
          const address = wanted ?? drawAddress()
          addresses.set(address, owner)
          undo.push(() => addresses.delete(address))
          return address
        },
        nodePort: (wanted, owner) => {
          if (wanted !== undefined && ports.get(wanted) === owner) return wanted
          if (wanted !== undefined) {
            if (wanted < NODE_PORTS.first || wanted > NODE_PORTS.last)
              throw [
                invalidValue(
                  'spec.ports[0].nodePort',
                  wanted,
                  `provided port is not in the valid range. The range of valid ports is ${NODE_PORTS.first}-${NODE_PORTS.last}`,
                ),
              ]
            if (ports.has(wanted)) throw [invalidValue('spec.ports[0].nodePort', wanted, 'provided port is already allocated')]
          }
          const port = wanted ?? drawPort()
          ports.set(port, owner)
          undo.push(() => ports.delete(port))
          return port
        },
        release: owner => {
          for (const [address, holder] of addresses)
            if (holder === owner) {
              addresses.delete(address)
              undo.push(() => addresses.set(address, owner))
            }
          for (const [port, holder] of ports)
            if (holder === owner) {
              ports.delete(port)
              undo.push(() => ports.set(port, owner))
            }
        },
        rollback: () => {
          for (const step of undo.reverse()) step()
          undo.length = 0
        },
      }
    },
  }
}
