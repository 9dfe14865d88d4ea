import { quote } from '../shell/builtins.ts'
import { collector } from '../shell/streams.ts'
import { cellsOf, cells } from '../shell/width.ts'
import type { Command } from './command.ts'
import { calendar, refuse } from './options.ts'

export const watch: Command = {
  name: 'watch',
  summary: 'execute a program periodically, showing output fullscreen',
  run: async (context, argv) => {
    let interval = 2
    let title = true
    let exec = false
    let untilChange = false
    let at = 1
    for (; argv[at]?.startsWith('-'); at++) {
      const word = argv[at]!
      if (word.startsWith('-n')) interval = Number((word.slice(2) || argv[++at] || '').replace(',', '.'))
      else if (word.startsWith('--interval')) interval = Number(word.includes('=') ? word.slice(word.indexOf('=') + 1) : argv[++at])
      else if (word === '-t' || word === '--no-title') title = false
      else if (word === '-x' || word === '--exec') exec = true
      else if (word === '-g' || word === '--chgexit') untilChange = true
    }
    const command = argv.slice(at)
    if (command.length === 0) return refuse(context, 'watch', 'no command given')
    if (!(interval >= 0)) return refuse(context, 'watch', 'failed to parse argument')
    const tty = context.tty
    if (!tty) return refuse(context, 'watch', 'Error opening terminal: unknown.')
    const ms = Math.max(100, interval * 1000)
    let previous: string | undefined
    await context.stdout.write('\x1b[?1049h\x1b[?25l')
    try {
      for (;;) {
        const collected = collector()
        const outputs = { stdout: collected.output, stderr: collected.output }
        if (exec) await context.run(command, outputs)
        else await context.shell(command.length === 1 ? command[0]! : command.map(word => (/\s/.test(word) ? quote(word) : word)).join(' '), outputs)
        context.signal.throwIfAborted()
        const text = collected.text()
        if (untilChange && previous !== undefined && previous !== text) return 0
        previous = text
        const time = calendar(context.clock.now)
        const right = `${context.machine.hostname}: ${time.weekday} ${time.month} ${String(time.day).padStart(2)} ${time.clock} ${time.year}`
        const left = `Every ${interval.toFixed(1)}s: ${command.join(' ')}`
        const head = title
          ? [cut(left, Math.max(1, tty.columns - right.length - 2)).padEnd(Math.max(0, tty.columns - right.length - (cells(left) - left.length))) + right, '']
          : []
        const lines = [...head, ...text.replace(/\n$/, '').split('\n')].slice(0, tty.rows).map(line => cut(line, tty.columns))
        await context.stdout.write(`\x1b[H${lines.map(line => `${line}\x1b[K`).join('\n')}\x1b[J`)
        await context.clock.sleep(ms, context.signal)
      }
    } finally {
      await context.stdout.write('\x1b[?25h\x1b[?1049l')
    }
  },
}

/** The part of a line that fits, by cells. */
const cut = (line: string, width: number): string => {
  let used = 0
  let result = ''
  for (const character of line.replaceAll('\t', '        ')) {
    const size = character === '\x1b' ? 0 : cellsOf(character)
    if (used + size > width) break
    used += size
    result += character
  }
  return result
}
