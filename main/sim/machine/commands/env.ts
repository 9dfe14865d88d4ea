import type { Command } from './command.ts'
import { refuse } from './options.ts'

export const env: Command = {
  name: 'env',
  aliases: ['printenv'],
  summary: 'run a program in a modified environment',
  run: async (context, argv) => {
    if (argv[0] === 'printenv' && argv.length > 1) {
      const values = argv.slice(1).map(name => context.env[name])
      for (const value of values) if (value !== undefined) await context.stdout.write(`${value}\n`)
      return values.includes(undefined) ? 1 : 0
    }
    let variables: Record<string, string> = { ...context.env }
    let at = 1
    for (; at < argv.length; at++) {
      const word = argv[at]!
      if (word === '-i' || word === '-') variables = {}
      else if (word === '-u') delete variables[argv[++at] ?? '']
      else if (/^[^=-][^=]*=/.test(word)) variables[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1)
      else break
    }
    if (at >= argv.length) {
      await context.stdout.write(
        Object.entries(variables)
          .map(([name, value]) => `${name}=${value}\n`)
          .join(''),
      )
      return 0
    }
    if (!context.which(argv[at]!)) return refuse(context, 'env', `‘${argv[at]}’: No such file or directory`, 127)
    return context.run(argv.slice(at), { env: variables })
  },
}

export const nohup: Command = {
  name: 'nohup',
  aliases: ['nice', 'stdbuf', 'ionice', 'setsid'],
  summary: 'run a command immune to hangups',
  run: async (context, argv) => {
    let at = 1
    while (argv[at]?.startsWith('-')) at += /^-[nocpioe]$/.test(argv[at]!) ? 2 : 1
    if (argv[at] === undefined) return refuse(context, argv[0]!, 'missing operand', 125)
    return context.run(argv.slice(at))
  },
}
