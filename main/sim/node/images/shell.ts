import { OS } from '../../machine/hardware/system.ts'
import type { ContainerContext, ExecResult, Program, Step } from './image.ts'
import { compare, expand, formatDate, seconds, type Expansion } from './shell-words.ts'
import { parseScript, type Command, type Node } from './shell-syntax.ts'

/**
 * The small part of a POSIX shell that container commands in manifests are written in: lists, loops, conditions,
 * variables, `$(( ))`, redirection into files, and the commands below. A program it knows only by name runs until it
 * is stopped.
 */

/** busybox applets that wait for something from outside: they go on until stopped. */
const ENDLESS = new Set(['top', 'nc', 'httpd', 'tail', 'vi', 'less', 'telnetd', 'crond', 'watch', 'ping', 'wget', 'curl', 'nslookup', 'telnet', 'dd', 'yes'])
const BUILTINS = new Set([
  'echo',
  'printf',
  'sleep',
  'exit',
  'true',
  'false',
  ':',
  'date',
  'hostname',
  'touch',
  'rm',
  'mkdir',
  'cat',
  'test',
  '[',
  'seq',
  'env',
  'printenv',
  'pwd',
  'cd',
  'set',
  'trap',
  'wait',
  'export',
  'id',
  'whoami',
  'uname',
  'ls',
  'exec',
  'expr',
  'chmod',
  'chown',
  'ps',
  'sh',
  'ash',
  'bash',
  'kill',
  'break',
  'head',
  'grep',
  'sync',
  'df',
  'mount',
  'ip',
  'nproc',
  'wc',
  'sort',
  'cp',
  'mv',
  'ln',
])

export const isShellCommand = (name: string): boolean => BUILTINS.has(base(name)) || ENDLESS.has(base(name))

const base = (path: string) => path.slice(path.lastIndexOf('/') + 1)

interface State extends Expansion {
  readonly vars: Map<string, string>
  readonly files: Map<string, string>
  readonly context: ContainerContext
  now: () => number
  status: number
}

/** Thrown through the interpreter by `exit` and `break`. */
class Leave {
  readonly code: number
  readonly loop: boolean
  constructor(code: number, loop: boolean) {
    this.code = code
    this.loop = loop
  }
}

type Run = Generator<Step | 'forever', number>

function* print(text: string, command: Command, state: State): Generator<Step> {
  if (command.output) {
    const old = command.append ? (state.files.get(command.output) ?? '') : ''
    if (command.output !== '/dev/null' && command.output !== '/dev/stderr') state.files.set(command.output, `${old}${text}\n`)
    if (command.output === '/dev/stderr') yield { print: text, stderr: true }
    return
  }
  for (const line of text.split('\n')) yield { print: line }
}

