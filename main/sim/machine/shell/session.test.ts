import { expect, test } from 'vitest'
import { presets } from '../../presets.ts'
import { VirtualClock } from '../../time/clock.ts'
import { advance, type Wall } from '../../time/pace.ts'
import { seededRandom } from '../../time/random.ts'
import { createMachine, openMachineStore, type SimulatedMachine } from '../index.ts'
import { loginEnvironment, runInteractive } from './session.ts'
import { createTerminal } from './terminal.ts'

const wall: Wall = { now: () => performance.now(), after: () => () => undefined, defer: callback => void setImmediate(callback) }

/** A person at a prompt: `see` lets virtual time pass until the text is there, and gives what came up to it. */
const logIn = () => {
  const clock = new VirtualClock(1_800_000_000_000)
  const machines: SimulatedMachine[] = []
  const spec = presets.solo[0]!
  machines.push(
    createMachine(spec, { clock, random: seededRandom(7), persistence: openMachineStore(':memory:').forMachine(spec.name), clusterMachines: () => machines }),
  )
  const machine = machines[0]!
  let seen = ''
  const terminal = createTerminal({ write: async bytes => void (seen += Buffer.from(bytes).toString('utf8')) }, 80, 24, 'xterm')
  const ended = runInteractive({
    machine,
    user: machine.login,
    terminal,
    signal: new AbortController().signal,
    env: loginEnvironment(machine, machine.login),
    cwd: '/home/ubuntu',
  })
  const see = async (text: string): Promise<string> => {
    for (let i = 0; i < 300; i++) {
      const at = seen.indexOf(text)
      if (at >= 0) {
        const before = seen.slice(0, at + text.length)
        seen = seen.slice(before.length)
        return before
      }
      await advance(clock, wall, 100)
    }
    throw new Error(`${JSON.stringify(text)} did not come after ${JSON.stringify(seen)}`)
  }
  return { see, ended, type: (keys: string) => terminal.receive(Buffer.from(keys)) }
}
const PROMPT = '$ '
const READY = '\x1b[?2004h'

test('Ctrl-Z stops a job; jobs, bg, fg and kill find it', async () => {
  const { see, type, ended } = logIn()
  await see(READY)
  type('sleep 100\r')
  await see('\x1b[?2004l')
  type('\x1a')
  expect(await see(READY)).toContain('^Z\r\n[1]+  Stopped                 sleep 100\r\n')
  type('echo $?; jobs\r')
  expect(await see(`sleep 100\r\n${READY}`)).toContain('148\r\n[1]+  Stopped                 sleep 100\r\n')
  type('fg\r')
  await see('\x1b[?2004lsleep 100\r\n')
  type('\x1a')
  await see('Stopped')
  await see(READY)
  type('bg\r')
  await see('[1]+ sleep 100 &\r\n')
  await see(READY)
  type('jobs\r')
  await see('[1]+  Running                 sleep 100 &\r\n')
  await see(READY)
  type('kill %1\r')
  await see(READY)
  type('\r')
  await see('[1]+  Terminated')
  await see(PROMPT)
  type('exit\r')
  await ended
})

test('a stopped job says nothing until it goes on, and keeps the shell from ending at the first asking', async () => {
  const { see, type, ended } = logIn()
  await see(READY)
  type('while true; do echo tick; sleep 1; done\r')
  await see('tick\r\ntick\r\n')
  type('\x1a')
  await see('Stopped')
  await see(READY)
  type('sleep 10; echo over\r')
  expect(await see('\x1b[?2004lover\r\n')).not.toContain('tick\r\n')
  await see(READY)
  type('\x04')
  await see('There are stopped jobs.\r\n')
  await see(READY)
  type('fg\r')
  await see('tick\r\ntick\r\n')
  type('\x03')
  await see(READY)
  type('exit\r')
  await ended
})

test('su asks for a password that is not shown, and refuses it after a while', async () => {
  const { see, type } = logIn()
  await see(READY)
  type('su -\r')
  await see('Password: ')
  type('geheim\r')
  expect(await see('su: Authentication failure\r\n')).not.toContain('geheim')
})
