import { BrokenPipe, type Output } from '../commands/command.ts'
import type { Files } from '../files/files.ts'
import { FileError, normalise } from '../files/tree.ts'
import { builtins } from './builtins.ts'
import { evaluateCondition } from './conditions.ts'
import { arithmetic, expandPattern, expandText, expandWords, ExpansionError, setElement, subscriptKey } from './expand.ts'
import { matches } from './pattern.ts'
import { complain, type Descriptor, type Frame, type FrameOptions, Interrupted, Jump, lineOf } from './frame.ts'
import { createGate, gated } from './gate.ts'
import { describeProgram, findProgram, openInput } from './lookup.ts'
import { environment, forkState, type Job, ReadonlyVariable, scalar, setVariable, type Variable } from './state.ts'
import { bytesInput, collector, createPipe, noInput } from './streams.ts'
import {
  type Assignment,
  type Command,
  type CompoundCommand,
  parseScript,
  type Pipeline,
  type Redirection,
  type SimpleCommand,
  type Statement,
  type Word,
} from './syntax.ts'

export const createFrame = (options: FrameOptions): Frame => {
  const { host } = options
  const frame: Frame = {
    ...options,
    clock: host.machine.clock,
    random: host.machine.random,
    hostname: host.machine.hostname,
    startedAt: host.startedAt,
    run: text => runScript(frame, text),
    home: name => host.machine.users.find(user => user.name === name)?.home,
    substitute: async script => {
      const collected = collector(SUBSTITUTION_BYTES)
      const sub = subshell(frame, { 1: { output: collected.output } })
      options.state.status = await inSubshell(sub, () => runStatements(sub, script.statements))
      return collected.text().replaceAll('\0', '').replace(/\n+$/, '')
    },
    processSubstitution: async (script, direction) => {
      if (direction === 'output') throw new ExpansionError('>(...): output process substitution is not available on this machine')
      const collected = collector(SUBSTITUTION_BYTES)
      const sub = subshell(frame, { 1: { output: collected.output } })
      await inSubshell(sub, () => runStatements(sub, script.statements))
      const path = `/tmp/sh-np.${host.machine.random.suffix(6)}`
      frame.files.writeFile(path, collected.bytes(), 0o600)
      host.temporary.push(path)
      return path
    },
  }
  return frame
}

/** More than a program could want in an argument, less than would hurt the simulation. */
const SUBSTITUTION_BYTES = 32 * 1024 * 1024
const MAX_CALL_DEPTH = 200

const subshell = (frame: Frame, io: Readonly<Record<number, Descriptor>> = {}): Frame =>
  createFrame({ ...frame, state: forkState(frame.state), io: withDescriptors(frame.io, io), interactive: false })

const withDescriptors = (base: ReadonlyMap<number, Descriptor>, changes: Readonly<Record<number, Descriptor>>) => {
  const result = new Map(base)
  for (const [fd, descriptor] of Object.entries(changes)) result.set(Number(fd), descriptor)
  return result
}

/** Runs a subshell's body: `exit` ends it, and so does a broken pipe. */
const inSubshell = async (frame: Frame, body: () => Promise<number>): Promise<number> => {
  try {
    return await body()
  } catch (error) {
    if (error instanceof Jump) return error.value
    if (error instanceof BrokenPipe) return 141
    throw error
  }
}

/** Runs statements one after another; resolves to the last status. Throws Jump, and the signal's reason when interrupted. */
const runStatements = async (frame: Frame, statements: readonly Statement[], inCondition = false): Promise<number> => {
  const { state } = frame
  let status = 0
  for (const statement of statements) {
    if (frame.gate?.closed) await frame.gate.pass()
    frame.signal.throwIfAborted()
    if (statement.deferredError) {
      await complain(frame, statement.deferredError.message)
      return (state.status = 2)
    }
    status = statement.background ? startJob(frame, statement) : await runStatement(frame, statement, inCondition)
    state.status = status
  }
  return status
}

