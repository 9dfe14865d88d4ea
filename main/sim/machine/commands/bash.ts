import { FileError } from '../files/tree.ts'
import { hostOf, runShell } from '../shell/programs.ts'
import { runInteractive } from '../shell/session.ts'
import { type Command, readText } from './command.ts'
import { refuse } from './options.ts'

export const bash: Command = {
  name: 'bash',
  aliases: ['sh', 'dash'],
  summary: 'GNU Bourne-Again SHell',
  run: async (context, argv) => {
    const host = hostOf(context)
    const name = argv[0]!
    let at = 1
    let preamble = ''
    while (/^[-+]/.test(argv[at] ?? '') && argv[at] !== '-c') {
      const word = argv[at]!
      if (word === '--version') {
        await context.stdout.write('GNU bash, version 5.2.21(1)-release (x86_64-pc-linux-gnu)\nCopyright (C) 2022 Free Software Foundation, Inc.\n')
        return 0
      }
      const letters = word.replace(/[cils-]/g, '')
      if (letters && !word.startsWith('--')) preamble += `set -${letters}${letters.includes('o') ? ` ${argv[++at]}` : ''}\n`
      at++
      if (word === '-s' || word === '-') break
      if (/^-[a-z]*c$/.test(word)) {
        at--
        break
      }
    }
    if (/^-[a-z]*c$/.test(argv[at] ?? '')) {
      const script = argv[at + 1]
      if (script === undefined) return refuse(context, name, '-c: option requires an argument', 2)
      return runShell(host, context, preamble + script, argv[at + 2] ?? name, argv.slice(at + 3))
    }
    const file = argv[at]
    if (file !== undefined) {
      try {
        return await runShell(host, context, preamble + context.fs.readText(file), file, argv.slice(at + 1))
      } catch (error) {
        if (error instanceof FileError && error.path === file) return refuse(context, name, `${file}: ${error.reason}`, error.code === 'ENOENT' ? 127 : 126)
        throw error
      }
    }
    if (context.stdin.isTty && host.terminalDevice)
      return runInteractive({
        machine: context.machine,
        user: context.user,
        terminal: host.terminalDevice,
        signal: host.signal,
        env: context.env,
        cwd: context.cwd,
        nested: true,
      })
    return runShell(host, context, preamble + (await readText(context.stdin)), name, [])
  },
}
