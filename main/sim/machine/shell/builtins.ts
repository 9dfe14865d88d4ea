import { readBytes } from '../commands/command.ts'
import { FileError, normalise } from '../files/tree.ts'
import { binaryTest, unaryTest } from './conditions.ts'
import { complain, type Frame, Jump } from './frame.ts'
import { arithmetic, ExpansionError, ordered, setElement, subscriptKey } from './expand.ts'
import { formatPrintf } from './printf.ts'
import { findProgram } from './lookup.ts'
import { environment, type Job, scalar, setVariable, type Variable } from './state.ts'
import { parseScript } from './syntax.ts'

/** A command that is part of the shell because it changes the shell. */
export type Builtin = (frame: Frame, argv: readonly string[]) => Promise<number> | number

const out = (frame: Frame, text: string): Promise<void> => {
  const output = frame.io.get(1)?.output
  return output ? output.write(text) : Promise.resolve()
}

const fail = async (frame: Frame, text: string, status = 1): Promise<number> => {
  await complain(frame, text)
  return status
}

export const quote = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
const declared = (name: string, variable: Variable): string => {
  const flags =
    `${typeof variable.value === 'string' ? '' : variable.associative ? 'A' : 'a'}${variable.readonly ? 'r' : ''}${variable.exported ? 'x' : ''}` || '-'
  const value =
    typeof variable.value === 'string'
      ? `"${variable.value.replace(/["\\$`]/g, '\\$&')}"`
      : `(${ordered(variable.value, variable.associative)
          .map(([key, item]) => `[${key}]="${item}"`)
          .join(' ')})`
  return `declare -${flags} ${name}=${value}\n`
}
const NAME = /^[A-Za-z_]\w*$/

const changeDirectory: Builtin = async (frame, argv) => {
  const { state } = frame
  const operand = argv.slice(1).find(word => !/^-[LPe]+$/.test(word))
  if (argv.length > 2 && argv.slice(1).filter(word => !/^-[LPe]+$/.test(word)).length > 1) return fail(frame, 'cd: too many arguments')
  const target = operand === undefined ? scalar(state.variables.get('HOME')) : operand === '-' ? scalar(state.variables.get('OLDPWD')) : operand
  if (target === undefined) return fail(frame, `cd: ${operand === '-' ? 'OLDPWD' : 'HOME'} not set`)
  const path = normalise(state.cwd, target)
  try {
    if (frame.files.stat(path).kind !== 'directory') return await fail(frame, `cd: ${target}: Not a directory`)
    if (!frame.files.access(path, 1)) return await fail(frame, `cd: ${target}: Permission denied`)
  } catch (error) {
    if (error instanceof FileError) return fail(frame, `cd: ${target}: ${error.reason}`)
    throw error
  }
  setVariable(state, 'OLDPWD', state.cwd, { exported: true })
  state.cwd = argv.includes('-P') ? frame.files.realpath(path) : path
  setVariable(state, 'PWD', state.cwd, { exported: true })
  if (operand === '-') await out(frame, `${state.cwd}\n`)
  return 0
}

const echo: Builtin = async (frame, argv) => {
  let i = 1
  let newline = true
  let escapes = false
  for (; /^-[neE]+$/.test(argv[i] ?? ''); i++) {
    if (argv[i]!.includes('n')) newline = false
    if (argv[i]!.includes('e')) escapes = true
    if (argv[i]!.includes('E')) escapes = false
  }
  const text = argv.slice(i).join(' ')
  const unescaped = escapes ? formatPrintf('%b', [text]) : { text, stop: false }
  await out(frame, unescaped.text + (newline && !unescaped.stop ? '\n' : ''))
  return 0
}

