import type { FitnessFinding, NodeSizing } from '../../../shared/domain/machine.ts'

const GB = 1_000_000_000
const GiB = 1024 ** 3

export interface RoleSizing {
  readonly minimum: NodeSizing
  readonly recommended: NodeSizing
}

/**
 * Server: the course's own table for a control-plane node (development and production). Agent: K3s' requirements
 * (docs.k3s.io/installation/requirements), with the course's disk size for a small node.
 */
export const SIZING: { readonly server: RoleSizing; readonly agent: RoleSizing } = {
  server: { minimum: { cores: 2, memoryBytes: 2 * GiB, diskBytes: 20 * GB }, recommended: { cores: 4, memoryBytes: 8 * GiB, diskBytes: 100 * GB } },
  agent: { minimum: { cores: 1, memoryBytes: 0.5 * GiB, diskBytes: 10 * GB }, recommended: { cores: 2, memoryBytes: 1 * GiB, diskBytes: 20 * GB } },
}

/** What firmware and an integrated GPU take of the installed memory before the system sees it. */
const MEMORY_TOLERANCE = 0.9

/** Architectures K3s has binaries for, as Node names them. */
const ARCHITECTURES = ['x64', 'arm64', 'arm']

export interface LaptopMeasures {
  readonly cores: number
  readonly memoryTotalBytes: number
  readonly diskFreeBytes: number
  /** As `process.arch` and `process.platform`. */
  readonly architecture: string
  readonly platform: string
  /** Runs inside a virtual machine or container; null when unknown. */
  readonly virtual: boolean | null
}

const amount = (item: 'cores' | 'memory' | 'disk', measured: number, minimum: number, recommended: number, tolerance = 1): FitnessFinding => ({
  item,
  verdict: measured >= recommended * tolerance ? 'recommended' : measured >= minimum * tolerance ? 'minimum' : 'below',
  measured: String(measured),
  minimum: String(minimum),
  recommended: String(recommended),
})

const choice = (item: FitnessFinding['item'], verdict: FitnessFinding['verdict'], measured: string, wanted: string): FitnessFinding => ({
  item,
  verdict,
  measured,
  minimum: wanted,
  recommended: wanted,
})

/** Judges a computer's fitness to be a K3s node of a role. K3s runs on Linux only; elsewhere it needs a Linux of its own. */
export const fitness = (laptop: LaptopMeasures, { minimum, recommended }: RoleSizing): readonly FitnessFinding[] => [
  amount('cores', laptop.cores, minimum.cores, recommended.cores),
  amount('memory', laptop.memoryTotalBytes, minimum.memoryBytes, recommended.memoryBytes, MEMORY_TOLERANCE),
  amount('disk', laptop.diskFreeBytes, minimum.diskBytes, recommended.diskBytes),
  choice('architecture', ARCHITECTURES.includes(laptop.architecture) ? 'recommended' : 'unsuitable', laptop.architecture, 'x64, arm64, arm'),
  choice('os', laptop.platform === 'linux' ? 'recommended' : 'unsuitable', laptop.platform, 'linux'),
  ...(laptop.virtual === null
    ? []
    : [choice('virtualisation', laptop.virtual ? 'minimum' : 'recommended', laptop.virtual ? 'virtual' : 'physical', 'physical')]),
]
