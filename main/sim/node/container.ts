import type { Container, ContainerStatus, Pod } from '../apiserver/resources/types.ts'
import type { Cancel, VirtualTime } from '../time/clock.ts'
import type { RuntimeContainer } from './runtime.ts'

export type Terminated = NonNullable<NonNullable<ContainerStatus['state']>['terminated']>

/** What the kubelet knows of one container of a pod: the present instance, and what came before it. */
export interface ContainerRecord {
  readonly spec: Container
  /** A sidecar is an init container with restartPolicy Always. */
  readonly kind: 'init' | 'sidecar' | 'main'
  restartCount: number
  instance: RuntimeContainer | undefined
  /** How the present instance ended; undefined while it runs, and before the first start. */
  terminated: Terminated | undefined
  last: Terminated | undefined
  /** Why it does not run; undefined means ContainerCreating or PodInitializing. */
  waiting: { readonly reason?: string; readonly message?: string } | undefined
  ready: boolean
  started: boolean
  /** Crash back-off: how long, and since when (client-go util/flowcontrol.Backoff). */
  crashDelayMs: number
  crashSince: VirtualTime
  pullDelayMs: number
  /** The one thing this container waits for. */
  timer: Cancel | undefined
  probes: Cancel[] | undefined
}

const record = (spec: Container, kind: ContainerRecord['kind']): ContainerRecord => ({
  spec,
  kind,
  restartCount: 0,
  instance: undefined,
  terminated: undefined,
  last: undefined,
  waiting: undefined,
  ready: false,
  started: false,
  crashDelayMs: 0,
  crashSince: 0,
  pullDelayMs: 0,
  timer: undefined,
  probes: undefined,
})

/** Init containers in order, then the others. */
export const recordsOf = (pod: Pod): ContainerRecord[] => [
  ...(pod.spec.initContainers ?? []).map(spec => record(spec, spec.restartPolicy === 'Always' ? 'sidecar' : 'init')),
  ...pod.spec.containers.map(spec => record(spec, 'main')),
]

export const isRunning = (container: ContainerRecord): boolean => container.instance !== undefined && container.terminated === undefined

/** `spec.containers{web}`, as events name a container. */
export const fieldPathOf = (container: ContainerRecord): string => `spec.${container.kind === 'main' ? 'containers' : 'initContainers'}{${container.spec.name}}`
