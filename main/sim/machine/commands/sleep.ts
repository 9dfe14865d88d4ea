import type { Command } from './command.ts'
import { refuse } from './options.ts'

const UNITS: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `1.5`, `2m`, `1h`; undefined when it is none. */
const duration = (text: string): number | undefined => {
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text)
  return match ? Number(match[1]) * UNITS[match[2]!]! : text === 'infinity' ? Number.MAX_SAFE_INTEGER / 4 : undefined
}

export const sleep: Command = {
  name: 'sleep',
  summary: 'delay for a specified amount of time',
  run: async (context, argv) => {
    if (argv.length < 2) return refuse(context, 'sleep', "missing operand\nTry 'sleep --help' for more information.")
    let total = 0
    for (const operand of argv.slice(1)) {
      const ms = duration(operand)
      if (ms === undefined) return refuse(context, 'sleep', `invalid time interval ‘${operand}’\nTry 'sleep --help' for more information.`)
      total += ms
    }
    await context.clock.sleep(total, context.signal)
    return 0
  },
}

export const timeout: Command = {
  name: 'timeout',
  summary: 'run a command with a time limit',
  run: async (context, argv) => {
    let at = 1
    while (argv[at]?.startsWith('-')) at += /^-[ks]$/.test(argv[at]!) ? 2 : 1
    const ms = duration(argv[at] ?? '')
    if (ms === undefined || argv[at + 1] === undefined)
      return refuse(
        context,
        'timeout',
        argv[at] === undefined ? 'missing operand' : argv[at + 1] === undefined ? `missing operand after ‘${argv[at]}’` : `invalid time interval ‘${argv[at]}’`,
        125,
      )
    const limit = new AbortController()
    const cancel = context.clock.after(ms, () => limit.abort(new Error('timed out')))
    try {
      const status = await context.run(argv.slice(at + 1), { signal: AbortSignal.any([context.signal, limit.signal]) })
      if (status === 127) return await refuse(context, 'timeout', `failed to run command ‘${argv[at + 1]}’: No such file or directory`, 127)
      return limit.signal.aborted ? 124 : status
    } finally {
      cancel()
    }
  },
}
