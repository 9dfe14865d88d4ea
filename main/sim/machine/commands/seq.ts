import type { Command } from './command.ts'
import { refuse } from './options.ts'

export const seq: Command = {
  name: 'seq',
  summary: 'print a sequence of numbers',
  run: async (context, argv) => {
    let separator = '\n'
    let wide = false
    const numbers: string[] = []
    for (let i = 1; i < argv.length; i++) {
      if (argv[i]!.startsWith('-s')) separator = argv[i]!.slice(2) || (argv[++i] ?? '\n')
      else if (argv[i] === '-w') wide = true
      else numbers.push(argv[i]!)
    }
    if (numbers.length === 0) return refuse(context, 'seq', 'missing operand')
    const bad = numbers.find(number => !/^[+-]?(\d+\.?\d*|\.\d+)$/.test(number))
    if (bad !== undefined) return refuse(context, 'seq', `invalid floating point argument: ‘${bad}’`)
    const first = numbers.length > 1 ? Number(numbers[0]) : 1
    const step = numbers.length > 2 ? Number(numbers[1]) : 1
    const last = Number(numbers.at(-1))
    if (step === 0) return refuse(context, 'seq', `invalid Zero increment value: ‘${numbers[1]}’`)
    const digits = Math.max(...numbers.slice(0, 2).map(number => /\.(\d+)/.exec(number)?.[1]?.length ?? 0), numbers.length === 1 ? 0 : 0)
    const width = wide ? Math.max(first.toFixed(digits).length, last.toFixed(digits).length) : 0
    let buffer = ''
    const count = Math.floor((last - first) / step + 1e-9)
    for (let i = 0; i <= count; i++) {
      buffer += (first + i * step).toFixed(digits).padStart(width, '0') + (i < count ? separator : '\n')
      if (buffer.length > 32_768) {
        await context.stdout.write(buffer)
        buffer = ''
      }
    }
    if (buffer) await context.stdout.write(buffer)
    return 0
  },
}

export const yes: Command = {
  name: 'yes',
  summary: 'output a string repeatedly until killed',
  run: async (context, argv) => {
    const line = `${argv.slice(1).join(' ') || 'y'}\n`
    const block = line.repeat(Math.max(1, Math.floor(8192 / line.length)))
    for (;;) await context.stdout.write(block)
  },
}