const declare: Builtin = async (frame, argv) => {
  const { state } = frame
  const name = argv[0]!
  const flags = argv.slice(1).filter(word => /^[-+][a-zA-Z]+$/.test(word))
  const has = (flag: string) => flags.some(word => word.startsWith('-') && word.includes(flag))
  const operands = argv.slice(1).filter(word => !/^[-+][a-zA-Z]+$/.test(word))
  if (name === 'local' && state.locals.length === 0) return fail(frame, 'local: can only be used in a function')
  if (operands.length === 0 || has('p')) {
    if (has('f') || has('F')) {
      for (const function_ of state.functions.keys()) await out(frame, `declare -f ${function_}\n`)
      return 0
    }
    const wanted = operands.length > 0 ? operands : [...state.variables.keys()].toSorted()
    let status = 0
    for (const one of wanted) {
      const variable = state.variables.get(one)
      if (!variable) status = await fail(frame, `${name}: ${one}: not found`)
      else if ((name !== 'export' && !has('x')) || variable.exported)
        await out(
          frame,
          name === 'export' || name === 'readonly' || operands.length > 0 || has('p')
            ? declared(one, variable).replace(/^declare -x/, name === 'export' ? 'declare -x' : 'declare -x')
            : `${one}=${typeof variable.value === 'string' ? quote(variable.value) : ''}\n`,
        )
    }
    return status
  }
  let status = 0
  for (const operand of operands) {
    const equals = operand.indexOf('=')
    const variable = (equals < 0 ? operand : operand.slice(0, equals)).replace(/\+$/, '')
    if (!NAME.test(variable)) {
      status = await fail(frame, `${name}: \`${operand}': not a valid identifier`)
      continue
    }
    const scope = state.locals.at(-1)
    if ((name === 'local' || ((name === 'declare' || name === 'typeset') && scope && !has('g'))) && !scope!.has(variable)) {
      scope!.set(variable, state.variables.get(variable))
      state.variables.delete(variable)
    }
    const array = has('a') || has('A')
    const existing = state.variables.get(variable)
    if (equals >= 0) setVariable(state, variable, (operand[equals - 1] === '+' ? (scalar(existing) ?? '') : '') + operand.slice(equals + 1))
    else if (!existing && (array || name === 'local' || name === 'declare' || name === 'typeset'))
      state.variables.set(variable, { value: array ? new Map() : '', exported: false, readonly: false, associative: has('A') })
    else if (!existing && name === 'export') setVariable(state, variable, '')
    const now = state.variables.get(variable)
    if (!now) continue
    if (name === 'export' || has('x')) now.exported = !argv.includes('-n')
    if (name === 'readonly' || has('r')) now.readonly = true
    if (has('i') && typeof now.value === 'string') {
      const parsed = parseScript(`((${now.value || 0}))`)
      const command = 'error' in parsed ? undefined : parsed.script.statements[0]?.pipelines[0]?.commands[0]
      if (command?.type === 'ArithmeticCommand') now.value = String(await arithmetic(frame, command.expression))
    }
  }
  return status
}

/** `read`: takes one line from the input and gives the rest back. */
const read: Builtin = async (frame, argv) => {
  let raw = false
  let array: string | undefined
  let delimiter = '\n'
  let limit: number | undefined
  let silent = false
  const names: string[] = []
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i]!
    if (!word.startsWith('-')) names.push(word)
    else
      for (let j = 1; j < word.length; j++) {
        const option = word[j]!
        if (option === 'r') raw = true
        else if (option === 's') silent = true
        else if ('padntNu'.includes(option)) {
          const value = word.slice(j + 1) || (argv[++i] ?? '')
          if (option === 'p' && frame.io.get(0)?.input?.isTty) await frame.io.get(2)?.output?.write(value)
          if (option === 'a') array = value
          if (option === 'd') delimiter = value[0] ?? '\0'
          if (option === 'n' || option === 'N') limit = Number(value)
          break
        }
      }
  }
  const input = frame.io.get(0)?.input
  if (!input) return 1
  const release = silent && input.isTty ? frame.host.tty?.raw() : undefined
  const bytes: number[] = []
  let found = false
  try {
    const end = delimiter.charCodeAt(0)
    while (!found) {
      const chunk = await input.read()
      if (!chunk) break
      for (let i = 0; i < chunk.length; i++) {
        let byte = chunk[i]!
        if (release && byte === 13) byte = 10
        if (release && byte === 3) throw new Jump('exit', 130)
        if (byte === end || (limit !== undefined && bytes.length >= limit)) {
          found = true
          const rest = chunk.subarray(byte === end ? i + 1 : i)
          if (rest.length > 0) input.unread(rest)
          break
        }
        if (byte === 92 && !raw && chunk[i + 1] === 10) i++
        else bytes.push(byte)
      }
    }
  } finally {
    release?.()
  }
  let line = Buffer.from(bytes).toString('utf8')
  if (!raw) line = line.replace(/\\(.)/g, '$1')
  const separators = scalar(frame.state.variables.get('IFS')) ?? ' \t\n'
  const white = [...separators].filter(c => ' \t\n'.includes(c)).join('')
  const isWhite = (c: string) => white.includes(c)
  const words: string[] = []
  const wanted = array === undefined ? Math.max(1, names.length) : Number.POSITIVE_INFINITY
  let rest = trim(line, white)
  while (rest !== '' && words.length < wanted - 1) {
    const at = [...rest].findIndex(c => separators.includes(c))
    if (at < 0) break
    words.push(rest.slice(0, at))
    let next = at
    while (next < rest.length && isWhite(rest[next]!)) next++
    if (next < rest.length && separators.includes(rest[next]!) && !isWhite(rest[next]!)) next++
    rest = trim(rest.slice(next), white)
  }
  if (rest !== '') words.push(rest)
  if (array !== undefined)
    frame.state.variables.set(array, { value: new Map(words.map((word, i) => [String(i), word])), exported: false, readonly: false, associative: false })
  else if (names.length === 0) setVariable(frame.state, 'REPLY', line)
  else names.forEach((name, i) => setVariable(frame.state, name, words[i] ?? ''))
  return found ? 0 : 1
}

