import { OS } from '../hardware/system.ts'
import type { JournalEntry } from '../machine.ts'
import type { Command } from './command.ts'
import { calendar, readOptions, refuse } from './options.ts'
import { parseTime } from './system-facts.ts'

type Entry = JournalEntry & { readonly boot?: string; readonly priority?: number }

/** `Nov 20 21:00:00 mini-1 k3s[123]: text` */
export const shortLine = (hostname: string, entry: Entry): string => {
  const time = calendar(entry.time)
  return `${time.month} ${String(time.day).padStart(2, '0')} ${time.clock} ${hostname} ${entry.identifier}${entry.pid === undefined ? '' : `[${entry.pid}]`}: ${entry.message}`
}

const PRIORITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']

/** An entry by journald's field names. */
const fieldOf = (entry: Entry, hostname: string): Readonly<Record<string, string | undefined>> => ({
  __REALTIME_TIMESTAMP: String(Math.floor(entry.time * 1000)),
  _BOOT_ID: entry.boot?.replaceAll('-', ''),
  _HOSTNAME: hostname,
  PRIORITY: String(entry.priority ?? 6),
  SYSLOG_IDENTIFIER: entry.identifier,
  ...(entry.unit && { _SYSTEMD_UNIT: entry.unit }),
  ...(entry.pid !== undefined && { _PID: String(entry.pid) }),
  MESSAGE: entry.message,
})

const format = (mode: string, hostname: string, entry: Entry): string => {
  const text = entry.message.replaceAll('\n', '\n'.padEnd(20))
  switch (mode) {
    case 'cat':
      return entry.message
    case 'short-iso':
      return `${calendar(entry.time).date}T${calendar(entry.time).clock}+00:00 ${shortLine(hostname, { ...entry, message: text }).slice(16)}`
    case 'short-precise':
      return shortLine(hostname, { ...entry, message: text }).replace(
        /^(\w{3} \d\d \d\d:\d\d:\d\d)/,
        `$1.${String(Math.floor(entry.time % 1000)).padStart(3, '0')}000`,
      )
    case 'short-unix':
      return `${(entry.time / 1000).toFixed(6)} ${shortLine(hostname, { ...entry, message: text }).slice(16)}`
    case 'json':
    case 'json-pretty':
      return JSON.stringify(fieldOf(entry, hostname), undefined, mode === 'json-pretty' ? '\t' : undefined)
    default:
      return shortLine(hostname, { ...entry, message: text })
  }
}
/** What may follow `-b`: a number, or a boot's id. */
const BOOT = /^([-+]?\d{1,4}|[0-9a-f]{32})$/

const MODES = new Set(['short', 'cat', 'short-iso', 'short-precise', 'short-unix', 'json', 'json-pretty'])

