import { FileError, normalise, type Credentials } from '../files/tree.ts'
import type { SimulatedMachine } from '../machine.ts'
import type { Input, Output } from '../commands/command.ts'
import { STOPPED, stoppedLine } from './builtins.ts'
import { completeLine } from './completion.ts'
import { createEditor } from './editor.ts'
import { createFrame, runScript, runToExit } from './evaluate.ts'
import { type Descriptor, Interrupted, Jump } from './frame.ts'
import { createGate, type Gate, gated } from './gate.ts'
import { createHost } from './programs.ts'
import { type Job, newState, scalar, type ShellState } from './state.ts'
import { justBash, parseScript } from './syntax.ts'
import type { Terminal } from './terminal.ts'

/** As HISTSIZE in Ubuntu's ~/.bashrc. */
const HISTORY_LINES = 1000

export const homeOf = (machine: SimulatedMachine, user: Credentials): string => machine.users.find(candidate => candidate.uid === user.uid)?.home ?? '/'

/** What login gives a user. */
export const loginEnvironment = (machine: SimulatedMachine, user: Credentials, extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  HOME: homeOf(machine, user),
  LANG: 'C.UTF-8',
  LOGNAME: user.name,
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games:/usr/local/games:/snap/bin',
  SHELL: '/bin/bash',
  USER: user.name,
  ...extra,
})

export interface InteractiveOptions {
  readonly machine: SimulatedMachine
  readonly user: Credentials
  readonly terminal: Terminal
  /** Ends with the login. */
  readonly signal: AbortSignal
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** Called with each line before it runs, for `w`. */
  readonly onCommand?: (line: string) => void
  /** Where a nested `bash` or `sudo -i` got its Ctrl-C from before. */
  readonly nested?: boolean
}