function* runCommand(command: Command, state: State): Run {
  const words: string[] = []
  for (const word of command.words) {
    const assignment = words.length === 0 && /^([A-Za-z_]\w*)=(.*)$/s.exec(word)
    if (assignment) {
      state.vars.set(assignment[1]!, expand(assignment[2]!, state).join(' '))
      continue
    }
    words.push(...expand(word, state))
  }
  const [first, ...args] = words
  if (first === undefined) return 0
  const name = base(first)
  const fail = function* (text: string, code = 1): Generator<Step, number> {
    if (!command.quietErrors) yield { print: text, stderr: true }
    return code
  }
  switch (name) {
    case 'echo': {
      const plain = args[0] === '-n' || args[0] === '-e' ? args.slice(1) : args
      yield* print(args[0] === '-e' ? plain.join(' ').replace(/\\n/g, '\n').replace(/\\t/g, '\t') : plain.join(' '), command, state)
      return 0
    }
    case 'printf': {
      const rest = args.slice(1)
      const text = (args[0] ?? '')
        .replace(/%[sd]/g, () => rest.shift() ?? '')
        .replace(/\\n/g, '\n')
        .replace(/\\t/g, '\t')
      yield* print(text.replace(/\n$/, ''), command, state)
      return 0
    }
    case 'sleep': {
      const total = args.map(seconds)
      if (args.length === 0) return yield* fail('sleep: missing operand')
      if (total.includes(undefined)) return yield* fail(`sleep: invalid number '${args[0]}'`)
      const ms = total.reduce<number>((sum, s) => sum + s! * 1000, 0)
      if (!Number.isFinite(ms)) yield 'forever'
      yield { sleepMs: ms }
      return 0
    }
    case 'exit':
      throw new Leave(args[0] === undefined ? state.status : Number(args[0]) & 255, false)
    case 'break':
      throw new Leave(0, true)
    case 'false':
      return 1
    case 'date':
      yield* print(
        formatDate(
          state.now(),
          args.find(arg => arg.startsWith('+')),
        ),
        command,
        state,
      )
      return 0
    case 'hostname':
      yield* print(args[0] === '-i' ? state.context.podIP : state.context.hostname, command, state)
      return 0
    case 'touch':
      for (const file of args) if (!state.files.has(file)) state.files.set(file, '')
      return 0
    case 'rm':
      for (const file of args.filter(arg => !arg.startsWith('-')))
        if (!state.files.delete(file) && !args.some(arg => /^-\w*f/.test(arg))) return yield* fail(`rm: can't remove '${file}': No such file or directory`)
      return 0
    case 'cat':
      for (const file of args.filter(arg => !arg.startsWith('-'))) {
        const text = state.files.get(file)
        if (text === undefined) return yield* fail(`cat: can't open '${file}': No such file or directory`)
        if (text !== '') yield* print(text.replace(/\n$/, ''), command, state)
      }
      return 0
    case 'test':
    case '[':
      return compare(name === '[' ? args.slice(0, -1) : args, state.files) ? 0 : 1
    case 'seq': {
      const [from, to] = args.length > 1 ? [Number(args[0]), Number(args.at(-1))] : [1, Number(args[0])]
      for (let n = from; n <= to; n++) yield* print(String(n), command, state)
      return 0
    }
    case 'env':
    case 'printenv':
      if (name === 'printenv' && args[0]) {
        const value = state.vars.get(args[0])
        if (value === undefined) return 1
        yield* print(value, command, state)
      } else for (const [key, value] of state.vars) yield* print(`${key}=${value}`, command, state)
      return 0
    case 'export':
      for (const arg of args) {
        const [key, ...value] = arg.split('=')
        if (value.length > 0) state.vars.set(key!, value.join('='))
      }
      return 0
    case 'whoami':
      yield* print('root', command, state)
      return 0
    case 'id':
      yield* print('uid=0(root) gid=0(root) groups=0(root),10(wheel)', command, state)
      return 0
    case 'pwd':
      yield* print('/', command, state)
      return 0
    case 'nproc':
      yield* print('4', command, state)
      return 0
    case 'uname':
      yield* print(args[0] === '-a' ? `Linux ${state.context.hostname} ${OS.kernel} x86_64 GNU/Linux` : 'Linux', command, state)
      return 0
    case 'kill':
      if (args.at(-1) === '1' || args.at(-1) === '$$') throw new Leave(args.includes('-9') ? 137 : 143, false)
      return 0
    case 'exec':
      throw new Leave(yield* runCommand({ ...command, words: args.map(quote) }, state), false)
    case 'sh':
    case 'ash':
    case 'bash': {
      const script = args[args.findIndex(arg => /^-\w*c$/.test(arg)) + 1]
      if (!args.some(arg => /^-\w*c$/.test(arg)) || script === undefined) return 0
      try {
        return yield* runNode(parseScript(script), newState(state.context, state.files, new Map(state.vars), state.now))
      } catch (error) {
        if (error instanceof Leave) return error.code
        throw error
      }
    }
    default:
      if (BUILTINS.has(name)) return 0
      if (ENDLESS.has(name)) yield 'forever'
      return yield* fail(`sh: ${first}: not found`, 127)
  }
}

