import { cat } from './cat.ts'
import type { Command } from './command.ts'
import { head } from './head.ts'
import { ls } from './ls.ts'
import { seq, yes } from './seq.ts'
import { sleep, timeout } from './sleep.ts'
import { tail } from './tail.ts'
import { tee } from './tee.ts'

/** Every program of a simulated machine that is not one of just-bash's text tools. */
export const commands: readonly Command[] = [cat, head, ls, seq, sleep, tail, tee, timeout, yes]