const runStatement = async (frame: Frame, statement: Statement, inCondition: boolean): Promise<number> => {
  let status = 0
  for (let i = 0; i < statement.pipelines.length; i++) {
    const pipeline = statement.pipelines[i]!
    const operator = i === 0 ? undefined : statement.operators[i - 1]
    if ((operator === '&&' && status !== 0) || (operator === '||' && status === 0)) continue
    const last = i === statement.pipelines.length - 1
    status = await runPipeline(frame, pipeline, inCondition || !last)
    frame.state.status = status
    if (status !== 0 && frame.state.options.errexit && !inCondition && last && !pipeline.negated) throw new Jump('exit', status)
  }
  return status
}

const startJob = (frame: Frame, statement: Statement): number => {
  const controller = new AbortController()
  const number = Math.max(0, ...frame.state.jobs.map(job => job.number)) + 1
  const pid = frame.host.nextPid()
  const signal = AbortSignal.any([controller.signal, frame.host.signal])
  const gate = createGate(signal)
  const job: Job = { number, pid, line: (statement.sourceText ?? '').replace(/\s*&\s*$/, ''), controller, gate, done: Promise.resolve(0), status: undefined }
  const behind = subshell(frame, { 0: { input: noInput } })
  const sub = createFrame({ ...behind, io: gated(behind.io, gate), signal, gate })
  const run = async () => {
    try {
      job.status = await inSubshell(sub, () => runStatement(sub, { ...statement, background: false }, false))
    } catch {
      job.status = 143
    }
    frame.host.machine.flush()
    return job.status
  }
  Object.assign(job, { done: run() })
  frame.state.jobs.push(job)
  frame.state.lastJobPid = pid
  if (frame.interactive) void frame.io.get(2)?.output?.write(`[${number}] ${pid}\n`)
  return 0
}

const runPipeline = async (frame: Frame, pipeline: Pipeline, inCondition: boolean): Promise<number> => {
  const startedAt = frame.clock.now
  let status: number
  if (pipeline.commands.length === 1) {
    status = await runCommand(frame, pipeline.commands[0]!, inCondition)
    frame.state.variables.set('PIPESTATUS', { value: new Map([['0', String(status)]]), exported: false, readonly: false, associative: false })
  } else {
    let previous: ReturnType<typeof createPipe> | undefined
    const running = pipeline.commands.map((command, i) => {
      const source = previous
      const sink = i < pipeline.commands.length - 1 ? createPipe(frame.signal) : undefined
      previous = sink
      const stage = subshell(frame, {
        ...(source ? { 0: { input: source.input } } : {}),
        ...(sink ? { 1: { output: sink.output } } : {}),
        ...(sink && pipeline.pipeStderr?.[i] ? { 2: { output: sink.output } } : {}),
      } as Readonly<Record<number, Descriptor>>)
      return inSubshell(stage, () => runCommand(stage, command, inCondition)).finally(() => {
        sink?.end()
        source?.close()
      })
    })
    const settled = await Promise.allSettled(running)
    const failed = settled.find(result => result.status === 'rejected')
    if (failed) throw failed.reason
    const statuses = settled.map(result => (result.status === 'fulfilled' ? result.value : 1))
    frame.state.variables.set('PIPESTATUS', {
      value: new Map(statuses.map((value, i) => [String(i), String(value)])),
      exported: false,
      readonly: false,
      associative: false,
    })
    status = frame.state.options.pipefail ? (statuses.findLast(value => value !== 0) ?? 0) : statuses.at(-1)!
  }
  if (pipeline.timed) {
    const seconds = (frame.clock.now - startedAt) / 1000
    const format = (value: number) => (pipeline.timePosix ? value.toFixed(2) : `${Math.floor(value / 60)}m${(value % 60).toFixed(3)}s`)
    await frame.io
      .get(2)
      ?.output?.write(
        pipeline.timePosix
          ? `real ${format(seconds)}\nuser ${format(0)}\nsys ${format(0)}\n`
          : `\nreal\t${format(seconds)}\nuser\t${format(0)}\nsys\t${format(0)}\n`,
      )
  }
  return pipeline.negated ? Number(status === 0) : status
}

