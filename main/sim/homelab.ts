import { createHash } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { definitions } from './apiserver/resources/index.ts'
import { createApiServer, type ApiServer } from './apiserver/index.ts'
import { createControlPlane } from './control-plane.ts'
import { ensureUserKey, homelabPaths, readState, writeSshFiles, writeState, type HomelabState, type SshMachine } from './homelab-state.ts'
import { installK3s } from './k3s/install.ts'
import { k3sUnit } from './k3s/unit.ts'
import { K3S, NETWORK } from './k3s/version.ts'
import { createMachine, DEFAULT_USER, generateHostKey, openMachineStore, serveSsh, type SimulatedMachine, type SshServer } from './machine/index.ts'
import { kubeletBackend } from './node/backend.ts'
import { containerView } from './node/container-view.ts'
import { daemonUsage } from './node/load.ts'
import { machineLoad } from './node/machine-load.ts'
import { kubeletProxy, type SummarisedNode } from './node/stats-summary.ts'
import { metricsSource, type ScrapedNode } from './node/metrics-source.ts'
import { createRuntime } from './node/runtime.ts'
import { kubeletSources } from './node/sources.ts'
import { presets, type PresetName } from './presets.ts'
import { VirtualClock } from './time/clock.ts'
import { advance, pace, type Wall } from './time/pace.ts'
import { seededRandom } from './time/random.ts'

/**
 * How much virtual time a new homelab has behind it when it is first seen: K3s has come up, its charts are installed,
 * metrics have been scraped, and ages look like those of machines that were switched on a moment ago.
 */
const FIRST_LEAD_MS = 240_000
/** On later starts: enough for kubelets to have renewed their Leases. */
const LEAD_MS = 1_000
const CATCH_UP_STEP_MS = 250
/** An Internet line of 500 Mbit/s. */
const DOWNLINK_BYTES_PER_SECOND = 62_500_000

/** A node as API server and metrics-server reach it. */
type HomelabNode = SummarisedNode & ScrapedNode

export interface HomelabOptions {
  readonly dataDir: string
  /** For a data directory's first start; later ones bring back what is there. */
  readonly preset: PresetName
  readonly seed: number
  readonly wall: Wall
  readonly log: (message: string) => void
}

interface HomelabMachine {
  readonly name: string
  readonly role: 'server' | 'agent'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly power: 'on' | 'off'
}

/** The simulated homelab of a data directory: state, then events, then verbs. */
export interface Homelab {
  readonly preset: PresetName
  readonly seed: number
  readonly kubernetesVersion: string
  readonly kubeconfigPath: string
  readonly sshConfigPath: string
  readonly identityPath: string
  readonly knownHostsPath: string
  readonly machines: readonly HomelabMachine[]
  /** Called after a machine was switched on or off, by whomever. */
  onChange(listener: () => void): () => void
  /** The power button, or the plug. Throws when there is no such machine. */
  power(name: string, power: 'on' | 'off'): void
  /** Stops everything and makes it durable. The machines are then as if suspended, not switched off. */
  dispose(): Promise<void>
}

/**
 * Brings up the homelab of a data directory.
 *
 * Between two runs its machines are suspended, as laptops are by closing the lid: whatever ran goes on running, with
 * the same boot, the same containers and restart counts, and the kubelets renew their Leases before anybody judges
 * them. Machines that were switched off and units that were stopped stay so.
 */
