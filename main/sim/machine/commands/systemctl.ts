import { FileError } from '../files/tree.ts'
import type { SimulatedMachine } from '../machine.ts'
import type { Unit } from '../systemd/units.ts'
import type { Command, CommandContext } from './command.ts'
import { shortLine, SYSTEMD_VERSION } from './journalctl.ts'
import { calendar, readOptions, refuse, systemdAgo } from './options.ts'

const GREEN = '\x1b[0;1;32m'
const RED = '\x1b[0;1;31m'
const OFF = '\x1b[0m'

/** Sizes as systemd prints them: `512.3M`. */
const size = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < 4) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)}${'BKMGT'[unit]}`
}

const cpu = (ms: number): string =>
  ms < 1000 ? `${Math.floor(ms)}ms` : ms < 60_000 ? `${(ms / 1000).toFixed(3)}s` : `${Math.floor(ms / 60_000)}min ${((ms % 60_000) / 1000).toFixed(3)}s`

const stamp = (time: number) => `${calendar(time).weekday} ${calendar(time).date} ${calendar(time).clock} UTC`

const enablement = (unit: Unit) => (unit.static ? 'static' : unit.enabled ? 'enabled' : 'disabled')

const status = (machine: SimulatedMachine, unit: Unit, tty: boolean, lines: number, wide: number): string => {
  const paint = (code: string, text: string) => (tty ? code + text + OFF : text)
  const dot = unit.active === 'failed' ? paint(RED, '×') : unit.active === 'active' ? paint(GREEN, '●') : unit.active === 'inactive' ? '○' : paint(GREEN, '●')
  const usage = machine.units.memoryOf(unit)
  const state =
    unit.active === 'active'
      ? paint(GREEN, `active (${unit.sub})`)
      : unit.active === 'failed'
        ? paint(RED, 'failed (Result: exit-code)')
        : unit.active === 'activating'
          ? unit.sub === 'auto-restart'
            ? paint('\x1b[0;1;33m', 'activating (auto-restart) (Result: exit-code)')
            : paint('\x1b[0;1;33m', `activating (${unit.sub})`)
          : `${unit.active} (${unit.sub})`
  const ran = unit.since > machine.bootedAt || unit.active !== 'inactive'
  const preset = unit.static ? 'static' : `${unit.enabled ? paint(GREEN, 'enabled') : paint('\x1b[0;1;33m', 'disabled')}; preset: ${paint(GREEN, 'enabled')}`
  const rows = [
    `${dot} ${unit.name} - ${unit.description}`,
    `     Loaded: loaded (${unit.path}; ${preset})`,
    `     Active: ${state}${ran ? ` since ${stamp(unit.since)}; ${systemdAgo(machine.clock.now - unit.since)}` : ''}`,
  ]
  if (unit.documentation) rows.push(`       Docs: ${unit.documentation}`)
  if (unit.exitStatus !== undefined && unit.active !== 'active' && unit.command)
    rows.push(
      `    Process: ExecStart=${unit.command} (code=exited, status=${unit.exitStatus}${unit.exitStatus === 0 ? '/SUCCESS' : unit.exitStatus === 1 ? '/FAILURE' : '/n/a'})`,
    )
  const shortCommand = unit.command.split(' ')[0]!.split('/').at(-1)!
  if (unit.pid && unit.active !== 'inactive') {
    const name = unit.name.startsWith('k3s')
      ? unit.command
          .split(' ')
          .slice(0, 2)
          .map(part => part.split('/').at(-1))
          .join('-')
      : shortCommand
    rows.push(`   Main PID: ${unit.pid} (${name})`)
    if (usage)
      rows.push(
        `      Tasks: ${usage.tasks} (limit: ${Math.floor(machine.spec.memoryBytes / 900_000)})`,
        `     Memory: ${size(usage.memoryBytes)} (peak: ${size(usage.memoryBytes * 1.08)})`,
        `        CPU: ${cpu(usage.cpuMs)}`,
      )
    rows.push(`     CGroup: /system.slice/${unit.name}`, `             └─${paint('\x1b[0;38;5;245m', `${unit.pid} ${unit.command}`)}`)
  } else if (ran && unit.active !== 'active' && unit.exitStatus !== undefined) rows.push(`        CPU: ${cpu(usage?.cpuMs ?? 0)}`)
  const log = lines > 0 ? machine.journal.entries.filter(entry => entry.unit === unit.name && entry.boot === machine.bootId).slice(-lines) : []
  return `${rows.join('\n')}\n${
    log.length > 0
      ? `\n${log
          .map(entry => shortLine(machine.hostname, entry))
          .map(line => (tty && line.length > wide ? `${line.slice(0, wide - 1)}>` : line))
          .join('\n')}\n`
      : ''
  }`
}

const properties = (machine: SimulatedMachine, unit: Unit): Readonly<Record<string, string>> => {
  const usage = machine.units.memoryOf(unit)
  return {
    Type: unit.oneshot ? 'oneshot' : 'notify',
    Restart: unit.behaviour ? (unit.behaviour.restart ?? 'always') : 'on-failure',
    NRestarts: String(unit.restarts),
    MainPID: String(unit.active === 'active' ? unit.pid : 0),
    Result: unit.active === 'failed' ? 'exit-code' : 'success',
    ExecMainStatus: String(unit.exitStatus ?? 0),
    MemoryCurrent: usage ? String(Math.round(usage.memoryBytes)) : '[not set]',
    CPUUsageNSec: usage ? String(Math.round(usage.cpuMs * 1e6)) : '[not set]',
    TasksCurrent: usage ? String(usage.tasks) : '[not set]',
    Id: unit.name,
    Names: unit.name,
    Description: unit.description,
    LoadState: 'loaded',
    ActiveState: unit.active,
    SubState: unit.sub,
    FragmentPath: unit.path,
    UnitFileState: enablement(unit),
    UnitFilePreset: 'enabled',
    Documentation: unit.documentation,
    ActiveEnterTimestamp: unit.active === 'active' ? stamp(unit.since) : '',
    InactiveEnterTimestamp: unit.active === 'inactive' && unit.since > machine.bootedAt ? stamp(unit.since) : '',
    NeedDaemonReload: 'no',
  }
}

const absentProperties = (name: string) => ({
  MainPID: '0',
  Id: name,
  Names: name,
  Description: name,
  LoadState: 'not-found',
  ActiveState: 'inactive',
  SubState: 'dead',
  UnitFileState: '',
})

/** Verbs of systemd's that this machine has no part for; they say so instead of pretending. */
const ABSENT = new Set([
  'edit',
  'mask',
  'unmask',
  'isolate',
  'set-default',
  'set-property',
  'preset',
  'revert',
  'link',
  'list-dependencies',
  'list-sockets',
  'list-jobs',
  'list-machines',
  'freeze',
  'thaw',
  'rescue',
  'emergency',
  'kexec',
  'suspend',
  'hibernate',
  'hybrid-sleep',
  'clean',
  'log-level',
  'show-environment',
  'set-environment',
])

const listUnits = async (
  context: CommandContext,
  all: boolean,
  type: string | undefined,
  state: string | undefined,
  plain: boolean,
  patterns: readonly string[],
): Promise<number> => {
  const matches = patterns.map(pattern => new RegExp(`^${pattern.replace(/[.+^$()|[\]{}\\]/g, '\\$&').replaceAll('*', '.*')}(\\.service)?$`))
  const units = context.machine.units
    .list()
    .filter(
      unit =>
        (all || unit.active !== 'inactive' || state !== undefined) &&
        (type === undefined || unit.name.endsWith(`.${type}`)) &&
        (state === undefined || state.split(',').some(one => unit.active === one || unit.sub === one)) &&
        (matches.length === 0 || matches.some(pattern => pattern.test(unit.name))),
    )
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const width = (texts: readonly string[]) => Math.max(...texts.map(text => text.length))
  if (units.length > 0) {
    const [name, active, sub] = [
      width([...units.map(unit => unit.name), 'UNIT']),
      width([...units.map(unit => unit.active), 'ACTIVE']),
      width([...units.map(unit => unit.sub), 'SUB']),
    ]
    const bullet = (unit: Unit) => (unit.active === 'failed' ? (context.stdout.isTty ? `${RED}●${OFF} ` : '● ') : '  ')
    if (!plain) await context.stdout.write(`  ${'UNIT'.padEnd(name)} LOAD   ${'ACTIVE'.padEnd(active)} ${'SUB'.padEnd(sub)} DESCRIPTION\n`)
    await context.stdout.write(
      units.map(unit => `${bullet(unit)}${unit.name.padEnd(name)} loaded ${unit.active.padEnd(active)} ${unit.sub.padEnd(sub)} ${unit.description}\n`).join(''),
    )
  }
  if (!plain)
    await context.stdout.write(
      `\nLegend: LOAD   → Reflects whether the unit definition was properly loaded.\n        ACTIVE → The high-level unit activation state, i.e. generalization of SUB.\n        SUB    → The low-level unit activation state, values depend on unit type.\n\n${units.length} loaded units listed.${all ? '' : ' Pass --all to see loaded but inactive units, too.'}\nTo show all installed unit files use 'systemctl list-unit-files'.\n`.replace(
        '\n\nLegend',
        units.length > 0 ? '\n\nLegend' : '\nLegend',
      ),
    )
  return 0
}

const CHANGING = new Set([
  'start',
  'stop',
  'restart',
  'reload',
  'reload-or-restart',
  'try-restart',
  'enable',
  'disable',
  'kill',
  'daemon-reload',
  'daemon-reexec',
  'reset-failed',
  'reenable',
])
const VERBS = [
  'cat',
  'daemon-reload',
  'disable',
  'enable',
  'get-default',
  'halt',
  'is-active',
  'is-enabled',
  'is-failed',
  'is-system-running',
  'kill',
  'list-timers',
  'list-unit-files',
  'list-units',
  'poweroff',
  'reboot',
  'reload',
  'reset-failed',
  'restart',
  'show',
  'start',
  'status',
  'stop',
  'try-restart',
]

/** As polkit answers somebody who may not, without a terminal agent. */
const denied = async (context: CommandContext, verb: string, unit: string): Promise<number> => {
  if (verb === 'daemon-reload' || verb === 'daemon-reexec') return refuse(context, 'Failed to reload daemon', 'Interactive authentication required.')
  if (['enable', 'disable', 'reenable'].includes(verb)) return refuse(context, `Failed to ${verb} unit`, 'Interactive authentication required.')
  await context.stderr.write(`Failed to ${verb} ${unit}: Interactive authentication required.\nSee system logs and 'systemctl status ${unit}' for details.\n`)
  return verb === 'start' || verb === 'stop' || verb === 'restart' ? 4 : 1
}

export const systemctl: Command = {
  name: 'systemctl',
  summary: 'control the systemd system and service manager',
  run: async (context, argv) => {
    const { machine } = context
    const options = await readOptions(
      context,
      argv.map(word => (word === '-a' ? '--all' : word)),
      [
        'l',
        'q',
        'now',
        'all',
        'no-pager',
        'no-legend',
        'full',
        'quiet',
        'value',
        'failed',
        'force',
        'f',
        'plain',
        'no-block',
        'version',
        'user',
        'system',
        'help',
        'h',
        'r',
        'i',
        'no-ask-password',
        'runtime',
      ],
      ['n', 'lines', 'p', 'P', 'property', 't', 'type', 'state', 'o', 'output', 's', 'signal', 'kill-whom'],
    )
    if (!options) return 1
    const { flags } = options
    const has = (...names: string[]) => names.some(name => flags.has(name))
    if (has('version')) {
      await context.stdout.write(
        `systemd ${SYSTEMD_VERSION}\n+PAM +AUDIT +SELINUX +APPARMOR +IMA +SMACK +SECCOMP +GCRYPT -GNUTLS +OPENSSL +ACL +BLKID +CURL +ELFUTILS +FIDO2 +IDN2 -IDN +IPTC +KMOD +LIBCRYPTSETUP +LIBFDISK +PCRE2 -PWQUALITY +P11KIT +QRENCODE +TPM2 +BZIP2 +LZ4 +XZ +ZLIB +ZSTD -BPF_FRAMEWORK -XKBCOMMON +UTMP +SYSVINIT default-hierarchy=unified\n`,
      )
      return 0
    }
    const [verb = 'list-units', ...names] = options.operands
    if (['reboot', 'poweroff', 'halt'].includes(verb)) return context.run([verb])
    if (verb === 'list-units')
      return listUnits(
        context,
        has('all'),
        flags.get('t') ?? flags.get('type'),
        flags.get('state') ?? (has('failed') ? 'failed' : undefined),
        has('no-legend', 'plain'),
        names,
      )
    if (verb === 'list-unit-files') {
      const units = machine.units
        .list()
        .filter(unit => (!flags.has('type') && !flags.has('t')) || unit.name.endsWith(`.${flags.get('type') ?? flags.get('t')}`))
        .filter(unit => names.length === 0 || names.some(name => new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(unit.name)))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      const width = Math.max(9, ...units.map(unit => unit.name.length))
      await context.stdout.write(
        `${'UNIT FILE'.padEnd(width)} STATE    PRESET\n${units.map(unit => `${unit.name.padEnd(width)} ${enablement(unit).padEnd(8)} ${unit.static ? '-' : 'enabled'}\n`).join('')}\n${units.length} unit files listed.\n`,
      )
      return 0
    }
    if (verb === 'list-timers') {
      await context.stdout.write('NEXT LEFT LAST PASSED UNIT ACTIVATES\n\n0 timers listed.\nPass --all to see loaded but inactive timers, too.\n')
      return 0
    }
    if (verb === 'is-system-running') {
      const failed = machine.units.list().some(unit => unit.active === 'failed')
      await context.stdout.write(failed ? 'degraded\n' : 'running\n')
      return failed ? 1 : 0
    }
    if (verb === 'get-default') {
      await context.stdout.write('graphical.target\n')
      return 0
    }
    if (ABSENT.has(verb)) {
      await context.stderr.write(`systemctl: this simulated machine cannot '${verb}'\n`)
      return 1
    }
    if (!VERBS.includes(verb) && !CHANGING.has(verb)) return unknownVerb(context, verb)
    if (CHANGING.has(verb) && context.user.uid !== 0) return denied(context, verb, completeName(names[0] ?? ''))
    if (verb === 'daemon-reload' || verb === 'daemon-reexec' || verb === 'reset-failed') {
      if (verb === 'daemon-reload') machine.log({ identifier: 'systemd', pid: 1, message: "Reloading requested from client PID 3001 ('systemctl')..." })
      return 0
    }
    if (verb === 'status' && names.length === 0) {
      const units = machine.units.list()
      const failed = units.filter(unit => unit.active === 'failed').length
      await context.stdout.write(
        `● ${machine.hostname}\n    State: ${failed > 0 ? 'degraded' : 'running'}\n    Units: ${units.length} loaded (incl. loaded aliases)\n     Jobs: 0 queued\n   Failed: ${failed} units\n    Since: ${stamp(machine.bootedAt)}; ${systemdAgo(machine.clock.now - machine.bootedAt)}\n  systemd: ${SYSTEMD_VERSION.replace(/^.*\((.*)\)$/, '$1')}\n`,
      )
      return 0
    }
    if (names.length === 0) return tooFew(context)
    const lines = Number(flags.get('n') ?? flags.get('lines') ?? 10)
    const wide = context.tty?.columns ?? 80
    let result = 0
    const wanted = flags.get('p') ?? flags.get('P') ?? flags.get('property')
    const wantedProperties = argv
      .flatMap((word, i) =>
        word === '-p' || word === '-P' || word === '--property'
          ? [argv[i + 1]!]
          : /^-[pP]\w/.test(word)
            ? [word.slice(2)]
            : word.startsWith('--property=')
              ? [word.slice(11)]
              : [],
      )
      .flatMap(text => text.split(','))
    const showProperties = async (all: Readonly<Record<string, string>>) => {
      const chosen = wanted === undefined ? Object.keys(all) : wantedProperties.filter(property => all[property] !== undefined)
      await context.stdout.write(chosen.map(property => `${has('value', 'P') ? '' : `${property}=`}${all[property]}\n`).join(''))
    }
    for (const [i, name] of names.entries()) {
      const unit = machine.units.get(name)
      const full = completeName(name)
      if (!unit) {
        if (verb === 'show') await showProperties(absentProperties(full))
        else result = await missing(context, verb, full, has('q', 'quiet'))
        continue
      }
      switch (verb) {
        case 'status':
          await context.stdout.write((i > 0 ? '\n' : '') + status(machine, unit, context.stdout.isTty, lines, wide))
          if (unit.active !== 'active' && unit.active !== 'activating') result = 3
          break
        case 'is-active':
          if (!has('q', 'quiet')) await context.stdout.write(`${unit.active}\n`)
          if (unit.active !== 'active') result = 3
          break
        case 'is-failed':
          if (!has('q', 'quiet')) await context.stdout.write(`${unit.active}\n`)
          if (unit.active !== 'failed') result = 1
          break
        case 'is-enabled':
          if (!has('q', 'quiet')) await context.stdout.write(`${enablement(unit)}\n`)
          if (!unit.static && !unit.enabled) result = 1
          break
        case 'cat':
          await context.stdout.write(`# ${unit.path}\n${machine.readFile(unit.path) ?? unit.unitFile}`)
          break
        case 'show': {
          await showProperties(properties(machine, unit))
          break
        }
        case 'reload':
          await context.stderr.write(
            `Failed to reload ${unit.name}: Job type reload is not applicable for unit ${unit.name}.\nSee system logs and 'systemctl status ${unit.name}' for details.\n`,
          )
          result = 1
          break
        case 'start':
        case 'restart':
        case 'reload-or-restart':
        case 'try-restart':
          if (verb === 'try-restart' && unit.active !== 'active') break
          if (verb !== 'start') await machine.units.stop(unit.name)
          result = (await start(context, unit, has('no-block'))) || result
          break
        case 'stop':
          await machine.units.stop(unit.name)
          break
        case 'kill':
          if (unit.behaviour) {
            await unit.behaviour.stop()
            machine.unitExited(unit.name, /9|KILL/.test(flags.get('s') ?? flags.get('signal') ?? '') ? 137 : 143)
          }
          break
        case 'enable':
        case 'reenable': {
          const link = `/etc/systemd/system/multi-user.target.wants/${unit.name}`
          if (!unit.enabled) {
            machine.units.enable(unit.name, true)
            // The link may be there already, with nothing behind it.
            try {
              context.fs.symlink(unit.path, link)
            } catch (error) {
              if (!(error instanceof FileError) || error.code !== 'EEXIST') throw error
            }
            await context.stderr.write(`Created symlink ${link} → ${unit.path}.\n`)
          }
          if (has('now')) result = (await start(context, unit, false)) || result
          break
        }
        case 'disable': {
          const link = `/etc/systemd/system/multi-user.target.wants/${unit.name}`
          if (unit.enabled && !unit.static) {
            machine.units.enable(unit.name, false)
            if (context.fs.exists(link)) context.fs.remove(link)
            await context.stderr.write(`Removed "${link}".\n`)
          }
          if (has('now')) await machine.units.stop(unit.name)
          break
        }
      }
    }
    return result
  },
  complete: async ({ words, prefix, context }) => {
    if (words.length === 1) return prefix.startsWith('-') ? ['--all', '--failed', '--lines=', '--no-pager', '--now', '--type='] : VERBS
    return context.machine.units.list().map(unit => unit.name)
  },
}