export const journalctl: Command = {
  name: 'journalctl',
  summary: 'print log entries from the systemd journal',
  run: async (context, argv) => {
    const { machine } = context
    const units = argv.flatMap((word, i) =>
      word === '-u' || word === '--unit'
        ? [argv[i + 1] ?? '']
        : /^-u./.test(word)
          ? [word.slice(2)]
          : /^-[a-zA-Z]*u$/.test(word) && word !== '-u'
            ? [argv[i + 1] ?? '']
            : word.startsWith('--unit=')
              ? [word.slice(7)]
              : [],
    )
    const options = await readOptions(
      context,
      argv.flatMap((word, i) => {
        // -b and -n take their number with or without a space, or none.
        if (word === '-b' || word === '--boot') return BOOT.test(argv[i + 1] ?? '') ? [] : ['-b0']
        if (i > 0 && BOOT.test(word) && (argv[i - 1] === '-b' || argv[i - 1] === '--boot')) return [`-b${word}`]
        if ((word === '-n' || word === '--lines') && !/^(\+?\d+|all)$/.test(argv[i + 1] ?? '')) return ['-n10']
        return [word]
      }),
      [
        'f',
        'e',
        'r',
        'k',
        'x',
        'a',
        'q',
        'l',
        'no-pager',
        'follow',
        'reverse',
        'dmesg',
        'no-tail',
        'quiet',
        'utc',
        'no-hostname',
        'list-boots',
        'disk-usage',
        'all',
        'no-full',
        'full',
        'pager-end',
        'catalog',
        'm',
        'rotate',
        'flush',
        'sync',
        'verify',
      ],
      [
        'u',
        'n',
        'b',
        'o',
        'p',
        'S',
        'U',
        't',
        'g',
        'unit',
        'lines',
        'boot',
        'output',
        'priority',
        'since',
        'until',
        'identifier',
        'grep',
        'vacuum-time',
        'vacuum-size',
        'vacuum-files',
      ],
    )
    if (!options) return 1
    const { flags } = options
    const value = (...names: string[]) => names.map(name => flags.get(name)).find(text => text !== undefined)
    const has = (...names: string[]) => names.some(name => flags.has(name))
    const mode = value('o', 'output') ?? 'short'
    if (!MODES.has(mode)) return refuse(context, 'Unknown output format', `'${mode}'.`.replace("'", "'"))
    if (has('disk-usage')) {
      await context.stdout.write(`Archived and active journals take up ${(8 + machine.journal.entries.length / 4000).toFixed(1)}M in the file system.\n`)
      return 0
    }
    if (has('vacuum-time', 'vacuum-size', 'vacuum-files', 'rotate', 'flush', 'sync', 'verify')) {
      await context.stderr.write("journalctl: this simulated machine's journal needs no upkeep and has none to do\n")
      return 1
    }
    const fields = options.operands.map(word => /^(\w+)=(.*)$/s.exec(word))
    const stranger = options.operands.find((_word, i) => !fields[i])
    if (stranger !== undefined) return refuse(context, 'Failed to add match', `'${stranger}': Invalid argument`)
    const boots = [...new Set(machine.journal.entries.map(entry => entry.boot))]
    if (has('list-boots')) {
      const rows = boots.map((boot, i) => {
        const entries = machine.journal.entries.filter(entry => entry.boot === boot)
        const stamp = (time: number) => `${calendar(time).weekday} ${calendar(time).date} ${calendar(time).clock} UTC`
        return `${String(i - boots.length + 1).padStart(3)} ${boot.replaceAll('-', '')} ${stamp(entries[0]!.time)} ${stamp(entries.at(-1)!.time)}\n`
      })
      await context.stdout.write(`IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY\n${rows.join('')}`)
      return 0
    }
    const bootIndex = value('b', 'boot')
    let boot: string | undefined
    if (bootIndex !== undefined || has('k', 'dmesg')) {
      const index = Number(bootIndex || 0)
      boot = Number.isNaN(index) ? boots.find(id => id.replaceAll('-', '') === bootIndex) : index > 0 ? boots[index - 1] : boots.at(index - 1)
      if (boot === undefined) return refuse(context, 'Data from the specified boot is not available', `No such boot ID in journal`)
    }
    const times: { since?: number; until?: number } = {}
    for (const [key, names] of [
      ['since', ['S', 'since']],
      ['until', ['U', 'until']],
    ] as const) {
      const text = value(...names)
      if (text === undefined) continue
      const time = parseTime(text, context.clock.now)
      if (time === undefined) {
        await context.stderr.write(`Failed to parse timestamp: ${text}\n`)
        return 1
      }
      times[key] = time
    }
    const priorityText = value('p', 'priority')
    const priority = priorityText === undefined ? 7 : /^\d$/.test(priorityText) ? Number(priorityText) : PRIORITIES.indexOf(priorityText.replace(/^.*\.\./, ''))
    if (priority < 0) return refuse(context, 'Unknown log level', priorityText!)
    const identifier = value('t', 'identifier')
    const grep = value('g', 'grep')
    const expression = grep === undefined ? undefined : new RegExp(grep, /[A-Z]/.test(grep) ? '' : 'i')
    const wantedUnits = units
      .map(unit => (/\.(service|target|socket|timer|slice|mount)$/.test(unit) ? unit : `${unit}.service`))
      .map(unit => new RegExp(`^${unit.replace(/[.+^$()|[\]{}\\]/g, '\\$&').replaceAll('*', '.*')}$`))
    const mayRead = context.user.uid === 0 || context.user.groups.includes(4)
    if (!mayRead)
      await context.stderr.write(
        "Hint: You are currently not seeing messages from other users and the system.\n      Users in groups 'adm', 'systemd-journal' can see all messages.\n",
      )
    const test = (entry: Entry) =>
      mayRead &&
      (wantedUnits.length === 0 || wantedUnits.some(unit => entry.unit !== undefined && unit.test(entry.unit))) &&
      (!has('k', 'dmesg') || entry.identifier === 'kernel') &&
      (boot === undefined || entry.boot === boot) &&
      (times.since === undefined || entry.time >= times.since) &&
      (times.until === undefined || entry.time <= times.until) &&
      (entry.priority ?? 6) <= priority &&
      fields.every(field => fieldOf(entry, machine.hostname)[field![1]!] === field![2]) &&
      (identifier === undefined || entry.identifier === identifier) &&
      (expression === undefined || expression.test(entry.message))
    let entries = machine.journal.entries.filter(test)
    const follow = has('f', 'follow')
    const lines = value('n', 'lines')
    const limit =
      lines === 'all' || has('no-tail')
        ? undefined
        : lines !== undefined
          ? Number(lines.replace(/^\+/, ''))
          : follow
            ? 10
            : has('e', 'pager-end')
              ? 1000
              : undefined
    if (limit !== undefined && Number.isNaN(limit)) return refuse(context, 'Failed to parse lines', `'${lines}'`)
    if (limit !== undefined) entries = limit === 0 ? [] : entries.slice(-limit)
    if (has('r', 'reverse')) entries.reverse()
    const colour = (entry: Entry, text: string) =>
      !context.stdout.isTty || mode === 'json' || mode === 'cat'
        ? text
        : (entry.priority ?? 6) <= 3
          ? text.replace(/: (.*)$/s, ': \x1b[0;1;31m$1\x1b[0m')
          : (entry.priority ?? 6) === 4
            ? text.replace(/: (.*)$/s, ': \x1b[0;1;38;5;185m$1\x1b[0m')
            : text
    const show = (entry: Entry) => `${colour(entry, format(mode, machine.hostname, entry))}\n`
    if (entries.length === 0 && !follow && !has('q', 'quiet') && mode === 'short') await context.stdout.write('-- No entries --\n')
    let previous: string | undefined
    let text = ''
    for (const entry of entries) {
      if (previous !== undefined && entry.boot !== previous && mode.startsWith('short')) text += `-- Boot ${entry.boot.replaceAll('-', '')} --\n`
      previous = entry.boot
      text += show(entry)
      if (text.length > 32_768) {
        await context.stdout.write(text)
        text = ''
      }
    }
    if (text) await context.stdout.write(text)
    if (!follow) return 0
    const pending: Entry[] = []
    let wake = () => {}
    const stop = machine.journal.follow(entry => {
      if (!test({ ...entry, boot: machine.bootId })) return
      pending.push(entry)
      wake()
    })
    const interrupted = new Promise<never>((_, reject) =>
      context.signal.addEventListener('abort', () => reject(context.signal.reason as Error), { once: true }),
    )
    interrupted.catch(() => undefined)
    try {
      for (;;) {
        while (pending.length > 0) await context.stdout.write(pending.splice(0, 200).map(show).join(''))
        context.signal.throwIfAborted()
        await Promise.race([new Promise<void>(resolve => (wake = resolve)), interrupted])
      }
    } finally {
      stop()
    }
  },
  complete: async ({ words, prefix, context }) => {
    if (words.at(-1) === '-u' || words.at(-1) === '--unit') return context.machine.units.list().map(unit => unit.name)
    return prefix.startsWith('-') ? ['--boot', '--follow', '--lines=', '--no-pager', '--output=', '--priority=', '--since=', '--unit=', '--until='] : undefined
  },
}

export const dmesg: Command = {
  name: 'dmesg',
  summary: 'print the kernel ring buffer',
  run: async (context, argv) => {
    const { machine } = context
    if (context.user.uid !== 0) return refuse(context, 'dmesg', 'read kernel buffer failed: Operation not permitted')
    const entries = machine.journal.entries.filter(entry => entry.identifier === 'kernel' && entry.boot === machine.bootId)
    const wall = argv.some(word => word === '-T' || word === '--ctime')
    await context.stdout.write(
      entries
        .map(entry => {
          const time = calendar(entry.time)
          return `[${wall ? `${time.weekday} ${time.month} ${String(time.day).padStart(2)} ${time.clock} ${time.year}` : (Math.max(0, entry.time - machine.bootedAt) / 1000).toFixed(6).padStart(12)}] ${entry.message}\n`
        })
        .join(''),
    )
    return 0
  },
}

export const SYSTEMD_VERSION = OS.systemd
