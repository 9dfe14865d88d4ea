import { coreMHz, cpuFlags } from '../files/generated.ts'
import type { Command } from './command.ts'
import { readOptions } from './options.ts'

export const lscpu: Command = {
  name: 'lscpu',
  summary: 'display information about the CPU architecture',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['J', 'json', 'a', 'b', 'c', 'x', 'y', 'B', 'bytes'], ['e', 'extended', 'p', 'parse'])
    if (!options) return 1
    const { spec } = context.machine
    const { cores } = spec
    const list = `0-${cores - 1}`
    const rows: readonly (readonly [string, string, 0 | 1 | 2])[] = [
      ['Architecture:', 'x86_64', 0],
      ['CPU op-mode(s):', '32-bit, 64-bit', 1],
      ['Address sizes:', '39 bits physical, 48 bits virtual', 1],
      ['Byte Order:', 'Little Endian', 1],
      ['CPU(s):', String(cores), 0],
      ['On-line CPU(s) list:', list, 1],
      ['Vendor ID:', 'GenuineIntel', 0],
      ['Model name:', spec.cpuModel, 1],
      ['CPU family:', '6', 2],
      ['Model:', '190', 2],
      ['Thread(s) per core:', '1', 2],
      ['Core(s) per socket:', String(cores), 2],
      ['Socket(s):', '1', 2],
      ['Stepping:', '0', 2],
      ['CPU(s) scaling MHz:', `${Math.round((coreMHz(context.machine) / spec.maxMHz) * 100)}%`, 2],
      ['CPU max MHz:', spec.maxMHz.toFixed(4), 2],
      ['CPU min MHz:', '700.0000', 2],
      ['BogoMIPS:', '1612.80', 2],
      ['Flags:', cpuFlags, 2],
      ['Virtualization:', 'VT-x', 1],
      ['L1d cache:', `${cores * 32} KiB (${cores} instances)`, 1],
      ['L1i cache:', `${cores * 64} KiB (${cores} instances)`, 1],
      ['L2 cache:', '2 MiB (1 instance)', 1],
      ['L3 cache:', '6 MiB (1 instance)', 1],
      ['NUMA node(s):', '1', 1],
      ['NUMA node0 CPU(s):', list, 1],
    ]
    if (options.flags.has('J') || options.flags.has('json')) {
      interface Row {
        field: string
        data: string
        children?: Row[]
      }
      const tree: Row[] = []
      for (const [field, data, depth] of rows) {
        const into =
          depth === 0 || field === 'Virtualization:' || field.startsWith('L') || field.startsWith('NUMA')
            ? tree
            : depth === 1
              ? (tree.at(-1)!.children ??= [])
              : (tree.at(-1)!.children!.at(-1)!.children ??= [])
        into.push({ field, data })
      }
      await context.stdout.write(`${JSON.stringify({ lscpu: tree }, undefined, 3)}\n`)
      return 0
    }
    if (options.flags.has('p') || argv.includes('-p') || argv.includes('--parse')) {
      await context.stdout.write(
        `# The following is the parsable format, which can be fed to other\n# programs. Each different item in every column has an unique ID\n# starting usually from zero.\n# CPU,Core,Socket,Node,,L1d,L1i,L2,L3\n${Array.from({ length: cores }, (_, i) => `${i},${i},0,0,,${i},${i},0,0\n`).join('')}`,
      )
      return 0
    }
    const width = 34
    await context.stdout.write(
      rows
        .map(
          ([field, data, depth]) =>
            `${((field.startsWith('L') && field.endsWith('cache:')) || field.startsWith('NUMA') || field === 'Virtualization:' ? `  ${field}` : '  '.repeat(depth) + field).padEnd(width)}${data}\n`,
        )
        .join(''),
    )
    return 0
  },
}

export const nproc: Command = {
  name: 'nproc',
  summary: 'print the number of processing units available',
  run: async (context, argv) => {
    const ignore = argv.find(word => word.startsWith('--ignore='))
    await context.stdout.write(`${Math.max(1, context.machine.spec.cores - Number(ignore?.slice(9) ?? 0))}\n`)
    return 0
  },
}
