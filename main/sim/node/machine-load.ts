import type { Machine, MachineLoad } from '../machine/machine.ts'
import { fnv1a32 } from '../time/random.ts'
import type { Clock } from '../time/clock.ts'
import { containerUsage, daemonUsage, type Usage } from './load.ts'
import type { Runtime } from './runtime.ts'

const SHIM_BYTES = 11 * 1024 ** 2
const CONTAINERD = { cpuMilli: 9, memoryBytes: 62 * 1024 ** 2 }

/** Containers are given pids from here on; the same container always has the same. */
const FIRST_PID = 2000

/** What a machine's processes take besides the system's own: k3s while its unit runs, containerd and containers always. */
export const machineLoad = (clock: Clock, machine: Machine, runtime: Runtime, k3s: () => Usage | undefined) => (): MachineLoad => {
  const now = clock.now
  const processes: MachineLoad['processes'][number][] = []
  const add = (name: string, command: string, { cpuMilli, memoryBytes }: Usage) =>
    processes.push({ pid: FIRST_PID + (fnv1a32(name) % 60_000), user: 'root', command, cpuMilli, memoryBytes })
  // The unit's own process is systemd's to list; containerd is its child and ends with it.
  const daemon = k3s()
  if (daemon)
    add('containerd', 'containerd -c /var/lib/rancher/k3s/agent/etc/containerd/config.toml', daemonUsage(`${machine.spec.name}/containerd`, CONTAINERD, now))
  let diskBytes = 0
  for (const { sizeBytes } of runtime.images.values()) diskBytes += sizeBytes * 2.6
  for (const sandbox of runtime.sandboxes.values()) {
    add(
      sandbox.id,
      `/var/lib/rancher/k3s/data/current/bin/containerd-shim-runc-v2 -namespace k8s.io -id ${sandbox.id} -address /run/k3s/containerd/containerd.sock`,
      { cpuMilli: 0.2, memoryBytes: SHIM_BYTES },
    )
    for (const container of sandbox.containers.values()) {
      if (container.process.exit) continue
      const { entrypoint, cmd } = container.stored.image
      add(container.id, [...entrypoint, ...cmd].join(' ') || container.name, containerUsage(container, now))
    }
  }
  let { cpuMilli, memoryBytes } = daemon ?? { cpuMilli: 0, memoryBytes: 0 }
  for (const process of processes) {
    cpuMilli += process.cpuMilli
    memoryBytes += process.memoryBytes
  }
  return { cpuMilli: Math.min(cpuMilli, machine.spec.cores * 1000), memoryBytes, diskBytes: Math.floor(diskBytes), processes }
}
