import { describe, expect, test } from 'vitest'
import { presets } from '../../presets.ts'
import { VirtualClock } from '../../time/clock.ts'
import { advance, type Wall } from '../../time/pace.ts'
import { seededRandom } from '../../time/random.ts'
import { createMachine, openMachineStore, type SimulatedMachine } from '../index.ts'
import { createEditor } from './editor.ts'
import { loginEnvironment, runExec } from './session.ts'
import { bytesInput, collector } from './streams.ts'

const wall: Wall = { now: () => performance.now(), after: () => () => undefined, defer: callback => void setImmediate(callback) }

const machineOn = (clock: VirtualClock, store = openMachineStore(':memory:')): SimulatedMachine => {
  const machines: SimulatedMachine[] = []
  const spec = presets.solo[0]!
  machines.push(createMachine(spec, { clock, random: seededRandom(7), persistence: store.forMachine(spec.name), clusterMachines: () => machines }))
  return machines[0]!
}

/** Runs a script to its end while virtual time passes as fast as it can. */
const run = async (script: string, { machine = machineOn(new VirtualClock(1_800_000_000_000)), stdin = '', signal = new AbortController().signal } = {}) => {
  const out = collector()
  const err = collector()
  let status: number | undefined
  const running = runExec({
    machine,
    user: machine.login,
    command: script,
    stdin: bytesInput(stdin),
    stdout: out.output,
    stderr: err.output,
    terminal: undefined,
    signal,
    env: loginEnvironment(machine, machine.login),
  }).then(
    code => (status = code),
    () => (status = -1),
  )
  while (status === undefined) await advance(machine.clock as VirtualClock, wall, 500)
  await running
  return { status, stdout: out.text(), stderr: err.text() }
}

describe('the shell', () => {
  test.each([
    ['arrays and their slices', 'a=(1 2 "x y"); a+=(z); echo ${#a[@]} "${a[@]:1:2}" ${!a[@]}', '4 2 x y 0 1 2 3\n'],
    ['parameter operations', 'x=a.tar.gz; echo ${x%%.*} ${x##*.} ${x/tar/zip} ${x^^} ${#x} ${y:-none}', 'a gz a.zip.gz A.TAR.GZ 8 none\n'],
    ['arithmetic in 64 bits', 'echo $((2**40)) $((2**62*2)) $((-7/2)) $((0x1f))', '1099511627776 -9223372036854775808 -3 31\n'],
    ['functions, locals, return', 'f() { local x=1; return 3; }; x=5; f; echo $? $x', '3 5\n'],
    ['while read keeps what is left for the next', 'seq 3 | { read a; while read b; do echo $a$b; done; }', '12\n13\n'],
    ['here-documents and substitutions', 'cat <<EOF\n$(echo in)$((1+1))\nEOF', 'in2\n'],
    ['pipes that end early', 'yes | head -2; echo ${PIPESTATUS[0]}', 'y\ny\n141\n'],
    ['sleep in virtual time', 'sleep 3600; echo $SECONDS', '3600\n'],
    ['wide text', 'x=안녕하세요; echo ${#x} ${x:2:2}; printf "%s|\\n" 가나', '5 하세\n가나|\n'],
  ])('%s', async (_what, script, expected) => {
    expect(await run(script)).toEqual({ status: 0, stdout: expected, stderr: '' })
  })

  test('a spinning loop lets virtual time pass and can be stopped', async () => {
    const stop = new AbortController()
    const machine = machineOn(new VirtualClock(0))
    machine.clock.after(1500, () => stop.abort(new Error('interrupted')))
    expect((await run('while :; do :; done', { machine, signal: stop.signal })).status).toBe(-1)
  })

  test('permissions hold until sudo', async () => {
    const { stdout, stderr } = await run('cat /etc/shadow; sudo cat /etc/shadow | grep -c root; echo x > /etc/x; echo x | sudo tee /etc/x; rm /etc/hosts')
    expect(stdout).toBe('1\nx\n')
    expect(stderr).toBe("cat: /etc/shadow: Permission denied\nbash: line 1: /etc/x: Permission denied\nrm: cannot remove '/etc/hosts': Permission denied\n")
  })

  test('what was written is there after the next start, links and modes and absences too', async () => {
    const clock = new VirtualClock(0)
    const store = openMachineStore(':memory:')
    await run('mkdir -p d/e; echo 가 > d/e/f; ln -s e d/l; chmod 600 d/e/f; rm .profile; mv d g', { machine: machineOn(clock, store) })
    const { stdout } = await run('cat g/l/f; stat -c %a g/e/f; ls -A; ls d', { machine: machineOn(clock, store) })
    expect(stdout).toBe('가\n600\n.bashrc\ng\n.ssh\n')
  })

  test('what a command wrote before it ends is there after a sudden end too', async () => {
    const clock = new VirtualClock(0)
    const store = openMachineStore(':memory:')
    const machine = machineOn(clock, store)
    let later: string | undefined
    const stop = new AbortController()
    clock.after(5000, () => {
      later = machineOn(clock, store).readFile('/home/ubuntu/log')
      stop.abort(new Error('cut'))
    })
    await run('while true; do echo line >> log; sleep 0.1; done', { machine, signal: stop.signal })
    expect(later?.split('\n').length).toBeGreaterThan(30)
  })

  test('a unit that ran goes on with its machine, enabled or not; one that was stopped does not', async () => {
    const clock = new VirtualClock(0)
    const store = openMachineStore(':memory:')
    const unit = (name: string) => ({
      name,
      description: name,
      documentation: '',
      command: name,
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      usage: () => ({ memoryBytes: 1, cpuMs: 1, tasks: 1 }),
    })
    const start = () => {
      const machine = machineOn(clock, store)
      for (const name of ['one.service', 'two.service']) machine.install(unit(name))
      return machine
    }
    const machine = start()
    await run('sudo systemctl disable one; sudo systemctl stop two', { machine })
    machine.dispose()
    expect((await run('systemctl is-active one two; systemctl is-enabled one', { machine: start() })).stdout).toBe('active\ninactive\ndisabled\n')
  })

  test('systemctl stops, starts and tells', async () => {
    const machine = machineOn(new VirtualClock(0))
    let running = 0
    machine.install({
      name: 'k3s.service',
      description: 'Lightweight Kubernetes',
      documentation: 'https://k3s.io',
      command: '/usr/local/bin/k3s server',
      start: async () => void running++,
      stop: async () => void running--,
      usage: () => ({ memoryBytes: 1e8, cpuMs: 5, tasks: 9 }),
    })
    const { stdout, stderr } = await run(
      'systemctl is-active k3s; systemctl stop k3s; sudo systemctl stop k3s; systemctl is-active k3s; sudo systemctl start k3s; systemctl status k3s | head -3; journalctl -u k3s -o cat -n 1',
      { machine },
    )
    expect(running).toBe(1)
    expect(stdout).toContain(
      'active\ninactive\n● k3s.service - Lightweight Kubernetes\n     Loaded: loaded (/etc/systemd/system/k3s.service; enabled; preset: enabled)\n     Active: active (running) since',
    )
    expect(stdout).toContain('Started k3s.service - Lightweight Kubernetes.\n')
    expect(stderr).toContain('Failed to stop k3s.service: Interactive authentication required.')
  })

  test('a unit that dies comes back after its delay', async () => {
    const clock = new VirtualClock(0)
    const machine = machineOn(clock)
    machine.install({
      name: 'k3s.service',
      description: 'K',
      documentation: '',
      command: 'k3s',
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      usage: () => ({ memoryBytes: 1, cpuMs: 1, tasks: 1 }),
    })
    await advance(clock, wall, 10)
    machine.unitExited('k3s.service', 1)
    expect(machine.units.get('k3s')).toMatchObject({ active: 'activating', sub: 'auto-restart' })
    await advance(clock, wall, 5100)
    expect(machine.units.get('k3s')).toMatchObject({ active: 'active', restarts: 1 })
  })
})

