import { type CommandContext } from './command.ts'

/** What getopt found: option names without dashes, with their values. */
export interface Options {
  readonly flags: ReadonlyMap<string, string>
  readonly operands: readonly string[]
}

/**
 * Reads options as GNU programs do: `valued` names those that take a value (short and long, without dashes);
 * `known` all others. An unknown option is told on stderr in coreutils' words and gives undefined.
 */
export const readOptions = async (
  context: CommandContext,
  argv: readonly string[],
  known: readonly string[],
  valued: readonly string[] = [],
  stopAtOperand = false,
): Promise<Options | undefined> => {
  const flags = new Map<string, string>()
  const operands: string[] = []
  const name = argv[0]!
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i]!
    if (word === '--') {
      operands.push(...argv.slice(i + 1))
      break
    }
    if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      const given = equals < 0 ? word.slice(2) : word.slice(2, equals)
      const all = [...known, ...valued].filter(option => option.length > 1)
      const option = all.includes(given)
        ? given
        : all.filter(candidate => candidate.startsWith(given)).length === 1
          ? all.find(candidate => candidate.startsWith(given))!
          : undefined
      if (option === undefined) {
        await context.stderr.write(`${name}: unrecognized option '${word}'\nTry '${name} --help' for more information.\n`)
        return undefined
      }
      if (valued.includes(option) && equals < 0 && argv[i + 1] === undefined) {
        await context.stderr.write(`${name}: option '${word}' requires an argument\nTry '${name} --help' for more information.\n`)
        return undefined
      }
      flags.set(option, equals >= 0 ? word.slice(equals + 1) : valued.includes(option) ? argv[++i]! : '')
      continue
    }
    if (!word.startsWith('-') || word === '-') {
      operands.push(...(stopAtOperand ? argv.slice(i) : [word]))
      if (stopAtOperand) break
      continue
    }
    for (let j = 1; j < word.length; j++) {
      const option = word[j]!
      if (valued.includes(option)) {
        const value = word.slice(j + 1) || argv[++i]
        if (value === undefined) {
          await context.stderr.write(`${name}: option requires an argument -- '${option}'\nTry '${name} --help' for more information.\n`)
          return undefined
        }
        flags.set(option, value)
        break
      }
      if (!known.includes(option)) {
        await context.stderr.write(`${name}: invalid option -- '${option}'\nTry '${name} --help' for more information.\n`)
        return undefined
      }
      flags.set(option, '')
    }
  }
  return { flags, operands }
}

/** Rows in columns two spaces apart; `right` lists the columns aligned to the right. */
export const columns = (rows: readonly (readonly string[])[], right: readonly number[] = [], gap = '  '): string => {
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)))
  return rows
    .map(row => `${row.map((cell, i) => (right.includes(i) ? cell.padStart(widths[i]!) : i === row.length - 1 ? cell : cell.padEnd(widths[i]!))).join(gap)}\n`)
    .join('')
}

/** `1.5G` as GNU's -h writes it: powers of 1024, one digit below ten, rounded up. */
export const humanSize = (bytes: number, iec = false): string => {
  if (bytes < 1024) return iec ? `${bytes}B` : String(bytes)
  let value = bytes
  let unit = -1
  while (value >= 1024 && unit < 6) {
    value /= 1024
    unit++
  }
  const rounded = value < 10 ? Math.ceil(value * 10) / 10 : Math.ceil(value)
  return `${value < 10 && rounded < 10 ? rounded.toFixed(1) : Math.ceil(value)}${'KMGTPEZ'[unit]}${iec ? 'i' : ''}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const two = (value: number) => String(value).padStart(2, '0')

/** The machines keep UTC, as Ubuntu server does until it is told otherwise. */
export const calendar = (time: number) => {
  const date = new Date(time)
  const [year, month, day, hour, minute, second] = [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ]
  return {
    month: MONTHS[month]!,
    weekday: DAYS[date.getUTCDay()]!,
    day,
    year,
    date: `${year}-${two(month + 1)}-${two(day)}`,
    clock: `${two(hour)}:${two(minute)}:${two(second)}`,
    short: `${two(hour)}:${two(minute)}`,
  }
}

/** `2h 5min ago`, `3 days ago` and the like, as systemd writes spans. */
export const systemdAgo = (ms: number): string => {
  const seconds = Math.floor(ms / 1000)
  if (seconds < 1) return `${Math.floor(ms)}ms ago`
  if (seconds < 60) return `${seconds}s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)}min ${seconds < 600 ? `${seconds % 60}s ` : ''}ago`.replace(' 0s ago', ' ago')
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}min ago`.replace(' 0min ago', ' ago')
  const days = Math.floor(seconds / 86_400)
  return days < 14
    ? `${days} day${days === 1 ? '' : 's'} ago`
    : `${Math.floor(days / 7)} weeks ${days % 7 === 0 ? '' : `${days % 7} day${days % 7 === 1 ? '' : 's'} `}ago`
}

/** `up 3 days, 4:05` as uptime, w and top write it. */
export const upFor = (ms: number): string => {
  const minutes = Math.floor(ms / 60_000)
  const days = Math.floor(minutes / 1440)
  const hours = Math.floor((minutes % 1440) / 60)
  const rest = minutes % 60
  const clock = hours > 0 ? `${String(hours).padStart(2)}:${two(rest)}` : `${rest} min`
  return `${days > 0 ? `${days} day${days === 1 ? '' : 's'}, ` : ''}${clock}`
}

/** Why a file could not be used, as GNU programs say it. */
export const refuse = async (context: CommandContext, name: string, text: string, status = 1): Promise<number> => {
  await context.stderr.write(`${name}: ${text}\n`)
  return status
}