/** A bash at a prompt, until `exit`, Ctrl-D, or the login's end. Resolves to its exit status. */
export const runInteractive = async ({ machine, user, terminal, signal, env, cwd, onCommand, nested }: InteractiveOptions): Promise<number> => {
  await justBash()
  const files = machine.files(user)
  const historyFile = `${env['HOME'] ?? '/'}/.bash_history`
  let lines: string[] = []
  try {
    lines = files
      .readText(historyFile)
      .split('\n')
      .filter(line => line !== '')
      .slice(-HISTORY_LINES)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
  }
  const remember = (line: string) => {
    if (line.trim() === '' || line.startsWith(' ') || lines.at(-1) === line) return
    lines.push(line)
    lines = lines.slice(-HISTORY_LINES)
    try {
      files.appendFile(historyFile, `${line.replaceAll('\n', '; ')}\n`)
      files.chmod(historyFile, 0o600)
    } catch (error) {
      if (!(error instanceof FileError)) throw error
    }
  }
  const host = createHost(machine, terminal, signal, {
    get lines() {
      return lines
    },
    clear: () => {
      lines = []
      files.writeFile(historyFile, '', 0o600)
    },
  })
  const state = newState(cwd, nested ? 'bash' : '-bash', host.nextPid(), {
    ...env,
    TERM: terminal.tty.term,
    PWD: cwd,
    SHLVL: String(Number(env['SHLVL'] ?? 0) + 1),
  })
  const io = new Map<number, Descriptor>([
    [0, { input: terminal.input }],
    [1, { output: terminal.output }],
    [2, { output: terminal.output }],
  ])
  const frameFor = (lineSignal: AbortSignal, gate?: Gate) =>
    createFrame({ host, state, user, files, io: gate ? gated(io, gate) : io, gate, signal: lineSignal, interactive: true, name: 'bash' })
  const editor = createEditor({
    tty: terminal.tty,
    write: text => void terminal.output.write(text),
    history: () => lines,
    complete: (line, cursor) => completeLine(frameFor(signal), line, cursor),
  })
  const stop = () => editor.end()
  signal.addEventListener('abort', stop, { once: true })

  /** Runs one complete input; false when the shell is to end. Ctrl-Z makes it a stopped job, and the prompt comes back. */
  const run = async (text: string): Promise<boolean> => {
    const controller = new AbortController()
    const lineSignal = AbortSignal.any([controller.signal, signal])
    const gate = createGate(lineSignal)
    const stopped = gate.whenClosed()
    terminal.attach(
      undefined,
      () => controller.abort(new Error('interrupted')),
      () => (state.foreground?.gate ?? gate).close(),
    )
    const ahead = editor.take()
    if (ahead) terminal.receive(Buffer.from(ahead))
    state.variables.set('COLUMNS', { value: String(terminal.tty.columns), exported: false, readonly: false, associative: false })
    state.variables.set('LINES', { value: String(terminal.tty.rows), exported: false, readonly: false, associative: false })
    const evaluate = async (): Promise<{ readonly status: number; readonly goesOn: boolean }> => {
      try {
        return { status: await runScript(frameFor(lineSignal, gate), text), goesOn: true }
      } catch (error) {
        if (error instanceof Jump) return { status: error.value, goesOn: error.kind !== 'exit' }
        if (controller.signal.aborted) return { status: error instanceof Interrupted ? error.status : 130, goesOn: true }
        if (!signal.aborted) await terminal.output.write(`bash: ${(error as Error).message}\n`)
        return { status: 1, goesOn: true }
      }
    }
    const evaluated = evaluate()
    const result = await Promise.race([evaluated, stopped])
    if (result) {
      state.status = result.status
      for (const path of host.temporary.splice(0)) if (files.exists(path)) files.remove(path)
    } else {
      const job: Job = {
        number: Math.max(0, ...state.jobs.map(one => one.number)) + 1,
        pid: host.nextPid(),
        line: text,
        controller,
        gate,
        done: evaluated.then(({ status }) => (job.status = controller.signal.aborted && !state.foreground ? 143 : status)),
        status: undefined,
      }
      state.jobs.push(job)
      state.status = STOPPED
      await terminal.output.write(stoppedLine(job))
    }
    machine.flush()
    return (result?.goesOn ?? true) && !signal.aborted
  }

  /** A shell with stopped jobs ends at the second asking only. */
  let warned = false
  const mayEnd = async (): Promise<boolean> => {
    if (warned || !state.jobs.some(job => job.status === undefined && job.gate.closed)) return true
    warned = true
    await terminal.output.write('There are stopped jobs.\n')
    return false
  }

  for (const file of nested ? ['.bashrc'] : ['.profile']) {
    const path = `${env['HOME'] ?? '/'}/${file}`
    if (files.exists(path)) await run(`. ${path}`)
  }
  state.status = 0
  let buffer = ''
  for (;;) {
    for (const job of state.jobs.slice()) {
      if (job.status === undefined) continue
      await terminal.output.write(
        `[${job.number}]${job === state.jobs.at(-1) ? '+' : '-'}  ${(job.status === 0 ? 'Done' : job.status === 143 ? 'Terminated' : `Exit ${job.status}`).padEnd(24)}${job.line}\n`,
      )
      state.jobs.splice(state.jobs.indexOf(job), 1)
    }
    const reading = editor.read(buffer === '' ? promptOf(machine, user, state) : '> ')
    terminal.attach(editor, undefined)
    const result = await reading
    if (signal.aborted) break
    if (result.type === 'end') {
      if (buffer !== '') await terminal.output.write('\nbash: syntax error: unexpected end of file\n')
      await terminal.output.write(nested ? 'exit\n' : 'logout\n')
      if (!(await mayEnd())) continue
      break
    }
    if (result.type === 'interrupt') {
      buffer = ''
      state.status = 130
      continue
    }
    const text = buffer === '' ? expandHistory(result.line, lines) : `${buffer}\n${result.line}`
    if (text === undefined) {
      await terminal.output.write(`bash: ${result.line.trim()}: event not found\n`)
      continue
    }
    if (buffer === '' && text !== result.line) await terminal.output.write(`${text}\n`)
    if (text.trim() === '') continue
    if (/(^|[^\\])(\\\\)*\\$/.test(text)) {
      buffer = text.slice(0, -1)
      continue
    }
    const parsed = parseScript(text)
    if ('error' in parsed && parsed.incomplete) {
      buffer = text
      continue
    }
    buffer = ''
    remember(text)
    machine.flush()
    onCommand?.(text)
    const goesOn = await run(text)
    onCommand?.('-bash')
    if (!goesOn) {
      if (!signal.aborted) await terminal.output.write(nested ? '' : 'logout\n')
      if (!signal.aborted && !(await mayEnd())) continue
      break
    }
    warned = false
  }
  signal.removeEventListener('abort', stop)
  terminal.attach(undefined, undefined)
  for (const job of state.jobs) job.controller.abort(new Error('hangup'))
  machine.flush()
  await terminal.drained()
  return state.status
}

