/** What can be read of a machine over SSH without installing anything on it. A reading that failed is null. */

export interface Disk {
  readonly mount: string
  readonly device: string
  readonly sizeBytes: number
  readonly usedBytes: number
}

export interface Nic {
  readonly name: string
  readonly mac: string
  readonly addresses: readonly string[]
  readonly up: boolean
  readonly mtu: number
  readonly speedMbps: number | null
}

export interface MachineCapacity {
  readonly readAt: string
  readonly hostname: string
  /** `Beelink EQ12` and the like, from DMI or the device tree. */
  readonly product: string | null
  readonly cpuModel: string | null
  readonly architecture: string
  readonly cores: number
  /** 0 to 1 over the last interval; null on the first reading. */
  readonly cpuUsage: number | null
  readonly load1: number | null
  readonly memoryTotalBytes: number
  readonly memoryAvailableBytes: number
  readonly swapTotalBytes: number
  readonly disks: readonly Disk[]
  readonly nics: readonly Nic[]
  readonly os: string
  readonly kernel: string
  readonly uptimeSeconds: number
  readonly temperatureCelsius: number | null
  readonly bootId: string | null
  readonly machineId: string | null
}

export type MachineAuth = { readonly kind: 'key'; readonly path: string } | { readonly kind: 'agent' } | { readonly kind: 'password' }

/** A machine as k3lab keeps it: never with a secret in it. */
export interface Machine {
  readonly id: string
  readonly name: string
  readonly origin: 'simulated' | 'real'
  readonly role: 'server' | 'agent' | 'unknown'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly auth: MachineAuth
  /** Simulated machines only: is it switched on? */
  readonly power?: 'on' | 'off'
}

/** Memory, cores and disk that a K3s node needs (K3s documentation; seed 004). */
export interface NodeSizing {
  readonly cores: number
  readonly memoryBytes: number
  readonly diskBytes: number
}

/** One judgement of this laptop's fitness to be a K3s node. */
export interface FitnessFinding {
  readonly item: 'cores' | 'memory' | 'disk' | 'architecture' | 'os' | 'virtualisation'
  readonly verdict: 'recommended' | 'minimum' | 'below' | 'unsuitable'
  /** Measured and wanted values, in cores or bytes, or as text. */
  readonly measured: string
  readonly minimum: string
  readonly recommended: string
}

export interface LaptopFacts {
  readonly hostname: string
  readonly product: string | null
  readonly os: string
  readonly kernel: string
  readonly architecture: string
  readonly cpuModel: string
  readonly cores: number
  readonly memoryTotalBytes: number
  readonly memoryAvailableBytes: number
  readonly diskTotalBytes: number
  readonly diskFreeBytes: number
  /** The laptop's fitness to be a K3s server and an agent, against minimum and recommended sizes. */
  readonly fitness: { readonly server: readonly FitnessFinding[]; readonly agent: readonly FitnessFinding[] }
}
