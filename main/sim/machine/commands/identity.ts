import type { SimulatedMachine } from '../machine.ts'
import type { Command } from './command.ts'
import { groupName } from './ls.ts'
import { calendar, readOptions, refuse, upFor } from './options.ts'

export const id: Command = {
  name: 'id',
  summary: 'print real and effective user and group IDs',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['u', 'g', 'G', 'n', 'r', 'user', 'group', 'groups', 'name'])
    if (!options) return 1
    const name = options.operands[0]
    const user = name === undefined ? context.user : context.machine.users.find(one => one.name === name || String(one.uid) === name)
    if (!user) return refuse(context, 'id', `‘${name}’: no such user`)
    const has = (...flags: string[]) => flags.some(flag => options.flags.has(flag))
    const names = has('n', 'name')
    const group = (gid: number) => groupName(context.machine, gid)
    const groups = [...new Set([user.gid, ...user.groups])]
    const text = has('u', 'user')
      ? names
        ? user.name
        : String(user.uid)
      : has('g', 'group')
        ? names
          ? group(user.gid)
          : String(user.gid)
        : has('G', 'groups')
          ? groups.map(gid => (names ? group(gid) : String(gid))).join(' ')
          : `uid=${user.uid}(${user.name}) gid=${user.gid}(${group(user.gid)}) groups=${groups.map(gid => `${gid}(${group(gid)})`).join(',')}`
    await context.stdout.write(`${text}\n`)
    return 0
  },
}

export const whoami: Command = {
  name: 'whoami',
  aliases: ['logname'],
  summary: 'print effective user name',
  run: async context => {
    await context.stdout.write(`${context.user.name}\n`)
    return 0
  },
}

export const groups: Command = {
  name: 'groups',
  summary: 'print the groups a user is in',
  run: async (context, argv) => {
    const user = argv[1] === undefined ? context.user : context.machine.users.find(one => one.name === argv[1])
    if (!user) return refuse(context, 'groups', `‘${argv[1]}’: no such user`)
    await context.stdout.write(
      `${argv[1] === undefined ? '' : `${argv[1]} : `}${[...new Set([user.gid, ...user.groups])].map(gid => groupName(context.machine, gid)).join(' ')}\n`,
    )
    return 0
  },
}

/** The first line of `uptime`, `w` and `top`. */
export const uptimeLine = (machine: SimulatedMachine): string => {
  const counters = machine.counters.read()
  const users = machine.logins.sessions.length
  return ` ${calendar(machine.clock.now).clock} up ${upFor(counters.uptimeMs)},  ${users} user${users === 1 ? '' : 's'},  load average: ${counters.load.map(value => value.toFixed(2)).join(', ')}`
}

export const who: Command = {
  name: 'who',
  aliases: ['users'],
  summary: 'show who is logged on',
  run: async (context, argv) => {
    const { sessions } = context.machine.logins
    await context.stdout.write(
      argv[0] === 'users'
        ? `${sessions.map(session => session.user).join(' ')}\n`
        : sessions
            .map(
              session =>
                `${session.user.padEnd(8)} ${session.tty.padEnd(12)} ${calendar(session.since).date} ${calendar(session.since).short} (${session.from})\n`,
            )
            .join(''),
    )
    return 0
  },
}

export const w: Command = {
  name: 'w',
  summary: 'show who is logged on and what they are doing',
  run: async context => {
    const rows = context.machine.logins.sessions.map(
      session =>
        `${session.user.padEnd(8)} ${session.tty.padEnd(8)} ${session.from.padEnd(16)} ${calendar(session.since).short}    1.00s  0.05s  0.00s ${session.command}\n`,
    )
    await context.stdout.write(`${uptimeLine(context.machine)}\nUSER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU  WHAT\n${rows.join('')}`)
    return 0
  },
}

export const uptime: Command = {
  name: 'uptime',
  summary: 'tell how long the system has been running',
  run: async (context, argv) => {
    const { machine } = context
    if (argv.includes('-p') || argv.includes('--pretty')) {
      const minutes = Math.floor(machine.counters.read().uptimeMs / 60_000)
      const parts = (
        [
          ['week', Math.floor(minutes / 10_080)],
          ['day', Math.floor((minutes % 10_080) / 1440)],
          ['hour', Math.floor((minutes % 1440) / 60)],
          ['minute', minutes % 60],
        ] as const
      ).filter(([, count]) => count > 0)
      await context.stdout.write(`up ${parts.map(([unit, count]) => `${count} ${unit}${count === 1 ? '' : 's'}`).join(', ') || '0 minutes'}\n`)
    } else if (argv.includes('-s') || argv.includes('--since')) {
      const boot = calendar(machine.bootedAt)
      await context.stdout.write(`${boot.date} ${boot.clock}\n`)
    } else await context.stdout.write(`${uptimeLine(machine)}\n`)
    return 0
  },
}
