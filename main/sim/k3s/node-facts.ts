import { memoryTotal, OS, partitions } from '../machine/hardware/system.ts'
import type { Machine } from '../machine/machine.ts'
import type { NodeFacts } from '../node/node-status.ts'
import { fnv1a32 } from '../time/random.ts'
import { NODE_FINALIZER } from './node-controller.ts'
import { K3S } from './version.ts'

const hex = (text: string, length: number) =>
  Array.from({ length: Math.ceil(length / 8) }, (_, i) => fnv1a32(`${text}#${i}`).toString(16).padStart(8, '0'))
    .join('')
    .slice(0, length)

const uuidOf = (text: string) => `${hex(text, 8)}-${hex(`${text}a`, 4)}-4${hex(`${text}b`, 3)}-8${hex(`${text}c`, 3)}-${hex(`${text}d`, 12)}`

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Labels and annotations that K3s gives its nodes, and what the machine says of itself. */
export const nodeFacts = (machine: Machine, serverAddress: string): NodeFacts => {
  const { spec } = machine
  const server = spec.role === 'server'
  const args = server ? ['server'] : ['agent']
  const environment = server ? {} : { K3S_TOKEN: '********', K3S_URL: `https://${serverAddress}:6443` }
  const configHash = Array.from(hex(`${spec.name}config`, 52), (digit, i) => BASE32[(parseInt(digit, 16) * 2 + (i % 2)) % 32]).join('')
  return {
    name: spec.name,
    address: spec.address,
    labels: {
      'beta.kubernetes.io/arch': 'amd64',
      'beta.kubernetes.io/instance-type': 'k3s',
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': spec.name,
      'kubernetes.io/os': 'linux',
      ...(server && { 'node-role.kubernetes.io/control-plane': 'true' }),
      'node.kubernetes.io/instance-type': 'k3s',
    },
    annotations: {
      'alpha.kubernetes.io/provided-node-ip': spec.address,
      'flannel.alpha.coreos.com/backend-data': JSON.stringify({
        VNI: 1,
        VtepMAC: hex(machine.machineId, 12)
          .replace(/^./, '5')
          .replace(/(..)(?=.)/g, '$1:'),
      }),
      'flannel.alpha.coreos.com/backend-type': 'vxlan',
      'flannel.alpha.coreos.com/kube-subnet-manager': 'true',
      'flannel.alpha.coreos.com/public-ip': spec.address,
      'k3s.io/hostname': spec.name,
      'k3s.io/internal-ip': spec.address,
      'k3s.io/node-args': JSON.stringify(args),
      'k3s.io/node-config-hash': `${configHash}====`,
      'k3s.io/node-env': JSON.stringify(environment),
      'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
    },
    finalizers: [NODE_FINALIZER],
    providerID: `k3s://${spec.name}`,
    cores: spec.cores,
    memoryBytes: memoryTotal(spec.memoryBytes),
    storageBytes: partitions(spec.diskBytes).filesystem,
    machineID: machine.machineId,
    systemUUID: uuidOf(machine.machineId),
    bootID: machine.bootId,
    kernelVersion: OS.kernel,
    osImage: OS.pretty,
    containerRuntimeVersion: `containerd://${K3S.containerd}`,
    kubeletVersion: K3S.version,
    maxPods: 110,
  }
}
