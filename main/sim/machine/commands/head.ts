import { FileError } from '../files/tree.ts'
import type { Command } from './command.ts'
import { readOptions, refuse } from './options.ts'

export const head: Command = {
  name: 'head',
  summary: 'output the first part of files',
  run: async (context, argv) => {
    const options = await readOptions(
      context,
      argv.map(word => word.replace(/^-(\d+)$/, '-n$1')),
      ['q', 'v', 'quiet', 'verbose'],
      ['n', 'c', 'lines', 'bytes'],
    )
    if (!options) return 1
    const bytes = options.flags.get('c') ?? options.flags.get('bytes')
    const given = bytes ?? options.flags.get('n') ?? options.flags.get('lines') ?? '10'
    const match = /^-?(\d+)([kKMG]?)$/.exec(given)
    if (!match) return refuse(context, 'head', `invalid number of ${bytes === undefined ? 'lines' : 'bytes'}: ‘${given}’`)
    const count = Number(match[1]) * { '': 1, k: 1024, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match[2]!]!
    const operands = options.operands.length > 0 ? options.operands : ['-']
    let status = 0
    for (const [i, operand] of operands.entries()) {
      try {
        const input = operand === '-' ? context.stdin : context.open(operand)
        if (operands.length > 1 && !options.flags.has('q'))
          await context.stdout.write(`${i > 0 ? '\n' : ''}==> ${operand === '-' ? 'standard input' : operand} <==\n`)
        let left = count
        const allBut: Uint8Array[] = []
        while (left > 0 || given.startsWith('-')) {
          const chunk = await input.read()
          if (!chunk) break
          if (given.startsWith('-')) {
            allBut.push(chunk)
            continue
          }
          let end = 0
          if (bytes !== undefined) {
            end = Math.min(left, chunk.length)
            left -= end
          } else
            while (left > 0 && end < chunk.length) {
              const at = chunk.indexOf(10, end)
              if (at < 0) end = chunk.length
              else {
                end = at + 1
                left--
              }
            }
          await context.stdout.write(chunk.subarray(0, end))
          if (end < chunk.length) input.unread(chunk.subarray(end))
        }
        if (given.startsWith('-')) {
          const all = Buffer.concat(allBut)
          await context.stdout.write(
            bytes === undefined
              ? all
                  .toString('latin1')
                  .split(/(?<=\n)/)
                  .slice(0, -count || undefined)
                  .map(line => Buffer.from(line, 'latin1'))
                  .reduce((sum, line) => Buffer.concat([sum, line]), Buffer.alloc(0))
              : all.subarray(0, Math.max(0, all.length - count)),
          )
        }
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        status = await refuse(context, 'head', `cannot open '${operand}' for reading: ${error.reason}`)
      }
    }
    return status
  },
}
