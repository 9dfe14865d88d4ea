import { calendar } from '../commands/options.ts'
import { memoryOf } from '../files/generated.ts'
import { OS, partitions } from '../hardware/system.ts'
import type { Logins, SimulatedMachine } from '../machine.ts'

/** What Ubuntu server greets a login with: update-motd's parts, then when the user was last here. */
export const loginMessage = (machine: SimulatedMachine, last: Logins['last']): string => {
  const now = calendar(machine.clock.now)
  const counters = machine.counters.read()
  const memory = memoryOf(machine)
  const disk = partitions(machine.spec.diskBytes).filesystem
  const facts: readonly (readonly [string, string])[] = [
    ['System load', counters.load[0].toFixed(2)],
    ['Usage of /', `${((machine.load.diskBytes / disk) * 100).toFixed(1)}% of ${(disk / 1024 ** 3).toFixed(2)}GB`],
    ['Memory usage', `${Math.round((memory.used / memory.total) * 100)}%`],
    ['Swap usage', '0%'],
    ['Temperature', `${counters.temperature.toFixed(1)} C`],
    ['Processes', String(140 + machine.load.processes.length)],
    ['Users logged in', String(Math.max(0, machine.logins.sessions.length - 1))],
    ['IPv4 address for enp1s0', machine.spec.address],
  ]
  const left = facts.slice(0, 5)
  const right = facts.slice(5)
  const leftName = Math.max(...left.map(([name]) => name.length)) + 1
  const leftValue = Math.max(...left.map(([, value]) => value.length))
  const rightName = Math.max(...right.map(([name]) => name.length)) + 1
  const rows = left.map(([name, value], i) => {
    const other = right[i]
    return `  ${`${name}:`.padEnd(leftName)} ${other ? `${value.padEnd(leftValue)}   ${`${other[0]}:`.padEnd(rightName)} ${other[1]}` : value}`
  })
  const greeting = [
    `Welcome to ${OS.pretty} (GNU/Linux ${OS.kernel} x86_64)`,
    '',
    ' * Documentation:  https://help.ubuntu.com',
    ' * Management:     https://landscape.canonical.com',
    ' * Support:        https://ubuntu.com/pro',
    '',
    ` System information as of ${now.weekday} ${now.month} ${String(now.day).padStart(2)} ${now.clock} UTC ${now.year}`,
    '',
    ...rows,
    '',
    'Expanded Security Maintenance for Applications is not enabled.',
    '',
    '0 updates can be applied immediately.',
    '',
    '',
  ]
  if (last) {
    const when = calendar(last.time)
    greeting.push(`Last login: ${when.weekday} ${when.month} ${String(when.day).padStart(2)} ${when.clock} ${when.year} from ${last.from}`, '')
  }
  return greeting.join('\n')
}