describe('the line editor', () => {
  const typed = async (keys: string, history: readonly string[] = []) => {
    const editor = createEditor({
      tty: { columns: 40 },
      write: () => undefined,
      history: () => history,
      complete: (_line, cursor) => Promise.resolve({ start: Math.max(0, cursor - 2), candidates: ['kubectl'], suffix: ' ' }),
    })
    const line = editor.read('$ ')
    for (const key of keys) editor.feed(key)
    return line
  }
  test.each([
    ['cursor, erase', 'abc\x1b[D\x7fX\r', 'aXc'],
    ['Hangul is one step', '가나다\x1b[D\x1b[D\x7f\r', '나다'],
    ['Jamo join as they come', '\u1112\u1161\u11ab\r', '한'],
    ['words', 'one two\x17three\x01zero \r', 'zero one three'],
    ['kill and yank', 'abc def\x15x\x19\r', 'xabc def'],
    ['Tab', 'ku\tget\r', 'kubectl get'],
    ['pasted lines stay one input', '\x1b[200~a\nb\x1b[201~\r', 'a\nb'],
  ])('%s', async (_what, keys, expected) => {
    expect(await typed(keys)).toEqual({ type: 'line', line: expected })
  })
  test('history: up, down, reverse search', async () => {
    expect(await typed('\x1b[A\x1b[A\x1b[B\r', ['one', 'two'])).toEqual({ type: 'line', line: 'two' })
    expect(await typed('\x12on\r', ['one', 'two'])).toEqual({ type: 'line', line: 'one' })
  })
  test('Ctrl-C and Ctrl-D', async () => {
    expect(await typed('abc\x03')).toEqual({ type: 'interrupt' })
    expect(await typed('\x04')).toEqual({ type: 'end' })
  })
})
