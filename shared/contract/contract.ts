import { eventIterator, oc, type } from '@orpc/contract'
import { z } from 'zod'
import type { ClusterDelta, ClusterSummary } from '../domain/cluster.ts'
import type { LabState, LabText } from '../domain/lab.ts'
import type { LaptopFacts, Machine, MachineCapacity } from '../domain/machine.ts'

/**
 * Everything the renderer can ask of the main process, and nothing else. Both hosts (Electron's MessagePort and the
 * browser host's WebSocket) serve exactly this. Inputs are parsed by schema; outputs are our own plain data.
 */

const locale = z.enum(['ko', 'en'])
const id = z.string().min(1).max(100)

/** Over the wire an error is only this: the renderer words it (`errors.<code>` in i18n, with `args`). */
const contractError = z.object({
  code: z.string(),
  args: z.record(z.string(), z.string()),
  /** The technical text (OpenSSH's or the API server's own words), shown folded; secrets are never in it. */
  detail: z.string().optional(),
  retryable: z.boolean(),
})
export type ContractError = z.infer<typeof contractError>

/** Every procedure may fail with FAILED; its data says why. */
const base = oc.errors({ FAILED: { status: 500, data: contractError } })

export interface AppFacts {
  readonly version: string
  readonly kubernetesVersion: string
  readonly host: 'electron' | 'browser'
  readonly platform: string
  readonly dataDir: string
}

export const settings = z.object({ locale, colorScheme: z.enum(['light', 'dark', 'auto']) })
export type Settings = z.infer<typeof settings>

/** The simulated homelab of this data directory. */
export interface HomelabFacts {
  readonly preset: 'class3' | 'solo' | 'none'
  readonly seed: number
  readonly kubeconfigPath: string
  readonly sshConfigPath: string
}

export interface ClusterEntry {
  readonly id: string
  readonly name: string
  readonly origin: 'simulated' | 'real'
  readonly server: string
  /** Not yet connected, in step with the API server, or why not. */
  readonly connection: { readonly state: 'connecting' | 'connected' } | { readonly state: 'failed'; readonly error: ContractError }
}

export type ClusterUpdate =
  | { readonly type: 'snapshot'; readonly entry: ClusterEntry; readonly summary: ClusterSummary }
  | { readonly type: 'delta'; readonly delta: ClusterDelta }
  | { readonly type: 'connection'; readonly entry: ClusterEntry }

export type CapacityUpdate = { readonly type: 'reading'; readonly capacity: MachineCapacity } | { readonly type: 'failed'; readonly error: ContractError }

/** `trust` says what our known_hosts holds for that address. */
export interface HostKey {
  readonly host: string
  readonly port: number
  readonly keyType: string
  /** `SHA256:…`, as ssh-keygen -l prints it. */
  readonly fingerprint: string
  readonly trust: 'known' | 'unknown' | 'changed'
  /** When changed: the fingerprints that were trusted until now. */
  readonly trusted: readonly string[]
}

export type TerminalOutput =
  | { readonly type: 'output'; readonly text: string }
  | { readonly type: 'exit'; readonly code: number | null; readonly signal?: string }
  | { readonly type: 'failed'; readonly error: ContractError }

const machineAddress = z.object({ host: z.string().trim().min(1).max(253), port: z.number().int().min(1).max(65535).default(22) })
const machineLogin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('key'), path: z.string().min(1), passphrase: z.string().optional() }),
  z.object({ kind: z.literal('agent') }),
  /** The password is used for this session and never stored. */
  z.object({ kind: z.literal('password'), password: z.string() }),
])
export type MachineLogin = z.infer<typeof machineLogin>

const size = { cols: z.number().int().min(2).max(1000), rows: z.number().int().min(1).max(500) }

