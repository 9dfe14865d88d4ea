import { beforeAll, describe, expect, test } from 'vitest'
import { presets } from '../../presets.ts'
import { VirtualClock } from '../../time/clock.ts'
import { advance, type Wall } from '../../time/pace.ts'
import { seededRandom } from '../../time/random.ts'
import { createMachine, openMachineStore, type SimulatedMachine } from '../index.ts'
import { loginEnvironment, runExec } from '../shell/session.ts'
import { bytesInput, collector } from '../shell/streams.ts'

const wall: Wall = { now: () => performance.now(), after: () => () => undefined, defer: callback => void setImmediate(callback) }

const machineOn = (clock: VirtualClock): SimulatedMachine => {
  const machines: SimulatedMachine[] = []
  const spec = presets.solo[0]!
  machines.push(
    createMachine(spec, { clock, random: seededRandom(7), persistence: openMachineStore(':memory:').forMachine(spec.name), clusterMachines: () => machines }),
  )
  machines[0]!.install({
    name: 'k3s.service',
    description: 'Lightweight Kubernetes',
    documentation: 'https://k3s.io',
    command: '/usr/local/bin/k3s server',
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    usage: () => ({ memoryBytes: 1, cpuMs: 1, tasks: 1 }),
  })
  return machines[0]!
}

/** Runs a line while virtual time passes as fast as it can; the machine's time it took comes back too. */
const run = async (command: string) => {
  const clock = new VirtualClock(1_800_000_000_000)
  const machine = machineOn(clock)
  const out = collector()
  const err = collector()
  const startedAt = clock.now
  let status: number | undefined
  void runExec({
    machine,
    user: machine.login,
    command,
    stdin: bytesInput(''),
    stdout: out.output,
    stderr: err.output,
    terminal: undefined,
    signal: new AbortController().signal,
    env: loginEnvironment(machine, machine.login),
  }).then(code => (status = code))
  while (status === undefined) await advance(clock, wall, 100)
  return { status, stdout: out.text(), stderr: err.text(), seconds: (clock.now - startedAt) / 1000 }
}

describe('programs on a machine', () => {
  // Loads the shell, which takes none of a machine's time.
  beforeAll(async () => void (await run('true')))

  test.each(['10.42.0.3', '10.43.0.1', '192.168.50.99', '203.0.113.7'])(
    'curl to %s, where nothing answers, fails as soon as the kernel knows',
    async address => {
      const result = await run(`curl http://${address}`)
      expect(result).toMatchObject({ status: 7, stderr: `curl: (7) Failed to connect to ${address} port 80 after 3062 ms: Couldn't connect to server\n` })
      expect(result.seconds).toBeLessThan(4)
    },
  )

  test('curl waits no longer than it is told', async () => {
    expect(await run('curl -m 1 http://10.42.0.3')).toMatchObject({ status: 28, stderr: 'curl: (28) Connection timed out after 1000 milliseconds\n' })
  })

  test('ping names the router when there is no way', async () => {
    expect((await run('ping -c 1 203.0.113.7')).stdout).toContain('Destination Host Unreachable\n')
  })

  test('find and du tell of what they may not read and go on', async () => {
    const found = await run('mkdir -p d/closed d/open; touch d/open/x; chmod 0 d/closed; find d')
    expect(found).toMatchObject({ status: 1, stdout: 'd\nd/closed\nd/open\nd/open/x\n', stderr: 'find: ‘d/closed’: Permission denied\n' })
    const used = await run('mkdir -p d/closed; chmod 0 d/closed; du -s d')
    expect(used).toMatchObject({ status: 1, stderr: "du: cannot read directory 'd/closed': Permission denied\n" })
    expect(used.stdout).toMatch(/^\d+\td\n$/)
  })

  test.each([
    ['journalctl -b -1', '', 'Data from the specified boot is not available'],
    ['journalctl _PID=1 -n 1 -o json', '"_PID":"1"', ''],
    ['journalctl _COMM', '', "'_COMM': Invalid argument"],
    ['journalctl --vacuum-time=1d', '', 'needs no upkeep'],
    ['hostnamectl --static', 'mini-1\n', ''],
    ['sudo systemctl reload k3s', '', 'Job type reload is not applicable for unit k3s.service.'],
    ['systemctl show nosuch -p LoadState', 'LoadState=not-found\n', ''],
    ['sudo systemctl mask k3s', '', "cannot 'mask'"],
    ['sudo systemctl disable k3s; sudo systemctl enable k3s', '', 'Created symlink /etc/systemd/system/multi-user.target.wants/k3s.service'],
    ['kubectl version --client', 'Client Version: v1.36.', ''],
    ['sudo k3s etcd-snapshot ls', '', 'etcd datastore disabled'],
    ['k3s token list', '', 'the join token stands in /var/lib/rancher/k3s/server/node-token'],
    ['k3s ctr images ls', '', 'connect: permission denied'],
    ['k3s nonsense', '', "No help topic for 'nonsense'\n"],
    ['k3s help', 'etcd-snapshot    Manage etcd snapshots\n', ''],
    ['su - < /dev/null', '', 'su: Authentication failure'],
  ])('%s', async (command, stdout, stderr) => {
    const result = await run(command)
    expect(result.stdout).toContain(stdout)
    expect(result.stderr).toContain(stderr)
    expect(result.stdout === '').toBe(stdout === '')
  })
})
