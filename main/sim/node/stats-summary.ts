import { ApiError } from '../apiserver/errors.ts'
import type { NodeProxy } from '../apiserver/kubelet-backend.ts'
import { type Clock, rfc3339 } from '../time/clock.ts'
import type { NodeEndpoint } from './backend.ts'
import { containerUsage, type Usage } from './load.ts'

/** What the kubelet reads of its machine for the summary. Sizes in bytes. */
export interface SummarisedNode extends NodeEndpoint {
  readonly name: string
  readonly bootedAt: () => number
  readonly memoryBytes: number
  readonly storageBytes: number
  usage(): Usage & { readonly diskBytes: number }
}

/** `/stats/summary` of a kubelet (k8s.io/kubelet/pkg/apis/stats/v1alpha1): the node and its pods, as they are now. */
const summaryOf = (clock: Clock, node: SummarisedNode): object => {
  const time = rfc3339(clock.now)
  const cpu = ({ cpuMilli }: Usage) => ({ time, usageNanoCores: Math.round(cpuMilli * 1e6) })
  const memory = ({ memoryBytes }: Usage) => ({ time, usageBytes: Math.round(memoryBytes), workingSetBytes: Math.round(memoryBytes) })
  const whole = node.usage()
  const pods = [...node.runtime.sandboxes.values()].map(({ namespace, name, uid, createdAt, containers }) => {
    const running = [...containers.values()].filter(({ process }) => !process.exit)
    const usages = running.map(container => containerUsage(container, clock.now))
    const sum: Usage = {
      cpuMilli: usages.reduce((total, { cpuMilli }) => total + cpuMilli, 0),
      memoryBytes: usages.reduce((total, { memoryBytes }) => total + memoryBytes, 0),
    }
    return {
      podRef: { name, namespace, uid },
      startTime: rfc3339(createdAt),
      containers: running.map((container, index) => ({
        name: container.name,
        startTime: rfc3339(container.process.startedAt),
        cpu: cpu(usages[index]!),
        memory: memory(usages[index]!),
      })),
      cpu: cpu(sum),
      memory: memory(sum),
    }
  })
  const fs = { time, availableBytes: node.storageBytes - whole.diskBytes, capacityBytes: node.storageBytes, usedBytes: whole.diskBytes }
  return {
    node: {
      nodeName: node.name,
      startTime: rfc3339(node.bootedAt()),
      cpu: cpu(whole),
      memory: { ...memory(whole), availableBytes: Math.round(node.memoryBytes - whole.memoryBytes) },
      fs,
      runtime: { imageFs: fs, containerFs: fs },
    },
    pods,
  }
}

/** What kubelets answer through the API server's node proxy; undefined for paths a kubelet does not have. */
export const kubeletProxy =
  (clock: Clock, nodeOf: (name: string) => SummarisedNode | undefined): NodeProxy =>
  (name, path) => {
    const node = nodeOf(name)
    if (!node?.reachable)
      throw new ApiError(503, 'ServiceUnavailable', `error trying to reach service: dial tcp ${node?.address ?? name}:10250: connect: connection refused`)
    return path === '/stats/summary' ? summaryOf(clock, node) : undefined
  }
