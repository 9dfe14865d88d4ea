import { OS } from '../hardware/system.ts'
import type { Command } from './command.ts'
import { calendar, readOptions, refuse } from './options.ts'

export const uname: Command = {
  name: 'uname',
  summary: 'print system information',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, [
      ...'asnrvmpio',
      'all',
      'kernel-name',
      'nodename',
      'kernel-release',
      'kernel-version',
      'machine',
      'operating-system',
    ])
    if (!options) return 1
    const has = (...names: string[]) => names.some(name => options.flags.has(name))
    const all = has('a', 'all')
    const nothing = options.flags.size === 0
    const parts = [
      (all || nothing || has('s', 'kernel-name')) && 'Linux',
      (all || has('n', 'nodename')) && context.machine.hostname,
      (all || has('r', 'kernel-release')) && OS.kernel,
      (all || has('v', 'kernel-version')) && OS.kernelBuild,
      (all || has('m', 'machine')) && 'x86_64',
      (all || has('p')) && 'x86_64',
      (all || has('i')) && 'x86_64',
      (all || has('o', 'operating-system')) && 'GNU/Linux',
    ].filter(part => part !== false)
    await context.stdout.write(`${parts.join(' ')}\n`)
    return 0
  },
}

export const arch: Command = {
  name: 'arch',
  summary: 'print machine hardware name',
  run: async context => {
    await context.stdout.write('x86_64\n')
    return 0
  },
}

const HOSTNAME = /^[a-zA-Z0-9]([a-zA-Z0-9-]{0,62})(\.[a-zA-Z0-9-]{1,63})*$/

export const hostname: Command = {
  name: 'hostname',
  summary: "show or set the system's host name",
  run: async (context, argv) => {
    const { machine } = context
    const word = argv[1]
    if (word === '-I' || word === '--all-ip-addresses' || word === '-i') await context.stdout.write(`${machine.spec.address} \n`)
    else if (word === undefined || /^-[sfA]$/.test(word)) await context.stdout.write(`${machine.hostname}\n`)
    else if (context.user.uid !== 0) return refuse(context, 'hostname', 'you must be root to change the host name')
    else if (!HOSTNAME.test(word)) return refuse(context, 'hostname', 'the specified hostname is invalid')
    else machine.setHostname(word)
    return 0
  },
}

export const hostnamectl: Command = {
  name: 'hostnamectl',
  summary: 'control the system hostname',
  run: async (context, argv) => {
    const { machine } = context
    const [verb = 'status', value] = argv.slice(1).filter(word => !word.startsWith('-'))
    if (verb === 'set-hostname' || (verb === 'hostname' && value !== undefined)) {
      if (context.user.uid !== 0) return refuse(context, 'Could not set static hostname', 'Access denied')
      if (!value || !HOSTNAME.test(value)) return refuse(context, 'Could not set static hostname', `Invalid static hostname '${value ?? ''}'`)
      machine.setHostname(value)
      return 0
    }
    if (verb === 'hostname' || (verb === 'status' && argv.some(word => word === '--static' || word === '--transient'))) {
      await context.stdout.write(`${machine.hostname}\n`)
      return 0
    }
    if (verb !== 'status') {
      await context.stderr.write(`Unknown command verb '${verb}'.\n`)
      return 1
    }
    if (argv.includes('-j') || argv.includes('--json=short') || argv.includes('--json=pretty')) {
      const facts = {
        Hostname: machine.hostname,
        StaticHostname: machine.hostname,
        PrettyHostname: null,
        DefaultHostname: 'localhost',
        HostnameSource: 'static',
        IconName: 'computer-desktop',
        Chassis: 'desktop',
        KernelName: 'Linux',
        KernelRelease: OS.kernel,
        KernelVersion: OS.kernelBuild,
        OperatingSystemPrettyName: OS.pretty,
        HardwareVendor: machine.spec.vendor,
        HardwareModel: machine.spec.product,
        MachineID: machine.machineId,
        BootID: machine.bootId.replaceAll('-', ''),
      }
      await context.stdout.write(`${JSON.stringify(facts, undefined, argv.includes('--json=pretty') ? '\t' : undefined)}\n`)
      return 0
    }
    const rows: readonly (readonly [string, string])[] = [
      ['Static hostname', machine.hostname],
      ['Icon name', 'computer-desktop'],
      ['Chassis', 'desktop 🖥️'],
      ['Machine ID', machine.machineId],
      ['Boot ID', machine.bootId.replaceAll('-', '')],
      ['Operating System', OS.pretty],
      ['Kernel', `Linux ${OS.kernel}`],
      ['Architecture', 'x86-64'],
      ['Hardware Vendor', machine.spec.vendor],
      ['Hardware Model', machine.spec.product],
      ['Firmware Version', '5.26'],
      ['Firmware Date', 'Tue 2024-03-12'],
    ]
    await context.stdout.write(rows.map(([name, text]) => `${name.padStart(17)}: ${text}\n`).join(''))
    return 0
  },
}