const trim = (text: string, characters: string) => {
  let start = 0
  let end = text.length
  while (start < end && characters.includes(text[start]!)) start++
  while (end > start && characters.includes(text[end - 1]!)) end--
  return text.slice(start, end)
}

const test: Builtin = async (frame, argv) => {
  let words = argv.slice(1)
  if (argv[0] === '[') {
    if (words.at(-1) !== ']') return fail(frame, "[: missing `]'", 2)
    words = words.slice(0, -1)
  }
  let at = 0
  const or = (): boolean => {
    let value = and()
    while (words[at] === '-o') {
      at++
      const right = and()
      value = value || right
    }
    return value
  }
  const and = (): boolean => {
    let value = not()
    while (words[at] === '-a') {
      at++
      const right = not()
      value = value && right
    }
    return value
  }
  const not = (): boolean => {
    if (words[at] === '!' && at < words.length - 1) {
      at++
      return !not()
    }
    if (words[at] === '(' && words.includes(')', at)) {
      at++
      const value = or()
      at++
      return value
    }
    const operator = words[at + 1]
    if (operator !== undefined && /^(=|==|!=|<|>|-(eq|ne|lt|le|gt|ge|nt|ot|ef))$/.test(operator) && words[at + 2] !== undefined) {
      const value = binaryTest(frame, words[at]!, operator, words[at + 2]!)
      at += 3
      return value
    }
    if (/^-[a-zA-Z]$/.test(words[at] ?? '') && words[at + 1] !== undefined) {
      const value = unaryTest(frame, words[at]!, words[at + 1]!)
      at += 2
      return value
    }
    return (words[at++] ?? '') !== ''
  }
  try {
    if (words.length === 0) return 1
    const value = or()
    if (at < words.length) return await fail(frame, `${argv[0]}: ${words.length > 3 ? 'too many arguments' : `${words[at - 1]}: unary operator expected`}`, 2)
    return value ? 0 : 1
  } catch (error) {
    if (error instanceof ExpansionError) return fail(frame, error.message.replace(/^\[/, argv[0]!), 2)
    throw error
  }
}

const jump =
  (kind: Jump['kind']): Builtin =>
  async (frame, argv) => {
    const value = argv[1] === undefined ? (kind === 'break' || kind === 'continue' ? 1 : frame.state.status) : Number(argv[1])
    if (!Number.isInteger(value)) {
      await complain(frame, `${argv[0]}: ${argv[1]}: numeric argument required`)
      throw new Jump(kind, 2)
    }
    throw new Jump(kind, kind === 'exit' || kind === 'return' ? value & 255 : value)
  }

const evalLine: Builtin = (frame, argv) => (argv.length > 1 ? frame.run(argv.slice(1).join(' ')) : 0)

const source: Builtin = async (frame, argv) => {
  if (!argv[1]) return fail(frame, `${argv[0]}: filename argument required`, 2)
  const positional = frame.state.positional
  try {
    const text = frame.files.readText(normalise(frame.state.cwd, argv[1]))
    if (argv.length > 2) frame.state.positional = argv.slice(2)
    return await frame.run(text)
  } catch (error) {
    if (error instanceof Jump && error.kind === 'return') return error.value
    if (error instanceof FileError) return fail(frame, `${argv[1]}: ${error.reason}`)
    throw error
  } finally {
    frame.state.positional = positional
  }
}

const set: Builtin = async (frame, argv) => {
  const { state } = frame
  if (argv.length === 1) {
    for (const [name, variable] of [...state.variables].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      if (typeof variable.value === 'string') await out(frame, `${name}=${quote(variable.value)}\n`)
    return 0
  }
  const letters: Readonly<Record<string, keyof typeof state.options>> = { e: 'errexit', u: 'nounset', x: 'xtrace', f: 'noglob' }
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i]!
    if (word === '--') {
      state.positional = argv.slice(i + 1)
      return 0
    }
    const on = word.startsWith('-')
    if (!on && !word.startsWith('+')) {
      state.positional = argv.slice(i)
      return 0
    }
    for (const letter of word.slice(1)) {
      const option = letter === 'o' ? (argv[++i] as keyof typeof state.options | undefined) : letters[letter]
      if (option && option in state.options) state.options[option] = on
    }
  }
  return 0
}

