import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LabState } from '../../../shared/domain/lab.ts'
import { connectCluster } from '../../kube/connect.ts'
import type { WritableClusterConnection } from '../../kube/connection.ts'
import { readKubeconfig } from '../../kube/kubeconfig.ts'
import { silentLog } from '../../log/log.ts'
import { type RunningHomelab, startHomelab } from '../homelabs/index.ts'
import { labsService, type LabsService } from './labs.ts'

const course = join(import.meta.dirname, '../../../resources/labs')
const labId = 'L01'
let dataDir: string
let homelab: RunningHomelab
let cluster: WritableClusterConnection
let lines: string[] = []

const open = (directory = dataDir): LabsService =>
  labsService({ course, dataDir: directory, cluster: () => cluster, history: { read: async () => ({ 'mini-1': lines }) } })

/** Watches until the state is as wanted. */
const until = async (labs: LabsService, wanted: (state: LabState) => boolean): Promise<LabState> => {
  for await (const state of labs.watch({ labId, locale: 'en' }, AbortSignal.timeout(30_000))) if (wanted(state)) return state
  throw new Error('never seen')
}
const step = (state: LabState, id: string) => state.steps.find(one => one.id === id)!

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'webserver', namespace: 'default' },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: 'webserver' } },
    template: { metadata: { labels: { app: 'webserver' } }, spec: { containers: [{ name: 'nginx', image: 'nginx' }] } },
  },
}

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'k3lab-labs-'))
  homelab = await startHomelab({ dataDir, preset: 'class3', seed: 1, log: silentLog })
  cluster = connectCluster(readKubeconfig(homelab.facts.kubeconfigPath), silentLog)
}, 60_000)

afterAll(async () => {
  cluster.dispose()
  await homelab.dispose()
  rmSync(dataDir, { recursive: true, force: true })
})

describe('the labs of a simulated homelab', () => {
  it('tells a lab in both languages and never an answer', () => {
    const labs = open()
    expect(labs.list({ locale: 'ko' })[0]).toMatchObject({ status: 'new', text: { id: labId, title: '첫 클러스터: 노드 세 대 만나기' } })
    expect(labs.get({ labId, locale: 'en' }).title).toBe('Meet your first cluster')
    expect(JSON.stringify(labs.get({ labId, locale: 'ko' }))).not.toContain('answer')
    expect(() => labs.get({ labId: 'L99', locale: 'ko' })).toThrow(expect.objectContaining({ code: 'invalidInput' }))
    labs.dispose()
  })

  it('ticks a step by itself when the cluster is as wanted, keeps that through a kill, and forgets it on reset', async () => {
    const first = open()
    await expect(first.hint({ labId, stepId: 'nodes' })).rejects.toMatchObject({ code: 'invalidInput' })
    lines = ['ls']
    await first.start({ labId })
    const fresh = await until(first, state => state.steps.every(one => one.result.seen !== 'Not looked at yet.'))
    expect(fresh.steps.filter(one => one.passed)).toEqual([])

    lines = ['ls', 'kubectl get nodes']
    expect(step(await until(first, state => step(state, 'nodes').diagnosis !== undefined), 'nodes').diagnosis).toContain('wide output')
    await cluster.create(deployment)
    const ticked = await until(first, state => step(state, 'create').passed)
    expect(step(ticked, 'create').result).toMatchObject({ value: 'pass', seen: expect.stringContaining('status.readyReplicas = 3') })
    await first.hint({ labId, stepId: 'totals' })
    await first.answer({ labId, stepId: 'totals', answers: { cpu: '12', pods: '1' } })

    // What a killed process leaves: the files as they are at this moment, with the write-ahead log not folded in.
    const copy = mkdtempSync(join(tmpdir(), 'k3lab-labs-killed-'))
    for (const name of ['labs.db', 'labs.db-wal']) cpSync(join(dataDir, name), join(copy, name))
    first.dispose()
    const second = open(copy)
    const back = await until(second, state => Object.keys(step(state, 'totals').marks).length === 2)
    expect(step(back, 'create').passed).toBe(true)
    expect(step(back, 'totals')).toMatchObject({ answers: { cpu: '12', pods: '1' }, marks: { cpu: { right: true }, pods: { right: false } } })
    expect(step(back, 'totals').hints).toHaveLength(1)

    await second.reset({ labId })
    expect(await cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment' }, 'webserver', 'default')).toBeUndefined()
    expect((await until(second, state => state.status === 'new')).steps.some(one => one.passed)).toBe(false)
    second.dispose()
    rmSync(copy, { recursive: true, force: true })
  }, 60_000)
})
