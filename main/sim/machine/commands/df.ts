import { partitions } from '../hardware/system.ts'
import type { SimulatedMachine } from '../machine.ts'
import { memoryTotal } from '../hardware/system.ts'
import { normalise } from '../files/tree.ts'
import type { Command } from './command.ts'
import { columns, humanSize, readOptions, refuse } from './options.ts'

interface Mount {
  readonly source: string
  readonly type: string
  readonly size: number
  readonly used: number
  /** ext4 keeps 5 % for root. */
  readonly reserved: number
  readonly target: string
}

const mounts = (machine: SimulatedMachine): readonly Mount[] => {
  const parts = partitions(machine.spec.diskBytes)
  const memory = memoryTotal(machine.spec.memoryBytes)
  return [
    { source: 'tmpfs', type: 'tmpfs', size: Math.floor(memory / 10 / 4096) * 4096, used: 1_884_160, reserved: 0, target: '/run' },
    {
      source: '/dev/nvme0n1p2',
      type: 'ext4',
      size: parts.filesystem,
      used: Math.ceil(machine.load.diskBytes / 4096) * 4096,
      reserved: Math.floor((parts.filesystem * 0.05) / 4096) * 4096,
      target: '/',
    },
    { source: 'tmpfs', type: 'tmpfs', size: Math.floor(memory / 2 / 4096) * 4096, used: 0, reserved: 0, target: '/dev/shm' },
    { source: 'tmpfs', type: 'tmpfs', size: 5 * 1024 * 1024, used: 0, reserved: 0, target: '/run/lock' },
    { source: '/dev/nvme0n1p1', type: 'vfat', size: parts.efi - 4 * 1024 * 1024, used: 6_438_912, reserved: 0, target: '/boot/efi' },
    { source: 'tmpfs', type: 'tmpfs', size: Math.floor(memory / 10 / 4096) * 4096, used: 12_288, reserved: 0, target: '/run/user/1000' },
  ]
}

const SUFFIXES: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4, KB: 1000, MB: 1e6, GB: 1e9, TB: 1e12 }

