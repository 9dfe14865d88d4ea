import { createApiServer } from './apiserver/index.ts'
import { definitions } from './apiserver/resources/index.ts'
import type { ApiClient } from './client/client.ts'
import { eventRecorder } from './client/recorder.ts'
import { createControlPlane } from './control-plane.ts'
import { K3S } from './k3s/version.ts'
import { OS } from './machine/hardware/system.ts'
import { startKubelet, type Kubelet } from './node/kubelet.ts'
import { metricsSource } from './node/metrics-source.ts'
import { createRuntime } from './node/runtime.ts'
import { kubeletSources } from './node/sources.ts'
import { VirtualClock } from './time/clock.ts'
import { advance, type Wall } from './time/pace.ts'
import { seededRandom } from './time/random.ts'

export interface FleetOptions {
  /** Holds the API server's store. */
  readonly dataDir: string
  readonly nodes: number
  readonly seed: number
  readonly wall: Wall
}

/** A control plane with many nodes that have kubelets but no machines around them: for benchmarks and scale tests. */
export interface Fleet {
  /** system:admin. */
  readonly client: ApiClient
  readonly url: string
  /** Runs that much virtual time as fast as it goes. */
  advance(ms: number): Promise<void>
  dispose(): Promise<void>
}

const GiB = 1024 ** 3
/** A /24 each, beyond what K3s' 10.42.0.0/16 has. */
const subnetOf = (index: number) => `10.${64 + (index >> 8)}.${index & 255}.0/24`

export const createFleet = async ({ dataDir, nodes: count, seed, wall }: FleetOptions): Promise<Fleet> => {
  const clock = new VirtualClock(wall.now())
  const random = seededRandom(seed)
  const apiserver = await createApiServer({ clock, wall, random, dataDir, definitions })
  const client = apiserver.clientFor({ name: 'system:admin', groups: ['system:masters'] })
  const controlPlane = createControlPlane({ clock, random, apiserver, host: 'server', k3s: false, metrics: metricsSource(clock, () => []) })
  const silent = () => undefined
  await controlPlane.start({ info: silent, error: silent, klog: silent })
  const sources = kubeletSources(clock, client)
  const kubelets: Kubelet[] = []
  for (let index = 0; index < count; index++) {
    const name = `node-${String(index + 1).padStart(String(count).length, '0')}`
    const address = `192.168.${100 + (index >> 8)}.${index & 255}`
    const stream = random.stream(name)
    const own = apiserver.clientFor({ name: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] })
    kubelets.push(
      startKubelet({
        clock,
        random: stream,
        client: own,
        recorder: eventRecorder(clock, stream.stream('events'), own, { component: 'kubelet', host: name }),
        sources,
        runtime: createRuntime({ clock, random: stream, nodeName: name, nodeIP: address, downlink: 62_500_000 }),
        facts: {
          name,
          address,
          labels: { 'kubernetes.io/arch': 'amd64', 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' },
          annotations: {},
          providerID: `k3s://${name}`,
          podCIDR: subnetOf(index),
          cores: 8,
          memoryBytes: 32 * GiB,
          storageBytes: 400 * GiB,
          machineID: stream.uuid().replaceAll('-', ''),
          systemUUID: stream.uuid(),
          bootID: stream.uuid(),
          kernelVersion: OS.kernel,
          osImage: OS.pretty,
          containerRuntimeVersion: `containerd://${K3S.containerd}`,
          kubeletVersion: K3S.version,
          maxPods: 110,
        },
      }),
    )
  }
  return {
    client,
    get url() {
      return apiserver.url
    },
    advance: ms => advance(clock, wall, ms),
    dispose: async () => {
      for (const kubelet of kubelets) kubelet.dispose()
      sources.dispose()
      await controlPlane.stop()
      await apiserver.close()
    },
  }
}
