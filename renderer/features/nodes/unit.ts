import type { NodeSummary } from '../../../shared/domain/cluster.ts'
import type { Machine } from '../../../shared/domain/machine.ts'
import type { Light } from './MiniPc.tsx'

/** One enclosure on the desk: a node of the cluster, the machine it runs on, or a machine that is no node (yet). */
export interface Unit {
  readonly name: string
  readonly node?: NodeSummary
  readonly machine?: Machine
}

/** The machine a node runs on: by its name, or by the address both are known by. */
export const machineOf = (node: NodeSummary, machines: readonly Machine[], origin: Machine['origin']): Machine | undefined =>
  machines.find(machine => machine.origin === origin && machine.name === node.name) ??
  machines.find(machine => machine.origin === origin && machine.host === node.internalIP)

/** Nodes first, in their order; then the machines that belong to none of them. */
export const unitsOf = (nodes: readonly NodeSummary[], machines: readonly Machine[], origin: Machine['origin']): readonly Unit[] => {
  const units: Unit[] = nodes.map(node => ({ name: node.name, node, machine: machineOf(node, machines, origin) }))
  const taken = new Set(units.map(({ machine }) => machine?.id))
  // The simulated homelab's machines stand on its own desk only; a real machine is shown wherever it may be looked for.
  const alone = machines.filter(machine => !taken.has(machine.id) && (machine.origin === 'real' || origin === 'simulated'))
  return [...units, ...alone.map(machine => ({ name: machine.name, machine }))]
}

export type NodeState = 'ready' | 'notReady' | 'unknown' | 'off' | 'alone'

export const stateOf = ({ node, machine }: Unit): NodeState => {
  if (machine?.power === 'off') return 'off'
  if (!node) return 'alone'
  return node.ready === 'True' ? 'ready' : node.ready === 'False' ? 'notReady' : 'unknown'
}

export const lightOf = (unit: Unit): Light => stateOf(unit)

const share = (part: number | undefined, whole: number): number | undefined => (part === undefined || whole <= 0 ? undefined : part / whole)

/** CPU and memory in use against allocatable; undefined until measured. */
export const cpuShare = (node: NodeSummary): number | undefined => share(node.usage?.cpuMilli, node.allocatable.cpuMilli)
export const memoryShare = (node: NodeSummary): number | undefined => share(node.usage?.memoryBytes, node.allocatable.memoryBytes)
export const podShare = (node: NodeSummary): number | undefined => share(node.requested.pods, node.allocatable.pods)

/** Conditions that say something is wrong. Without news of the kubelet the others are unknown too: then only Ready is told. */
export const troubles = (node: NodeSummary) =>
  node.conditions.filter(({ type, status }) => (type === 'Ready' ? status !== 'True' : status === 'True' || (status === 'Unknown' && node.ready !== 'Unknown')))

const collator = new Intl.Collator('en', { numeric: true })
export type NodeSort = 'name' | 'cpu' | 'memory' | 'pods' | 'age'

const rank: Readonly<Record<NodeSort, (node: NodeSummary) => number>> = {
  name: node => (node.roles.length > 0 ? 0 : 1),
  cpu: node => -(cpuShare(node) ?? -1),
  memory: node => -(memoryShare(node) ?? -1),
  pods: node => -node.requested.pods,
  age: node => Date.parse(node.createdAt),
}

/** Servers first by name; otherwise the fullest (or oldest) first. */
export const sortNodes = (nodes: readonly NodeSummary[], by: NodeSort): readonly NodeSummary[] =>
  nodes
    .map(node => [rank[by](node), node] as const)
    .sort(([a, nodeA], [b, nodeB]) => a - b || collator.compare(nodeA.name, nodeB.name))
    .map(([, node]) => node)

export interface NodeFilter {
  readonly text: string
  readonly state: NodeState | 'all' | 'cordoned'
}

/** Text is looked for in name, address, role and labels (`key=value`); all words must be found. */
export const matches = ({ node, machine, name }: Unit, { text, state }: NodeFilter): boolean => {
  if (state === 'cordoned' ? !node?.unschedulable : state !== 'all' && stateOf({ node, machine, name }) !== state) return false
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const haystack = [
    name,
    node?.internalIP,
    machine?.host,
    ...(node?.roles ?? []),
    ...Object.entries(node?.labels ?? {}).map(([key, value]) => `${key}=${value}`),
  ]
    .join(' ')
    .toLowerCase()
  return words.every(word => haystack.includes(word))
}
