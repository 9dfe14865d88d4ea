import { FileError } from '../files/tree.ts'
import type { Command } from './command.ts'
import { readOptions, refuse } from './options.ts'

export const cat: Command = {
  name: 'cat',
  summary: 'concatenate files and print on the standard output',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['n', 'b', 'A', 'e', 'E', 's', 't', 'T', 'u', 'v', 'number', 'show-all', 'show-ends'])
    if (!options) return 1
    const numbered = options.flags.has('n') || options.flags.has('number')
    const ends = options.flags.has('A') || options.flags.has('E') || options.flags.has('e')
    const nonBlank = options.flags.has('b')
    let line = 0
    let atStart = true
    let status = 0
    for (const operand of options.operands.length > 0 ? options.operands : ['-']) {
      try {
        const input = operand === '-' ? context.stdin : context.open(operand)
        for (let chunk = await input.read(); chunk; chunk = await input.read()) {
          if (!numbered && !ends && !nonBlank) {
            await context.stdout.write(chunk)
            continue
          }
          let text = ''
          for (const piece of Buffer.from(chunk)
            .toString('latin1')
            .split(/(?<=\n)/)) {
            if (atStart && (numbered || nonBlank) && !(nonBlank && piece === '\n')) text += `${String(++line).padStart(6)}\t`
            text += ends ? piece.replace('\n', '$\n') : piece
            atStart = piece.endsWith('\n')
          }
          await context.stdout.write(Buffer.from(text, 'latin1'))
        }
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        status = await refuse(context, 'cat', `${operand}: ${error.reason}`)
      }
    }
    return status
  },
}
