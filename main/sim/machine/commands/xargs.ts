import { type Command, readText } from './command.ts'
import { refuse } from './options.ts'

export const xargs: Command = {
  name: 'xargs',
  summary: 'build and execute command lines from standard input',
  run: async (context, argv) => {
    let replace: string | undefined
    let perCall = Number.POSITIVE_INFINITY
    let noEmpty = false
    let delimiter: string | undefined
    let trace = false
    let at = 1
    for (; argv[at]?.startsWith('-'); at++) {
      const word = argv[at]!
      const letter = word[1]!
      const value = () => word.slice(2) || (argv[++at] ?? '')
      if (letter === 'I') replace = value()
      else if (letter === 'n' || letter === 'L') perCall = Number(value())
      else if (letter === 'P' || letter === 's') value()
      else if (letter === 'd') delimiter = value().replace('\\n', '\n').replace('\\0', '\0').replace('\\t', '\t')
      else if (letter === '0') delimiter = '\0'
      else if (letter === 'r') noEmpty = true
      else if (letter === 't') trace = true
      else if (word === '--no-run-if-empty') noEmpty = true
      else return refuse(context, 'xargs', `invalid option -- '${letter}'`)
    }
    const command = argv.slice(at).length > 0 ? argv.slice(at) : ['echo']
    const text = await readText(context.stdin)
    const items =
      delimiter !== undefined
        ? text.split(delimiter).filter((item, i, all) => item !== '' || i < all.length - 1)
        : replace !== undefined
          ? text
              .split('\n')
              .map(line => line.trim())
              .filter(line => line !== '')
          : [...text.matchAll(/"([^"]*)"|'([^']*)'|((?:\\.|[^\s'"\\])+)/g)].map(match => match[1] ?? match[2] ?? match[3]!.replace(/\\(.)/g, '$1'))
    if (items.length === 0 && (noEmpty || replace !== undefined)) return 0
    const calls =
      replace !== undefined
        ? items.map(item => command.map(word => word.replaceAll(replace, item)))
        : items.length === 0
          ? [command]
          : Array.from({ length: Math.ceil(items.length / Math.min(perCall, 5000)) }, (_, i) => [
              ...command,
              ...items.slice(i * Math.min(perCall, 5000), (i + 1) * Math.min(perCall, 5000)),
            ])
    let status = 0
    for (const call of calls) {
      context.signal.throwIfAborted()
      if (trace) await context.stderr.write(`${call.join(' ')}\n`)
      if (!context.which(call[0]!)) return refuse(context, 'xargs', `${call[0]}: No such file or directory`, 127)
      if ((await context.run(call)) !== 0) status = 123
    }
    return status
  },
}
