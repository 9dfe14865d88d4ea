import type { ApiClient } from '../client/client.ts'
import { eventRecorder } from '../client/recorder.ts'
import type { ApiEndpoint, SimulatedMachine, UnitBehaviour } from '../machine/machine.ts'
import { startKubelet, type Kubelet } from '../node/kubelet.ts'
import { daemonUsage, type Usage } from '../node/load.ts'
import type { Runtime } from '../node/runtime.ts'
import type { KubeletSources } from '../node/sources.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { agentStart, k3sLog, type K3sLog, serverStart } from './journal.ts'
import { networkLinks } from './network-links.ts'
import { nodeFacts } from './node-facts.ts'

/** The server half of k3s: everything but the node's own kubelet. */
export interface ControlPlane {
  /** Opens the API and starts scheduler and controllers. */
  start(log: K3sLog): Promise<void>
  /** After the node is up: applies the addons. */
  settle(log: K3sLog): void
  stop(): Promise<void>
}

export interface K3sUnitOptions {
  readonly clock: Clock
  readonly random: Random
  readonly machine: SimulatedMachine
  readonly runtime: Runtime
  readonly sources: KubeletSources
  readonly clientFor: (user: { readonly name: string; readonly groups: readonly string[] }) => ApiClient
  /** On servers. */
  readonly controlPlane?: ControlPlane
  /** What answers on port 6443 of a server. */
  readonly endpoint: ApiEndpoint
  /** Address of the server that agents join. */
  readonly serverAddress: string
  /** True when the machine was on when the simulation was interrupted: the first start takes no time and says nothing. */
  readonly resumed: boolean
  /** True on a data directory's first start: certificates are made. */
  readonly firstStart: boolean
}

export interface K3sUnit extends UnitBehaviour {
  readonly kubelet: Kubelet | undefined
  readonly running: boolean
  /** What k3s itself takes when nothing happens. */
  readonly base: Usage
}

const MiB = 1024 ** 2
const SERVER = { cpuMilli: 92, memoryBytes: 720 * MiB }
const AGENT = { cpuMilli: 24, memoryBytes: 210 * MiB }

/** `k3s.service` or `k3s-agent.service` of a machine: what systemd starts and stops there. Containers are not among it (KillMode=process). */
export const k3sUnit = ({
  clock,
  random,
  machine,
  runtime,
  sources,
  clientFor,
  controlPlane,
  endpoint,
  serverAddress,
  resumed,
  firstStart,
}: K3sUnitOptions): K3sUnit => {
  const { spec } = machine
  const server = spec.role === 'server'
  const name = server ? 'k3s.service' : 'k3s-agent.service'
  const base = server ? SERVER : AGENT
  const pid = () => machine.units.get(name)?.pid ?? 1
  const log = k3sLog(
    clock,
    message => machine.log({ identifier: 'k3s', unit: name, pid: pid(), message }),
    () => pid(),
  )
  let kubelet: Kubelet | undefined
  let startedAt = clock.now
  let run: AbortController | undefined
  let quiet = resumed
  let first = firstStart
  let starts = 0

  let ports: (() => void)[] = []
  const listen = (port: number, http?: ApiEndpoint, address?: string) =>
    ports.push(
      machine.listen({ port, process: server ? 'k3s-server' : 'k3s-agent', pid: pid(), ...(address && { address }), ...(http && { http, tls: true }) }),
    )

  const openKubelet = () => {
    listen(10250)
    for (const port of [10248, 10249, 10256]) listen(port, undefined, '127.0.0.1')
    const facts = nodeFacts(machine, serverAddress)
    const client = clientFor({ name: `system:node:${spec.name}`, groups: ['system:nodes', 'system:authenticated'] })
    const stream = random.stream(`kubelet-${starts++}`)
    kubelet = startKubelet({
      clock,
      random: stream,
      client,
      recorder: eventRecorder(clock, stream.stream('events'), client, { component: 'kubelet', host: spec.name }),
      sources,
      runtime,
      facts,
      log: line => log.klog(line, 'kubelet_node_status.go:77'),
      onNetwork: () => machine.setNetworkLinks(() => networkLinks(machine, runtime, nodeName => sources.node(nodeName)?.spec.podCIDR)),
    })
  }

  const play = async (signal: AbortSignal) => {
    const silent = quiet
    quiet = false
    const lines = server ? serverStart(spec, first) : agentStart(spec, serverAddress)
    first = false
    let ready = () => {}
    const reached = new Promise<void>(resolve => (ready = resolve))
    const rest = (async () => {
      for (const line of lines) {
        if (signal.aborted) return
        if ('say' in line) {
          if (silent) continue
          log.info(line.say)
          await clock.sleep(line.ms, signal)
        } else if (line.step === 'control-plane') {
          await controlPlane?.start(log)
          if (signal.aborted) return
          listen(6443, endpoint)
          for (const port of [6444, 10257, 10258, 10259]) listen(port, undefined, '127.0.0.1')
        } else if (line.step === 'kubelet') openKubelet()
        else ready()
      }
      controlPlane?.settle(log)
    })()
    await Promise.race([reached, rest])
    rest.catch(() => undefined)
  }

  return {
    name,
    description: 'Lightweight Kubernetes',
    documentation: 'https://k3s.io',
    command: server ? '/usr/local/bin/k3s server' : '/usr/local/bin/k3s agent',
    unitFile: unitFile(name, server),
    get kubelet() {
      return kubelet
    },
    get running() {
      return run !== undefined
    },
    base,
    start: async () => {
      startedAt = clock.now
      run = new AbortController()
      const { signal } = run
      try {
        await play(signal)
      } catch (error) {
        if (!signal.aborted) throw error
      }
    },
    stop: async () => {
      run?.abort(new Error('stopped'))
      run = undefined
      for (const close of ports) close()
      ports = []
      kubelet?.dispose()
      kubelet = undefined
      await controlPlane?.stop()
    },
    usage: () => {
      const { cpuMilli, memoryBytes } = daemonUsage(`${spec.name}/k3s`, base, clock.now)
      return { memoryBytes, cpuMs: ((clock.now - startedAt) * cpuMilli) / 1000 + 6200, tasks: server ? 96 : 41 }
    },
  }
}

const unitFile = (name: string, server: boolean) => `[Unit]
Description=Lightweight Kubernetes
Documentation=https://k3s.io
Wants=network-online.target
After=network-online.target

[Install]
WantedBy=multi-user.target

[Service]
Type=notify
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-/etc/sysconfig/%N
EnvironmentFile=-/etc/systemd/system/${name}.env
KillMode=process
Delegate=yes
User=root
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
Restart=always
RestartSec=5s
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStartPre=-/sbin/modprobe overlay
ExecStart=/usr/local/bin/k3s \\
    ${server ? 'server' : 'agent'} \\

`
