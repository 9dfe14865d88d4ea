import type { VirtualTime } from '../time/clock.ts'

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
  /** Appends to the journal; `journalctl -f` sees it at once. */
  log(entry: { readonly identifier: string; readonly unit?: string; readonly pid?: number; readonly message: string }): void
  setLoadSource(source: () => MachineLoad): void
  /** Puts a file on the machine's disk (durable), with mode and owner as given (default 0644 root). */
  writeFile(path: string, content: string, mode?: number): void
  readFile(path: string): string | undefined
}