export const timedatectl: Command = {
  name: 'timedatectl',
  summary: 'control the system time and date',
  run: async (context, argv) => {
    const now = calendar(context.clock.now)
    const stamp = `${now.weekday} ${now.date} ${now.clock}`
    const synchronised = context.machine.units.get('systemd-timesyncd')?.active === 'active' ? 'yes' : 'no'
    const verb = argv.slice(1).find(word => !word.startsWith('-')) ?? 'status'
    if (verb === 'show') {
      const properties: readonly (readonly [string, string])[] = [
        ['Timezone', 'Etc/UTC'],
        ['LocalRTC', 'no'],
        ['CanNTP', 'yes'],
        ['NTP', synchronised],
        ['NTPSynchronized', synchronised],
        ['TimeUSec', `${stamp} UTC`],
        ['RTCTimeUSec', `${stamp} UTC`],
      ]
      const wanted = argv.flatMap((word, i) => (word === '-p' ? [argv[i + 1]] : word.startsWith('--property=') ? [word.slice(11)] : []))
      const value = argv.includes('--value')
      await context.stdout.write(
        properties
          .filter(([name]) => wanted.length === 0 || wanted.includes(name))
          .map(([name, text]) => `${value ? '' : `${name}=`}${text}\n`)
          .join(''),
      )
      return 0
    }
    if (verb !== 'status') return refuse(context, 'Failed to set time', 'Access denied')
    await context.stdout.write(
      `               Local time: ${stamp} UTC\n           Universal time: ${stamp} UTC\n                 RTC time: ${stamp}\n                Time zone: Etc/UTC (UTC, +0000)\nSystem clock synchronized: ${synchronised}\n              NTP service: ${synchronised === 'yes' ? 'active' : 'inactive'}\n          RTC in local TZ: no\n`,
    )
    return 0
  },
}

const pad = (value: number, width = 2) => String(value).padStart(width, '0')

/** strftime for UTC, as far as date(1) users go. */
const formatDate = (time: number, format: string): string => {
  const date = new Date(time)
  const c = calendar(time)
  const fields: Readonly<Record<string, () => string>> = {
    Y: () => String(c.year),
    y: () => pad(c.year % 100),
    m: () => pad(date.getUTCMonth() + 1),
    d: () => pad(c.day),
    e: () => String(c.day).padStart(2),
    H: () => pad(date.getUTCHours()),
    I: () => pad(date.getUTCHours() % 12 || 12),
    M: () => pad(date.getUTCMinutes()),
    S: () => pad(date.getUTCSeconds()),
    p: () => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
    N: () => pad(Math.floor(time % 1000), 3) + '000000',
    s: () => String(Math.floor(time / 1000)),
    a: () => c.weekday,
    b: () => c.month,
    h: () => c.month,
    A: () => ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'][date.getUTCDay()]!,
    B: () => ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'][date.getUTCMonth()]!,
    F: () => c.date,
    T: () => c.clock,
    R: () => c.short,
    D: () => `${pad(date.getUTCMonth() + 1)}/${pad(c.day)}/${pad(c.year % 100)}`,
    Z: () => 'UTC',
    z: () => '+0000',
    n: () => '\n',
    t: () => '\t',
    '%': () => '%',
    u: () => String(date.getUTCDay() || 7),
    w: () => String(date.getUTCDay()),
    j: () => pad(Math.floor((time - Date.UTC(c.year, 0, 1)) / 86_400_000) + 1, 3),
    c: () => `${c.weekday} ${c.month} ${String(c.day).padStart(2)} ${c.clock} ${c.year}`,
  }
  return format.replace(/%[-_0^]?(3N|:?[a-zA-Z%])/g, (all, letter: string) =>
    letter === '3N'
      ? pad(Math.floor(time % 1000), 3)
      : letter === ':z'
        ? '+00:00'
        : all[1] === '-'
          ? (fields[letter]?.().replace(/^[0 ]+(?=.)/, '') ?? all)
          : (fields[letter]?.() ?? all),
  )
}

