import type { Command } from './commands/command.ts'
import type { Clock, VirtualTime } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { Files } from './files/files.ts'
import type { Credentials } from './files/tree.ts'
import type { Counters } from './hardware/counters.ts'
import type { Journal } from './systemd/journal.ts'
import type { Units } from './systemd/units.ts'

/** What a mini-PC is made of. Sizes in bytes. */
export interface MachineSpec {
  readonly name: string
  readonly role: 'server' | 'agent'
  /** `Beelink Mini S12 Pro` and the like. */
  readonly vendor: string
  readonly product: string
  readonly cpuModel: string
  readonly cores: number
  readonly maxMHz: number
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly diskModel: string
  readonly mac: string
  /** IPv4 address on the homelab's LAN, with /24. */
  readonly address: string
  readonly gateway: string
}

/** A systemd service that other parts of the simulation give life to (`k3s.service`, `k3s-agent.service`). */
export interface UnitBehaviour {
  /** With suffix: `k3s.service`. */
  readonly name: string
  readonly description: string
  readonly documentation: string
  readonly command: string
  /** Text of the unit file, for `systemctl cat`; composed from the above when absent. */
  readonly unitFile?: string
  /** What systemd does when it ends by itself; default `always` after 5 s, as K3s' own units. */
  readonly restart?: 'no' | 'on-failure' | 'always'
  /** Starts what the unit runs; resolves when the unit is active (Type=notify), rejects with the failure's text. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Resident memory in bytes and CPU time in milliseconds since it started, for `systemctl status`. */
  usage(): { readonly memoryBytes: number; readonly cpuMs: number; readonly tasks: number }
}

export interface JournalEntry {
  readonly time: VirtualTime
  /** Without suffix, as in SYSLOG_IDENTIFIER: `k3s`, `systemd`, `sshd`, `kernel`. */
  readonly identifier: string
  /** With suffix, absent for kernel messages. */
  readonly unit?: string
  readonly pid?: number
  readonly message: string
}

/** What runs on the machine besides the system itself; the kubelet's runtime is the source. */
export interface MachineLoad {
  readonly cpuMilli: number
  readonly memoryBytes: number
  readonly diskBytes: number
  /** For `ps` and `top`: one row a process. */
  readonly processes: readonly {
    readonly pid: number
    readonly user: string
    readonly command: string
    readonly cpuMilli: number
    readonly memoryBytes: number
  }[]
}

/** How programs on the machine reach a Kubernetes API server: a plain request, no socket. */
export interface ApiEndpoint {
  /** Rejects with `code: 'ECONNREFUSED'` while the API server is down. `body` of the answer streams (watches, logs). */
  request(request: {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: Uint8Array
    readonly signal?: AbortSignal
  }): Promise<{ readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: AsyncIterable<Uint8Array> }>
}

/** Something on a machine that accepts TCP connections: shown by `ss`, reached by `curl` and `kubectl`. */
export interface Listener {
  readonly port: number
  /** Process name and pid, as `ss -p` shows them. */
  readonly process: string
  readonly pid: number
  /** Bound address; `*` is all of them. */
  readonly address?: string
  /** Speaks HTTP(S); absent for other protocols. */
  readonly http?: ApiEndpoint
  readonly tls?: boolean
}

/** A container as `crictl` sees it. Times are virtual milliseconds. */
export interface ContainerView {
  containers(): readonly {
    readonly id: string
    readonly image: string
    readonly imageId: string
    readonly name: string
    readonly attempt: number
    readonly state: 'Created' | 'Running' | 'Exited'
    readonly createdAt: VirtualTime
    readonly podId: string
    readonly podName: string
    readonly namespace: string
  }[]
  images(): readonly { readonly name: string; readonly tag: string; readonly id: string; readonly sizeBytes: number }[]
  pods(): readonly {
    readonly id: string
    readonly name: string
    readonly namespace: string
    readonly attempt: number
    readonly state: 'Ready' | 'NotReady'
    readonly createdAt: VirtualTime
  }[]
  logs(containerId: string): string | undefined
}

/** A virtual interface. `address` with its prefix length; `routes` are the networks behind it, directly or by a gateway. */
export interface NetworkLink {
  readonly name: string
  readonly mac: string
  readonly mtu: number
  readonly address?: string
  readonly routes: readonly { readonly dst: string; readonly gateway?: string }[]
}

