import type { NetworkLink, SimulatedMachine } from '../machine/machine.ts'
import type { Runtime } from '../node/runtime.ts'
import { fnv1a32 } from '../time/random.ts'

/** 1500 less what VXLAN puts around every packet. */
const MTU = 1450

const macOf = (name: string): string => {
  const hash = fnv1a32(name).toString(16).padStart(8, '0')
  return `ea:${hash.slice(0, 2)}:${hash.slice(2, 4)}:${hash.slice(4, 6)}:${hash.slice(6, 8)}:${(fnv1a32(`${name}#`) & 0xff).toString(16).padStart(2, '0')}`
}

/** `10.42.1.0/24` → `10.42.1.<host>` */
const hostIn = (podCIDR: string, host: number): string => podCIDR.replace(/\d+\/\d+$/, String(host))

/**
 * What flannel and the CNI's bridge plugin add to a node's network: `flannel.1` with a route to every other node's pods,
 * `cni0` for its own, and one end of a veth pair a pod.
 */
export const networkLinks = (machine: SimulatedMachine, runtime: Runtime, podCIDROf: (nodeName: string) => string | undefined): readonly NetworkLink[] => {
  const { name } = machine.spec
  const own = podCIDROf(name)
  if (!own) return []
  const others = machine.neighbours.flatMap(other => (other === machine ? [] : (podCIDROf(other.spec.name) ?? [])))
  const veths = [...runtime.sandboxes.values()].filter(({ hostNetwork }) => !hostNetwork)
  return [
    {
      name: 'flannel.1',
      mac: macOf(`${name}/flannel`),
      mtu: MTU,
      address: `${hostIn(own, 0)}/32`,
      routes: others.map(dst => ({ dst, gateway: hostIn(dst, 0) })),
    },
    { name: 'cni0', mac: macOf(`${name}/cni0`), mtu: MTU, address: `${hostIn(own, 1)}/24`, routes: [{ dst: own }] },
    ...veths.map(({ id }) => ({ name: `veth${id.slice(0, 8)}`, mac: macOf(id), mtu: MTU, routes: [] })),
  ]
}
