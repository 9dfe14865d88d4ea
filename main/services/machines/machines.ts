import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { CapacityUpdate, HostKey, MachineLogin } from '../../../shared/contract/contract.ts'
import { failure } from '../../../shared/domain/errors.ts'
import type { Machine, MachineCapacity } from '../../../shared/domain/machine.ts'
import type { Log } from '../../log/log.ts'
import type { ExecResult } from '../../ssh/connect.ts'
import type { SshEndpoint, SshLogin } from '../../ssh/endpoint.ts'
import { expandPath } from '../../kube/kubeconfig.ts'
import type { SettingsDatabase } from '../settings/database.ts'
import { stream } from '../stream.ts'
import { type CapacityWatch, capacityWatch, readCapacity } from './capacity-watch.ts'
import { type Connections, connections as openConnections } from './connections.ts'

interface SshAddress {
  readonly host: string
  readonly port: number
}

/** The simulated machines, as the homelab that runs them offers them. */
interface SimulatedMachines {
  list(): readonly { readonly name: string; readonly role: 'server' | 'agent'; readonly endpoint: SshEndpoint; readonly power: 'on' | 'off' }[]
  power(name: string, power: 'on' | 'off'): Promise<void>
  onChange(listener: () => void): () => void
}

export interface MachinesService {
  readonly connections: Connections
  list(): readonly Machine[]
  watch(signal?: AbortSignal): AsyncIterable<readonly Machine[]>
  hostKey(address: SshAddress): Promise<HostKey>
  trustHostKey(request: SshAddress & { readonly fingerprint: string; readonly replace: boolean }): Promise<void>
  add(
    request: SshAddress & { readonly name?: string | undefined; readonly user: string; readonly login: MachineLogin },
  ): Promise<{ machine: Machine; capacity: MachineCapacity }>
  remove(id: string): void
  watchCapacity(id: string, signal?: AbortSignal): AsyncIterable<CapacityUpdate>
  power(id: string, power: 'on' | 'off'): Promise<Machine>
  /** Throws Failure (`machineNotFound`). */
  find(id: string): Machine
  /** Keeps a password for this session only. */
  rememberPassword(id: string, password: string): void
  /** Runs a command as the login user. Rejects with Failure. */
  exec(id: string, command: string): Promise<ExecResult>
  setSimulated(machines: SimulatedMachines | undefined): void
  dispose(): void
}

/** What is needed to log in and must not be stored. */
interface Secret {
  readonly password?: string
  readonly passphrase?: string | undefined
}