const completeName = (name: string) => (/\.(service|target|socket|timer|slice|mount)$/.test(name) ? name : `${name}.service`)

const start = async (context: CommandContext, unit: Unit, noBlock: boolean): Promise<number> => {
  const starting = context.machine.units.start(unit.name)
  if (noBlock) {
    starting.catch(() => undefined)
    return 0
  }
  const interrupted = new Promise<never>((_, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason as Error), { once: true }))
  interrupted.catch(() => undefined)
  try {
    await Promise.race([starting, interrupted])
    return 0
  } catch (error) {
    if (context.signal.aborted) throw error
    await context.stderr.write(
      `Job for ${unit.name} failed because the control process exited with error code.\nSee "systemctl status ${unit.name}" and "journalctl -xeu ${unit.name}" for details.\n`,
    )
    return 1
  }
}

const missing = async (context: CommandContext, verb: string, name: string, quiet: boolean): Promise<number> => {
  switch (verb) {
    case 'status':
      await context.stderr.write(`Unit ${name} could not be found.\n`)
      return 4
    case 'is-active':
    case 'is-failed':
      if (!quiet) await context.stdout.write('inactive\n')
      return verb === 'is-active' ? 4 : 1
    case 'is-enabled':
      if (!quiet) await context.stdout.write('not-found\n')
      return 4
    case 'cat':
      await context.stderr.write(`No files found for ${name}.\n`)
      return 1
    case 'enable':
    case 'disable':
      await context.stderr.write(`Failed to ${verb} unit: Unit file ${name} does not exist.\n`)
      return 1
    default:
      await context.stderr.write(`Failed to ${verb} ${name}: Unit ${name} not ${verb === 'stop' ? 'loaded' : 'found'}.\n`)
      return 5
  }
}

const unknownVerb = async (context: CommandContext, verb: string): Promise<number> => {
  await context.stderr.write(`Unknown command verb '${verb}'.\n`)
  return 1
}

const tooFew = async (context: CommandContext): Promise<number> => {
  await context.stderr.write('Too few arguments.\n')
  return 1
}
