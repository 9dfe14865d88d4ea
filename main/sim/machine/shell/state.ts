import type { Gate } from './gate.ts'
import type { CompoundCommand } from './syntax.ts'

/** A shell variable: a string, an indexed array (keys are decimal numbers) or an associative array. */
export interface Variable {
  value: string | Map<string, string>
  exported: boolean
  readonly: boolean
  readonly associative: boolean
}

/** A command running, or stopped, behind the prompt. */
export interface Job {
  readonly number: number
  readonly pid: number
  readonly line: string
  readonly controller: AbortController
  readonly gate: Gate
  readonly done: Promise<number>
  status: number | undefined
}

/** All that a shell remembers between two lines. */
export interface ShellState {
  variables: Map<string, Variable>
  readonly functions: Map<string, CompoundCommand>
  readonly aliases: Map<string, string>
  cwd: string
  positional: readonly string[]
  /** `$0` */
  readonly zero: string
  status: number
  lastArgument: string
  readonly pid: number
  lastJobPid: number | undefined
  readonly jobs: Job[]
  /** The job that `fg` brought back. */
  foreground: Job | undefined
  readonly options: { errexit: boolean; nounset: boolean; xtrace: boolean; pipefail: boolean; noglob: boolean }
  /** Variables of each running function that its `local` hides, innermost last. */
  readonly locals: Map<string, Variable | undefined>[]
  exitTrap: string | undefined
  umask: number
  /** Of the command that runs, for messages. */
  line: number
}

export const newState = (cwd: string, zero: string, pid: number, environment: Readonly<Record<string, string>>): ShellState => ({
  variables: new Map(Object.entries(environment).map(([name, value]) => [name, { value, exported: true, readonly: false, associative: false }])),
  functions: new Map(),
  aliases: new Map(),
  cwd,
  positional: [],
  zero,
  status: 0,
  lastArgument: '',
  pid,
  lastJobPid: undefined,
  jobs: [],
  foreground: undefined,
  options: { errexit: false, nounset: false, xtrace: false, pipefail: false, noglob: false },
  locals: [],
  exitTrap: undefined,
  umask: 0o022,
  line: 1,
})

/** What a subshell starts with: the same, changed by nobody else afterwards. */
export const forkState = (state: ShellState): ShellState => ({
  ...state,
  variables: new Map(
    [...state.variables].map(([name, variable]) => [
      name,
      { ...variable, value: typeof variable.value === 'string' ? variable.value : new Map(variable.value) },
    ]),
  ),
  functions: new Map(state.functions),
  aliases: new Map(state.aliases),
  jobs: [],
  options: { ...state.options },
  locals: state.locals.map(scope => new Map(scope)),
  exitTrap: undefined,
})

/** The value of a plain use of a name: an array gives its element 0. */
export const scalar = (variable: Variable | undefined): string | undefined =>
  variable === undefined ? undefined : typeof variable.value === 'string' ? variable.value : variable.value.get('0')

/** Refused assignment; the text is bash's. */
export class ReadonlyVariable extends Error {}

export const setVariable = (state: ShellState, name: string, value: string | Map<string, string>, attributes: Partial<Variable> = {}): void => {
  const existing = state.variables.get(name)
  if (existing?.readonly) throw new ReadonlyVariable(`${name}: readonly variable`)
  if (typeof value === 'string' && existing && typeof existing.value !== 'string') {
    existing.value.set('0', value)
    return
  }
  state.variables.set(name, { value, exported: existing?.exported ?? false, readonly: false, associative: existing?.associative ?? false, ...attributes })
}

/** Exported variables, as a program gets them. */
export const environment = (state: ShellState): Record<string, string> => {
  const result: Record<string, string> = {}
  for (const [name, variable] of state.variables) if (variable.exported && typeof variable.value === 'string') result[name] = variable.value
  result['PWD'] = state.cwd
  return result
}