/** Output of a command that does not take time; sleeping inside `$( )` is not followed. */
function* collect(run: Run): Generator<string> {
  for (const step of run) {
    if (step === 'forever') return
    if ('print' in step && !step.stderr) yield `${step.print}\n`
  }
}

/** A fresh shell over the files of its container. */
const newState = (context: ContainerContext, files: Map<string, string>, vars: Map<string, string>, now: () => number): State => {
  const state: State = { vars, files, context, now, status: 0, substitute: script => [...collect(runNode(parseScript(script), { ...state }))].join('') }
  return state
}

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`

function* runNode(node: Node, state: State): Run {
  switch (node.type) {
    case 'command':
      return (state.status = yield* runCommand(node, state))
    case 'list': {
      for (const { node: part, when } of node.parts) {
        if (when === 'and' && state.status !== 0) continue
        if (when === 'or' && state.status === 0) continue
        state.status = yield* runNode(part, state)
      }
      return state.status
    }
    case 'loop': {
      for (;;) {
        const code = yield* runNode(node.condition, state)
        if ((code === 0) === node.until) return (state.status = 0)
        try {
          yield* runNode(node.body, state)
        } catch (error) {
          if (error instanceof Leave && error.loop) return (state.status = 0)
          throw error
        }
        // A loop without a sleep in it would otherwise never let time pass.
        yield { sleepMs: 1 }
      }
    }
    case 'for': {
      const values: string[] = []
      for (const word of node.words) values.push(...expand(word, state))
      for (const value of values) {
        state.vars.set(node.variable, value)
        try {
          yield* runNode(node.body, state)
        } catch (error) {
          if (error instanceof Leave && error.loop) break
          throw error
        }
      }
      return (state.status = 0)
    }
    case 'if': {
      if ((yield* runNode(node.condition, state)) === 0) return yield* runNode(node.body, state)
      return node.otherwise ? yield* runNode(node.otherwise, state) : (state.status = 0)
    }
    case 'not':
      return (state.status = (yield* runNode(node.node, state)) === 0 ? 1 : 0)
    default:
      return node satisfies never
  }
}

/** The program of a container that was started with a shell or one of its commands. */
export const shellProgram = (context: ContainerContext): Program => {
  const files = new Map<string, string>([
    ['/etc/hostname', `${context.hostname}\n`],
    ['/dev/null', ''],
  ])
  let elapsed = 0
  const vars = () =>
    new Map(Object.entries({ HOSTNAME: context.hostname, PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', ...context.env }))
  const isShell = /(^|\/)(sh|ash|bash)$/.test(context.argv[0] ?? '')
  return {
    endsByItself: true,
    ports: [],
    listenAfterMs: 0,
    // PID 1 has no default signal actions: a plain sh or sleep lets SIGTERM pass by and is killed after the grace period.
    onTerm: 'ignored',
    *run() {
      // Without a script and without a terminal a shell reads the end of its input at once.
      if (isShell && !context.argv.some(arg => /^-\w*c$/.test(arg))) return 0
      const state = newState(context, files, vars(), () => context.startedAt + elapsed)
      try {
        const run = runCommand({ type: 'command', words: context.argv.map(quote) }, state)
        for (;;) {
          const next = run.next()
          if (next.done) return next.value
          if (next.value === 'forever') return undefined
          if ('sleepMs' in next.value) elapsed += next.value.sleepMs
          yield next.value
        }
      } catch (error) {
        if (error instanceof Leave) return error.code
        throw error
      }
    },
    exec: (argv, now): ExecResult => {
      const state = newState(context, files, vars(), () => now)
      const output: string[] = []
      const run = runCommand({ type: 'command', words: argv.map(quote) }, state)
      try {
        for (;;) {
          const next = run.next()
          if (next.done) return { code: next.value, output: output.join('\n') }
          if (next.value === 'forever') return { code: 0, output: output.join('\n') }
          if ('print' in next.value) output.push(next.value.print)
        }
      } catch (error) {
        if (error instanceof Leave) return { code: error.code, output: output.join('\n') }
        throw error
      }
    },
  }
}
