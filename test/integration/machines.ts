import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMachine, DEFAULT_USER, generateHostKey, openMachineStore, serveSsh, type SimulatedMachine } from '../../main/sim/machine/index.ts'
import { presets } from '../../main/sim/presets.ts'
import { VirtualClock } from '../../main/sim/time/clock.ts'
import { pace } from '../../main/sim/time/pace.ts'
import { seededRandom } from '../../main/sim/time/random.ts'

export interface RunningMachines {
  readonly ports: ReadonlyMap<string, number>
  machine(name: string): SimulatedMachine
  stop(): Promise<void>
}

const kept = (path: string, make: () => string): string => {
  if (!existsSync(path)) writeFileSync(path, make(), { mode: 0o600 })
  return readFileSync(path, 'utf8')
}

/** Three mini-PCs with a K3s unit that does nothing, on free ports, with `ssh_config` and `id` in the directory. */
export const startMachines = async (directory: string): Promise<RunningMachines> => {
  const clock = new VirtualClock(Date.now())
  const pacer = pace(clock, {
    now: () => Date.now(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms)
      return () => clearTimeout(timer)
    },
    defer: callback => void setImmediate(callback),
  })
  const privateKey = kept(join(directory, 'id'), () => {
    const pair = generateHostKey()
    writeFileSync(join(directory, 'id.pub'), pair.public)
    return pair.private
  })
  if (!privateKey) throw new Error('no key')
  const hostKey = kept(join(directory, 'host_key'), () => generateHostKey().private)
  const store = openMachineStore(join(directory, 'machines.db'))
  const machines: SimulatedMachine[] = []
  const ports = new Map<string, number>()
  const servers: Awaited<ReturnType<typeof serveSsh>>[] = []
  for (const spec of presets.class3) {
    const machine = createMachine(spec, {
      clock,
      random: seededRandom(1).stream(spec.name),
      persistence: store.forMachine(spec.name),
      clusterMachines: () => machines,
    })
    machines.push(machine)
    const name = spec.role === 'server' ? 'k3s.service' : 'k3s-agent.service'
    machine.install({
      name,
      description: 'Lightweight Kubernetes',
      documentation: 'https://k3s.io',
      command: `/usr/local/bin/k3s ${spec.role}`,
      start: () => clock.sleep(100),
      stop: () => Promise.resolve(),
      usage: () => ({ memoryBytes: 4e8, cpuMs: 1000, tasks: 20 }),
    })
    const server = await serveSsh(machine, { port: 0, hostKeys: [hostKey], authorizedKeys: readFileSync(join(directory, 'id.pub'), 'utf8') })
    servers.push(server)
    ports.set(spec.name, server.port)
  }
  writeFileSync(
    join(directory, 'ssh_config'),
    [...ports]
      .map(
        ([name, port]) =>
          `Host ${name}\n  HostName 127.0.0.1\n  Port ${port}\n  User ${DEFAULT_USER}\n  IdentityFile ${join(directory, 'id')}\n  IdentitiesOnly yes\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n`,
      )
      .join(''),
  )
  return {
    ports,
    machine: name => machines.find(machine => machine.spec.name === name)!,
    stop: async () => {
      await Promise.all(servers.map(server => server.dispose()))
      for (const machine of machines) machine.dispose()
      store.close()
      pacer.dispose()
    },
  }
}

// Run by itself (to be killed): says so on standard output once the ports are open.
if (process.argv[1] === import.meta.filename && process.argv[2]) {
  await startMachines(process.argv[2])
  process.stdout.write('ready\n')
}