export const createHomelab = async ({ dataDir, preset, seed, wall, log }: HomelabOptions): Promise<Homelab> => {
  const paths = homelabPaths(dataDir)
  const known = readState(paths)
  const first = known === undefined
  // The state is written when a first start is complete: what an interrupted one left was never shown to anybody.
  if (first) rmSync(paths.directory, { recursive: true, force: true })
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 })
  const state = known ?? newState(preset, seed)

  const clock = new VirtualClock(wall.now() - (first ? FIRST_LEAD_MS : LEAD_MS))
  const fault = (error: unknown) => log(`fault: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  clock.onFault = fault
  const root = seededRandom(state.seed)
  const specs = presets[state.preset]
  const server = specs.find(({ role }) => role === 'server')
  const nodes: HomelabNode[] = []
  const apiserver = await createApiServer({
    clock,
    wall,
    random: root,
    dataDir: paths.apiserver,
    definitions,
    hosts: server ? [server.name, server.address] : [],
    onFault: fault,
  })
  const random = root.stream(`boot-${apiserver.boot}`)
  const sources = kubeletSources(clock, apiserver.clientFor({ name: 'system:k3s-supervisor', groups: ['system:masters', 'system:authenticated'] }))
  apiserver.setKubeletBackend(kubeletBackend(clock, name => nodes.find(node => node.name === name)))
  apiserver.setNodeProxy(kubeletProxy(clock, name => nodes.find(node => node.name === name)))
  const metrics = metricsSource(clock, () => nodes)
  const controlPlane = createControlPlane({ clock, random, apiserver, host: server?.name ?? 'localhost', k3s: server !== undefined, metrics })

  const authorizedKeys = ensureUserKey(paths)
  const store = openMachineStore(paths.machineStore)
  const machines: SimulatedMachine[] = []
  const ssh = new Map<string, SshServer>()
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const listener of listeners) listener()
  }

  /** Lets the present come; opening sockets takes no virtual time, so nothing goes on while that is under way. */
  const catchUp = async () => {
    while (clock.now < wall.now()) {
      await advance(clock, wall, Math.min(CATCH_UP_STEP_MS, wall.now() - clock.now))
      await controlPlane.opening
    }
  }

  for (const spec of specs) {
    const persistence = store.forMachine(spec.name)
    const wasOn = persistence.fact('power') === 'on'
    const stream = random.stream(spec.name)
    const machine = createMachine(spec, { clock, random: stream, persistence, clusterMachines: () => machines })
    machines.push(machine)
    const runtime = createRuntime({ clock, random: stream.stream('runtime'), nodeName: spec.name, nodeIP: spec.address, downlink: DOWNLINK_BYTES_PER_SECOND })
    const isServer = spec.role === 'server'
    if (first)
      installK3s(machine, {
        serverAddress: server!.address,
        kubeconfig: apiserver.kubeconfig(`https://127.0.0.1:${NETWORK.apiPort}`),
        token: joinToken(apiserver, state),
        nodePassword: state.machines[spec.name]!.nodePassword,
      })
    const unit = k3sUnit({
      clock,
      random: stream,
      machine,
      runtime,
      sources,
      clientFor: apiserver.clientFor,
      serverAddress: server!.address,
      resumed: !first && wasOn,
      firstStart: first,
      endpoint: apiserver.endpoint,
      ...(isServer && { controlPlane }),
    })
    machine.setContainerView(containerView(runtime))
    machine.setLoadSource(machineLoad(clock, machine, runtime, () => (unit.running ? daemonUsage(`${spec.name}/k3s`, unit.base, clock.now) : undefined)))
    nodes.push({
      name: spec.name,
      address: spec.address,
      runtime,
      get reachable() {
        return machine.power === 'on' && unit.kubelet !== undefined
      },
      labels: () => sources.node(spec.name)?.metadata.labels,
      podLabels: (namespace, name) => sources.pod(namespace, name)?.metadata.labels,
      bootedAt: () => machine.bootedAt,
      memoryBytes: spec.memoryBytes,
      storageBytes: spec.diskBytes,
      usage: () => machine.load,
    })
    machine.onPower(power => {
      if (power === 'off') runtime.powerOff()
      changed()
    })
    machine.install(unit)
  }
  if (!server) await controlPlane.start({ info: log, error: log, klog: log })

  await catchUp()
  apiserver.writeKubeconfig(paths.kubeconfig)
  const served: SshMachine[] = []
  for (const machine of machines) {
    const { name, role } = machine.spec
    const { port, hostKey, hostPublicKey } = state.machines[name]!
    const options = { hostKeys: [hostKey], authorizedKeys }
    // The port of last time, unless somebody else has taken it meanwhile.
    const listening = await serveSsh(machine, { ...options, port }).catch(() => serveSsh(machine, { ...options, port: 0 }))
    ssh.set(name, listening)
    served.push({ name, role, port: listening.port, hostPublicKey })
  }
  const ports = Object.fromEntries(served.map(({ name, port }) => [name, { ...state.machines[name]!, port }]))
  if (first || served.some(({ name, port }) => port !== state.machines[name]!.port)) writeState(paths, { ...state, machines: ports })
  writeSshFiles(paths, DEFAULT_USER, served)
  await catchUp()
  const pacer = pace(clock, wall)
  log(`homelab ${state.preset} is up: Kubernetes ${K3S.version}, ${machines.length} machines`)

  const find = (name: string) => {
    const machine = machines.find(({ spec }) => spec.name === name)
    if (!machine) throw new Error(`there is no machine ${JSON.stringify(name)}`)
    return machine
  }
  return {
    preset: state.preset,
    seed: state.seed,
    kubernetesVersion: K3S.version,
    kubeconfigPath: paths.kubeconfig,
    sshConfigPath: paths.sshConfig,
    identityPath: paths.key,
    knownHostsPath: paths.knownHosts,
    get machines() {
      return machines.map(({ spec, power }) => ({
        name: spec.name,
        role: spec.role,
        host: '127.0.0.1',
        port: ssh.get(spec.name)!.port,
        user: DEFAULT_USER,
        power,
      }))
    },
    onChange: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    power: (name, power) => {
      const machine = find(name)
      if (power === 'on') machine.powerOn()
      else machine.powerOff()
    },
    dispose: async () => {
      pacer.dispose()
      for (const machine of machines) machine.dispose()
      await Promise.all([...ssh.values()].map(one => one.dispose()))
      sources.dispose()
      await controlPlane.stop()
      await apiserver.close()
      store.close()
    },
  }
}

/** `K10<hash of the CA>::server:<password>`, as it stands in /var/lib/rancher/k3s/server/token. */
const joinToken = (apiserver: ApiServer, state: HomelabState) => `K10${createHash('sha256').update(apiserver.serverCa).digest('hex')}::server:${state.token}`

const newState = (preset: PresetName, seed: number): HomelabState => {
  const random = seededRandom(seed).stream('secrets')
  const hex = (length: number) => Array.from({ length }, () => random.below(16).toString(16)).join('')
  return {
    preset,
    seed,
    token: hex(32),
    machines: Object.fromEntries(
      presets[preset].map(({ name }) => {
        const { private: privateKey, public: publicKey } = generateHostKey('ed25519', `root@${name}`)
        return [name, { port: 0, hostKey: privateKey, hostPublicKey: publicKey, nodePassword: hex(32) }]
      }),
    ),
  }
}