export const df: Command = {
  name: 'df',
  summary: 'report file system space usage',
  run: async (context, argv) => {
    const options = await readOptions(
      context,
      argv,
      ['h', 'H', 'T', 'P', 'k', 'm', 'l', 'a', 'i', 'human-readable', 'print-type', 'portability', 'local', 'all', 'total', 'sync', 'inodes'],
      ['B', 'block-size', 't', 'type', 'x', 'exclude-type', 'output'],
    )
    if (!options) return 1
    const { flags } = options
    const has = (...names: string[]) => names.some(name => flags.has(name))
    const human = has('h', 'human-readable')
    const blockText = flags.get('B') ?? flags.get('block-size') ?? (has('m') ? 'M' : 'K')
    const match = /^(\d*)([KMGT]B?)?$/.exec(blockText)
    if (!match) return refuse(context, 'df', `invalid -B argument '${blockText}'`)
    const block = Number(match[1] || 1) * (match[2] ? SUFFIXES[match[2]]! : 1)
    const suffix = match[1] === '' && match[2] && flags.has('B') ? match[2] : ''
    let rows = [...mounts(context.machine)]
    const type = flags.get('t') ?? flags.get('type')
    const excluded = argv.flatMap((word, i) =>
      word === '-x' ? [argv[i + 1]!] : word.startsWith('-x') && word.length > 2 ? [word.slice(2)] : word.startsWith('--exclude-type=') ? [word.slice(15)] : [],
    )
    if (type) rows = rows.filter(row => row.type === type)
    rows = rows.filter(row => !excluded.includes(row.type))
    if (has('l', 'local')) rows = rows.filter(row => row.source !== 'remote')
    let status = 0
    if (options.operands.length > 0) {
      const chosen: Mount[] = []
      for (const operand of options.operands) {
        const path = normalise(context.cwd, operand)
        const device = rows.find(row => row.source === operand)
        if (!device && !context.fs.exists(operand)) status = await refuse(context, 'df', `${operand}: No such file or directory`)
        else
          chosen.push(
            device ??
              mounts(context.machine)
                .filter(row => path === row.target || path.startsWith(row.target === '/' ? '/' : `${row.target}/`))
                .toSorted((a, b) => b.target.length - a.target.length)[0]!,
          )
      }
      if (chosen.length === 0) return 1
      rows = chosen
    }
    if (rows.length === 0) return refuse(context, 'df', 'no file systems processed')
    const size = (bytes: number) => (human ? humanSize(bytes) : `${Math.ceil(bytes / block)}${suffix}`)
    const percent = (used: number, available: number) => (used + available > 0 ? `${Math.ceil((used / (used + available)) * 100)}%` : '-')
    const available = (row: Mount) => Math.max(0, row.size - row.used - row.reserved)
    if (flags.has('output')) {
      const headers: Readonly<Record<string, [string, (row: Mount) => string]>> = {
        source: ['Filesystem', row => row.source],
        fstype: ['Type', row => row.type],
        size: [human ? 'Size' : block === 1024 ? '1K-blocks' : `${blockText}-blocks`, row => size(row.size)],
        used: ['Used', row => size(row.used)],
        avail: ['Avail', row => size(available(row))],
        pcent: ['Use%', row => percent(row.used, available(row))],
        target: ['Mounted on', row => row.target],
      }
      const fields = (flags.get('output') || 'source,fstype,size,used,avail,pcent,target').split(',').filter(field => headers[field])
      await context.stdout.write(
        columns(
          [fields.map(field => headers[field]![0]), ...rows.map(row => fields.map(field => headers[field]![1](row)))],
          fields.flatMap((field, i) => (['size', 'used', 'avail', 'pcent'].includes(field) ? [i] : [])),
          ' ',
        ),
      )
      return status
    }
    const typed = has('T', 'print-type')
    if (has('i', 'inodes')) {
      const inodes = (row: Mount) => Math.floor(row.size / 16_384)
      const usedInodes = (row: Mount) => (row.target === '/' ? 112_000 + Math.floor(context.machine.load.diskBytes / 65_536) : 12)
      await context.stdout.write(
        columns(
          [
            ['Filesystem', ...(typed ? ['Type'] : []), 'Inodes', 'IUsed', 'IFree', 'IUse%', 'Mounted on'],
            ...rows.map(row => [
              row.source,
              ...(typed ? [row.type] : []),
              human ? humanSize(inodes(row)) : String(inodes(row)),
              human ? humanSize(usedInodes(row)) : String(usedInodes(row)),
              human ? humanSize(inodes(row) - usedInodes(row)) : String(inodes(row) - usedInodes(row)),
              percent(usedInodes(row), inodes(row) - usedInodes(row)),
              row.target,
            ]),
          ],
          typed ? [2, 3, 4, 5] : [1, 2, 3, 4],
          ' ',
        ),
      )
      return status
    }
    const posix = has('P', 'portability')
    const sizeHeader = human ? 'Size' : posix ? `${block}-blocks` : block === 1024 ? '1K-blocks' : `${blockText}-blocks`.replace(/^1-/, '1B-')
    const table = [
      ['Filesystem', ...(typed ? ['Type'] : []), sizeHeader, 'Used', human ? 'Avail' : 'Available', posix ? 'Capacity' : 'Use%', 'Mounted on'],
      ...rows.map(row => [
        row.source,
        ...(typed ? [row.type] : []),
        size(row.size),
        size(row.used),
        size(available(row)),
        percent(row.used, available(row)),
        row.target,
      ]),
    ]
    await context.stdout.write(
      columns(
        table.map(row => [
          row[0]!.padEnd(14),
          ...(typed ? [row[1]!] : []),
          ...row.slice(typed ? 2 : 1, typed ? 5 : 4).map(cell => cell.padStart(5)),
          ...row.slice(typed ? 5 : 4),
        ]),
        typed ? [2, 3, 4, 5] : [1, 2, 3, 4],
        ' ',
      ),
    )
    return status
  },
}
