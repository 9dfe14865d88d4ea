import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CapacityUpdate, ClusterUpdate } from '../../shared/contract/contract.ts'
import type { ClusterSummary, NodeSummary } from '../../shared/domain/cluster.ts'
import type { Machine } from '../../shared/domain/machine.ts'
import { connectCluster } from '../../main/kube/connect.ts'
import type { ObjectChange, WritableClusterConnection } from '../../main/kube/connection.ts'
import { readKubeconfig } from '../../main/kube/kubeconfig.ts'
import { silentLog } from '../../main/log/log.ts'
import { type Client, connectClient, removeDir, runCli, type Running, startK3lab, temporaryDir } from './running.ts'

let dataDir: string
let running: Running
let client: Client
let close: () => void
let connection: WritableClusterConnection
beforeAll(async () => {
  dataDir = temporaryDir('cluster')
  running = await startK3lab(dataDir)
  ;({ client, close } = await connectClient(running.line.url))
  connection = connectCluster(readKubeconfig(running.line.kubeconfig), silentLog)
})
afterAll(async () => {
  connection?.dispose()
  close?.()
  await running?.stop()
  removeDir(dataDir)
})

const POD = { apiVersion: 'v1', kind: 'Pod' }
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' }

/** Follows a cluster as a page does, until what it knows is as wanted. */
const until = async (
  wanted: (nodes: ReadonlyMap<string, NodeSummary>, summary: ClusterSummary | undefined, states: readonly string[]) => boolean,
): Promise<void> => {
  const nodes = new Map<string, NodeSummary>()
  const states: string[] = []
  let summary: ClusterSummary | undefined
  for await (const update of await client.clusters.watch({ id: 'homelab' })) {
    const of = (change: ClusterUpdate): readonly NodeSummary[] =>
      change.type === 'snapshot' ? change.summary.nodes : change.type === 'delta' ? (change.delta.upserted.nodes ?? []) : []
    for (const node of of(update)) nodes.set(node.name, node)
    if (update.type === 'snapshot') summary = update.summary
    if (update.type === 'connection') states.push(update.entry.connection.state)
    if (wanted(nodes, summary, states)) return
  }
  throw new Error('the stream ended')
}

it('sums up the three mini-PCs with their usage', async () => {
  await until(
    (nodes, summary) => summary !== undefined && nodes.size === 3 && [...nodes.values()].every(node => node.ready === 'True' && node.usage !== undefined),
  )
  const listed = await runCli('machines', '--data-dir', dataDir)
  expect(listed.code).toBe(0)
  expect(listed.stdout).toMatch(/^NAME +ROLE +ADDRESS +STATE[^\n]*\nmini-1 +control-plane +\S+ +Ready [^\n]*\nmini-2 +agent[^\n]*\nmini-3 +agent[^\n]*\n$/)
  expect(JSON.parse((await runCli('machines', '--kubeconfig', running.line.kubeconfig, '--json')).stdout)).toHaveLength(3)
})

it('reads, watches, makes and removes objects of any type', async () => {
  const changes: string[] = []
  const seen = Promise.withResolvers<void>()
  const stop = connection.watch(CONFIG_MAP, { namespace: 'default', fieldSelector: 'metadata.name=probe' }, ({ type, object }: ObjectChange) => {
    changes.push(`${type} ${object.kind} ${object.metadata.name}`)
    if (type === 'deleted') seen.resolve()
  })
  expect(await connection.get(CONFIG_MAP, 'probe', 'default')).toBeUndefined()
  await connection.create({ ...CONFIG_MAP, metadata: { name: 'probe', namespace: 'default' }, data: { a: 'b' } })
  await expect.poll(() => changes).toEqual(['added ConfigMap probe'])
  expect(await connection.get(CONFIG_MAP, 'probe', 'default')).toMatchObject({ data: { a: 'b' } })
  await connection.delete(CONFIG_MAP, 'probe', 'default')
  await connection.delete(CONFIG_MAP, 'probe', 'default')
  await seen.promise
  stop()
  expect(await connection.list({ apiVersion: 'example.org/v1', kind: 'Nothing' })).toEqual([])
  expect((await connection.list(POD, { namespace: 'kube-system', labelSelector: 'k8s-app=kube-dns' })).map(({ kind }) => kind)).toEqual(['Pod'])
  await expect(connection.create({ ...CONFIG_MAP, metadata: { name: 'Bad Name', namespace: 'default' } })).rejects.toMatchObject({
    code: 'clusterAnswer',
    args: { status: '422' },
  })
})

it('loses the cluster when K3s is stopped, and finds it again', async () => {
  const ssh = (command: string) => execFileSync('ssh', ['-F', running.line.sshConfig, 'mini-1', command], { encoding: 'utf8' })
  let stopped = false
  await until((_nodes, summary, states) => {
    if (summary && !stopped) {
      stopped = true
      ssh('sudo systemctl stop k3s')
    }
    return stopped && states.includes('failed')
  })
  expect((await client.clusters.list())[0]!.connection).toMatchObject({ state: 'failed', error: { code: 'clusterUnreachable', retryable: true } })
  ssh('sudo systemctl start k3s')
  await until((_nodes, _summary, states) => states.at(-1) === 'connected')
})

it('sees a machine whose plug was pulled', async () => {
  const machines = await client.machines.watch()
  const powers = async () => ((await machines.next()).value as readonly Machine[]).map(({ power }) => power)
  expect(await powers()).toEqual(['on', 'on', 'on'])
  expect(await client.homelab.power({ machineId: 'mini-3', power: 'off' })).toMatchObject({ name: 'mini-3', power: 'off' })
  expect(await powers()).toEqual(['on', 'on', 'off'])
  const readings = await client.machines.watchCapacity({ id: 'mini-3' })
  expect((await readings.next()).value).toMatchObject({ type: 'failed', error: { code: 'machineOff' } })
  await client.homelab.power({ machineId: 'mini-3', power: 'on' })
  let reading: CapacityUpdate
  do reading = (await readings.next()).value as CapacityUpdate
  while (reading.type === 'failed')
  expect(reading).toMatchObject({ type: 'reading', capacity: { hostname: 'mini-3', os: 'Ubuntu 24.04.4 LTS' } })
  await readings.return?.()
  await machines.return?.()
})
