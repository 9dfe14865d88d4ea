import { ApiError, hasReason } from '../apiserver/errors.ts'
import type { Draft } from '../apiserver/object.ts'
import { leases, nodes, pods, type Container, type Lease, type Node, type Pod } from '../apiserver/resources/types.ts'
import type { ApiClient } from '../client/client.ts'
import { quantityValue } from '../client/quantity.ts'
import type { EventRecorder } from '../client/recorder.ts'
import { rfc3339Micro, type Cancel, type Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { admitPod } from './admit.ts'
import { nodeStatus, type NodeFacts } from './node-status.ts'
import { PodWorker, type PodHost } from './pod-worker.ts'
import { parseReference, resolveImage } from './registry.ts'
import type { Runtime } from './runtime.ts'
import type { KubeletSources } from './sources.ts'

/** nodeLeaseDurationSeconds, renewed at a quarter of it. */
const LEASE_SECONDS = 40
const LEASE_RENEWAL_MS = 10_000
/** nodeStatusReportFrequency; changes are reported with the next renewal. */
const STATUS_REPORT_MS = 300_000
/** While the API server cannot be reached. */
const RETRY_MS = 2_000
/** From the node having its podCIDR to flannel having written the CNI's configuration. */
const FLANNEL_MS = 1_800

export interface KubeletOptions {
  readonly clock: Clock
  readonly random: Random
  /** Identity system:node:<name>. */
  readonly client: ApiClient
  readonly recorder: EventRecorder
  readonly sources: KubeletSources
  readonly runtime: Runtime
  readonly facts: NodeFacts
  /** Written to the journal, in klog's form without its head. */
  readonly log?: (line: string) => void
  /** The node is registered, with its podCIDR (agents start flannel then). */
  readonly onNetwork?: () => void
}

export interface Kubelet {
  readonly nodeName: string
  readonly runtime: Runtime
  readonly workers: ReadonlyMap<string, PodWorker>
  /** Stops it; containers go on. */
  dispose(): void
}

/** Starts a kubelet: registers the node, renews its Lease, and runs the pods that are bound to it. */
export const startKubelet = ({ clock, random, client, recorder, sources, runtime, facts, log, onNetwork }: KubeletOptions): Kubelet => {
  const { name } = facts
  const workers = new Map<string, PodWorker>()
  const dirty = new Set<PodWorker>()
  const writing = new Set<PodWorker>()
  const leaving = new Set<PodWorker>()
  let node: Node | undefined
  let networkReady = false
  let networkArranged = false
  let statusDirty = false
  let reportedAt = 0
  let lease: Lease | undefined
  let resumed = false
  let disposed = false
  let flushArranged = false
  let detach: (() => void) | undefined
  let tick: Cancel | undefined
  const nodeReference = { kind: 'Node', name, uid: name, apiVersion: 'v1' } as const

  // -- pods ------------------------------------------------------------------------------------------------------

  const flushLater = (ms = 0) => {
    if (flushArranged || disposed) return
    flushArranged = true
    clock.after(ms, () => {
      flushArranged = false
      if (disposed) return
      const batch = [...dirty]
      dirty.clear()
      for (const worker of batch) void write(worker)
    })
  }

  /** Writes a worker's status, and lets the pod go once its end is written. One write a pod at a time. */
  const write = async (worker: PodWorker): Promise<void> => {
    if (writing.has(worker)) {
      dirty.add(worker)
      return
    }
    writing.add(worker)
    try {
      const { pod } = worker
      const written = await client.update<Pod>(pods, { ...pod, status: worker.status() }, 'status')
      if (isNewer(written, worker.pod)) worker.pod = written
      if (leaving.has(worker) && !dirty.has(worker))
        await client.delete(pods, pod.metadata.namespace, pod.metadata.name, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } })
    } catch (error) {
      if (disposed || hasReason(error, 'NotFound')) return
      if (hasReason(error, 'Conflict')) await refresh(worker)
      else if (error instanceof ApiError && error.code < 500)
        log?.(`"Failed to update status for pod" pod="${worker.pod.metadata.namespace}/${worker.pod.metadata.name}" err=${JSON.stringify(error.message)}`)
      else {
        dirty.add(worker)
        flushLater(RETRY_MS)
      }
    } finally {
      writing.delete(worker)
      if (dirty.size > 0) flushLater()
    }
  }

  /** Takes the newest version of the pod after a conflict; a pod of another uid is not ours. */
  const refresh = async (worker: PodWorker) => {
    const { namespace, name: podName, uid } = worker.pod.metadata
    try {
      const fresh = await client.get<Pod>(pods, namespace, podName)
      if (fresh.metadata.uid !== uid) return
      if (isNewer(fresh, worker.pod)) worker.update(fresh)
    } catch {
      // Gone, or the server is: the watch or the next flush tells.
    }
    dirty.add(worker)
  }

  const host: PodHost = {
    clock,
    random,
    runtime,
    references: sources.references,
    nodeName: name,
    nodeIP: facts.address,
    admit: pod => {
      if (!node) return undefined
      return admitPod(pod, node, otherPods(pod))
    },
    event: (pod, type, reason, message, extra) => recorder.event(pod, type, reason, message, extra),
    memoryLimit: (container: Container) => {
      const limit = container.resources?.limits?.memory
      return limit === undefined ? undefined : quantityValue(limit)
    },
    changed: worker => {
      dirty.add(worker)
      flushLater()
    },
    ended: worker => {
      leaving.add(worker)
      dirty.add(worker)
      flushLater()
    },
  }

  function* otherPods(pod: Pod): Generator<Pod> {
    for (const worker of workers.values()) if (worker.pod.metadata.uid !== pod.metadata.uid && !worker.isOver) yield worker.pod
  }

  runtime.onExit = (sandbox, container, exit) => workers.get(sandbox.uid)?.containerExited(container, exit)
  runtime.onImages = () => {
    statusDirty = true
  }

  const take = (pod: Pod) => {
    const known = workers.get(pod.metadata.uid)
    if (known) {
      if (isNewer(pod, known.pod)) known.update(pod)
      return
    }
    const worker = new PodWorker(host, pod)
    workers.set(pod.metadata.uid, worker)
    worker.begin(resumed)
  }

  const drop = (pod: Pod) => {
    const worker = workers.get(pod.metadata.uid)
    if (!worker) return
    workers.delete(pod.metadata.uid)
    dirty.delete(worker)
    leaving.delete(worker)
    worker.remove()
  }

  // -- node ------------------------------------------------------------------------------------------------------

  const learnNode = (fresh: Node) => {
    if (node && !isNewer(fresh, node)) return
    node = fresh
    const { podCIDR } = fresh.spec
    if (!podCIDR || networkArranged) return
    networkArranged = true
    runtime.podCIDR = podCIDR
    onNetwork?.()
    if (fresh.status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True') networkReady = true
    else
      clock.after(FLANNEL_MS, () => {
        if (disposed) return
        networkReady = true
        void reportStatus()
      })
  }

  const reportStatus = async (): Promise<void> => {
    statusDirty = false
    reportedAt = clock.now
    for (let attempt = 0; attempt < 5 && !disposed; attempt++) {
      try {
        const base: Node = node ?? (await client.get<Node>(nodes, undefined, name))
        const wasReady = base.status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
        const status = nodeStatus(facts, runtime, networkReady, base, clock.now)
        learnNode(await client.update<Node>(nodes, { ...base, status }, 'status'))
        if (networkReady && !wasReady) recorder.event(nodeReference, 'Normal', 'NodeReady', `Node ${name} status is now: NodeReady`)
        return
      } catch (error) {
        if (hasReason(error, 'Conflict')) {
          try {
            node = await client.get<Node>(nodes, undefined, name)
            continue
          } catch {
            // Reported below with the next renewal.
          }
        }
        statusDirty = true
        if (hasReason(error, 'NotFound')) node = undefined
        log?.(`"Error updating node status, will retry" err=${JSON.stringify(`error getting node "${name}": ${(error as Error).message}`)}`)
        return
      }
    }
  }

  const draft = (): Draft<Node> => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { ...facts.labels }, annotations: { ...facts.annotations }, ...(facts.finalizers && { finalizers: [...facts.finalizers] }) },
    spec: { providerID: facts.providerID, ...(facts.podCIDR && { podCIDR: facts.podCIDR, podCIDRs: [facts.podCIDR] }) },
    status: nodeStatus(facts, runtime, false, undefined, clock.now),
  })

  /** Creates the Node, or takes up the one that is there; resolves to false when the API server cannot be reached. */
  const register = async (): Promise<boolean> => {
    log?.(`"Attempting to register node" node="${name}"`)
    try {
      let known: Node
      try {
        known = await client.get<Node>(nodes, undefined, name)
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error
        learnNode(await client.create<Node>(nodes, draft()))
        log?.(`"Successfully registered node" node="${name}"`)
        return true
      }
      const { bootID, kubeletVersion } = known.status.nodeInfo ?? {}
      resumed = bootID === facts.bootID
      for (const { names } of known.status.images ?? []) adoptImage(names ?? [])
      log?.(`"Node was previously registered" node="${name}"`)
      const metadata = { labels: { ...known.metadata.labels, ...facts.labels }, annotations: { ...known.metadata.annotations, ...facts.annotations } }
      if (
        JSON.stringify(metadata.labels) !== JSON.stringify(known.metadata.labels) ||
        JSON.stringify(metadata.annotations) !== JSON.stringify(known.metadata.annotations)
      )
        known = await client.patch<Node>(nodes, undefined, name, 'merge', { metadata })
      networkReady = resumed && known.spec.podCIDR !== undefined && known.status.conditions?.find(({ type }) => type === 'Ready')?.status !== 'False'
      networkArranged = false
      const unchanged = bootID === undefined || resumed
      learnNode(known)
      if (!unchanged) {
        networkReady = known.spec.podCIDR !== undefined
        recorder.event(nodeReference, 'Warning', 'Rebooted', `Node ${name} has been rebooted, boot id: ${facts.bootID}`)
      }
      if (kubeletVersion !== undefined) await reportStatus()
      return true
    } catch (error) {
      log?.(`"Unable to register node with API server" err=${JSON.stringify((error as Error).message)} node="${name}"`)
      return false
    }
  }

  const adoptImage = (names: readonly string[]) => {
    const tagged = names.find(text => !text.includes('@'))
    if (!tagged || runtime.imageOf(tagged)) return
    const reference = parseReference(tagged)
    const resolved = 'invalid' in reference ? undefined : resolveImage(reference)
    if (resolved && 'image' in resolved) runtime.store(resolved)
  }

  const renewLease = async (): Promise<boolean> => {
    const renewTime = rfc3339Micro(clock.now)
    try {
      if (lease)
        try {
          lease = await client.update<Lease>(leases, { ...lease, spec: { ...lease.spec, renewTime } })
          return true
        } catch (error) {
          if (!hasReason(error, 'Conflict', 'NotFound')) throw error
          lease = undefined
        }
      try {
        const found = await client.get<Lease>(leases, 'kube-node-lease', name)
        lease = await client.update<Lease>(leases, { ...found, spec: { ...found.spec, holderIdentity: name, renewTime } })
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error
        lease = await client.create<Lease>(leases, {
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: {
            name,
            namespace: 'kube-node-lease',
            ...(node && { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid }] }),
          },
          spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime },
        })
      }
      return true
    } catch (error) {
      log?.(`"Failed to ensure lease exists, will retry" err=${JSON.stringify((error as Error).message)} interval="${RETRY_MS / 1000}s"`)
      return false
    }
  }

  const beat = async () => {
    const renewed = await renewLease()
    if (disposed) return
    if (renewed && (statusDirty || clock.now - reportedAt >= STATUS_REPORT_MS || needsHealing())) await reportStatus()
    if (disposed) return
    tick = clock.after(renewed ? LEASE_RENEWAL_MS + random.below(400) : RETRY_MS, () => void beat())
  }

  /** The node lifecycle controller has set conditions to Unknown while we could not report. */
  const needsHealing = () => node?.status.conditions?.some(({ status }) => status === 'Unknown') ?? false

  const start = async () => {
    if (disposed) return
    if (!(await register())) {
      if (!disposed) tick = clock.after(RETRY_MS, () => void start())
      return
    }
    if (disposed) return
    recorder.event(nodeReference, 'Normal', 'Starting', 'Starting kubelet.')
    recorder.event(nodeReference, 'Warning', 'InvalidDiskCapacity', 'invalid capacity 0 on image filesystem')
    for (const reason of ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'])
      recorder.event(nodeReference, 'Normal', reason, `Node ${name} status is now: ${reason}`)
    recorder.event(nodeReference, 'Normal', 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods')
    reportedAt = clock.now
    detach = sources.attach(name, {
      podAdded: take,
      podUpdated: take,
      podDeleted: drop,
      nodeChanged: learnNode,
      synced: () => {
        // Pods that went while the kubelet was down.
        for (const uid of [...runtime.sandboxes.keys(), ...runtime.retired.keys()]) if (!workers.has(uid)) runtime.removeSandbox(uid)
        resumed = false
      },
    })
    await beat()
  }
  clock.soon(() => void start())

  return {
    nodeName: name,
    runtime,
    workers,
    dispose: () => {
      disposed = true
      tick?.()
      detach?.()
      for (const worker of workers.values()) worker.dispose()
      runtime.onExit = undefined
      runtime.onImages = undefined
      recorder.dispose()
    },
  }
}

/** Resource versions of one server are numbers that only grow. */
const isNewer = (a: { readonly metadata: { readonly resourceVersion: string } }, b: { readonly metadata: { readonly resourceVersion: string } }): boolean =>
  Number(a.metadata.resourceVersion) > Number(b.metadata.resourceVersion)
