import { memoryOf } from '../files/generated.ts'
import type { Command } from './command.ts'
import { readOptions } from './options.ts'

export const free: Command = {
  name: 'free',
  summary: 'display amount of free and used memory in the system',
  run: async (context, argv) => {
    const options = await readOptions(
      context,
      argv,
      ['h', 'b', 'k', 'm', 'g', 'w', 't', 'l', 'v', 'human', 'bytes', 'kibi', 'mebi', 'gibi', 'mega', 'giga', 'wide', 'total', 'si'],
      ['s', 'c'],
    )
    if (!options) return 1
    const has = (...names: string[]) => names.some(name => options.flags.has(name))
    const divisor = has('b', 'bytes') ? 1 : has('m', 'mebi') ? 1024 ** 2 : has('g', 'gibi') ? 1024 ** 3 : has('mega') ? 1e6 : has('giga') ? 1e9 : 1024
    const show = (bytes: number) => (has('h', 'human') ? scaled(bytes) : String(Math.floor(bytes / divisor)))
    const row = (name: string, values: readonly number[]) => `${name.padEnd(8)}${values.map(value => show(value).padStart(12)).join('')}\n`
    const print = async () => {
      const memory = memoryOf(context.machine)
      await context.stdout.write(
        `               total        used        free      shared  buff/cache   available\n${row('Mem:', [memory.total, memory.total - memory.available, memory.free, memory.shared, memory.cache, memory.available])}${row('Swap:', [0, 0, 0])}${has('t', 'total') ? row('Total:', [memory.total, memory.total - memory.available, memory.free]) : ''}`,
      )
    }
    await print()
    const seconds = Number(options.flags.get('s'))
    const count = options.flags.has('c') ? Number(options.flags.get('c')) : seconds > 0 ? Number.POSITIVE_INFINITY : 1
    for (let i = 1; i < count; i++) {
      await context.clock.sleep((seconds || 1) * 1000, context.signal)
      await context.stdout.write('\n')
      await print()
    }
    return 0
  },
}

/** procps cuts off instead of rounding up. */
const scaled = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < 5) {
    value /= 1024
    unit++
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.floor(value)}${['B', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'][unit]}`
}
