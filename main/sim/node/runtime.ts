import { createHash } from 'node:crypto'
import type { Container, Pod } from '../apiserver/resources/types.ts'
import type { Clock, VirtualTime } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { ContainerContext, Image } from './images/image.ts'
import { type Exit, missingCommand, type Process, startProcess } from './process.ts'
import { parseReference, resolveImage, type Resolved } from './registry.ts'

/** Container images of one node, as containerd keeps them. */
interface StoredImage {
  /** `repository@digest` and `repository:tag`, as in node.status.images. */
  readonly names: readonly [string, string]
  readonly sizeBytes: number
  readonly digest: string
  readonly image: Image
  readonly tag: string
}

export interface RuntimeContainer {
  readonly id: string
  readonly name: string
  readonly attempt: number
  readonly stored: StoredImage
  readonly podIP: string
  readonly createdAt: VirtualTime
  readonly process: Process
}

export interface Sandbox {
  readonly id: string
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly ip: string
  readonly hostNetwork: boolean
  readonly createdAt: VirtualTime
  /** The newest of each name. */
  readonly containers: Map<string, RuntimeContainer>
  /** The one before, for `kubectl logs -p`. */
  readonly previous: Map<string, RuntimeContainer>
}

export interface RuntimeOptions {
  readonly clock: Clock
  readonly random: Random
  readonly nodeName: string
  readonly nodeIP: string
  /** Bytes per second from the registries. */
  readonly downlink: number
}

/** How fast an image unpacks onto the disk. */
const UNPACK_BYTES_PER_SECOND = 85_000_000

/**
 * containerd and its shims on one machine: images, pod sandboxes and containers. It goes on when the kubelet stops
 * (K3s' units have KillMode=process) and loses everything but images when the power goes.
 */
export interface Runtime {
  readonly images: ReadonlyMap<string, StoredImage>
  /** Those that run, by pod uid. */
  readonly sandboxes: ReadonlyMap<string, Sandbox>
  /** Those that have ended, whose logs are still there. */
  readonly retired: ReadonlyMap<string, Sandbox>
  /** Set by the kubelet while it runs. */
  onExit: ((sandbox: Sandbox, container: RuntimeContainer, exit: Exit) => void) | undefined
  onImages: (() => void) | undefined
  /** Where pod addresses come from; set once the node has its podCIDR. */
  podCIDR: string | undefined
  /** Undefined when the image is not on the node. */
  imageOf(name: string): StoredImage | undefined
  /** Pulls one image after another: `ms` until this one is done, `waitingMs` of it in the queue. */
  pull(name: string): { readonly ms: number; readonly waitingMs: number; readonly resolved: Resolved }
  /** To be called when the time of a successful pull is over. */
  store(resolved: Extract<Resolved, { image: Image }>): StoredImage
  createSandbox(pod: Pod, address?: string, createdAt?: VirtualTime): Sandbox
  /** Starts a container, or says why its command cannot be started. */
  start(
    sandbox: Sandbox,
    pod: Pod,
    container: Container,
    stored: StoredImage,
    attempt: number,
    env: Readonly<Record<string, string>>,
    resumed?: { readonly id: string; readonly startedAt: VirtualTime },
  ): RuntimeContainer | { readonly error: string }
  /** Stops the sandbox and gives its address back; containers stay for their logs until the pod is removed. */
  retireSandbox(uid: string): void
  removeSandbox(uid: string): void
  powerOff(): void
}

/** First free address after the last one given, as the host-local IPAM plugin; .1 is the bridge. */
const addressPool = () => {
  const taken = new Set<number>()
  let last = 1
  return {
    take: (wanted?: number) => {
      let host = wanted ?? last
      if (wanted === undefined)
        do host = host >= 254 ? 2 : host + 1
        while (taken.has(host))
      taken.add(host)
      last = host
      return host
    },
    release: (host: number) => void taken.delete(host),
  }
}

/** Command and arguments as Kubernetes merges them with the image's (Container.command, Container.args), with $(VAR) expanded. */
const argvOf = (container: Container, image: Image, env: Readonly<Record<string, string>>): string[] => {
  const expand = (text: string) => text.replace(/\$\$|\$\(([A-Za-z_][\w.-]*)\)/g, (all, name?: string) => (name === undefined ? '$' : (env[name] ?? all)))
  const command = container.command?.length ? container.command.map(expand) : image.entrypoint
  const args = container.args?.length ? container.args.map(expand) : container.command?.length ? [] : image.cmd
  return [...command, ...args]
}

