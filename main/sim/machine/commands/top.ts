import { memoryOf } from '../files/generated.ts'
import type { Command, CommandContext } from './command.ts'
import { uptimeLine } from './identity.ts'
import { processesOf } from './processes.ts'
import { shortName } from './ps.ts'

const screen = (context: CommandContext, rows: number, columns: number, byMemory: boolean): string[] => {
  const { machine } = context
  const list = processesOf(machine)
  const memory = memoryOf(machine)
  const usage = machine.counters.read().usage * 100
  const mib = (bytes: number) => (bytes / 1024 ** 2).toFixed(1).padStart(8)
  const running = list.filter(process => process.state.startsWith('R')).length
  const sorted = list.toSorted((a, b) => (byMemory ? b.memoryBytes - a.memoryBytes : b.cpuPercent - a.cpuPercent) || a.pid - b.pid)
  const size = (bytes: number, width: number) =>
    (bytes / 1024 < 10 ** width ? String(Math.round(bytes / 1024)) : `${(bytes / 1024 ** 2).toFixed(1)}m`).padStart(width)
  const time = (ms: number) => `${Math.floor(ms / 60_000)}:${((ms % 60_000) / 1000).toFixed(2).padStart(5, '0')}`
  return [
    `top -${uptimeLine(machine)}`,
    `Tasks: ${String(list.length).padStart(3)} total, ${String(Math.max(1, running)).padStart(3)} running, ${String(list.length - Math.max(1, running)).padStart(3)} sleeping,   0 stopped,   0 zombie`,
    `%Cpu(s): ${(usage * 0.7).toFixed(1).padStart(4)} us, ${(usage * 0.28).toFixed(1).padStart(4)} sy,  0.0 ni, ${(100 - usage).toFixed(1).padStart(4)} id,  0.0 wa,  0.0 hi, ${(usage * 0.02).toFixed(1).padStart(4)} si,  0.0 st `,
    `MiB Mem : ${mib(memory.total)} total, ${mib(memory.free)} free, ${mib(memory.total - memory.available)} used, ${mib(memory.cache)} buff/cache     `,
    `MiB Swap: ${mib(0)} total, ${mib(0)} free, ${mib(0)} used. ${mib(memory.available)} avail Mem `,
    '',
    '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND',
    ...sorted.map(
      process =>
        `${String(process.pid).padStart(7)} ${(process.user.length > 8 ? `${process.user.slice(0, 7)}+` : process.user).padEnd(8)}  20   0 ${size(process.memoryBytes * 2.6, 7)} ${size(process.memoryBytes, 6)} ${size(process.memoryBytes * 0.35, 6)} ${process.state[0]} ${process.cpuPercent.toFixed(1).padStart(5)} ${((process.memoryBytes / memory.total) * 100).toFixed(1).padStart(5)} ${time(process.cpuMs).padStart(9)} ${shortName(process.command)}`,
    ),
  ]
    .slice(0, rows)
    .map(line => line.slice(0, columns))
}

export const top: Command = {
  name: 'top',
  summary: 'display Linux processes',
  run: async (context, argv) => {
    const words = argv.slice(1).join(' ')
    const batch = /(^|\s)-?[a-zA-Z]*b/.test(words)
    const iterations = Number(/n\s*(\d+)/.exec(words)?.[1] ?? Number.POSITIVE_INFINITY)
    const delay = Number(/d\s*([\d.]+)/.exec(words)?.[1] ?? 3) * 1000
    let byMemory = words.includes('%MEM')
    if (batch || !context.tty) {
      if (!batch) {
        await context.stderr.write('top: failed tty get\n')
        return 1
      }
      for (let i = 0; i < iterations; i++) {
        if (i > 0) {
          await context.clock.sleep(delay, context.signal)
          await context.stdout.write('\n')
        }
        await context.stdout.write(`${screen(context, Number.POSITIVE_INFINITY, 512, byMemory).join('\n')}\n`)
      }
      return 0
    }
    const { tty } = context
    const release = tty.raw()
    let wake = () => {}
    let key = ''
    let gone = false
    let over = false
    const listen = async () => {
      for (let bytes = await context.stdin.read(); bytes; bytes = await context.stdin.read()) {
        if (over) return context.stdin.unread(bytes)
        key = Buffer.from(bytes).toString('utf8')[0] ?? ''
        wake()
        if (key === 'q' || key === '\x03') return
      }
      gone = true
      wake()
    }
    const keys = listen()
    const stopResize = tty.onResize(() => wake())
    await context.stdout.write('\x1b[?1h\x1b=\x1b[?25l\x1b[H\x1b[2J')
    try {
      for (let i = 0; i < iterations && !gone; i++) {
        const lines = screen(context, tty.rows - 1, tty.columns, byMemory).map((line, row) => (row === 6 ? `\x1b[7m${line.padEnd(tty.columns)}\x1b[0m` : line))
        await context.stdout.write(`\x1b[H${lines.map(line => `${line}\x1b[K`).join('\n')}\x1b[J`)
        const pressed = new Promise<void>(resolve => (wake = resolve))
        const sleeping = new AbortController()
        await Promise.race([
          pressed,
          context.clock
            .sleep(delay, AbortSignal.any([context.signal, sleeping.signal]))
            .catch(error => (sleeping.signal.aborted ? undefined : Promise.reject(error))),
        ])
        sleeping.abort()
        if (key === 'q' || key === '\x03') break
        if (key === 'M') byMemory = true
        if (key === 'P') byMemory = false
        key = ''
      }
    } finally {
      over = true
      stopResize()
      release()
      await context.stdout.write(`\x1b[?1l\x1b>\x1b[${tty.rows};1H\x1b[?25h\n`)
    }
    void keys
    return 0
  },
}