export const contract = {
  app: {
    facts: base.output(type<AppFacts>()),
    settings: base.output(settings),
    saveSettings: base.input(settings).output(settings),
    laptop: base.output(type<LaptopFacts>()),
  },
  homelab: {
    facts: base.output(type<HomelabFacts>()),
    /** Switches a simulated machine on or off, as its power button or its plug would. */
    power: base.input(z.object({ machineId: id, power: z.enum(['on', 'off']) })).output(type<Machine>()),
  },
  clusters: {
    list: base.output(type<readonly ClusterEntry[]>()),
    /** Adds a real cluster from a kubeconfig (its text, or a path on this computer); read-only. */
    add: base
      .input(
        z.object({
          name: z.string().trim().min(1).max(63).optional(),
          kubeconfig: z.union([z.object({ text: z.string().min(1).max(1_000_000) }), z.object({ path: z.string().min(1) })]),
          context: z.string().optional(),
        }),
      )
      .output(type<ClusterEntry>()),
    remove: base.input(z.object({ id })).output(z.void()),
    /** A snapshot, then batched deltas (at most 10 a second). */
    watch: base.input(z.object({ id })).output(eventIterator(type<ClusterUpdate>())),
  },
  machines: {
    list: base.output(type<readonly Machine[]>()),
    /** Again whenever a machine is added, removed, or switched on or off. */
    watch: base.output(eventIterator(type<readonly Machine[]>())),
    /** Asks a host for its key and compares it with our known_hosts; nothing is trusted by asking. */
    hostKey: base.input(machineAddress).output(type<HostKey>()),
    /** Trusts exactly this fingerprint for that address from now on. `replace` must be true where another key was trusted. */
    trustHostKey: base.input(machineAddress.extend({ fingerprint: z.string(), replace: z.boolean() })).output(z.void()),
    /** Logs in, reads the capacity, and keeps the machine when both worked. */
    add: base
      .input(machineAddress.extend({ name: z.string().trim().max(63).optional(), user: z.string().trim().min(1).max(64), login: machineLogin }))
      .output(type<{ machine: Machine; capacity: MachineCapacity }>()),
    remove: base.input(z.object({ id })).output(z.void()),
    /** A capacity reading every few seconds over one held connection, while somebody looks. */
    watchCapacity: base.input(z.object({ id })).output(eventIterator(type<CapacityUpdate>())),
  },
  terminals: {
    /** Opens a login shell on a machine. The stream pauses at 100,000 characters not yet acknowledged. */
    open: base.input(z.object({ machineId: id, password: z.string().optional(), ...size })).output(type<{ terminalId: string }>()),
    output: base.input(z.object({ terminalId: id })).output(eventIterator(type<TerminalOutput>())),
    acknowledge: base.input(z.object({ terminalId: id, characters: z.number().int().positive() })).output(z.void()),
    write: base.input(z.object({ terminalId: id, text: z.string().max(1_000_000) })).output(z.void()),
    resize: base.input(z.object({ terminalId: id, ...size })).output(z.void()),
    close: base.input(z.object({ terminalId: id })).output(z.void()),
  },
  labs: {
    list: base.input(z.object({ locale })).output(type<readonly { readonly text: LabText; readonly status: LabState['status'] }[]>()),
    get: base.input(z.object({ labId: id, locale })).output(type<LabText>()),
    /** The state now, and again whenever a step's result changes. */
    watch: base.input(z.object({ labId: id, locale })).output(eventIterator(type<LabState>())),
    start: base.input(z.object({ labId: id })).output(z.void()),
    /** Removes what the lab made in the cluster and forgets its progress. */
    reset: base.input(z.object({ labId: id })).output(z.void()),
    answer: base.input(z.object({ labId: id, stepId: id, answers: z.record(id, z.string().max(2000)) })).output(z.void()),
    /** Opens the next hint of a step. */
    hint: base.input(z.object({ labId: id, stepId: id })).output(z.void()),
    /** Looks once more, now. */
    check: base.input(z.object({ labId: id, stepId: id })).output(z.void()),
  },
}