const runCommand = async (frame: Frame, command: Command, inCondition: boolean): Promise<number> => {
  await frame.host.breathe()
  frame.signal.throwIfAborted()
  try {
    if (command.type === 'FunctionDef') {
      frame.state.functions.set(command.name, command.body)
      return 0
    }
    if (command.type === 'SimpleCommand') return await runSimple(frame, command)
    return await redirected(frame, command.redirections, inner => runCompound(inner, command, inCondition))
  } catch (error) {
    if (error instanceof ExpansionError || error instanceof ReadonlyVariable) {
      await complain(frame, error.message)
      if (!frame.interactive) throw new Jump('exit', error instanceof ExpansionError && error.fatalStatus ? error.fatalStatus : 1)
      return 1
    }
    throw error
  }
}

/** Runs the body with its redirections; a redirection that fails is told and gives 1. */
const redirected = async (frame: Frame, redirections: readonly Redirection[], body: (frame: Frame) => Promise<number>): Promise<number> => {
  if (redirections.length === 0) return body(frame)
  const io = await openRedirections(frame, redirections)
  return io ? body(createFrame({ ...frame, io })) : 1
}

const openRedirections = async (frame: Frame, redirections: readonly Redirection[]): Promise<ReadonlyMap<number, Descriptor> | undefined> => {
  const io = new Map(frame.io)
  for (const { operator, target, fd } of redirections) {
    if (target.type === 'HereDoc') {
      io.set(fd ?? 0, { input: bytesInput(await expandText(frame, target.content)) })
      continue
    }
    const text = await expandText(frame, target)
    if (operator === '<<<') {
      io.set(fd ?? 0, { input: bytesInput(`${text}\n`) })
      continue
    }
    if ((operator === '>&' || operator === '<&') && /^(\d+|-)$/.test(text)) {
      const to = fd ?? (operator === '>&' ? 1 : 0)
      if (text === '-') {
        io.delete(to)
        continue
      }
      const source = io.get(Number(text))
      if (!source) {
        await complain(frame, `${text}: Bad file descriptor`)
        return undefined
      }
      io.set(to, source)
      continue
    }
    const path = normalise(frame.state.cwd, text)
    try {
      if (operator === '<' || operator === '<>') io.set(fd ?? 0, special(frame, path, io) ?? { input: openInput(frame.host, frame.files, path) })
      else {
        const descriptor = special(frame, path, io) ?? {
          output: fileOutput(frame.files, path, operator === '>>' || operator === '&>>', 0o666 & ~frame.state.umask),
        }
        if (operator === '&>' || operator === '&>>' || operator === '>&') {
          io.set(1, descriptor)
          io.set(2, descriptor)
        } else io.set(fd ?? 1, descriptor)
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      await complain(frame, `${text}: ${error.reason}`)
      return undefined
    }
  }
  return io
}

const special = (frame: Frame, path: string, io: ReadonlyMap<number, Descriptor>): Descriptor | undefined => {
  if (path === '/dev/tty') return frame.host.terminal
  const fd = { '/dev/stdin': 0, '/dev/stdout': 1, '/dev/stderr': 2 }[path] ?? (/^\/dev\/fd\/(\d+)$/.exec(path)?.[1] ? Number(/\d+$/.exec(path)![0]) : undefined)
  return fd === undefined ? undefined : io.get(fd)
}

const fileOutput = (files: Files, path: string, append: boolean, mode: number): Output => {
  if (append) files.appendFile(path, '')
  else files.writeFile(path, '', mode)
  return {
    isTty: false,
    write: data => {
      try {
        files.appendFile(path, data)
        return Promise.resolve()
      } catch (error) {
        return Promise.reject(error instanceof FileError ? error : new Error('write error', { cause: error }))
      }
    },
  }
}

const DECLARING = new Set(['export', 'local', 'declare', 'typeset', 'readonly', 'alias'])

const runSimple = async (frame: Frame, command: SimpleCommand, expandedAliases: readonly string[] = []): Promise<number> => {
  const { state } = frame
  if (command.line) state.line = command.line
  const literal = command.name?.parts.length === 1 && command.name.parts[0]!.type === 'Literal' ? command.name.parts[0]!.value : undefined
  const alias = literal !== undefined && frame.interactive && !expandedAliases.includes(literal) ? state.aliases.get(literal) : undefined
  if (alias !== undefined) {
    const parsed = parseScript(alias)
    if ('error' in parsed) {
      await complain(frame, parsed.error)
      return 2
    }
    const first = parsed.script.statements[0]?.pipelines[0]?.commands[0]
    if (
      parsed.script.statements.length === 1 &&
      parsed.script.statements[0]!.pipelines.length === 1 &&
      parsed.script.statements[0]!.pipelines[0]!.commands.length === 1 &&
      first?.type === 'SimpleCommand'
    ) {
      return runSimple(
        frame,
        {
          ...first,
          args: [...first.args, ...command.args],
          assignments: [...command.assignments, ...first.assignments],
          redirections: [...first.redirections, ...command.redirections],
        },
        [...expandedAliases, literal!],
      )
    }
    return runStatements(frame, withArguments(parsed.script.statements, command.args))
  }

  const argv = command.name
    ? [
        ...(await expandWords(frame, [command.name])),
        ...(await (literal !== undefined && DECLARING.has(literal) ? declarations(frame, command.args) : expandWords(frame, command.args))),
      ]
    : []
  if (state.options.xtrace) await frame.io.get(2)?.output?.write(`+ ${[...command.assignments.map(assignment => assignment.name), ...argv].join(' ')}\n`)
  if (argv.length === 0) {
    const before = state.status
    state.status = 0
    for (const assignment of command.assignments) await assign(frame, assignment)
    if (command.redirections.length > 0 && !(await openRedirections(frame, command.redirections))) return 1
    const hasSubstitution = JSON.stringify(command.assignments).includes('"CommandSubstitution"')
    return hasSubstitution ? state.status : command.assignments.length > 0 || command.redirections.length > 0 ? 0 : before
  }
  state.lastArgument = argv.at(-1)!

  const name = argv[0]!
  return redirected(frame, command.redirections, async inner => {
    const prefix = new Map<string, Variable | undefined>()
    for (const assignment of command.assignments) {
      prefix.set(assignment.name, state.variables.get(assignment.name))
      state.variables.set(assignment.name, { value: scalar(state.variables.get(assignment.name)) ?? '', exported: true, readonly: false, associative: false })
      await assign(inner, assignment)
    }
    try {
      const body = state.functions.get(name)
      if (body) return await callFunction(inner, body, argv)
      const builtin = builtins[name]
      if (builtin) return await builtin(inner, argv)
      return await runExternal(inner, argv)
    } finally {
      if (name !== 'export')
        for (const [variable, previous] of prefix)
          if (previous) state.variables.set(variable, previous)
          else state.variables.delete(variable)
    }
  })
}

const runExternal = async (frame: Frame, argv: readonly string[]): Promise<number> => {
  const env = environment(frame.state)
  const name = argv[0]!
  const path = findProgram(frame.files, name, env['PATH'] ?? '', frame.state.cwd)
  if ('problem' in path) {
    await frame.io.get(2)?.output?.write(describeProgram(frame, name, path.problem))
    return path.status
  }
  const status = await frame.host.runProgram(
    {
      user: frame.user,
      env: { ...env, _: path.path },
      cwd: frame.state.cwd,
      stdin: frame.io.get(0)?.input ?? noInput,
      stdout: frame.io.get(1)?.output ?? closedOutput,
      stderr: frame.io.get(2)?.output ?? closedOutput,
      signal: frame.signal,
    },
    path.path,
    argv,
  )
  if (frame.signal.aborted) throw new Interrupted(status)
  return status
}

const closedOutput: Output = { isTty: false, write: () => Promise.reject(new Error('write error: Bad file descriptor')) }

const callFunction = async (frame: Frame, body: CompoundCommand, argv: readonly string[]): Promise<number> => {
  const { state } = frame
  if (state.locals.length >= MAX_CALL_DEPTH) throw new ExpansionError(`${argv[0]}: maximum function nesting level exceeded (${MAX_CALL_DEPTH})`)
  const positional = state.positional
  state.positional = argv.slice(1)
  state.locals.push(new Map())
  try {
    return await runCommand(frame, body, false)
  } catch (error) {
    if (error instanceof Jump && error.kind === 'return') return error.value
    throw error
  } finally {
    state.positional = positional
    for (const [name, previous] of state.locals.pop()!)
      if (previous) state.variables.set(name, previous)
      else state.variables.delete(name)
  }
}

/** `export X=$y`: what looks like an assignment is not split. */
const declarations = async (frame: Frame, words: readonly Word[]): Promise<string[]> => {
  const result: string[] = []
  for (const word of words) {
    const first = word.parts[0]
    if (first?.type === 'Literal' && /^[A-Za-z_][\w.-]*=/.test(first.value)) result.push(await expandText(frame, word))
    else result.push(...(await expandWords(frame, [word])))
  }
  return result
}

const assign = async (frame: Frame, assignment: Assignment): Promise<void> => {
  const { state } = frame
  const subscript = /^([A-Za-z_]\w*)\[([\s\S]*)\]$/.exec(assignment.name)
  if (assignment.array) {
    const existing = state.variables.get(assignment.name)
    const elements =
      assignment.append && existing
        ? typeof existing.value === 'string'
          ? new Map([['0', existing.value]])
          : new Map(existing.value)
        : new Map<string, string>()
    let next = elements.size > 0 ? Math.max(...[...elements.keys()].map(Number).filter(Number.isFinite), -1) + 1 : 0
    for (const word of assignment.array) {
      const first = word.parts[0]
      const keyed = first?.type === 'Glob' || first?.type === 'Literal' ? /^\[([\s\S]*)\]=([\s\S]*)$/.exec(await expandText(frame, word)) : null
      if (keyed) elements.set(existing?.associative ? keyed[1]! : await subscriptKey(frame, assignment.name, keyed[1]!), keyed[2]!)
      else for (const value of await expandWords(frame, [word])) elements.set(String(next++), value)
    }
    if (existing?.readonly) throw new ReadonlyVariable(`${assignment.name}: readonly variable`)
    state.variables.set(assignment.name, {
      value: elements,
      exported: existing?.exported ?? false,
      readonly: false,
      associative: existing?.associative ?? false,
    })
    return
  }
  const value = assignment.value ? await expandText(frame, assignment.value) : ''
  if (subscript) {
    const [, name, key] = subscript as unknown as [string, string, string]
    const index = await subscriptKey(frame, name, key)
    const existing = state.variables.get(name)?.value
    const before = assignment.append && typeof existing === 'object' ? (existing.get(index) ?? '') : ''
    return setElement(state, name, index, before + value)
  }
  setVariable(state, assignment.name, assignment.append ? (scalar(state.variables.get(assignment.name)) ?? '') + value : value)
}

/** Puts an alias's arguments behind its last command. */
const withArguments = (statements: readonly Statement[], args: readonly Word[]): Statement[] => {
  const copy = structuredClone(statements) as Statement[]
  const last = copy.at(-1)?.pipelines.at(-1)?.commands.at(-1)
  if (last?.type === 'SimpleCommand') last.args.push(...args)
  return copy
}

/** Runs a loop's body once; tells whether the loop goes on. */
const iterate = async (body: () => Promise<number>): Promise<{ readonly status: number; readonly stop: boolean }> => {
  try {
    return { status: await body(), stop: false }
  } catch (error) {
    if (!(error instanceof Jump) || (error.kind !== 'break' && error.kind !== 'continue')) throw error
    if (error.value > 1) throw new Jump(error.kind, error.value - 1)
    return { status: 0, stop: error.kind === 'break' }
  }
}

const runCompound = async (frame: Frame, command: CompoundCommand, inCondition: boolean): Promise<number> => {
  const { state } = frame
  switch (command.type) {
    case 'Group':
      return runStatements(frame, command.body, inCondition)
    case 'Subshell': {
      const sub = subshell(frame)
      return inSubshell(sub, () => runStatements(sub, command.body, inCondition))
    }
    case 'If':
      for (const clause of command.clauses) {
        if ((await runStatements(frame, clause.condition, true)) === 0) return runStatements(frame, clause.body, inCondition)
      }
      return command.elseBody ? runStatements(frame, command.elseBody, inCondition) : 0
    case 'While':
    case 'Until': {
      let status = 0
      for (;;) {
        await frame.host.breathe()
        frame.signal.throwIfAborted()
        let go = false
        const result = await iterate(async () => {
          go = ((await runStatements(frame, command.condition, true)) === 0) === (command.type === 'While')
          return go ? runStatements(frame, command.body, inCondition) : status
        })
        status = result.status
        if (result.stop || !go) return status
      }
    }
    case 'For': {
      let status = 0
      for (const value of command.words === null ? state.positional : await expandWords(frame, command.words)) {
        frame.signal.throwIfAborted()
        setVariable(state, command.variable, value)
        const result = await iterate(() => runStatements(frame, command.body, inCondition))
        status = result.status
        if (result.stop) break
      }
      return status
    }
    case 'CStyleFor': {
      let status = 0
      if (command.init) await arithmetic(frame, command.init)
      while (!command.condition || (await arithmetic(frame, command.condition)) !== 0n) {
        await frame.host.breathe()
        frame.signal.throwIfAborted()
        const result = await iterate(() => runStatements(frame, command.body, inCondition))
        status = result.status
        if (result.stop) break
        if (command.update) await arithmetic(frame, command.update)
      }
      return status
    }
    case 'Case': {
      const text = await expandText(frame, command.word)
      let falls = false
      let status = 0
      for (const item of command.items) {
        let chosen = falls
        for (const pattern of item.patterns) if (!chosen && matches(text, await expandPattern(frame, pattern))) chosen = true
        if (!chosen) continue
        status = await runStatements(frame, item.body, inCondition)
        if (item.terminator === ';;') return status
        falls = item.terminator === ';&'
      }
      return status
    }
    case 'ArithmeticCommand':
      return Number((await arithmetic(frame, command.expression)) === 0n)
    case 'ConditionalCommand':
      return Number(!(await evaluateCondition(frame, command.expression)))
    default:
      throw new ExpansionError('unknown command')
  }
}

/** Runs a text; a syntax error is told and gives 2. */
export const runScript = async (frame: Frame, text: string): Promise<number> => {
  const parsed = parseScript(text)
  if ('error' in parsed) {
    await frame.io.get(2)?.output?.write(`${frame.name}: ${frame.name === 'bash' && !frame.interactive ? '-c: ' : ''}${lineOf(frame)}${parsed.error}\n`)
    return (frame.state.status = 2)
  }
  return runStatements(frame, parsed.script.statements)
}

/** Runs a whole shell to its end: `exit` and the EXIT trap included. */
export const runToExit = async (frame: Frame, text: string): Promise<number> => {
  let status: number
  try {
    status = await runScript(frame, text)
  } catch (error) {
    if (error instanceof Jump) status = error.value
    else if (error instanceof BrokenPipe) status = 141
    else throw error
  }
  if (frame.state.exitTrap) {
    const trap = frame.state.exitTrap
    frame.state.exitTrap = undefined
    await inSubshell(frame, () => runScript(frame, trap))
  }
  return status
}