const printf: Builtin = async (frame, argv) => {
  let at = 1
  let variable: string | undefined
  if (argv[1] === '-v') {
    variable = argv[2]
    at = 3
  }
  if (argv[at] === '--') at++
  if (argv[at] === undefined) return fail(frame, 'printf: usage: printf [-v var] format [arguments]', 2)
  const result = formatPrintf(argv[at]!, argv.slice(at + 1))
  for (const problem of result.problems ?? []) await complain(frame, `printf: ${problem}`)
  if (variable !== undefined) {
    const element = /^(\w+)\[(.*)\]$/.exec(variable)
    if (element) setElement(frame.state, element[1]!, await subscriptKey(frame, element[1]!, element[2]!), result.text)
    else setVariable(frame.state, variable, result.text)
  } else await out(frame, result.text)
  return result.problems?.length ? 1 : 0
}

const describe = (frame: Frame, name: string): { readonly kind: 'alias' | 'keyword' | 'function' | 'builtin' | 'file'; readonly text: string } | undefined => {
  const { state } = frame
  if (state.aliases.has(name) && frame.interactive) return { kind: 'alias', text: `${name} is aliased to \`${state.aliases.get(name)}'` }
  if (/^(if|then|else|elif|fi|for|while|until|do|done|case|esac|in|function|time|\{|\}|!|\[\[|\]\])$/.test(name))
    return { kind: 'keyword', text: `${name} is a shell keyword` }
  if (state.functions.has(name)) return { kind: 'function', text: `${name} is a function` }
  if (builtins[name]) return { kind: 'builtin', text: `${name} is a shell builtin` }
  const found = findProgram(frame.files, name, environment(state)['PATH'] ?? '', state.cwd)
  return 'path' in found ? { kind: 'file', text: `${name} is ${found.path}` } : undefined
}

const type: Builtin = async (frame, argv) => {
  let status = 0
  for (const name of argv.slice(1).filter(word => !word.startsWith('-'))) {
    const found = describe(frame, name)
    if (!found) status = argv.includes('-t') || argv.includes('-p') ? 1 : await fail(frame, `type: ${name}: not found`)
    else
      await out(
        frame,
        `${argv.includes('-t') ? found.kind : argv.includes('-p') ? (found.kind === 'file' ? found.text.replace(/^.* is /, '') : '') : found.text}\n`,
      )
  }
  return status
}

const commandBuiltin: Builtin = async (frame, argv) => {
  const lookUp = argv[1] === '-v' || argv[1] === '-V'
  if (!lookUp)
    return frame.run(
      argv
        .slice(argv[1] === '-p' ? 2 : 1)
        .map(quote)
        .join(' '),
    )
  let status = 0
  for (const name of argv.slice(2)) {
    const found = describe(frame, name)
    if (!found) status = argv[1] === '-V' ? await fail(frame, `command: ${name}: not found`) : 1
    else
      await out(
        frame,
        `${argv[1] === '-V' ? found.text : found.kind === 'file' ? found.text.replace(/^.* is /, '') : found.kind === 'alias' ? `alias ${name}='${frame.state.aliases.get(name)}'` : name}\n`,
      )
  }
  return status
}

const alias: Builtin = async (frame, argv) => {
  const { aliases } = frame.state
  const show = (name: string) => out(frame, `alias ${name}='${aliases.get(name)!.replaceAll("'", "'\\''")}'\n`)
  if (argv.length === 1) for (const name of [...aliases.keys()].toSorted()) await show(name)
  let status = 0
  for (const word of argv.slice(1)) {
    const equals = word.indexOf('=')
    if (equals > 0) aliases.set(word.slice(0, equals), word.slice(equals + 1))
    else if (aliases.has(word)) await show(word)
    else status = await fail(frame, `alias: ${word}: not found`)
  }
  return status
}

