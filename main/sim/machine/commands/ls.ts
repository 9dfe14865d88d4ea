import type { Stat } from '../files/files.ts'
import { FileError } from '../files/tree.ts'
import type { SimulatedMachine } from '../machine.ts'
import { cells } from '../shell/width.ts'
import type { Command, CommandContext } from './command.ts'
import { calendar, humanSize, readOptions, refuse } from './options.ts'

interface Entry {
  readonly name: string
  readonly path: string
  readonly stat: Stat
  readonly target?: string
}

const TYPES: Readonly<Record<Stat['kind'], string>> = { file: '-', directory: 'd', symlink: 'l', device: 'c' }

/** `-rw-r--r--` */
export const modeText = (stat: Pick<Stat, 'kind' | 'mode'>): string => {
  const bit = (mask: number, letter: string) => (stat.mode & mask ? letter : '-')
  const execute = (mask: number, special: number, letter: string) => (stat.mode & special ? (stat.mode & mask ? letter : letter.toUpperCase()) : bit(mask, 'x'))
  return (
    TYPES[stat.kind] +
    bit(0o400, 'r') +
    bit(0o200, 'w') +
    execute(0o100, 0o4000, 's') +
    bit(0o40, 'r') +
    bit(0o20, 'w') +
    execute(0o10, 0o2000, 's') +
    bit(0o4, 'r') +
    bit(0o2, 'w') +
    execute(0o1, 0o1000, 't')
  )
}

export const userName = (machine: SimulatedMachine, uid: number): string => machine.users.find(user => user.uid === uid)?.name ?? String(uid)
export const groupName = (machine: SimulatedMachine, gid: number): string => machine.groups.find(group => group.gid === gid)?.name ?? String(gid)

const HALF_YEAR_MS = 15_778_476_000

const colourOf = (entry: Entry): string => {
  if (entry.stat.kind === 'directory') return entry.stat.mode & 0o1000 ? '30;42' : '01;34'
  if (entry.stat.kind === 'symlink') return '01;36'
  if (entry.stat.kind === 'device') return '40;33;01'
  if (entry.stat.mode & 0o4000) return '37;41'
  return entry.stat.mode & 0o111 ? '01;32' : ''
}

/** Names in the order of en_US: letters without regard to case and dots first. */
const collate = new Intl.Collator('en-US')
const byName = (a: Entry, b: Entry) => collate.compare(a.name.replace(/^\.+/, ''), b.name.replace(/^\.+/, '')) || (a.name < b.name ? -1 : 1)

