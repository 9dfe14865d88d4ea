import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../apiserver/resources/types.ts'
import { rfc3339, type VirtualTime } from '../time/clock.ts'
import { type ContainerRecord, isRunning } from './container.ts'

/** What the status of a pod follows from; see `podStatus`. */
export interface PodFacts {
  readonly pod: Pod
  readonly containers: readonly ContainerRecord[]
  readonly podIP: string | undefined
  readonly hasSandbox: boolean
  readonly startTime: string
  /** Set when the kubelet ended the pod itself (admission, deadline). */
  readonly failure: { readonly reason: string; readonly message: string } | undefined
  /** The pod is being ended: nothing is started any more. */
  readonly terminating: boolean
}

type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

const initDone = (container: ContainerRecord) => (container.kind === 'sidecar' ? container.started : container.terminated?.exitCode === 0)

/** pkg/kubelet/kubelet_pods.go getPhase. */
const phaseOf = ({ pod, containers, failure, terminating }: PodFacts): Phase => {
  if (failure) return 'Failed'
  const policy = pod.spec.restartPolicy ?? 'Always'
  let running = 0
  let waiting = 0
  let stopped = 0
  let succeeded = 0
  for (const container of containers) {
    if (container.kind !== 'main') {
      if (!initDone(container) && !(container.kind === 'sidecar' && container.terminated)) {
        if (container.terminated && policy === 'Never') return 'Failed'
        if (!terminating) return 'Pending'
      }
      continue
    }
    if (isRunning(container)) running++
    else if (container.terminated || (container.last && container.waiting)) {
      stopped++
      if ((container.terminated ?? container.last)!.exitCode === 0) succeeded++
    } else waiting++
  }
  if (waiting > 0 && !terminating) return 'Pending'
  if (running > 0) return 'Running'
  if (stopped > 0) {
    if (terminating) return stopped === succeeded ? 'Succeeded' : 'Failed'
    if (policy === 'Always') return 'Running'
    if (stopped === succeeded) return 'Succeeded'
    return policy === 'Never' ? 'Failed' : 'Running'
  }
  return terminating && containers.some(container => container.terminated) ? 'Failed' : 'Pending'
}

const statusOf = (container: ContainerRecord, waitingFor: string): ContainerStatus => {
  const { spec, instance, terminated } = container
  const running = isRunning(container)
  const state: ContainerStatus['state'] = container.waiting
    ? { waiting: container.waiting }
    : running
      ? { running: { startedAt: rfc3339(instance!.process.startedAt) } }
      : terminated
        ? { terminated }
        : { waiting: { reason: waitingFor } }
  // A container that waits for its next start shows the id and the end of the instance before.
  const last = container.waiting && terminated ? terminated : container.last
  const stored = instance?.stored
  const id = instance ? `containerd://${instance.id}` : (terminated ?? last)?.containerID
  const requests = spec.resources?.requests
  const securityUser = spec.securityContext?.runAsUser ?? 0
  const securityGroup = spec.securityContext?.runAsGroup ?? 0
  return {
    name: spec.name,
    state,
    lastState: last ? { terminated: last } : {},
    ready: container.ready,
    restartCount: container.restartCount,
    image: stored ? stored.names[1] : spec.image!,
    imageID: stored ? stored.names[0] : '',
    ...(id && { containerID: id }),
    started: container.started,
    ...(instance && {
      ...(requests && { allocatedResources: requests }),
      resources: spec.resources ?? {},
    }),
    ...(spec.volumeMounts && {
      volumeMounts: spec.volumeMounts.map(({ name, mountPath, readOnly }) => ({
        name,
        mountPath,
        ...(readOnly && { readOnly, recursiveReadOnly: 'Disabled' as const }),
      })),
    }),
    ...(running && { user: { linux: { uid: securityUser, gid: securityGroup, supplementalGroups: [securityGroup] } } }),
  }
}

const names = (containers: readonly ContainerRecord[]) => `[${containers.map(container => container.spec.name).join(' ')}]`

/** The whole status of a pod, as the kubelet reports it (pkg/kubelet/kubelet_pods.go, status/generate.go). */
export const podStatus = (facts: PodFacts, nodeIP: string, now: VirtualTime): PodStatus => {
  const { pod, containers, failure } = facts
  const old = pod.status
  const phase = phaseOf(facts)
  const over = phase === 'Succeeded' || phase === 'Failed'
  const init = containers.filter(container => container.kind !== 'main')
  const main = containers.filter(container => container.kind === 'main')
  const generation = pod.metadata.generation
  const uninitialised = init.filter(container => !initDone(container))
  const unready = containers.filter(container => container.kind !== 'init' && !container.ready)

  const condition = (type: string, holds: boolean, reason?: string, message?: string): PodCondition => {
    const status = holds ? 'True' : 'False'
    const before = old.conditions?.find(other => other.type === type)
    return {
      type,
      ...(generation !== undefined && { observedGeneration: generation }),
      status,
      lastProbeTime: null as never,
      lastTransitionTime: before?.status === status ? before.lastTransitionTime! : rfc3339(now),
      ...(reason && { reason }),
      ...(message && { message }),
    }
  }
  const unreadyText = `containers with unready status: ${names(unready)}`
  const conditions: PodCondition[] = failure
    ? []
    : [
        condition('PodReadyToStartContainers', facts.hasSandbox && !over),
        over && phase === 'Succeeded'
          ? condition('Initialized', true, 'PodCompleted')
          : uninitialised.length > 0
            ? condition('Initialized', false, 'ContainersNotInitialized', `containers with incomplete status: ${names(uninitialised)}`)
            : condition('Initialized', true),
        ...(['Ready', 'ContainersReady'] as const).map(type =>
          over
            ? condition(type, false, phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed')
            : unready.length > 0
              ? condition(type, false, 'ContainersNotReady', unreadyText)
              : condition(type, true),
        ),
      ]
  const owned = new Set(conditions.map(({ type }) => type))
  const scheduled = old.conditions?.find(({ type }) => type === 'PodScheduled') ?? condition('PodScheduled', true)
  conditions.push(generation === undefined || scheduled.observedGeneration === generation ? scheduled : { ...scheduled, observedGeneration: generation })
  for (const other of old.conditions ?? []) if (!owned.has(other.type) && other.type !== 'PodScheduled') conditions.push(other)

  const waitingFor = init.length > 0 && (uninitialised.length > 0 || !main.some(isRunning)) ? 'PodInitializing' : 'ContainerCreating'
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase,
    conditions,
    ...(failure && { reason: failure.reason, message: failure.message }),
    ...(old.nominatedNodeName && { nominatedNodeName: old.nominatedNodeName }),
    ...(!failure || facts.podIP ? { hostIP: nodeIP, hostIPs: [{ ip: nodeIP }] } : {}),
    ...(facts.podIP && { podIP: facts.podIP, podIPs: [{ ip: facts.podIP }] }),
    startTime: facts.startTime,
    ...(init.length > 0 && !(failure && !facts.hasSandbox) && { initContainerStatuses: init.map(container => statusOf(container, 'PodInitializing')) }),
    ...(!(failure && !facts.hasSandbox && !facts.podIP) && { containerStatuses: main.map(container => statusOf(container, waitingFor)) }),
    qosClass: old.qosClass ?? 'BestEffort',
  }
}