const jobs: Builtin = async (frame, argv) => {
  for (const job of frame.state.jobs)
    await out(
      frame,
      argv.includes('-p')
        ? `${job.pid}\n`
        : `[${job.number}]${job === frame.state.jobs.at(-1) ? '+' : '-'}  ${(job.status !== undefined ? (job.status === 0 ? 'Done' : `Exit ${job.status}`) : job.gate.closed ? 'Stopped' : 'Running').padEnd(24)}${job.line}${job.status === undefined && !job.gate.closed ? ' &' : ''}\n`,
    )
  return 0
}

const interrupted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))

const wait: Builtin = async (frame, argv) => {
  const wanted = argv.slice(1).filter(word => !word.startsWith('-'))
  const waiting = frame.state.jobs.filter(job => wanted.length === 0 || wanted.includes(String(job.pid)) || wanted.includes(`%${job.number}`))
  const statuses = await Promise.race([Promise.all(waiting.map(job => job.done)), interrupted(frame.signal)])
  for (const job of waiting) frame.state.jobs.splice(frame.state.jobs.indexOf(job), 1)
  return wanted.length > 0 ? (statuses.at(-1) ?? 127) : 0
}

const jobOf = (frame: Frame, word: string | undefined) =>
  word === undefined || /^%[%+]?$/.test(word)
    ? frame.state.jobs.at(-1)
    : frame.state.jobs.find(one => `%${one.number}` === word || String(one.number) === word || (/^%\D/.test(word) && one.line.startsWith(word.slice(1))))

const foreground: Builtin = async (frame, argv) => {
  const { state } = frame
  const job = jobOf(frame, argv[1])
  if (!job) return fail(frame, `fg: ${argv[1] ?? 'current'}: no such job`)
  await out(frame, `${job.line}\n`)
  const stop = () => job.controller.abort(new Error('interrupted'))
  frame.signal.addEventListener('abort', stop, { once: true })
  const stopped = job.gate.whenClosed()
  state.foreground = job
  job.gate.open()
  const status = await Promise.race([job.done, stopped])
  state.foreground = undefined
  frame.signal.removeEventListener('abort', stop)
  if (status === undefined) {
    await out(frame, stoppedLine(job))
    return STOPPED
  }
  state.jobs.splice(state.jobs.indexOf(job), 1)
  return status
}

const background: Builtin = async (frame, argv) => {
  const job = jobOf(frame, argv[1])
  if (!job) return fail(frame, `bg: ${argv[1] ?? 'current'}: no such job`)
  job.gate.open()
  await out(frame, `[${job.number}]+ ${job.line} &\n`)
  return 0
}

/** What bash says of a job that Ctrl-Z stopped, and the status it leaves (128 + SIGTSTP). */
export const stoppedLine = (job: Job): string => `\n[${job.number}]+  ${'Stopped'.padEnd(24)}${job.line}\n`
export const STOPPED = 148

const kill: Builtin = async (frame, argv) => {
  if (argv[1] === '-l') {
    await out(frame, ' 1) SIGHUP\t 2) SIGINT\t 3) SIGQUIT\t 9) SIGKILL\t15) SIGTERM\n')
    return 0
  }
  let status = 0
  for (const word of argv.slice(1).filter((one, i) => !(one.startsWith('-') && i === 0))) {
    const job = word.startsWith('%') ? jobOf(frame, word) : frame.state.jobs.find(one => word === String(one.pid))
    if (job && /^-(STOP|SIGSTOP|TSTP|SIGTSTP|19|20)$/.test(argv[1] ?? '')) job.gate.close()
    else if (job && /^-(CONT|SIGCONT|18)$/.test(argv[1] ?? '')) job.gate.open()
    else if (job) job.controller.abort(new Error('terminated'))
    else if (/^\d+$/.test(word)) {
      const unit = frame.host.machine.units.list().find(one => one.pid === Number(word))
      if (!unit && word !== String(frame.state.pid) && word !== '1') status = await fail(frame, `kill: (${word}) - No such process`)
      else if (frame.user.uid !== 0) status = await fail(frame, `kill: (${word}) - Operation not permitted`)
      else if (unit?.behaviour) {
        const forced = /^-(9|KILL|SIGKILL)$/.test(argv[1] ?? '')
        await unit.behaviour.stop()
        frame.host.machine.unitExited(unit.name, forced ? 137 : 143)
      }
    } else status = await fail(frame, `kill: ${word}: arguments must be process or job IDs`)
  }
  return status
}

