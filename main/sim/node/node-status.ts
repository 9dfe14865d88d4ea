import type { Node, NodeCondition } from '../apiserver/resources/types.ts'
import { rfc3339, type VirtualTime } from '../time/clock.ts'
import type { Runtime } from './runtime.ts'

/** What a node says of itself: its machine, and the versions of what runs there. */
export interface NodeFacts {
  readonly name: string
  readonly address: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly providerID: string
  /** Set by the node's maker; otherwise the controller manager gives one. */
  readonly podCIDR?: string
  readonly cores: number
  /** As the kernel and the file system report them. */
  readonly memoryBytes: number
  readonly storageBytes: number
  readonly machineID: string
  readonly systemUUID: string
  readonly bootID: string
  readonly kernelVersion: string
  readonly osImage: string
  readonly containerRuntimeVersion: string
  readonly kubeletVersion: string
  readonly maxPods: number
}

/** K3s' --eviction-hard: 5 % of the file system is not for pods; memory has no threshold. */
const EVICTION_SHARE = 0.05
/** --node-status-max-images. */
const MAX_IMAGES = 50

const kibi = (bytes: number) => `${Math.floor(bytes / 1024)}Ki`

const condition = (old: Node | undefined, now: VirtualTime, type: string, status: 'True' | 'False', reason: string, message: string): NodeCondition => {
  const before = old?.status.conditions?.find(other => other.type === type)
  const time = rfc3339(now)
  return { type, status, lastHeartbeatTime: time, lastTransitionTime: before?.status === status ? before.lastTransitionTime! : time, reason, message }
}

const NETWORK_NOT_READY =
  'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized'

/** Node.status, as a kubelet of 1.36 reports it (pkg/kubelet/nodestatus/setters.go). */
export const nodeStatus = (facts: NodeFacts, runtime: Runtime, networkReady: boolean, old: Node | undefined, now: VirtualTime): Node['status'] => {
  const resources = { cpu: String(facts.cores), 'hugepages-1Gi': '0', 'hugepages-2Mi': '0', memory: kibi(facts.memoryBytes), pods: String(facts.maxPods) }
  const storage = Math.floor(facts.storageBytes / 1024) * 1024
  return {
    addresses: [
      { type: 'InternalIP', address: facts.address },
      { type: 'Hostname', address: facts.name },
    ],
    allocatable: { ...resources, 'ephemeral-storage': String(Math.floor(storage - storage * EVICTION_SHARE)) },
    capacity: { ...resources, 'ephemeral-storage': kibi(storage) },
    conditions: [
      condition(old, now, 'MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
      condition(old, now, 'DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
      condition(old, now, 'PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
      networkReady
        ? condition(old, now, 'Ready', 'True', 'KubeletReady', 'kubelet is posting ready status')
        : condition(old, now, 'Ready', 'False', 'KubeletNotReady', NETWORK_NOT_READY),
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    features: { supplementalGroupsPolicy: true },
    images: [...runtime.images.values()]
      .toSorted((a, b) => b.sizeBytes - a.sizeBytes)
      .slice(0, MAX_IMAGES)
      .map(({ names, sizeBytes }) => ({ names: [...names], sizeBytes })),
    nodeInfo: {
      architecture: 'amd64',
      bootID: facts.bootID,
      containerRuntimeVersion: facts.containerRuntimeVersion,
      kernelVersion: facts.kernelVersion,
      kubeProxyVersion: '',
      kubeletVersion: facts.kubeletVersion,
      machineID: facts.machineID,
      operatingSystem: 'linux',
      osImage: facts.osImage,
      systemUUID: facts.systemUUID,
    },
    runtimeHandlers: [
      { name: '', features: { recursiveReadOnlyMounts: true, userNamespaces: true } },
      { name: 'runc', features: { recursiveReadOnlyMounts: true, userNamespaces: true } },
    ],
  }
}