export const ls: Command = {
  name: 'ls',
  aliases: ['dir'],
  summary: 'list directory contents',
  run: async (context, argv) => {
    const options = await readOptions(
      context,
      argv,
      [
        ...'aAlhdrtS1RFigonpCskuU',
        'all',
        'almost-all',
        'human-readable',
        'directory',
        'recursive',
        'reverse',
        'classify',
        'inode',
        'group-directories-first',
        'full-time',
      ],
      ['color', 'time-style', 'sort', 'I'],
    )
    if (!options) return 2
    const { flags } = options
    const has = (...names: string[]) => names.some(name => flags.has(name))
    const long = has('l', 'g', 'o', 'n', 'full-time')
    const colour = flags.get('color') === 'always' || (flags.get('color') !== 'never' && context.stdout.isTty)
    const operands = options.operands.length > 0 ? options.operands : ['.']
    const files: Entry[] = []
    const directories: Entry[] = []
    let status = 0
    for (const operand of operands) {
      try {
        const link = context.fs.lstat(operand)
        const stat = link.kind === 'symlink' && (!long || operand.endsWith('/')) && context.fs.exists(operand) ? context.fs.stat(operand) : link
        const entry = { name: operand, path: operand, stat, ...(stat.kind === 'symlink' && { target: context.fs.readlink(operand) }) }
        if (stat.kind === 'directory' && !has('d', 'directory')) directories.push(entry)
        else files.push(entry)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        status = await refuse(context, 'ls', `cannot access '${operand}': ${error.reason}`, 2)
      }
    }
    const sort = (entries: Entry[]) => {
      const sorted = entries.toSorted(
        has('t') ? (a, b) => b.stat.mtime - a.stat.mtime || byName(a, b) : has('S') ? (a, b) => b.stat.size - a.stat.size || byName(a, b) : byName,
      )
      if (has('r', 'reverse')) sorted.reverse()
      return has('group-directories-first')
        ? [...sorted.filter(entry => entry.stat.kind === 'directory'), ...sorted.filter(entry => entry.stat.kind !== 'directory')]
        : sorted
    }
    const show = (entry: Entry) => {
      const mark = has('F', 'classify', 'p')
        ? entry.stat.kind === 'directory'
          ? '/'
          : has('p')
            ? ''
            : entry.stat.kind === 'symlink'
              ? '@'
              : entry.stat.mode & 0o111
                ? '*'
                : ''
        : ''
      const quoted =
        context.stdout.isTty && /[\s'"$&()*;<>?[\]`|\\!{}~#]/.test(entry.name) && !/^[~#]?[^\s'"$&()*;<>?[\]`|\\!{}]*$/.test(entry.name)
          ? entry.name.includes("'")
            ? `"${entry.name}"`
            : `'${entry.name}'`
          : entry.name
      const code = colour ? colourOf(entry) : ''
      const name = code ? `\x1b[0m\x1b[${code}m${quoted}\x1b[0m` : quoted
      return {
        text: (has('i', 'inode') ? `${entry.stat.ino} ` : '') + name + (long && entry.target !== undefined ? ` -> ${entry.target}` : mark),
        width: cells(quoted) + mark.length + (has('i') ? String(entry.stat.ino).length + 1 : 0),
      }
    }
    const print = async (entries: readonly Entry[]) => {
      if (long) return context.stdout.write(longListing(context, entries, show, has('h', 'human-readable'), has('n'), has('g'), has('o'), has('full-time')))
      if (!context.stdout.isTty || has('1')) return context.stdout.write(entries.map(entry => `${show(entry).text}\n`).join(''))
      return context.stdout.write(inColumns(entries.map(show), context.tty?.columns ?? 80))
    }
    if (files.length > 0) await print(sort(files))
    const many = operands.length > 1 || has('R', 'recursive')
    const list = async (directory: Entry, first: boolean): Promise<void> => {
      let names: string[]
      try {
        names = context.fs.readdir(directory.path)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        status = await refuse(context, 'ls', `cannot open directory '${directory.path}': ${error.reason}`, 2)
        return
      }
      if (has('a', 'all')) names = ['.', '..', ...names]
      else if (!has('A', 'almost-all')) names = names.filter(name => !name.startsWith('.'))
      const entries = names.flatMap(name => {
        const path = `${directory.path.replace(/\/$/, '')}/${name}`
        try {
          const stat = context.fs.lstat(path)
          return [{ name, path, stat, ...(stat.kind === 'symlink' && { target: context.fs.readlink(path) }) }]
        } catch {
          return []
        }
      })
      if (many) await context.stdout.write(`${first ? '' : '\n'}${directory.path}:\n`)
      if (long)
        await context.stdout.write(
          `total ${has('h') ? humanSize(entries.reduce((sum, entry) => sum + blocks(entry.stat) * 1024, 0)) : entries.reduce((sum, entry) => sum + blocks(entry.stat), 0)}\n`,
        )
      const sorted = sort(entries)
      if (sorted.length > 0) await print(sorted)
      if (has('R', 'recursive'))
        for (const entry of sorted) if (entry.stat.kind === 'directory' && entry.name !== '.' && entry.name !== '..') await list(entry, false)
    }
    for (const [i, directory] of sort(directories).entries()) await list(directory, i === 0 && files.length === 0)
    return status
  },
}

/** Kilobytes on disk, in ext4's 4 KiB blocks. */
const blocks = (stat: Stat) => (stat.kind === 'symlink' || stat.kind === 'device' ? 0 : Math.ceil(stat.size / 4096) * 4)

const longListing = (
  context: CommandContext,
  entries: readonly Entry[],
  show: (entry: Entry) => { text: string },
  human: boolean,
  numeric: boolean,
  noOwner: boolean,
  noGroup: boolean,
  full: boolean,
): string => {
  const rows = entries.map(entry => {
    const time = calendar(entry.stat.mtime)
    const recent = Math.abs(context.clock.now - entry.stat.mtime) < HALF_YEAR_MS
    const when = full
      ? `${time.date} ${time.clock}.${String(Math.floor(entry.stat.mtime % 1000)).padStart(3, '0')}000000 +0000`
      : `${time.month} ${String(time.day).padStart(2)} ${recent ? time.short : ` ${time.year}`}`
    return {
      mode: modeText(entry.stat),
      links: String(entry.stat.links),
      owner: numeric ? String(entry.stat.uid) : userName(context.machine, entry.stat.uid),
      group: numeric ? String(entry.stat.gid) : groupName(context.machine, entry.stat.gid),
      size: human ? humanSize(entry.stat.size) : String(entry.stat.size),
      when,
      name: show(entry).text,
    }
  })
  const width = (key: 'links' | 'owner' | 'group' | 'size') => Math.max(...rows.map(row => row[key].length))
  const [links, owner, group, size] = [width('links'), width('owner'), width('group'), width('size')]
  return rows
    .map(
      row =>
        `${row.mode} ${row.links.padStart(links)}${noOwner ? '' : ` ${row.owner.padEnd(owner)}`}${noGroup ? '' : ` ${row.group.padEnd(group)}`} ${row.size.padStart(size)} ${row.when} ${row.name}\n`,
    )
    .join('')
}

/** Down first, then across, as narrow as it fits the terminal. */
const inColumns = (items: readonly { readonly text: string; readonly width: number }[], terminal: number): string => {
  for (let rows = 1; rows <= items.length; rows++) {
    const count = Math.ceil(items.length / rows)
    const widths = Array.from({ length: count }, (_, column) => Math.max(...items.slice(column * rows, (column + 1) * rows).map(item => item.width)))
    if (rows < items.length && widths.reduce((sum, width) => sum + width + 2, -2) > terminal) continue
    let text = ''
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < count; column++) {
        const item = items[column * rows + row]
        if (!item) continue
        const lastInRow = items[(column + 1) * rows + row] === undefined
        text += item.text + (lastInRow ? '' : ' '.repeat(widths[column]! - item.width + 2))
      }
      text += '\n'
    }
    return text
  }
  return ''
}
