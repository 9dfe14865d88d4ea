import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ORPCError } from '@orpc/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClusterUpdate, ContractError, TerminalOutput } from '../../shared/contract/contract.ts'
import { type Client, connectClient, removeDir, type Running, startK3lab, temporaryDir } from './running.ts'
import { hasSshd, type Sshd, startSshd } from './sshd.ts'

let dataDir: string
let running: Running
let client: Client
let close: () => void
beforeAll(async () => {
  dataDir = temporaryDir('contract')
  running = await startK3lab(dataDir, '--homelab', 'none', '--seed', '7')
  ;({ client, close } = await connectClient(running.line.url))
})
afterAll(async () => {
  close?.()
  await running?.stop()
  removeDir(dataDir)
})

/** What a call that must fail failed with. */
const failureOf = async (call: Promise<unknown>): Promise<ContractError> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ORPCError)
  expect(error).toMatchObject({ code: 'FAILED', defined: true })
  return (error as ORPCError<string, ContractError>).data
}

describe('app', () => {
  it('tells facts and keeps settings over restarts of the page', async () => {
    expect(await client.app.facts()).toMatchObject({ host: 'browser', dataDir, kubernetesVersion: expect.stringMatching(/^v1\.36\.\d+\+k3s\d+$/) as string })
    expect(await client.app.settings()).toEqual({ locale: 'ko', colorScheme: 'auto' })
    await client.app.saveSettings({ locale: 'en', colorScheme: 'dark' })
    const again = await connectClient(running.line.url)
    expect(await again.client.app.settings()).toEqual({ locale: 'en', colorScheme: 'dark' })
    again.close()
    expect(await client.homelab.facts()).toEqual({ preset: 'none', seed: 7, kubeconfigPath: running.line.kubeconfig, sshConfigPath: running.line.sshConfig })
  })

  it('words every error as the contract does, never with a stack', async () => {
    expect(await failureOf(client.app.saveSettings({ locale: 'xx' as 'ko', colorScheme: 'dark' }))).toMatchObject({
      code: 'invalidInput',
      args: { field: 'locale' },
    })
    expect(await failureOf(client.machines.remove({ id: 'nobody' }))).toEqual({ code: 'machineNotFound', args: { id: 'nobody' }, retryable: false })
    expect(await failureOf((async () => (await client.clusters.watch({ id: 'nowhere' })).next())())).toMatchObject({ code: 'clusterNotFound' })
    expect(await failureOf(client.terminals.write({ terminalId: 'x', text: 'y' }))).toMatchObject({ code: 'terminalNotFound' })
  })

  it('judges this computer', async () => {
    const { fitness, cores } = await client.app.laptop()
    expect(cores).toBeGreaterThan(0)
    expect(fitness.server.map(({ item }) => item)).toEqual(expect.arrayContaining(['cores', 'memory', 'disk', 'architecture', 'os']))
  })
})

describe('clusters', () => {
  const first = async (id: string, type: ClusterUpdate['type']): Promise<ClusterUpdate> => {
    const updates = await client.clusters.watch({ id })
    for await (const update of updates) if (update.type === type) return update
    throw new Error('the stream ended')
  }

  it('names what is wrong with a kubeconfig', async () => {
    const add = (text: string) => failureOf(client.clusters.add({ kubeconfig: { text } }))
    expect(await add('{')).toMatchObject({ code: 'kubeconfigInvalid' })
    expect(await add('kind: Pod')).toMatchObject({ code: 'kubeconfigInvalid' })
    expect(await add('kind: Config')).toMatchObject({ code: 'kubeconfigNoContext' })
    const good = readFileSync(running.line.kubeconfig, 'utf8')
    expect(await add(good.replace(/current-context: .*/, 'current-context: other'))).toMatchObject({
      code: 'kubeconfigUnknownContext',
      args: { context: 'other' },
    })
    expect(await add(good.replace(/server: https:\/\/\S+/, 'server: https://127.0.0.1:1'))).toMatchObject({ code: 'clusterUnreachable', retryable: true })
    expect(await add(good.replace(/server: https:/, 'server: http:'))).toMatchObject({ code: 'kubeconfigInsecureServer' })
    expect(await add(good.replace(/certificate-authority-data: \S+/, ''))).toMatchObject({ code: 'clusterUntrusted' })
    expect(
      await add(
        good
          .replace(/client-certificate-data: \S+/, 'exec: { command: evil, apiVersion: client.authentication.k8s.io/v1 }')
          .replace(/client-key-data: \S+/, ''),
      ),
    ).toMatchObject({ code: 'kubeconfigRunsProgram', args: { command: 'evil' } })
    expect(await add(good.replace(/client-key-data: \S+/, 'client-key: /no/such/key'))).toMatchObject({
      code: 'kubeconfigMissingFile',
      args: { field: 'client-key' },
    })
    expect(await client.clusters.list()).toHaveLength(1)
  })

  it('shows the simulated cluster, and the same one added by its kubeconfig', async () => {
    expect(await first('homelab', 'snapshot')).toMatchObject({ entry: { id: 'homelab', origin: 'simulated' }, summary: { nodes: [] } })
    const added = await client.clusters.add({ name: 'twin', kubeconfig: { path: running.line.kubeconfig } })
    expect(added).toMatchObject({ name: 'twin', origin: 'real' })
    expect(await failureOf(client.clusters.add({ name: 'twin', kubeconfig: { path: running.line.kubeconfig } }))).toMatchObject({ code: 'clusterExists' })
    expect(await first(added.id, 'snapshot')).toMatchObject({ summary: { nodes: [] } })
    await client.clusters.remove({ id: added.id })
    expect(await failureOf(client.clusters.remove({ id: 'homelab' }))).toMatchObject({ code: 'clusterIsSimulated' })
  })
})

