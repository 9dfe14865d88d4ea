import { quote } from '../shell/builtins.ts'
import type { Command } from './command.ts'

/** Shell builtins that are programs too, for `sudo echo`, `xargs printf`, `env kill`. */
export const builtinPrograms: readonly Command[] = (
  [
    ['echo', 'display a line of text'],
    ['printf', 'format and print data'],
    ['true', 'do nothing, successfully'],
    ['false', 'do nothing, unsuccessfully'],
    ['test', 'check file types and compare values'],
    ['[', 'check file types and compare values'],
    ['pwd', 'print name of current directory'],
    ['kill', 'send a signal to a process'],
  ] as const
).map(([name, summary]) => ({ name, summary, run: (context, argv) => context.shell(argv.map(quote).join(' ')) }))