export const createRuntime = ({ clock, random, nodeName, nodeIP, downlink }: RuntimeOptions): Runtime => {
  const images = new Map<string, StoredImage>()
  const sandboxes = new Map<string, Sandbox>()
  const retired = new Map<string, Sandbox>()
  let addresses = addressPool()
  let pullsUntil: VirtualTime = 0
  let serial = 0

  /** 64 hexadecimal digits, as containerd's ids. */
  const newId = () => createHash('sha256').update(`${nodeName}/${clock.now}/${serial++}`).digest('hex')

  const runtime: Runtime = {
    images,
    sandboxes,
    retired,
    onExit: undefined,
    onImages: undefined,
    podCIDR: undefined,
    imageOf: name => {
      const reference = parseReference(name)
      return 'invalid' in reference ? undefined : images.get(reference.full)
    },
    pull: name => {
      const reference = parseReference(name)
      if ('invalid' in reference) return { ms: 0, waitingMs: 0, resolved: { error: reference.invalid } }
      const resolved = resolveImage(reference)
      const waitingMs = Math.max(0, pullsUntil - clock.now)
      const present = images.has(reference.full)
      // Where all layers are on the node, only the manifest is asked for.
      const handshake = present ? 280 + random.below(320) : 650 + random.below(700)
      const transfer =
        'error' in resolved || present
          ? 0
          : (resolved.sizeBytes / downlink + resolved.sizeBytes / UNPACK_BYTES_PER_SECOND) * 1000 * (0.9 + random.next() * 0.25)
      const ms = Math.round(waitingMs + handshake + transfer)
      pullsUntil = clock.now + ms
      return { ms, waitingMs: Math.round(waitingMs), resolved }
    },
    store: ({ reference, digest, sizeBytes, image }) => {
      const found = images.get(reference.full)
      if (found) return found
      const stored: StoredImage = { names: [`${reference.repository}@${digest}`, reference.full], sizeBytes, digest, image, tag: reference.tag }
      images.set(reference.full, stored)
      runtime.onImages?.()
      return stored
    },
    createSandbox: (pod, address, createdAt = clock.now) => {
      const hostNetwork = pod.spec.hostNetwork === true
      const prefix = (runtime.podCIDR ?? '10.42.255.0/24').replace(/\d+\/\d+$/, '')
      const adopted = address?.startsWith(prefix) ? Number(address.slice(prefix.length)) : undefined
      const sandbox: Sandbox = {
        id: newId(),
        uid: pod.metadata.uid,
        namespace: pod.metadata.namespace!,
        name: pod.metadata.name,
        ip: hostNetwork ? nodeIP : `${prefix}${addresses.take(adopted)}`,
        hostNetwork,
        createdAt,
        containers: new Map(),
        previous: new Map(),
      }
      sandboxes.set(sandbox.uid, sandbox)
      return sandbox
    },
    start: (sandbox, pod, container, stored, attempt, env, resumed) => {
      const argv = argvOf(container, stored.image, env)
      const missing = missingCommand(stored.image, argv)
      if (missing) return { error: missing }
      const startedAt = resumed?.startedAt ?? clock.now
      const context: ContainerContext = {
        argv,
        env: stored.image.environment ? { ...stored.image.environment, ...env } : env,
        hostname: pod.spec.hostNetwork ? nodeName : (pod.spec.hostname ?? pod.metadata.name),
        podIP: sandbox.ip,
        nodeName,
        startedAt,
        tag: stored.tag,
      }
      const old = sandbox.containers.get(container.name)
      if (old) sandbox.previous.set(container.name, old)
      const running: RuntimeContainer = {
        id: resumed?.id ?? newId(),
        name: container.name,
        attempt,
        stored,
        podIP: sandbox.ip,
        createdAt: startedAt,
        process: startProcess(clock, stored.image, context, exit => runtime.onExit?.(sandbox, running, exit)),
      }
      sandbox.containers.set(container.name, running)
      return running
    },
    retireSandbox: uid => {
      const sandbox = sandboxes.get(uid)
      if (!sandbox) return
      sandboxes.delete(uid)
      retired.set(uid, sandbox)
      if (!sandbox.hostNetwork) addresses.release(Number(sandbox.ip.slice(sandbox.ip.lastIndexOf('.') + 1)))
    },
    removeSandbox: uid => {
      for (const container of sandboxes.get(uid)?.containers.values() ?? []) container.process.vanish()
      runtime.retireSandbox(uid)
      retired.delete(uid)
    },
    powerOff: () => {
      for (const sandbox of sandboxes.values()) for (const container of sandbox.containers.values()) container.process.vanish()
      sandboxes.clear()
      addresses = addressPool()
      pullsUntil = 0
    },
  }
  return runtime
}
