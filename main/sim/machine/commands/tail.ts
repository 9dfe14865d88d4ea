import { FileError } from '../files/tree.ts'
import { type Command, readBytes } from './command.ts'
import { readOptions, refuse } from './options.ts'

/** How often `tail -f` looks, in virtual milliseconds (coreutils without inotify: 1 s). */
const POLL_MS = 1000

export const tail: Command = {
  name: 'tail',
  summary: 'output the last part of files',
  run: async (context, argv) => {
    const options = await readOptions(
      context,
      argv.map(word => word.replace(/^-(\d+)$/, '-n$1')),
      ['f', 'F', 'q', 'v', 'follow', 'retry'],
      ['n', 'c', 'lines', 'bytes', 's', 'pid'],
    )
    if (!options) return 1
    const bytes = options.flags.get('c') ?? options.flags.get('bytes')
    const given = bytes ?? options.flags.get('n') ?? options.flags.get('lines') ?? '10'
    if (!/^[-+]?\d+$/.test(given)) return refuse(context, 'tail', `invalid number of ${bytes === undefined ? 'lines' : 'bytes'}: ‘${given}’`)
    const count = Number(given.replace(/^[-+]/, ''))
    const last = (content: Uint8Array): Uint8Array => {
      if (bytes !== undefined) return given.startsWith('+') ? content.subarray(Math.max(0, count - 1)) : content.subarray(Math.max(0, content.length - count))
      if (given.startsWith('+')) {
        let start = 0
        for (let line = 1; line < count && start < content.length; line++) start = content.indexOf(10, start) + 1 || content.length
        return content.subarray(start)
      }
      let start = content.length
      let lines = 0
      for (let i = content.length - 2; i >= 0 && lines < count; i--)
        if (content[i] === 10) {
          lines++
          start = i + 1
        }
      return count === 0 ? content.subarray(content.length) : lines < count ? content : content.subarray(start)
    }
    const operands = options.operands.length > 0 ? options.operands : ['-']
    const follow = options.flags.has('f') || options.flags.has('F') || options.flags.has('follow')
    const seen = new Map<string, number>()
    let status = 0
    for (const [i, operand] of operands.entries()) {
      try {
        const content = operand === '-' ? await readBytes(context.stdin) : context.fs.readFile(operand).slice()
        if (operands.length > 1 && !options.flags.has('q'))
          await context.stdout.write(`${i > 0 ? '\n' : ''}==> ${operand === '-' ? 'standard input' : operand} <==\n`)
        await context.stdout.write(last(content))
        if (operand !== '-') seen.set(operand, content.length)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        status = await refuse(
          context,
          'tail',
          error.code === 'EISDIR' ? `error reading '${operand}': Is a directory` : `cannot open '${operand}' for reading: ${error.reason}`,
        )
        if (options.flags.has('F')) seen.set(operand, 0)
      }
    }
    if (!follow || (seen.size === 0 && !operands.includes('-'))) return follow && status !== 0 ? refuse(context, 'tail', 'no files remaining') : status
    while (seen.size > 0) {
      await context.clock.sleep(POLL_MS, context.signal)
      for (const [path, size] of seen) {
        if (!context.fs.exists(path)) continue
        const content = context.fs.readFile(path)
        if (content.length < size) await context.stderr.write(`tail: ${path}: file truncated\n`)
        if (content.length !== size) await context.stdout.write(content.slice(content.length < size ? 0 : size))
        seen.set(path, content.length)
      }
    }
    return status
  },
}
