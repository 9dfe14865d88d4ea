import { FileError } from '../files/tree.ts'
import type { Command } from './command.ts'
import { readOptions, refuse } from './options.ts'

export const tee: Command = {
  name: 'tee',
  summary: 'read from standard input and write to standard output and files',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['a', 'append', 'i', 'p'])
    if (!options) return 1
    const append = options.flags.has('a') || options.flags.has('append')
    let status = 0
    const files: string[] = []
    for (const path of options.operands) {
      try {
        if (append) context.fs.appendFile(path, '')
        else context.fs.writeFile(path, '')
        files.push(path)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        status = await refuse(context, 'tee', `${path}: ${error.reason}`)
      }
    }
    for (let chunk = await context.stdin.read(); chunk; chunk = await context.stdin.read()) {
      for (const path of files) context.fs.appendFile(path, chunk)
      await context.stdout.write(chunk)
    }
    return status
  },
}
