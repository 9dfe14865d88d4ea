import type { ContainerView } from '../machine/machine.ts'
import type { LogLine, Process } from './process.ts'
import type { Runtime, Sandbox } from './runtime.ts'

const logText = (lines: readonly LogLine[]): string => lines.map(({ text }) => `${text}\n`).join('')

/** What `crictl` shows of a runtime. */
export const containerView = (runtime: Runtime): ContainerView => {
  const all = function* (): Generator<{ sandbox: Sandbox; live: boolean }> {
    for (const sandbox of runtime.sandboxes.values()) yield { sandbox, live: true }
    for (const sandbox of runtime.retired.values()) yield { sandbox, live: false }
  }
  const stateOf = (process: Process) => (process.exit ? 'Exited' : 'Running')
  return {
    containers: () =>
      [...all()].flatMap(({ sandbox }) =>
        [...sandbox.containers.values(), ...sandbox.previous.values()].map(({ id, name, attempt, stored, createdAt, process }) => ({
          id,
          image: stored.names[1],
          imageId: stored.digest.slice(7),
          name,
          attempt,
          state: stateOf(process),
          createdAt,
          podId: sandbox.id,
          podName: sandbox.name,
          namespace: sandbox.namespace,
        })),
      ),
    images: () =>
      [...runtime.images.values()].map(({ names, tag, digest, sizeBytes }) => ({
        name: names[1].slice(0, names[1].lastIndexOf(':')),
        tag,
        id: digest.slice(7),
        sizeBytes,
      })),
    pods: () =>
      [...all()].map(({ sandbox, live }) => ({
        id: sandbox.id,
        name: sandbox.name,
        namespace: sandbox.namespace,
        attempt: 0,
        state: live ? 'Ready' : 'NotReady',
        createdAt: sandbox.createdAt,
      })),
    logs: containerId => {
      for (const { sandbox } of all())
        for (const container of [...sandbox.containers.values(), ...sandbox.previous.values()])
          if (container.id === containerId) return logText(container.process.log())
      return undefined
    },
  }
}
