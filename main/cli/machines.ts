import type { ClusterSummary, NodeSummary } from '../../shared/domain/cluster.ts'
import { Failure } from '../../shared/domain/errors.ts'
import { connectCluster } from '../kube/connect.ts'
import { type ParsedKubeconfig, readKubeconfig } from '../kube/kubeconfig.ts'
import { silentLog } from '../log/log.ts'
import { running } from '../services/data-dir.ts'
import { explain } from './explain.ts'

export interface MachinesOptions {
  readonly dataDir: string
  readonly kubeconfig?: string
  readonly context?: string
  readonly json?: boolean
}

const fail = (text: string): never => {
  process.stderr.write(`k3lab: ${text}\n`)
  process.exit(1)
}

const find = ({ kubeconfig, context, dataDir }: MachinesOptions): ParsedKubeconfig => {
  if (kubeconfig !== undefined) return readKubeconfig(kubeconfig, context)
  const instance = running(dataDir)
  if (!instance) return fail(`nothing runs on ${dataDir}. Start it with \`k3lab start\`, or name a cluster with --kubeconfig FILE.`)
  if (!instance.kubeconfig) return fail('the homelab is still starting. Try again in a moment.')
  return readKubeconfig(instance.kubeconfig)
}

/** The first summary, or why there is none. */
const summaryOf = (kubeconfig: ParsedKubeconfig): Promise<ClusterSummary> =>
  new Promise((resolve, reject) => {
    const connection = connectCluster(kubeconfig, silentLog)
    connection.onState(state => {
      if (state.state === 'failed') reject(state.error)
    })
    connection.follow({
      snapshot: summary => {
        resolve(summary)
        connection.dispose()
      },
      delta: () => {},
    })
  })

const status = ({ ready, unschedulable }: NodeSummary): string =>
  (ready === 'True' ? 'Ready' : ready === 'False' ? 'NotReady' : 'Unknown') + (unschedulable ? ',SchedulingDisabled' : '')

const gibibytes = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)}Gi`

const row = (node: NodeSummary): readonly string[] => [
  node.name,
  node.roles.length === 0 ? 'agent' : node.roles.join(','),
  node.internalIP ?? '-',
  status(node),
  String(node.capacity.cpuMilli / 1000),
  gibibytes(node.capacity.memoryBytes),
  gibibytes(node.capacity.storageBytes),
  `${node.requested.pods}/${node.allocatable.pods}`,
]

const HEADINGS = ['NAME', 'ROLE', 'ADDRESS', 'STATE', 'CPU', 'MEMORY', 'DISK', 'PODS']

/** Columns as kubectl pads them. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(cells => cells[column]!.length)))
  return rows
    .map(
      cells =>
        `${cells
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** Prints the machines of a cluster as its API server knows them. */
export const listMachines = async (options: MachinesOptions): Promise<void> => {
  try {
    const nodes = (await summaryOf(find(options))).nodes.toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
    const facts = nodes.map(node => ({
      name: node.name,
      roles: node.roles,
      address: node.internalIP ?? null,
      ready: node.ready,
      unschedulable: node.unschedulable,
      capacity: node.capacity,
      allocatable: node.allocatable,
      requested: node.requested,
    }))
    process.stdout.write(options.json ? `${JSON.stringify(facts)}\n` : table([HEADINGS, ...nodes.map(row)]))
    process.exit(0)
  } catch (error) {
    if (error instanceof Failure) fail(explain(error))
    throw error
  }
}