/** Simulated machines are known by their name, real ones by an id of their own. */
export const machinesService = (database: SettingsDatabase, dataDir: string, log: Log): MachinesService => {
  const knownHosts = join(dataDir, 'ssh', 'known_hosts')
  const real = new Map((database.list('machines') as readonly Machine[]).map(machine => [machine.id, machine]))
  const secrets = new Map<string, Secret>()
  const watches = new Map<string, CapacityWatch>()
  const listeners = new Set<() => void>()
  let simulated: SimulatedMachines | undefined
  let stopSimulated: (() => void) | undefined
  const powers = new Map<string, 'on' | 'off'>()

  const simulatedMachine = ({ name, role, endpoint, power }: ReturnType<SimulatedMachines['list']>[number]): Machine => ({
    id: name, name, role, power, origin: 'simulated', host: endpoint.host, port: endpoint.port, user: endpoint.user,
    auth: endpoint.login.kind === 'key' ? { kind: 'key', path: endpoint.login.path } : { kind: endpoint.login.kind },
  }) // prettier-ignore
  const list = (): readonly Machine[] => [...(simulated?.list().map(simulatedMachine) ?? []), ...real.values()]
  const find = (id: string): Machine => {
    const machine = list().find(candidate => candidate.id === id)
    if (!machine) throw failure('machineNotFound', { id })
    return machine
  }
  const changed = () => {
    for (const listener of listeners) listener()
  }

  const realLogin = (machine: Machine): SshLogin => {
    const secret = secrets.get(machine.id)
    switch (machine.auth.kind) {
      case 'agent':
        return { kind: 'agent' }
      case 'key':
        return { kind: 'key', path: machine.auth.path, passphrase: secret?.passphrase }
      case 'password':
        if (secret?.password === undefined) throw failure('sshPasswordNeeded', { user: machine.user, host: machine.host })
        return { kind: 'password', password: secret.password }
    }
  }
  const endpointOf = (id: string): SshEndpoint => {
    const machine = find(id)
    if (machine.power === 'off') throw failure('machineOff', { name: machine.name }, { retryable: true })
    if (machine.origin === 'simulated') return simulated!.list().find(({ name }) => name === id)!.endpoint
    return { host: machine.host, port: machine.port, user: machine.user, login: realLogin(machine), knownHosts }
  }
  const connections = openConnections(endpointOf)

  const watchOf = (id: string): CapacityWatch => {
    let watch = watches.get(id)
    if (!watch) watches.set(id, (watch = capacityWatch(find(id), connections, log)))
    return watch
  }

  /** Machines that were switched: their connections are dead, and who looks at them wants to see it. */
  const powersChanged = () => {
    for (const { name, power } of simulated?.list() ?? []) {
      if (powers.get(name) === power) continue
      if (power === 'off') connections.drop(name)
      if (powers.has(name)) watches.get(name)?.hurry()
      powers.set(name, power)
    }
  }

  const uniqueName = (wanted: string): string => {
    const taken = new Set(list().map(({ name }) => name))
    let name = wanted
    for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`
    return name
  }

  return {
    connections,
    list,
    find,
    watch: signal =>
      stream<readonly Machine[]>(
        signal,
        ({ push }) => {
          const tell = () => push(list())
          listeners.add(tell)
          tell()
          return () => listeners.delete(tell)
        },
        (_waiting, next) => next,
      ),
    hostKey: async ({ host, port }) => {
      const [{ readHostKey }, { fingerprint }] = await Promise.all([import('../../ssh/connect.ts'), import('../../ssh/known-hosts.ts')])
      const { key, verdict } = await readHostKey(host, port, knownHosts)
      const facts = { host, port, keyType: key.type, fingerprint: fingerprint(key) }
      if (verdict.trust === 'revoked') throw failure('sshHostKeyRevoked', { ...facts, port: String(port) })
      return { ...facts, trust: verdict.trust, trusted: verdict.trust === 'changed' ? verdict.trusted.map(fingerprint) : [] }
    },
    trustHostKey: async ({ host, port, fingerprint: confirmed, replace }) => {
      const [{ readHostKey }, { fingerprint, hostName, trustKey }] = await Promise.all([import('../../ssh/connect.ts'), import('../../ssh/known-hosts.ts')])
      // Asked for once more: what is written down is the key that was confirmed, and no other.
      const { key, verdict } = await readHostKey(host, port, knownHosts)
      const facts = { host, port: String(port), fingerprint: fingerprint(key) }
      if (verdict.trust === 'revoked') throw failure('sshHostKeyRevoked', { ...facts, keyType: key.type })
      if (facts.fingerprint !== confirmed) throw failure('sshHostKeyNotAsConfirmed', facts)
      if (verdict.trust === 'changed' && !replace)
        throw failure('sshHostKeyChanged', { ...facts, keyType: key.type, trusted: verdict.trusted.map(fingerprint).join(', ') })
      if (verdict.trust !== 'known') trustKey(knownHosts, hostName(host, port), key, replace)
    },
    add: async ({ host, port, user, login, name }) => {
      const twin = [...real.values()].find(machine => machine.host === host && machine.port === port)
      if (twin) throw failure('machineExists', { host, port: String(port), name: twin.name })
      const sshLogin: SshLogin = login.kind === 'key' ? { ...login, path: expandPath(login.path) } : login
      const { connectSsh } = await import('../../ssh/connect.ts')
      const connection = await connectSsh({ host, port, user, login: sshLogin, knownHosts })
      let capacity: MachineCapacity
      try {
        ;({ capacity } = await readCapacity(connection, name ?? host))
      } finally {
        connection.dispose()
      }
      const machine: Machine = {
        id: randomUUID(),
        name: uniqueName(name || capacity.hostname || host),
        origin: 'real',
        role: 'unknown',
        host,
        port,
        user,
        auth: sshLogin.kind === 'key' ? { kind: 'key', path: sshLogin.path } : { kind: sshLogin.kind },
      }
      database.write('machines', machine.id, machine)
      real.set(machine.id, machine)
      if (login.kind === 'password') secrets.set(machine.id, { password: login.password })
      if (login.kind === 'key') secrets.set(machine.id, { passphrase: login.passphrase })
      changed()
      return { machine, capacity }
    },
    remove: id => {
      const machine = find(id)
      if (machine.origin === 'simulated') throw failure('machineIsSimulated', { name: machine.name })
      database.remove('machines', id)
      real.delete(id)
      secrets.delete(id)
      watches.delete(id)
      connections.drop(id)
      changed()
    },
    watchCapacity: (id, signal) => {
      const watch = watchOf(id)
      return stream<CapacityUpdate>(
        signal,
        ({ push }) => watch.add(push),
        (_waiting, next) => next,
      )
    },
    power: async (id, power) => {
      const machine = find(id)
      if (machine.origin !== 'simulated') throw failure('machineNotSimulated', { name: machine.name })
      await simulated!.power(machine.name, power)
      return find(id)
    },
    rememberPassword: (id, password) => {
      secrets.set(id, find(id).auth.kind === 'key' ? { passphrase: password } : { password })
    },
    exec: async (id, command) => {
      const { connection, release } = await connections.lease(id)
      try {
        return await connection.exec(command)
      } finally {
        release()
      }
    },
    setSimulated: machines => {
      stopSimulated?.()
      simulated = machines
      stopSimulated = machines?.onChange(() => {
        powersChanged()
        changed()
      })
      powersChanged()
      changed()
    },
    dispose: () => {
      stopSimulated?.()
      connections.dispose()
    },
  }
}