/** `yesterday`, `-2 days`, `1 hour ago`, `@1700000000`, ISO dates. */
export const parseTime = (text: string, now: number): number | undefined => {
  const trimmed = text.trim()
  if (trimmed === 'now' || trimmed === '') return now
  const midnight = now - (now % 86_400_000)
  if (trimmed === 'today') return midnight
  if (trimmed === 'yesterday') return midnight - 86_400_000
  if (trimmed === 'tomorrow') return midnight + 86_400_000
  if (/^@\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed.slice(1)) * 1000
  const relative = /^([+-]?)\s*(\d+)\s*(s|sec|second|m|min|minute|h|hr|hour|d|day|w|week)s?(\s+ago)?$/.exec(trimmed)
  if (relative) {
    const unit = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[relative[3]![0]!]!
    return now + Number(relative[2]) * unit * (relative[4] || relative[1] === '-' ? -1 : 1)
  }
  const clock = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(trimmed)
  if (clock) return midnight + (Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0)) * 1000
  const iso = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d| UTC)?)?$/.exec(trimmed)
  if (!iso) return undefined
  const zone = iso[4] && !/UTC|Z/.test(iso[4]) ? iso[4] : 'Z'
  const parsed = Date.parse(`${iso[1]}T${iso[2] ?? '00:00'}${iso[3] ?? ':00'}${zone}`)
  return Number.isNaN(parsed) ? undefined : parsed
}

export const date: Command = {
  name: 'date',
  summary: 'print or set the system date and time',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['u', 'R', 'I', 'utc', 'universal', 'rfc-email'], ['d', 'date', 's', 'set', 'r', 'iso-8601', 'rfc-3339'])
    if (!options) return 1
    const text = options.flags.get('d') ?? options.flags.get('date')
    if (options.flags.has('s') || options.flags.has('set')) return refuse(context, 'date', 'cannot set date: Operation not permitted')
    const reference = options.flags.get('r')
    const time = reference === undefined ? parseTime(text ?? 'now', context.clock.now) : context.fs.stat(reference).mtime
    if (time === undefined) return refuse(context, 'date', `invalid date ‘${text}’`)
    const given = options.operands.find(word => word.startsWith('+'))
    if (!given && options.operands[0] !== undefined) return refuse(context, 'date', `invalid date ‘${options.operands[0]}’`)
    const iso = options.flags.get('iso-8601')
    const format =
      given?.slice(1) ??
      (options.flags.has('R') || options.flags.has('rfc-email')
        ? '%a, %d %b %Y %H:%M:%S %z'
        : options.flags.has('I') || iso === '' || iso === 'date'
          ? '%F'
          : iso !== undefined
            ? '%FT%T+00:00'
            : options.flags.has('rfc-3339')
              ? '%F %T+00:00'
              : '%a %b %e %H:%M:%S UTC %Y')
    await context.stdout.write(`${formatDate(time, format)}\n`)
    return 0
  },
}
