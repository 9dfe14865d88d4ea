import { memoryOf } from '../files/generated.ts'
import type { Command, CommandContext } from './command.ts'
import { calendar, columns, refuse } from './options.ts'
import { type Process, processesOf } from './processes.ts'

const cpuTime = (ms: number, wide: boolean) => {
  const seconds = Math.floor(ms / 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  return wide
    ? `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
    : `${Math.floor(seconds / 60)}:${two(seconds % 60)}`
}

const shortName = (command: string) =>
  (command.startsWith('[') ? command.slice(1, -1) : (command.replace(/^-/, '').split(' ')[0]!.split('/').at(-1) ?? command).replace(/:$/, '')).slice(0, 15)

const FIELDS: Readonly<
  Record<string, { readonly header: string; readonly right: boolean; readonly value: (context: CommandContext, process: Process) => string }>
> = {
  pid: { header: 'PID', right: true, value: (_, p) => String(p.pid) },
  ppid: { header: 'PPID', right: true, value: (_, p) => String(p.ppid) },
  user: { header: 'USER', right: false, value: (_, p) => (p.user.length > 8 ? `${p.user.slice(0, 7)}+` : p.user) },
  uid: { header: 'UID', right: true, value: (c, p) => String(c.machine.users.find(user => user.name === p.user)?.uid ?? 0) },
  '%cpu': { header: '%CPU', right: true, value: (_, p) => p.cpuPercent.toFixed(1) },
  '%mem': { header: '%MEM', right: true, value: (c, p) => ((p.memoryBytes / memoryOf(c.machine).total) * 100).toFixed(1) },
  vsz: { header: 'VSZ', right: true, value: (_, p) => String(p.memoryBytes === 0 ? 0 : Math.round((p.memoryBytes * 2.6) / 1024)) },
  rss: { header: 'RSS', right: true, value: (_, p) => String(Math.round(p.memoryBytes / 1024)) },
  tty: { header: 'TTY', right: false, value: (_, p) => p.tty },
  stat: { header: 'STAT', right: false, value: (_, p) => p.state },
  s: { header: 'S', right: false, value: (_, p) => p.state[0]! },
  start: {
    header: 'START',
    right: false,
    value: (c, p) =>
      c.clock.now - p.startedAt < 86_400_000
        ? calendar(p.startedAt).short
        : `${calendar(p.startedAt).month}${String(calendar(p.startedAt).day).padStart(2, '0')}`,
  },
  time: { header: 'TIME', right: true, value: (_, p) => cpuTime(p.cpuMs, true) },
  bsdtime: { header: 'TIME', right: true, value: (_, p) => cpuTime(p.cpuMs, false) },
  etime: { header: 'ELAPSED', right: true, value: (c, p) => cpuTime(c.clock.now - p.startedAt, true) },
  comm: { header: 'COMMAND', right: false, value: (_, p) => shortName(p.command) },
  cmd: { header: 'CMD', right: false, value: (_, p) => p.command },
  args: { header: 'COMMAND', right: false, value: (_, p) => p.command },
  c: { header: 'C', right: true, value: (_, p) => String(Math.round(p.cpuPercent)) },
  stime: { header: 'STIME', right: false, value: (c, p) => FIELDS['start']!.value(c, p) },
}
const ALIASES: Readonly<Record<string, string>> = {
  pcpu: '%cpu',
  pmem: '%mem',
  command: 'args',
  ucmd: 'comm',
  vsize: 'vsz',
  rssize: 'rss',
  euser: 'user',
  lstart: 'start',
  tname: 'tty',
  state: 's',
}

export const ps: Command = {
  name: 'ps',
  summary: 'report a snapshot of the current processes',
  run: async (context, argv) => {
    const words = argv.slice(1)
    let all = false
    let everybody = false
    let format = ['pid', 'tty', 'time', 'comm']
    let sort: string | undefined
    let noHeader = false
    let chosen: readonly string[] | undefined
    let chosenNames: readonly string[] | undefined
    for (let i = 0; i < words.length; i++) {
      const word = words[i]!
      if (word.startsWith('--sort')) sort = word.includes('=') ? word.split('=')[1] : words[++i]
      else if (word === '--no-headers' || word === '--no-heading') noHeader = true
      else if (word === '-o' || word === '-eo' || word === '-axo' || word === '-ao' || word === 'axo') {
        if (word.includes('e') || word.includes('a')) all = everybody = true
        format = (words[++i] ?? '').split(',').map(field => field.replace(/=.*$/, ''))
      } else if (word === '-p' || word === '--pid') chosen = (words[++i] ?? '').split(',')
      else if (/^-?C$/.test(word)) chosenNames = (words[++i] ?? '').split(',')
      else if (word === '-u' || word === '-U') {
        const user = words[++i]
        chosenNames = undefined
        chosen = processesOf(context.machine)
          .filter(process => process.user === user)
          .map(process => String(process.pid))
      } else if (/^\d+$/.test(word)) chosen = [word]
      else if (/^-[a-zA-Z]+$/.test(word)) {
        if (/[eA]/.test(word)) all = everybody = true
        if (word.includes('f') || word.includes('F')) format = ['user', 'pid', 'ppid', 'c', 'stime', 'tty', 'time', 'cmd']
        if (word.includes('l')) format = ['s', 'uid', 'pid', 'ppid', 'c', 'vsz', 'tty', 'time', 'comm']
        if (word === '-aux') {
          all = everybody = true
          format = ['user', 'pid', '%cpu', '%mem', 'vsz', 'rss', 'tty', 'stat', 'start', 'bsdtime', 'args']
        }
      } else if (/^[auxwfe]+$/.test(word)) {
        if (word.includes('x')) all = true
        if (word.includes('a')) everybody = true
        format = word.includes('u')
          ? ['user', 'pid', '%cpu', '%mem', 'vsz', 'rss', 'tty', 'stat', 'start', 'bsdtime', 'args']
          : ['pid', 'tty', 'stat', 'bsdtime', 'args']
      } else return refuse(context, 'error', `unsupported option: ${word}`)
    }
    const fields = format.map(field => ALIASES[field] ?? field)
    const unknown = fields.find(field => !FIELDS[field])
    if (unknown !== undefined) return refuse(context, 'error', `unknown user-defined format specifier "${unknown}"`)
    let list = processesOf(context.machine)
    if (chosen) list = list.filter(process => chosen.includes(String(process.pid)))
    else if (chosenNames) list = list.filter(process => chosenNames.includes(shortName(process.command)))
    else list = list.filter(process => (everybody || process.user === context.user.name) && (all || process.tty !== '?'))
    if (sort) {
      const key = ALIASES[sort.replace(/^[-+]/, '')] ?? sort.replace(/^[-+]/, '')
      const number = (process: Process) =>
        key === '%cpu' ? process.cpuPercent : key === '%mem' || key === 'rss' || key === 'vsz' ? process.memoryBytes : process.pid
      list = list.toSorted((a, b) => (sort.startsWith('-') ? -1 : 1) * (number(a) - number(b)))
    }
    const rows = list.map(process => fields.map(field => FIELDS[field]!.value(context, process)))
    const table = noHeader
      ? rows
      : [fields.map(field => (field === 'user' && format.includes('ppid') && format.includes('stime') ? 'UID' : FIELDS[field]!.header)), ...rows]
    const widths: Readonly<Record<string, number>> = {
      user: 8,
      pid: 7,
      ppid: 7,
      '%cpu': 4,
      '%mem': 4,
      vsz: 6,
      rss: 5,
      tty: 8,
      stat: 4,
      start: 5,
      stime: 5,
      time: 8,
      bsdtime: 6,
      c: 2,
    }
    const text = columns(
      table.map(row =>
        row.map((cell, i) =>
          FIELDS[fields[i]!]!.right ? cell.padStart(widths[fields[i]!] ?? 0) : i === row.length - 1 ? cell : cell.padEnd(widths[fields[i]!] ?? 0),
        ),
      ),
      fields.flatMap((field, i) => (FIELDS[field]!.right ? [i] : [])),
      ' ',
    )
    const width = context.stdout.isTty && !words.some(word => word.includes('w')) ? (context.tty?.columns ?? 80) : Number.POSITIVE_INFINITY
    await context.stdout.write(
      text
        .split('\n')
        .map(line => line.slice(0, width))
        .join('\n'),
    )
    return list.length === 0 ? 1 : 0
  },
}

export const pgrep: Command = {
  name: 'pgrep',
  aliases: ['pidof', 'pkill', 'killall'],
  summary: 'look up processes by name',
  run: async (context, argv) => {
    const name = argv[0]!
    const pattern = argv.slice(1).find(word => !word.startsWith('-'))
    if (pattern === undefined) return refuse(context, name, "no matching criteria specified\nTry `pgrep --help' for more information.", 2)
    const full = argv.includes('-f') || argv.includes('-af') || argv.includes('-fa')
    let test: (process: Process) => boolean
    if (name === 'pgrep' || name === 'pkill') {
      const expression = new RegExp(pattern)
      test = process => expression.test(full ? process.command : shortName(process.command))
    } else test = process => shortName(process.command) === pattern
    const found = processesOf(context.machine).filter(test)
    if (name === 'pkill' || name === 'killall') {
      if (found.length === 0) return name === 'killall' ? refuse(context, name, `${pattern}: no process found`) : 1
      return context.shell(`kill ${argv.find(word => /^-(\d+|[A-Z]+)$/.test(word)) ?? ''} ${found.map(process => process.pid).join(' ')}`)
    }
    if (found.length > 0)
      await context.stdout.write(
        name === 'pidof'
          ? `${found
              .map(process => process.pid)
              .toReversed()
              .join(' ')}\n`
          : found
              .map(
                process =>
                  `${process.pid}${argv.some(word => /^-[fl]*[al]/.test(word)) ? ` ${argv.some(word => word.includes('a')) ? process.command : shortName(process.command)}` : ''}\n`,
              )
              .join(''),
      )
    return found.length > 0 ? 0 : 1
  },
}

export { shortName }