describe.skipIf(!hasSshd)('machines and terminals over a real sshd (skipped where sshd is not installed)', () => {
  let sshd: Sshd
  const address = () => ({ host: '127.0.0.1', port: sshd.port })
  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd?.stop())

  it('adds a machine only once its key was accepted, and keeps no secret', async () => {
    const login = { kind: 'key', path: sshd.keys.encrypted, passphrase: sshd.passphrase } as const
    const request = { ...address(), user: sshd.user, login }
    expect(await failureOf(client.machines.add(request))).toMatchObject({ code: 'sshHostKeyUnknown' })
    const asked = await client.machines.hostKey(address())
    expect(asked).toMatchObject({ keyType: 'ssh-ed25519', trust: 'unknown', trusted: [] })
    expect(await failureOf(client.machines.trustHostKey({ ...address(), fingerprint: 'SHA256:other', replace: false }))).toMatchObject({
      code: 'sshHostKeyNotAsConfirmed',
    })
    await client.machines.trustHostKey({ ...address(), fingerprint: asked.fingerprint, replace: false })
    expect((await client.machines.hostKey(address())).trust).toBe('known')

    const watch = await client.machines.watch()
    expect((await watch.next()).value).toEqual([])
    const { machine, capacity } = await client.machines.add({ ...request, name: 'desk' })
    expect(machine).toMatchObject({ name: 'desk', origin: 'real', auth: { kind: 'key', path: sshd.keys.encrypted } })
    expect(capacity.memoryTotalBytes).toBeGreaterThan(0)
    expect((await watch.next()).value).toEqual([machine])
    await watch.return?.()
    expect(await failureOf(client.machines.add(request))).toMatchObject({ code: 'machineExists', args: { name: 'desk' } })
    for (const file of ['settings.db', 'settings.db-wal', join('logs', 'k3lab.log')])
      expect(readFileSync(join(dataDir, file)).includes(sshd.passphrase)).toBe(false)
  })

  it('reads its capacity while somebody looks', async () => {
    const [machine] = await client.machines.list()
    const readings = await client.machines.watchCapacity({ id: machine!.id })
    const reading = (await readings.next()).value
    expect(reading).toMatchObject({ type: 'reading', capacity: { cpuUsage: null } })
    await readings.return?.()
  })

  const openTerminal = async () => {
    const [machine] = await client.machines.list()
    const { terminalId } = await client.terminals.open({ machineId: machine!.id, cols: 80, rows: 24 })
    const output = await client.terminals.output({ terminalId })
    let screen = ''
    const next = async (): Promise<TerminalOutput> => {
      const value = (await output.next()).value as TerminalOutput
      if (value.type === 'output') screen += value.text
      return value
    }
    return { terminalId, next, screen: () => screen, write: (text: string) => client.terminals.write({ terminalId, text }) }
  }

  it('opens a shell, whole characters only, and tells its end', async () => {
    const terminal = await openTerminal()
    await terminal.write("printf '%s\\n' 가나다$((40+2))\n")
    while (!terminal.screen().includes('가나다42')) await terminal.next()
    await client.terminals.resize({ terminalId: terminal.terminalId, cols: 132, rows: 43 })
    await terminal.write('stty size\n')
    while (!terminal.screen().includes('43 132')) await terminal.next()
    await terminal.write('exit 5\n')
    let last: TerminalOutput
    do last = await terminal.next()
    while (last.type === 'output')
    expect(last).toEqual({ type: 'exit', code: 5 })
    expect(terminal.screen()).not.toContain('\ufffd')
  })

  it('waits for whoever draws it', async () => {
    const terminal = await openTerminal()
    const seen = join(sshd.dir, 'written')
    writeFileSync(seen, '')
    // Writes a line to the file for each block that went out: what the machine may not send, it does not reach.
    await terminal.write(`stty -echo; for i in $(seq 400); do head -c 20000 /dev/zero | tr '\\0' x; echo $i >> ${seen}; done; echo; echo FINI''SHED\n`)
    let unacknowledged = 0
    // Nothing comes any more once the limit is passed, beyond what was already under way in the SSH window.
    while (unacknowledged <= 100_000) {
      const before = terminal.screen().length
      await terminal.next()
      unacknowledged += terminal.screen().length - before
    }
    await client.terminals.acknowledge({ terminalId: terminal.terminalId, characters: 1 })
    expect(readFileSync(seen, 'utf8').trim().split('\n').length).toBeLessThan(400)
    let acknowledged = 1
    while (!terminal.screen().includes('FINISHED')) {
      await client.terminals.acknowledge({ terminalId: terminal.terminalId, characters: terminal.screen().length - acknowledged || 1 })
      acknowledged = terminal.screen().length
      await terminal.next()
    }
    expect(terminal.screen().match(/x/g)!.length).toBeGreaterThanOrEqual(8_000_000)
    await client.terminals.close({ terminalId: terminal.terminalId })
  })

  it('ends the shell with its window', async () => {
    const own = await connectClient(running.line.url)
    const [machine] = await own.client.machines.list()
    const { terminalId } = await own.client.terminals.open({ machineId: machine!.id, cols: 80, rows: 24 })
    own.close()
    await expect
      .poll(() =>
        failureOf(client.terminals.write({ terminalId, text: '' })).then(
          ({ code }) => code,
          () => 'open',
        ),
      )
      .toBe('terminalNotFound')
  })
})
