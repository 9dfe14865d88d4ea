import type { ContainerStatus, Pod } from '../apiserver/resources/types.ts'
import type { ContainerRecord } from './container.ts'
import { environmentOf, type PodReferences } from './environment.ts'
import { parseReference, resolveImage } from './registry.ts'
import type { Runtime, Sandbox } from './runtime.ts'

// What a kubelet learns from the status of pods that were on its node before it came up.

const statusesOf = ({ status }: Pod): ContainerStatus[] => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
const runningStatuses = (pod: Pod) => statusesOf(pod).filter(status => status.state?.running)

/** Restart counts, and how containers ended. */
export const readStatuses = (pod: Pod, containers: readonly ContainerRecord[]): void => {
  for (const status of statusesOf(pod)) {
    const container = containers.find(({ spec }) => spec.name === status.name)
    if (!container) continue
    container.restartCount = status.restartCount
    container.terminated = status.state?.terminated
    container.ready = container.kind === 'init' && container.terminated?.exitCode === 0
    container.last = status.lastState?.terminated
    if (status.state?.waiting && container.last) {
      container.terminated = container.last
      container.waiting = status.state.waiting
    }
  }
}

/** True when a container of the pod has been started at least once. */
export const hasRun = (pod: Pod, containers: readonly ContainerRecord[]): boolean =>
  runningStatuses(pod).length > 0 || containers.some(({ terminated }) => terminated)

/** Gives the runtime back the containers that its statuses say are running; returns their records. */
export const resumeContainers = (
  host: { readonly runtime: Runtime; readonly references: PodReferences; readonly nodeName: string; readonly nodeIP: string },
  pod: Pod,
  containers: readonly ContainerRecord[],
  sandbox: Sandbox,
): ContainerRecord[] => {
  const resumed: ContainerRecord[] = []
  for (const status of runningStatuses(pod)) {
    const container = containers.find(({ spec }) => spec.name === status.name)
    const reference = container && parseReference(container.spec.image!)
    if (!reference || 'invalid' in reference) continue
    // That it runs proves that its image is on the node, whatever the node last reported.
    const resolved = resolveImage(reference)
    if (!('image' in resolved)) continue
    const built = environmentOf(pod, container.spec, host.references, { podIP: sandbox.ip, nodeName: host.nodeName, nodeIP: host.nodeIP })
    const instance = host.runtime.start(sandbox, pod, container.spec, host.runtime.store(resolved), status.restartCount, 'env' in built ? built.env : {}, {
      id: (status.containerID ?? '').replace('containerd://', ''),
      startedAt: Date.parse(status.state!.running!.startedAt!),
    })
    if ('error' in instance) continue
    container.instance = instance
    container.terminated = undefined
    container.ready = status.ready
    container.started = status.started ?? true
    resumed.push(container)
  }
  return resumed
}

/** After a power cut: what ran has ended, nobody knows how, and init containers have to run again. */
export const loseContainers = (pod: Pod, containers: readonly ContainerRecord[], now: string): void => {
  const running = runningStatuses(pod)
  for (const status of running) {
    const container = containers.find(({ spec }) => spec.name === status.name)
    if (container)
      container.terminated = { containerID: status.containerID, exitCode: 255, reason: 'Unknown', startedAt: status.state!.running!.startedAt, finishedAt: now }
  }
  if (running.length === 0) return
  for (const container of containers) {
    if (container.kind !== 'init' || !container.terminated) continue
    container.last = container.terminated
    container.terminated = undefined
    container.restartCount++
  }
}
