import type { Container, Pod, PodStatus } from '../apiserver/resources/types.ts'
import type { EventExtra, EventType } from '../client/recorder.ts'
import { rfc3339, type Cancel, type Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { type ContainerRecord, fieldPathOf, isRunning, recordsOf, type Terminated } from './container.ts'
import { environmentOf, missingVolume, type PodReferences } from './environment.ts'
import { podStatus } from './pod-status.ts'
import { startProbes } from './probes.ts'
import type { Exit } from './process.ts'
import { hasRun, loseContainers, readStatuses, resumeContainers } from './recovery.ts'
import { parseReference } from './registry.ts'
import type { Runtime, RuntimeContainer, Sandbox } from './runtime.ts'

/** What a pod worker needs of its kubelet. */
export interface PodHost {
  readonly clock: Clock
  readonly random: Random
  readonly runtime: Runtime
  readonly references: PodReferences
  readonly nodeName: string
  readonly nodeIP: string
  /** Why the node does not take the pod, or undefined. */
  admit(pod: Pod): { readonly reason: string; readonly message: string } | undefined
  event(pod: Pod, type: EventType, reason: string, message: string, extra?: EventExtra): void
  memoryLimit(container: Container): number | undefined
  /** The worker's status has changed and has to be written. */
  changed(worker: PodWorker): void
  /** Everything of the pod has ended: it may go from the API server. */
  ended(worker: PodWorker): void
}

/** pkg/kubelet: back-off of crashing containers and of image pulls. */
const BACKOFF_MS = 10_000
const MAX_BACKOFF_MS = 300_000
/** A failing pod is looked at again about that often (backOffPeriod with jitter). */
const SYNC_MS = 12_500
const MOUNT_RETRY_MS = 500
const MAX_MOUNT_RETRY_MS = 122_000
/** The pod lifecycle event generator sees within a second that a container has ended. */
const PLEG_MS = 700
/**
 * The kubelet acts on what its event generator relists at intervals, not at every moment: what becomes due falls on this
 * grid, the same on all nodes, so that whoever watches many pods sees them change in groups.
 */
const GRID_MS = 200
/** Unmounting volumes and removing the sandbox after the last container. */
const CLEAN_UP_MS = 400

/** Go's time.Duration with milliseconds: `812ms`, `2.105s`, `1m2.3s`. */
const duration = (ms: number): string => {
  if (ms < 1000) return `${Math.round(ms)}ms`
  const minutes = Math.floor(ms / 60_000)
  const seconds = `${Number(((ms % 60_000) / 1000).toFixed(3))}s`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

/** `10s`, `1m20s`, `5m0s`. */
const wholeSeconds = (ms: number): string => (ms < 60_000 ? `${ms / 1000}s` : `${Math.floor(ms / 60_000)}m${(ms % 60_000) / 1000}s`)

/**
 * One pod on one node, from its binding to its end: a level-triggered state machine. `proceed` looks at what there is
 * and starts what has to be started next; whatever takes time comes back to it. It holds at most one timer a container.
 */
export class PodWorker {
  pod: Pod
  readonly containers: ContainerRecord[]
  sandbox: Sandbox | undefined
  private readonly host: PodHost
  private startTime: string
  private failure: { readonly reason: string; readonly message: string } | undefined
  private timer: Cancel | undefined
  private mountDelayMs = MOUNT_RETRY_MS
  private terminating = false
  private over = false
  private podIP: string | undefined
  private disposed = false

  constructor(host: PodHost, pod: Pod) {
    this.host = host
    this.pod = pod
    this.containers = recordsOf(pod)
    this.startTime = pod.status.startTime ?? rfc3339(host.clock.now)
  }

  /** Takes the pod on: a new one, one whose containers run already, or one that was here before the machine went down. */
  begin(resumed: boolean): void {
    const { pod, host } = this
    this.podIP = pod.status.podIP
    const phase = pod.status.phase
    readStatuses(pod, this.containers)
    if (phase === 'Succeeded' || phase === 'Failed') {
      this.over = true
      if (pod.status.reason && phase === 'Failed') this.failure = { reason: pod.status.reason, message: pod.status.message ?? '' }
      if (pod.metadata.deletionTimestamp) this.host.ended(this)
      return
    }
    const sandbox = host.runtime.sandboxes.get(pod.metadata.uid)
    if (sandbox) this.adopt(sandbox)
    else if (resumed && hasRun(pod, this.containers)) this.resume()
    else if (hasRun(pod, this.containers)) this.lost()
    else if (!pod.metadata.deletionTimestamp && pod.status.startTime === undefined) {
      const rejection = host.admit(pod)
      if (rejection) return this.reject(rejection)
    }
    if (pod.metadata.deletionTimestamp) return this.terminate()
    host.changed(this)
    this.proceed()
  }

  /** The object has changed; only a deletion matters to the worker. */
  update(pod: Pod): void {
    this.pod = pod
    if (pod.metadata.deletionTimestamp) this.terminate()
  }

  /** What is to be written now. */
  status(): PodStatus {
    const { pod, containers, startTime, failure } = this
    return podStatus(
      { pod, containers, podIP: this.podIP, hasSandbox: this.sandbox !== undefined, startTime, failure, terminating: this.terminating || this.over },
      this.host.nodeIP,
      this.host.clock.now,
    )
  }

  get isOver(): boolean {
    return this.over
  }

  /** The kubelet stops: containers stay as they are. */
  dispose(): void {
    this.disposed = true
    this.timer?.()
    for (const container of this.containers) this.rest(container)
  }

  /** The pod is gone from the API server: nothing of it stays. */
  remove(): void {
    this.dispose()
    this.host.runtime.removeSandbox(this.pod.metadata.uid)
  }

  containerExited(instance: RuntimeContainer, exit: Exit): void {
    const container = this.containers.find(({ spec }) => spec.name === instance.name)
    if (!container || container.instance !== instance || this.disposed) return
    container.terminated = {
      containerID: `containerd://${instance.id}`,
      exitCode: exit.code,
      reason: exit.reason ?? (exit.code === 0 ? 'Completed' : 'Error'),
      startedAt: rfc3339(instance.process.startedAt),
      finishedAt: rfc3339(exit.time),
    }
    container.ready = container.kind === 'init' && exit.code === 0
    container.started = false
    this.rest(container)
    container.timer = this.onGrid(PLEG_MS, () => {
      container.timer = undefined
      if (this.disposed) return
      this.host.changed(this)
      if (this.terminating) this.watchEnd()
      else this.proceed()
    })
  }

  /** A liveness probe failed for good: the container is stopped, and then restarted as its policy says. */
  probeKill(container: ContainerRecord, kind: 'liveness' | 'startup'): void {
    this.host.event(this.pod, 'Normal', 'Killing', `Container ${container.spec.name} failed ${kind} probe, will be restarted`, {
      fieldPath: fieldPathOf(container),
    })
    container.instance?.process.stop((this.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000)
  }

  setReady(container: ContainerRecord, ready: boolean, started: boolean): void {
    if (container.ready === ready && container.started === started) return
    container.ready = ready
    const newlyStarted = started && !container.started
    container.started = started
    this.host.changed(this)
    if (newlyStarted && container.kind === 'sidecar') this.proceed()
  }

  private rest(container: ContainerRecord): void {
    container.timer?.()
    container.timer = undefined
    for (const stop of container.probes ?? []) stop()
    container.probes = undefined
  }

  /** The kubelet was restarted; containerd has kept everything. */
  private adopt(sandbox: Sandbox): void {
    this.take(sandbox)
    for (const container of this.containers) {
      const instance = sandbox.containers.get(container.spec.name)
      if (!instance) continue
      container.instance = instance
      container.restartCount = instance.attempt
      container.waiting = undefined
      container.terminated = undefined
      if (instance.process.exit) this.containerExited(instance, instance.process.exit)
      else startProbes(this, this.host.clock, this.host.random, container, this.pod, this.host)
    }
  }

  /** The simulation was interrupted while the machine was on: its containers are as the API server knows them. */
  private resume(): void {
    const { pod, host } = this
    this.take(host.runtime.createSandbox(pod, pod.status.podIP, Date.parse(this.startTime)))
    for (const container of resumeContainers(host, pod, this.containers, this.sandbox!)) startProbes(this, host.clock, host.random, container, pod, host)
  }

  /** The machine went down under the containers: they are made anew in a new sandbox. */
  private lost(): void {
    loseContainers(this.pod, this.containers, rfc3339(this.host.clock.now))
    this.podIP = undefined
    this.host.event(this.pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
  }

  private take(sandbox: Sandbox): void {
    this.sandbox = sandbox
    this.podIP = sandbox.ip
  }

  private reject(rejection: { readonly reason: string; readonly message: string }): void {
    this.failure = { reason: rejection.reason, message: `Pod was rejected: ${rejection.message}` }
    this.over = true
    this.host.event(this.pod, 'Warning', rejection.reason, rejection.message)
    this.host.changed(this)
  }

  /** Looks at everything and starts what is next. */
  private proceed(immediate = false): void {
    if (this.disposed || this.over || this.terminating) return
    if (!this.sandbox) return this.setUp()
    for (const container of this.containers) {
      if (container.kind === 'main') continue
      if (container.kind === 'init' && container.terminated?.exitCode === 0) continue
      if (isRunning(container)) {
        if (container.kind === 'sidecar' && container.started) continue
        return
      }
      if (container.timer) return
      if (container.terminated && container.kind === 'init' && this.pod.spec.restartPolicy === 'Never') return this.finish()
      this.arrangeStart(container, immediate)
      return
    }
    let busy = false
    for (const container of this.containers) {
      if (container.kind !== 'main') continue
      if (isRunning(container) || container.timer) {
        busy = true
        continue
      }
      const { terminated } = container
      const policy = this.pod.spec.restartPolicy ?? 'Always'
      if (terminated && (policy === 'Never' || (policy === 'OnFailure' && terminated.exitCode === 0))) continue
      busy = true
      this.arrangeStart(container, immediate)
    }
    if (!busy) this.finish()
  }

  /** Volumes, then the sandbox with its address. */
  private setUp(): void {
    if (this.timer) return
    const { host, pod } = this
    const missing = missingVolume(pod, host.references)
    const again = (ms: number, then: () => void) => {
      this.timer = this.onGrid(ms, () => {
        this.timer = undefined
        if (!this.disposed && !this.terminating) then()
      })
    }
    if (missing) {
      host.event(pod, 'Warning', 'FailedMount', missing)
      again(this.mountDelayMs, () => this.proceed())
      this.mountDelayMs = Math.min(this.mountDelayMs * 2, MAX_MOUNT_RETRY_MS)
      return
    }
    if (host.runtime.podCIDR === undefined && !pod.spec.hostNetwork) return again(1000, () => this.proceed())
    again(480 + host.random.below(420), () => {
      this.take(host.runtime.createSandbox(pod))
      // Images are on the node already, as a rule; then container creation is a matter of that same moment.
      this.proceed(true)
    })
  }

  private onGrid(ms: number, then: () => void): Cancel {
    const { clock } = this.host
    return clock.after(Math.ceil((clock.now + ms) / GRID_MS) * GRID_MS - clock.now, then)
  }

  private later(container: ContainerRecord, ms: number, then: () => void): void {
    container.timer = this.onGrid(ms, () => {
      container.timer = undefined
      if (!this.disposed && !this.terminating) then()
    })
  }

  private wait(container: ContainerRecord, reason: string, message: string): void {
    container.waiting = { reason, message }
    this.host.changed(this)
  }

  /** Starts a container now, or when its crash back-off is over. */
  private arrangeStart(container: ContainerRecord, immediate: boolean): void {
    const { clock } = this.host
    if (container.terminated) {
      const ended = Date.parse(container.terminated.finishedAt!)
      if (container.crashDelayMs > 0 && ended - container.crashSince > 2 * MAX_BACKOFF_MS) container.crashDelayMs = 0
      const left = ended + container.crashDelayMs - clock.now
      if (container.crashDelayMs > 0 && left > 0) {
        const text = `back-off ${wholeSeconds(container.crashDelayMs)} restarting failed container=${container.spec.name} pod=${this.pod.metadata.name}_${this.pod.metadata.namespace}(${this.pod.metadata.uid})`
        this.host.event(
          this.pod,
          'Warning',
          'BackOff',
          `Back-off restarting failed container ${container.spec.name} in pod ${this.pod.metadata.name}_${this.pod.metadata.namespace}(${this.pod.metadata.uid})`,
          { fieldPath: fieldPathOf(container) },
        )
        if (container.waiting?.message !== text) this.wait(container, 'CrashLoopBackOff', text)
        return this.later(container, Math.min(left, SYNC_MS), () => this.proceed())
      }
      container.crashDelayMs = Math.min(container.crashDelayMs === 0 ? BACKOFF_MS : container.crashDelayMs * 2, MAX_BACKOFF_MS)
      container.crashSince = ended
    }
    this.ensureImage(container, immediate)
  }

  private ensureImage(container: ContainerRecord, immediate: boolean): void {
    const { host, pod } = this
    const { image, imagePullPolicy = 'IfNotPresent' } = container.spec
    const extra = { fieldPath: fieldPathOf(container) }
    const fail = (reason: string, message: string) => {
      this.wait(container, reason, message)
      host.event(pod, 'Warning', 'Failed', `Error: ${reason}`, extra)
    }
    const reference = parseReference(image!)
    if ('invalid' in reference) {
      host.event(pod, 'Warning', 'InspectFailed', reference.invalid, extra)
      fail('InvalidImageName', reference.invalid)
      return this.later(container, SYNC_MS, () => this.proceed())
    }
    const present = host.runtime.images.has(reference.full)
    if (present && imagePullPolicy !== 'Always') {
      host.event(pod, 'Normal', 'Pulled', `Container image "${image}" already present on machine and can be accessed by the pod`, extra)
      return this.create(container, immediate)
    }
    if (imagePullPolicy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`
      host.event(pod, 'Warning', 'ErrImageNeverPull', message, extra)
      fail('ErrImageNeverPull', message)
      return this.later(container, SYNC_MS, () => this.proceed())
    }
    host.event(pod, 'Normal', 'Pulling', `Pulling image "${image}"`, extra)
    const { ms, waitingMs, resolved } = host.runtime.pull(image!)
    this.later(container, ms, () => {
      if ('image' in resolved) {
        host.runtime.store(resolved)
        container.pullDelayMs = 0
        host.event(
          pod,
          'Normal',
          'Pulled',
          `Successfully pulled image "${image}" in ${duration(ms - waitingMs)} (${duration(ms)} including waiting). Image size: ${resolved.sizeBytes} bytes.`,
          extra,
        )
        return this.create(container, false)
      }
      container.pullDelayMs = Math.min(container.pullDelayMs === 0 ? BACKOFF_MS : container.pullDelayMs * 2, MAX_BACKOFF_MS)
      host.event(pod, 'Warning', 'Failed', `Failed to pull image "${image}": ${resolved.error}`, extra)
      fail('ErrImagePull', resolved.error)
      const until = host.clock.now + container.pullDelayMs
      const backOff = () => {
        host.event(pod, 'Normal', 'BackOff', `Back-off pulling image "${image}"`, extra)
        fail('ImagePullBackOff', `Back-off pulling image "${image}": ErrImagePull: ${resolved.error}`)
        const left = until - host.clock.now
        this.later(container, left > SYNC_MS ? SYNC_MS : Math.max(left, 0) + 2500, left > SYNC_MS ? backOff : () => this.proceed())
      }
      this.later(container, 1100, backOff)
    })
  }

  private create(container: ContainerRecord, immediate: boolean): void {
    if (immediate) return this.start(container)
    this.later(container, 130 + this.host.random.below(190), () => this.start(container))
  }

  private start(container: ContainerRecord): void {
    const { host, pod, sandbox } = this
    const extra = { fieldPath: fieldPathOf(container) }
    const built = environmentOf(pod, container.spec, host.references, { podIP: sandbox!.ip, nodeName: host.nodeName, nodeIP: host.nodeIP })
    if ('error' in built) {
      host.event(pod, 'Warning', 'Failed', `Error: ${built.error}`, extra)
      this.wait(container, 'CreateContainerConfigError', built.error)
      return this.later(container, SYNC_MS, () => this.proceed())
    }
    const again = container.instance !== undefined || container.terminated !== undefined
    if (again) container.restartCount++
    const previous: Terminated | undefined = container.terminated
    host.event(pod, 'Normal', 'Created', 'Container created', extra)
    const instance = host.runtime.start(sandbox!, pod, container.spec, host.runtime.imageOf(container.spec.image!)!, container.restartCount, built.env)
    if ('error' in instance) {
      host.event(pod, 'Warning', 'Failed', `Error: ${instance.error}`, extra)
      container.terminated = {
        exitCode: 128,
        reason: 'StartError',
        message: instance.error,
        startedAt: '1970-01-01T00:00:00Z',
        finishedAt: rfc3339(host.clock.now),
      }
      container.last = container.terminated
      this.wait(container, 'RunContainerError', instance.error)
      return this.later(container, PLEG_MS, () => this.proceed())
    }
    host.event(pod, 'Normal', 'Started', 'Container started', extra)
    container.instance = instance
    container.terminated = undefined
    container.waiting = undefined
    if (previous) container.last = previous
    this.limitMemory(container)
    const { readinessProbe, startupProbe } = container.spec
    container.started = !startupProbe
    container.ready = container.kind !== 'init' && !readinessProbe && !startupProbe
    startProbes(this, host.clock, host.random, container, pod, host)
    host.changed(this)
    if (container.kind === 'sidecar' && container.started) this.proceed()
  }

  /** A process that needs more than its limit is killed by the kernel as soon as it has filled it. */
  private limitMemory(container: ContainerRecord): void {
    const { instance } = container
    const limit = this.host.memoryLimit(container.spec)
    if (limit === undefined || !instance || instance.stored.image.load.memoryBytes <= limit) return
    this.host.clock.after(400, () => instance.process.kill(137, 'OOMKilled'))
  }

  /** Nothing runs and nothing will be started again. */
  private finish(): void {
    this.over = true
    this.host.changed(this)
    const sandbox = this.sandbox
    if (!sandbox) return
    this.sandbox = undefined
    this.host.runtime.retireSandbox(sandbox.uid)
  }

  private terminate(): void {
    if (this.terminating || this.disposed) return
    this.terminating = true
    this.timer?.()
    this.timer = undefined
    if (this.over) return this.host.ended(this)
    for (const container of this.containers) if (!isRunning(container)) this.rest(container)
    const { deletionTimestamp, deletionGracePeriodSeconds = 30 } = this.pod.metadata
    const left = Math.min(deletionGracePeriodSeconds * 1000, Math.max(Date.parse(deletionTimestamp!) - this.host.clock.now, 2000))
    const running = this.containers.filter(isRunning)
    for (const container of running) {
      for (const stop of container.probes ?? []) stop()
      container.probes = undefined
      this.host.event(this.pod, 'Normal', 'Killing', `Stopping container ${container.spec.name}`, { fieldPath: fieldPathOf(container) })
      container.instance!.process.stop(left)
    }
    this.watchEnd()
  }

  /** Waits for the last container, cleans up, and lets the pod go. */
  private watchEnd(): void {
    if (this.disposed) return
    // containerExited comes back here for each of them.
    if (this.timer || this.containers.some(isRunning)) return
    this.timer = this.onGrid(this.sandbox ? CLEAN_UP_MS : 0, () => {
      if (this.disposed) return
      this.over = true
      if (this.sandbox) this.host.runtime.retireSandbox(this.sandbox.uid)
      this.sandbox = undefined
      this.host.changed(this)
      this.host.ended(this)
    })
  }
}
