import { OS } from '../hardware/system.ts'
import { DialError } from '../machine.ts'
import type { Command } from './command.ts'
import { calendar, readOptions, refuse } from './options.ts'

export const lsbRelease: Command = {
  name: 'lsb_release',
  summary: 'print distribution-specific information',
  run: async (context, argv) => {
    const rows: readonly (readonly [string, string, string])[] = [
      ['i', 'Distributor ID', 'Ubuntu'],
      ['d', 'Description', OS.pretty],
      ['r', 'Release', '24.04'],
      ['c', 'Codename', 'noble'],
    ]
    const letters = argv.slice(1).join('').replaceAll('-', '')
    const chosen = rows.filter(([letter]) => letters.includes('a') || letters.includes(letter))
    await context.stderr.write('No LSB modules are available.\n')
    await context.stdout.write(chosen.map(([, name, value]) => (letters.includes('s') ? `${value}\n` : `${name}:\t${value}\n`)).join(''))
    return 0
  },
}

export const mount: Command = {
  name: 'mount',
  summary: 'show mounted file systems',
  run: async (context, argv) => {
    if (argv.length > 1 && !argv[1]!.startsWith('-'))
      return refuse(
        context,
        'mount',
        context.user.uid === 0 ? `${argv[2] ?? argv[1]}: can't find in /etc/fstab.` : `${argv[2] ?? argv[1]}: must be superuser to use mount.`,
        32,
      )
    const rows = context.fs
      .readText('/proc/mounts')
      .trim()
      .split('\n')
      .map(line => line.split(' '))
    await context.stdout.write(rows.map(([source, target, type, options]) => `${source} on ${target} type ${type} (${options})\n`).join(''))
    return 0
  },
}

export const lsmod: Command = {
  name: 'lsmod',
  path: '/usr/sbin/lsmod',
  summary: 'show the status of modules in the Linux kernel',
  run: async context => {
    const rows = context.fs
      .readText('/proc/modules')
      .trim()
      .split('\n')
      .map(line => line.split(' '))
    await context.stdout.write(
      `Module                  Size  Used by\n${rows.map(([name, size, used]) => `${name!.padEnd(20)} ${size!.padStart(7)}  ${used}\n`).join('')}`,
    )
    return 0
  },
}

export const sysctl: Command = {
  name: 'sysctl',
  path: '/usr/sbin/sysctl',
  summary: 'read kernel parameters',
  run: async (context, argv) => {
    let status = 0
    const values = argv.includes('-n')
    for (const word of argv.slice(1).filter(one => !one.startsWith('-'))) {
      const path = `/proc/sys/${word.split('=')[0]!.replaceAll('.', '/')}`
      if (!context.fs.exists(path)) status = await refuse(context, 'sysctl', `cannot stat ${path}: No such file or directory`)
      else if (word.includes('='))
        status = await refuse(
          context,
          'sysctl',
          context.user.uid === 0 ? `setting key "${word.split('=')[0]}": Read-only file system` : `permission denied on key "${word.split('=')[0]}"`,
        )
      else await context.stdout.write(`${values ? '' : `${word} = `}${context.fs.readText(path)}`)
    }
    return status
  },
}

export const swap: Command = {
  name: 'swapoff',
  path: '/usr/sbin/swapoff',
  aliases: ['swapon'],
  summary: 'disable or enable swapping; these machines have none',
  run: (context, argv) =>
    context.user.uid !== 0 && argv.length > 1 && !argv.includes('--show') ? refuse(context, argv[0]!, 'Not superuser.') : Promise.resolve(0),
}

export const getent: Command = {
  name: 'getent',
  summary: 'get entries from Name Service Switch libraries',
  run: async (context, argv) => {
    const [database, ...keys] = argv.slice(1)
    if (database === 'hosts' || database === 'ahosts') {
      let status = 0
      for (const key of keys) {
        const address = context.machine.resolve(key)
        if (address) await context.stdout.write(`${address.padEnd(15)} ${key}\n`)
        else status = 2
      }
      return status
    }
    if (database !== 'passwd' && database !== 'group') return refuse(context, 'getent', `Unknown database: ${database ?? ''}`)
    const lines = context.fs
      .readText(`/etc/${database}`)
      .trim()
      .split('\n')
      .filter(line => keys.length === 0 || keys.some(key => line.split(':')[0] === key || line.split(':')[2] === key))
    await context.stdout.write(lines.map(line => `${line}\n`).join(''))
    return lines.length > 0 ? 0 : 2
  },
}

export const last: Command = {
  name: 'last',
  summary: 'show a listing of last logged in users',
  run: async context => {
    const { machine } = context
    const stamp = (time: number) => `${calendar(time).weekday} ${calendar(time).month} ${String(calendar(time).day).padStart(2)} ${calendar(time).short}`
    const rows = machine.logins.sessions
      .toReversed()
      .map(session => `${session.user.padEnd(8)} ${session.tty.padEnd(12)} ${session.from.padEnd(16)} ${stamp(session.since)}   still logged in\n`)
    await context.stdout.write(
      `${rows.join('')}reboot   system boot  ${OS.kernel.slice(0, 16).padEnd(16)} ${stamp(machine.bootedAt)}   still running\n\nwtmp begins ${stamp(machine.bootedAt)} ${calendar(machine.bootedAt).year}\n`,
    )
    return 0
  },
}

