import { type Command, readLines } from './command.ts'
import { readOptions } from './options.ts'

export const uniq: Command = {
  name: 'uniq',
  summary: 'report or omit repeated lines',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['c', 'd', 'u', 'i', 'D', 'count', 'repeated', 'unique', 'ignore-case'], ['f', 's', 'w'])
    if (!options) return 1
    const has = (...names: string[]) => names.some(name => options.flags.has(name))
    const fields = Number(options.flags.get('f') ?? 0)
    const skip = Number(options.flags.get('s') ?? 0)
    const width = options.flags.has('w') ? Number(options.flags.get('w')) : undefined
    const key = (line: string) => {
      const rest = line.replace(new RegExp(`^(\\s*\\S+){0,${fields}}`), '').slice(skip, width === undefined ? undefined : skip + width)
      return has('i', 'ignore-case') ? rest.toLowerCase() : rest
    }
    const operand = options.operands[0]
    let current: string | undefined
    let count = 0
    const show = async () => {
      if (current === undefined || (has('d', 'repeated') && count < 2) || (has('u', 'unique') && count > 1)) return
      await context.stdout.write(`${has('c', 'count') ? `${String(count).padStart(7)} ` : ''}${current}\n`)
    }
    for await (const line of readLines(operand === undefined || operand === '-' ? context.stdin : context.open(operand))) {
      if (current !== undefined && key(line) === key(current)) count++
      else {
        await show()
        current = line
        count = 1
      }
    }
    await show()
    return 0
  },
}