/** A simulated mini-PC. State, then events, then verbs. */
export interface Machine {
  readonly spec: MachineSpec
  readonly power: 'on' | 'off'
  readonly bootedAt: VirtualTime
  readonly bootId: string
  readonly machineId: string
  /** Load of the present moment, from `setLoadSource` plus the system's own. */
  readonly load: MachineLoad

  /** Called after the machine was switched on or off. Returns how to stop being called. */
  onPower(listener: (power: 'on' | 'off') => void): () => void

  powerOn(): void
  /** The plug is pulled: units do not stop in order, sessions end. */
  powerOff(): void
  /** Installs a unit, enabled: it starts when the machine boots, and at once when the machine is on. */
  install(unit: UnitBehaviour): void
  /** What a running unit's process did by itself: systemd marks it failed (or inactive on status 0) and restarts it as the unit says. */
  unitExited(name: string, status: number): void
  /** Opens a port; returns how to close it. All ports close when the machine is switched off. */
  listen(listener: Listener): () => void
  setContainerView(view: ContainerView): void
  /** Interfaces that came besides the NIC (`cni0`, `flannel.1`), as `ip` shows them now. */
  setNetworkLinks(source: () => readonly NetworkLink[]): void
  /** Saves what is not saved yet and ends every session; the machine does nothing afterwards. */
  dispose(): void
  /** Appends to the journal; `journalctl -f` sees it at once. */
  log(entry: { readonly identifier: string; readonly unit?: string; readonly pid?: number; readonly message: string }): void
  setLoadSource(source: () => MachineLoad): void
  /** Puts a file on the machine's disk (durable), with mode and owner as given (default 0644 root). */
  writeFile(path: string, content: string, mode?: number): void
  readFile(path: string): string | undefined
}

/** Why a connection to another machine did not come about. */
export class DialError extends Error {
  readonly code: 'ENOTFOUND' | 'EHOSTUNREACH' | 'ECONNREFUSED' | 'ETIMEDOUT'
  constructor(code: DialError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** The machine as its own programs and its SSH server see it. */
export interface SimulatedMachine extends Machine {
  readonly clock: Clock
  readonly random: Random
  /** What is installed: the shell finds its programs here. */
  readonly programs: readonly Command[]
  readonly journal: Journal
  readonly units: Units
  readonly counters: Counters
  readonly containers: ContainerView | undefined
  readonly networkLinks: readonly NetworkLink[]
  /** The person's account (uid 1000). */
  readonly login: Credentials
  /** Everybody in /etc/passwd. */
  readonly users: readonly (Credentials & { readonly home: string; readonly shell: string; readonly comment: string })[]
  readonly groups: readonly { readonly name: string; readonly gid: number; readonly members: readonly string[] }[]
  readonly hostname: string
  readonly listeners: readonly Listener[]
  /** The other machines of the homelab, this one included, by LAN address. */
  readonly neighbours: readonly SimulatedMachine[]
  /** Logins of the present boot, for `who`, `w` and the login message. */
  readonly logins: Logins
  /** Aborted when the power goes; a new one for each boot. */
  readonly powered: AbortSignal
  files(user: Credentials): Files
  setHostname(name: string): void
  /** Address of a name by /etc/hosts, the LAN's names, or itself; undefined when nobody knows it. */
  resolve(name: string): string | undefined
  /** What listens at that place; throws DialError as connect(2) and getaddrinfo(3) would fail. */
  dial(host: string, port: number): Listener
  /** Saves changed files; called at the end of every command. */
  flush(): void
  /** Stops units in order, then boots again or stays off. */
  shutdown(how: 'reboot' | 'poweroff'): Promise<void>
}

export interface Logins {
  /** Those logged in now. */
  readonly sessions: readonly { readonly tty: string; readonly user: string; readonly from: string; readonly since: VirtualTime; command: string }[]
  /** Time and place of the last login before this one. */
  readonly last: { readonly time: VirtualTime; readonly from: string; readonly tty: string } | undefined
  enter(user: string, from: string): { readonly tty: string; setCommand(line: string): void; leave(): void }
}