/** `!!`, `!n` and `!text`; undefined when there is no such line. */
const expandHistory = (line: string, lines: readonly string[]): string | undefined => {
  const match = /^(.*?)!(!|-?\d+|[A-Za-z][\w-]*)(?=\s|$)(.*)$/.exec(line)
  if (!match || /['"\\]$/.test(match[1]!) || /'/.test(match[1]!)) return line
  const [, before, event, after] = match as unknown as [string, string, string, string]
  if (before !== '' && !/\s$/.test(before)) return line
  const found =
    event === '!'
      ? lines.at(-1)
      : /^-?\d+$/.test(event)
        ? Number(event) > 0
          ? lines[Number(event) - 1]
          : lines.at(Number(event))
        : lines.findLast(candidate => candidate.startsWith(event))
  return found === undefined ? undefined : before + found + after
}

/** Ubuntu's: green `user@host`, blue directory. */
const promptOf = (machine: SimulatedMachine, user: Credentials, state: ShellState): string => {
  const home = scalar(state.variables.get('HOME'))
  const where = home && (state.cwd === home || state.cwd.startsWith(`${home}/`)) ? `~${state.cwd.slice(home.length)}` : state.cwd
  const own = scalar(state.variables.get('PS1'))
  const sign = user.uid === 0 ? '#' : '$'
  if (own !== undefined)
    return own
      .replaceAll('\\u', user.name)
      .replaceAll('\\h', machine.hostname)
      .replaceAll('\\H', machine.hostname)
      .replaceAll('\\w', where)
      .replaceAll('\\W', where.slice(where.lastIndexOf('/') + 1) || '/')
      .replaceAll('\\$', sign)
      .replaceAll('\\n', '\r\n')
      .replaceAll('\\[', '')
      .replaceAll('\\]', '')
      .replaceAll(/\\(?:e|033)/g, '\x1b')
  const title = `\x1b]0;${user.name}@${machine.hostname}: ${where}\x07`
  if (user.uid === 0) return `${title}root@${machine.hostname}:${where}# `
  return `${title}\x1b[01;32m${user.name}@${machine.hostname}\x1b[00m:\x1b[01;34m${where}\x1b[00m$ `
}

export interface ExecOptions {
  readonly machine: SimulatedMachine
  readonly user: Credentials
  readonly command: string
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly terminal: Terminal | undefined
  readonly signal: AbortSignal
  readonly env: Readonly<Record<string, string>>
}

/** `ssh host command`: bash -c, without a prompt. Resolves to the exit status; rejects only when the signal ends it. */
export const runExec = async ({ machine, user, command, stdin, stdout, stderr, terminal, signal, env }: ExecOptions): Promise<number> => {
  await justBash()
  const home = homeOf(machine, user)
  const files = machine.files(user)
  const host = createHost(machine, terminal, signal)
  const state = newState(normalise('/', home), 'bash', host.nextPid(), { ...env, PWD: home, SHLVL: '0' })
  const io = new Map<number, Descriptor>([
    [0, { input: stdin }],
    [1, { output: stdout }],
    [2, { output: stderr }],
  ])
  try {
    return await runToExit(createFrame({ host, state, user, files, io, signal, interactive: false, name: 'bash' }), command)
  } finally {
    for (const path of host.temporary.splice(0)) if (files.exists(path)) files.remove(path)
    machine.flush()
  }
}