export const ufw: Command = {
  name: 'ufw',
  path: '/usr/sbin/ufw',
  summary: 'program for managing a netfilter firewall',
  run: async (context, argv) => {
    if (context.user.uid !== 0) return refuse(context, 'ERROR', 'You need to be root to run this script')
    if (argv[1] !== 'status') return refuse(context, 'ERROR', 'problem running iptables: the simulated network has no packet filter')
    await context.stdout.write('Status: inactive\n')
    return 0
  },
}

/** Machines know each other's names, not each other's keys. */
export const ssh: Command = {
  name: 'ssh',
  summary: 'OpenSSH remote login client',
  run: async (context, argv) => {
    const target = argv.slice(1).find((word, i) => !word.startsWith('-') && !/^-[pilFoJLRDbceEImOQSwW]$/.test(argv[i] ?? ''))
    if (target === undefined) {
      await context.stderr.write('usage: ssh [-p port] [-i identity_file] destination [command [argument ...]]\n')
      return 255
    }
    const [user, host] = target.includes('@') ? (target.split('@') as [string, string]) : [context.user.name, target]
    try {
      context.machine.dial(host, 22)
    } catch (error) {
      if (!(error instanceof DialError)) throw error
      await context.stderr.write(
        error.code === 'ENOTFOUND'
          ? `ssh: Could not resolve hostname ${host}: Temporary failure in name resolution\n`
          : `ssh: connect to host ${host} port 22: ${error.message}\n`,
      )
      return 255
    }
    await context.stderr.write(`${user}@${host}: Permission denied (publickey).\n`)
    return 255
  },
}

const SUFFIXES: Readonly<Record<string, number>> = { '': 1, c: 1, K: 1024, k: 1024, M: 1024 ** 2, G: 1024 ** 3, KB: 1000, MB: 1e6, GB: 1e9 }
const bytesOf = (text: string): number => {
  const match = /^(\d+)([cKkMG]B?)?$/.exec(text)
  return match ? Number(match[1]) * (SUFFIXES[match[2] ?? ''] ?? Number.NaN) : Number.NaN
}

export const dd: Command = {
  name: 'dd',
  summary: 'convert and copy a file',
  run: async (context, argv) => {
    const operands = new Map(argv.slice(1).map(word => [word.split('=')[0]!, word.slice(word.indexOf('=') + 1)]))
    const size = bytesOf(operands.get('bs') ?? '512')
    const count = operands.has('count') ? bytesOf(operands.get('count')!) : Number.POSITIVE_INFINITY
    if (!(size > 0) || Number.isNaN(count)) return refuse(context, 'dd', `invalid number: ‘${operands.get(size > 0 ? 'count' : 'bs')}’`)
    const started = context.clock.now
    const source = operands.get('if')
    const target = operands.get('of')
    const input = source === undefined ? context.stdin : context.open(source)
    if (target !== undefined && !/notrunc/.test(operands.get('conv') ?? '')) context.fs.writeFile(target, '')
    let left = size * count
    let copied = 0
    while (left > 0) {
      context.signal.throwIfAborted()
      const chunk = await input.read()
      if (!chunk) break
      const part = chunk.subarray(0, Math.min(left, chunk.length))
      if (target === undefined) await context.stdout.write(part)
      else context.fs.appendFile(target, part)
      copied += part.length
      left -= part.length
      if (copied % (1 << 22) < part.length) await context.clock.sleep(8, context.signal)
    }
    const seconds = Math.max(0.001, (context.clock.now - started) / 1000)
    const full = Math.floor(copied / size)
    const records = `${full}+${copied % size > 0 ? 1 : 0}`
    await context.stderr.write(
      `${records} records in\n${records} records out\n${copied} bytes${copied >= 1000 ? ` (${(copied / 1e6).toPrecision(2)} MB, ${(copied / 1024 ** 2).toPrecision(2)} MiB)` : ''} copied, ${seconds.toPrecision(6)} s, ${(copied / seconds / 1e6).toPrecision(3)} MB/s\n`,
    )
    return 0
  },
}

export const truncate: Command = {
  name: 'truncate',
  summary: 'shrink or extend the size of a file',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['c'], ['s', 'size', 'r'])
    if (!options) return 1
    const size = bytesOf(options.flags.get('s') ?? options.flags.get('size') ?? '')
    if (Number.isNaN(size)) return refuse(context, 'truncate', "you must specify either ‘--size’ or ‘--reference’\nTry 'truncate --help' for more information.")
    for (const path of options.operands) {
      const before = context.fs.exists(path) ? context.fs.readFile(path) : new Uint8Array()
      const missing = size - before.length
      context.fs.writeFile(path, before.subarray(0, size))
      if (missing > 64 * 1024 * 1024) return refuse(context, 'truncate', `failed to truncate '${path}' at ${size} bytes: File too large`)
      if (missing > 0) context.fs.appendFile(path, new Uint8Array(missing))
    }
    return 0
  },
}