export const builtins: Readonly<Record<string, Builtin>> = {
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  '.': source,
  '[': test,
  alias,
  bg: background,
  break: jump('break'),
  cd: changeDirectory,
  command: commandBuiltin,
  builtin: (frame, argv) => builtins[argv[1] ?? ':']?.(frame, argv.slice(1)) ?? fail(frame, `builtin: ${argv[1]}: not a shell builtin`),
  continue: jump('continue'),
  declare,
  echo,
  eval: evalLine,
  exec: async (frame, argv) => {
    if (argv.length === 1) return 0
    throw new Jump('exit', await frame.run(argv.slice(1).map(quote).join(' ')))
  },
  exit: jump('exit'),
  export: declare,
  fg: foreground,
  hash: () => 0,
  history: async (frame, argv) => {
    const history = frame.host.history
    if (argv[1] === '-c') history?.clear()
    else {
      const lines = history?.lines ?? []
      const count = argv[1] === undefined ? lines.length : Number(argv[1])
      await out(
        frame,
        lines
          .map((line, i) => `${String(i + 1).padStart(5)}  ${line}\n`)
          .slice(-count)
          .join(''),
      )
    }
    return 0
  },
  jobs,
  kill,
  let: async (frame, argv) => {
    let last = 0n
    for (const text of argv.slice(1)) {
      const parsed = parseScript(`((${text}))`)
      const command = 'error' in parsed ? undefined : parsed.script.statements[0]?.pipelines[0]?.commands[0]
      if (command?.type !== 'ArithmeticCommand') return fail(frame, `let: ${text}: syntax error: operand expected`)
      last = await arithmetic(frame, command.expression)
    }
    return Number(last === 0n)
  },
  local: declare,
  logout: jump('exit'),
  mapfile: async (frame, argv) => {
    const input = frame.io.get(0)?.input
    const text = input ? Buffer.from(await readBytes(input)).toString('utf8') : ''
    const lines = text.split(/(?<=\n)/).map(line => (argv.includes('-t') ? line.replace(/\n$/, '') : line))
    const name = argv.slice(1).find(word => !word.startsWith('-')) ?? 'MAPFILE'
    frame.state.variables.set(name, {
      value: new Map(lines.filter(line => line !== '').map((line, i) => [String(i), line])),
      exported: false,
      readonly: false,
      associative: false,
    })
    return 0
  },
  printf,
  pwd: async frame => {
    await out(frame, `${frame.state.cwd}\n`)
    return 0
  },
  read,
  readonly: declare,
  return: jump('return'),
  set,
  shift: (frame, argv) => {
    const count = Number(argv[1] ?? 1)
    if (count > frame.state.positional.length) return 1
    frame.state.positional = frame.state.positional.slice(count)
    return 0
  },
  shopt: () => 0,
  source,
  test,
  times: async frame => {
    await out(frame, '0m0.004s 0m0.002s\n0m0.000s 0m0.000s\n')
    return 0
  },
  trap: (frame, argv) => {
    if (argv.slice(2).some(signal => signal === 'EXIT' || signal === '0')) frame.state.exitTrap = argv[1] === '-' ? undefined : argv[1]
    return 0
  },
  type,
  typeset: declare,
  ulimit: async (frame, argv) => {
    await out(frame, argv.includes('-n') ? '1024\n' : 'unlimited\n')
    return 0
  },
  umask: async (frame, argv) => {
    if (argv[1] === undefined) await out(frame, `${frame.state.umask.toString(8).padStart(4, '0')}\n`)
    else frame.state.umask = Number.parseInt(argv[1], 8) & 0o777
    return 0
  },
  unalias: async (frame, argv) => {
    if (argv[1] === '-a') frame.state.aliases.clear()
    else for (const name of argv.slice(1)) if (!frame.state.aliases.delete(name)) return fail(frame, `unalias: ${name}: not found`)
    return 0
  },
  unset: async (frame, argv) => {
    for (const word of argv.slice(1)) {
      if (word.startsWith('-')) continue
      const element = /^(\w+)\[(.*)\]$/.exec(word)
      if (element) {
        const value = frame.state.variables.get(element[1]!)?.value
        if (value instanceof Map) value.delete(await subscriptKey(frame, element[1]!, element[2]!))
      } else if (frame.state.variables.get(word)?.readonly) return fail(frame, `unset: ${word}: cannot unset: readonly variable`)
      else if (argv[1] === '-f' || !frame.state.variables.delete(word)) frame.state.functions.delete(word)
    }
    return 0
  },
  wait,
}
