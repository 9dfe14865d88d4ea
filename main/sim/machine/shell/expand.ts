import { FileError, normalise } from '../files/tree.ts'
import { ArithmeticError, type ArithmeticScope, evaluateArithmetic } from './arithmetic.ts'
import type { Frame } from './frame.ts'
import { hasPattern, patternSource, quotePattern } from './pattern.ts'
import { scalar, setVariable, type ShellState } from './state.ts'
import { type Arithmetic, parseScript, type ParameterExpansion, type Word, type WordPart } from './syntax.ts'

/** A piece of a word after expansion: quoted text is neither split nor matched against files. */
interface Piece {
  readonly text: string
  readonly quoted: boolean
  readonly pattern: boolean
}

/** An expansion that fails ends the line, not the shell; the text is bash's without `bash: `. */
export class ExpansionError extends Error {
  /** What a script ends with because of it, when that is not 1. */
  readonly fatalStatus: number | undefined
  constructor(message: string, fatalStatus?: number) {
    super(message)
    this.fatalStatus = fatalStatus
  }
}

const ifs = (state: ShellState) => scalar(state.variables.get('IFS')) ?? ' \t\n'

/** All expansions of bash in their order; one word may become none or many. */
export const expandWords = async (frame: Frame, words: readonly Word[]): Promise<string[]> => {
  const result: string[] = []
  for (const word of words) {
    for (const parts of expandBraces(word.parts)) {
      for (const field of await fieldsOf(frame, parts)) result.push(...globField(frame, field))
    }
  }
  return result
}

/** Without splitting and file names: assignments, here-documents, redirection targets, `case` words. */
export const expandText = async (frame: Frame, word: Word): Promise<string> => (await joined(frame, word.parts)).map(piece => piece.text).join('')

/** As a pattern: what was quoted loses its special meaning. */
export const expandPattern = async (frame: Frame, word: Word): Promise<string> =>
  (await joined(frame, word.parts)).map(piece => (piece.quoted ? quotePattern(piece.text) : piece.text)).join('')

export const arithmetic = async (frame: Frame, expression: Arithmetic): Promise<bigint> => {
  const { state } = frame
  const scope: ArithmeticScope = {
    get: (name, key) => {
      const special = specialParameter(frame, name)
      if (special !== undefined) return special
      const variable = state.variables.get(name)
      if (key === undefined || variable === undefined) return scalar(variable)
      return typeof variable.value === 'string' ? (key === '0' ? variable.value : undefined) : variable.value.get(key)
    },
    set: (name, key, value) => (key === undefined ? setVariable(state, name, value) : setElement(state, name, key, value)),
    isAssociative: name => state.variables.get(name)?.associative ?? false,
    expand: async text => {
      const parsed = parseScript(`: "${text.replaceAll('"', '\\"')}"`)
      if ('error' in parsed) throw new ArithmeticError(parsed.error)
      const command = parsed.script.statements[0]!.pipelines[0]!.commands[0]!
      return command.type === 'SimpleCommand' ? expandText(frame, command.args[0]!) : ''
    },
    parse: text => {
      const parsed = parseScript(`((${text}))`)
      const command = 'error' in parsed ? undefined : parsed.script.statements[0]?.pipelines[0]?.commands[0]
      if (command?.type !== 'ArithmeticCommand') throw new ArithmeticError(`${text}: syntax error: operand expected (error token is "${text}")`)
      return command.expression.expression
    },
  }
  try {
    return await evaluateArithmetic(expression.expression, scope)
  } catch (error) {
    if (error instanceof ArithmeticError) throw new ExpansionError(expression.originalText ? `${expression.originalText}: ${error.message}` : error.message)
    throw error
  }
}

export const setElement = (state: ShellState, name: string, key: string, value: string): void => {
  const existing = state.variables.get(name)
  if (!existing) setVariable(state, name, new Map([[key, value]]))
  else if (typeof existing.value === 'string')
    existing.value = new Map([
      ['0', existing.value],
      [key, value],
    ])
  else existing.value.set(key, value)
}

const expandBraces = (parts: readonly WordPart[]): WordPart[][] => {
  const index = parts.findIndex(part => part.type === 'BraceExpansion')
  if (index < 0) return [[...parts]]
  const brace = parts[index]! as Extract<WordPart, { type: 'BraceExpansion' }>
  const tails = expandBraces(parts.slice(index + 1))
  const heads: WordPart[][] = brace.items.flatMap(item =>
    item.type === 'Word' ? expandBraces(item.word.parts) : range(item).map(value => [{ type: 'Literal', value } as WordPart]),
  )
  return heads.flatMap(head => tails.map(tail => [...parts.slice(0, index), ...head, ...tail]))
}

const MAX_RANGE = 100_000
const range = (item: {
  readonly start: string | number
  readonly end: string | number
  readonly step?: number
  readonly startStr?: string
  readonly endStr?: string
}): string[] => {
  const numeric = typeof item.start === 'number' && typeof item.end === 'number'
  const from = numeric ? Number(item.start) : String(item.start).codePointAt(0)!
  const to = numeric ? Number(item.end) : String(item.end).codePointAt(0)!
  const step = Math.abs(item.step || 1)
  const width = [item.startStr, item.endStr].some(text => /^-?0\d/.test(text ?? '')) ? Math.max(item.startStr?.length ?? 0, item.endStr?.length ?? 0) : 0
  const result: string[] = []
  for (let value = from; from <= to ? value <= to : value >= to; value += from <= to ? step : -step) {
    if (result.length >= MAX_RANGE) throw new ExpansionError('brace expansion: too many elements')
    result.push(numeric ? (value < 0 ? `-${String(-value).padStart(width - 1, '0')}` : String(value).padStart(width, '0')) : String.fromCodePoint(value))
  }
  return result
}

/** Splits into fields what unquoted expansions gave. */
const fieldsOf = async (frame: Frame, parts: readonly WordPart[]): Promise<Piece[][]> => {
  const fields: Piece[][] = []
  let current: Piece[] | undefined
  const add = (piece: Piece) => void (current ??= []).push(piece)
  const close = () => {
    if (current) fields.push(current)
    current = undefined
  }
  const addSplit = (text: string) => {
    const separators = ifs(frame.state)
    if (separators === '') return text && add({ text, quoted: false, pattern: true })
    const white = [...separators].filter(c => ' \t\n'.includes(c)).join('')
    const hard = [...separators].filter(c => !' \t\n'.includes(c)).join('')
    let buffer = ''
    const flush = () => {
      if (buffer !== '') add({ text: buffer, quoted: false, pattern: true })
      buffer = ''
    }
    for (const c of text) {
      if (white.includes(c)) {
        flush()
        close()
      } else if (hard.includes(c)) {
        flush()
        if (!current) current = [{ text: '', quoted: true, pattern: false }]
        close()
      } else buffer += c
    }
    flush()
  }
  for (const part of parts) {
    switch (part.type) {
      case 'DoubleQuoted': {
        const inner = await doubleQuoted(frame, part.parts)
        inner.forEach((text, i) => {
          if (i > 0) close()
          add({ text, quoted: true, pattern: false })
        })
        break
      }
      case 'ParameterExpansion': {
        const values = await parameter(frame, part, false)
        if (values.list) {
          values.list.forEach((text, i) => {
            if (i > 0) close()
            addSplit(text)
          })
        } else addSplit(values.text)
        break
      }
      case 'CommandSubstitution':
        addSplit(await frame.substitute(part.body))
        break
      case 'ArithmeticExpansion':
        addSplit(String(await arithmetic(frame, part.expression)))
        break
      default:
        for (const piece of await simplePart(frame, part)) add(piece)
    }
  }
  close()
  return fields.filter(field => field.some(piece => piece.quoted || piece.text !== ''))
}

/** One field from the parts, nothing split. */
const joined = async (frame: Frame, parts: readonly WordPart[]): Promise<Piece[]> => {
  const pieces: Piece[] = []
  for (const part of parts) {
    if (part.type === 'DoubleQuoted') pieces.push({ text: (await doubleQuoted(frame, part.parts)).join(' '), quoted: true, pattern: false })
    else if (part.type === 'ParameterExpansion') {
      const values = await parameter(frame, part, false)
      pieces.push({ text: values.list ? values.list.join(' ') : values.text, quoted: false, pattern: true })
    } else if (part.type === 'CommandSubstitution') pieces.push({ text: await frame.substitute(part.body), quoted: false, pattern: true })
    else if (part.type === 'ArithmeticExpansion') pieces.push({ text: String(await arithmetic(frame, part.expression)), quoted: false, pattern: false })
    else if (part.type === 'BraceExpansion') for (const inner of expandBraces([part])) pieces.push(...(await joined(frame, inner)))
    else pieces.push(...(await simplePart(frame, part)))
  }
  return pieces
}

const simplePart = async (frame: Frame, part: WordPart): Promise<Piece[]> => {
  switch (part.type) {
    case 'Literal':
      return [{ text: part.value, quoted: false, pattern: false }]
    case 'Glob':
      return [{ text: part.pattern, quoted: false, pattern: true }]
    case 'SingleQuoted':
    case 'Escaped':
      return [{ text: part.value, quoted: true, pattern: false }]
    case 'TildeExpansion': {
      const home =
        part.user === null
          ? (scalar(frame.state.variables.get('HOME')) ?? frame.home(frame.user.name))
          : part.user === '+'
            ? frame.state.cwd
            : frame.home(part.user)
      return [{ text: home ?? `~${part.user ?? ''}`, quoted: true, pattern: false }]
    }
    case 'ProcessSubstitution':
      return [{ text: await frame.processSubstitution(part.body, part.direction), quoted: true, pattern: false }]
    default:
      return []
  }
}

/** The text of a double-quoted part; `"$@"` makes several. */
const doubleQuoted = async (frame: Frame, parts: readonly WordPart[]): Promise<string[]> => {
  const result: string[] = ['']
  let vanished = parts.length > 0
  const append = (text: string) => {
    result[result.length - 1] += text
    vanished = false
  }
  for (const part of parts) {
    if (part.type === 'ParameterExpansion') {
      const values = await parameter(frame, part, true)
      if (!values.list) append(values.text)
      else if (values.list.length > 0) {
        append(values.list[0]!)
        result.push(...values.list.slice(1))
      }
    } else if (part.type === 'CommandSubstitution') append(await frame.substitute(part.body))
    else if (part.type === 'ArithmeticExpansion') append(String(await arithmetic(frame, part.expression)))
    else if (part.type === 'DoubleQuoted') append((await doubleQuoted(frame, part.parts)).join(' '))
    else for (const piece of await simplePart(frame, part)) append(piece.text)
  }
  return vanished ? [] : result
}

const specialParameter = (frame: Frame, name: string): string | undefined => {
  const { state } = frame
  switch (name) {
    case '?':
      return String(state.status)
    case '#':
      return String(state.positional.length)
    case '$':
      return String(state.pid)
    case '!':
      return state.lastJobPid === undefined ? '' : String(state.lastJobPid)
    case '-':
      return `${state.options.errexit ? 'e' : ''}himBHs`
    case '_':
      return state.lastArgument
    case '0':
      return state.zero
    case 'PWD':
      return state.cwd
    case 'RANDOM':
      return String(frame.random.below(32768))
    case 'SECONDS':
      return String(Math.floor((frame.clock.now - frame.startedAt) / 1000))
    case 'EPOCHSECONDS':
      return String(Math.floor(frame.clock.now / 1000))
    case 'UID':
    case 'EUID':
      return String(frame.user.uid)
    case 'PPID':
      return String(state.pid - 1)
    case 'HOSTNAME':
      return frame.hostname
    case 'LINENO':
      return '1'
    default:
      return /^\d+$/.test(name) ? state.positional[Number(name) - 1] : undefined
  }
}

interface Values {
  readonly text: string
  /** For `$@`, `${a[@]}` (and `$*` when unquoted): the elements. */
  readonly list?: readonly string[]
}

const parameter = async (frame: Frame, part: ParameterExpansion, quoted: boolean): Promise<Values> => {
  const { state } = frame
  const lookUp = async (name: string): Promise<{ value: string | undefined; list?: readonly string[]; star?: boolean }> => {
    if (name === '@' || name === '*')
      return { value: state.positional.length > 0 ? state.positional.join(' ') : undefined, list: state.positional, star: name === '*' }
    const subscript = /^([A-Za-z_]\w*)\[([\s\S]*)\]$/.exec(name)
    if (!subscript) {
      const special = specialParameter(frame, name)
      return { value: special ?? (/^\d+$/.test(name) ? undefined : scalar(state.variables.get(name))) }
    }
    const [, array, key] = subscript as unknown as [string, string, string]
    const variable = state.variables.get(array)
    const elements =
      variable === undefined
        ? []
        : typeof variable.value === 'string'
          ? [variable.value]
          : ordered(variable.value, variable.associative).map(([, value]) => value)
    if (key === '@' || key === '*') return { value: elements.length > 0 ? elements.join(' ') : undefined, list: elements, star: key === '*' }
    const index = await subscriptKey(frame, array, key)
    return {
      value: variable === undefined ? undefined : typeof variable.value === 'string' ? (index === '0' ? variable.value : undefined) : variable.value.get(index),
    }
  }

  let name = part.parameter
  let operation = part.operation
  if (operation?.type === 'ArrayKeys') {
    const variable = state.variables.get(operation.array)
    const keys = variable === undefined ? [] : typeof variable.value === 'string' ? ['0'] : ordered(variable.value, variable.associative).map(([key]) => key)
    return { text: keys.join(' '), list: keys }
  }
  if (operation?.type === 'VarNamePrefix') {
    const { prefix } = operation
    const names = [...state.variables.keys()].filter(candidate => candidate.startsWith(prefix)).toSorted()
    return { text: names.join(' '), list: names }
  }
  if (operation?.type === 'Indirection') {
    name = (await lookUp(name)).value ?? ''
    operation = operation.innerOp ?? null
    if (name === '') return { text: '' }
  }
  const found = await lookUp(name)
  if (
    found.value === undefined &&
    state.options.nounset &&
    name !== '@' &&
    name !== '*' &&
    !(operation && ['DefaultValue', 'UseAlternative', 'AssignDefault', 'ErrorIfUnset'].includes(operation.type))
  )
    throw new ExpansionError(`${name}: unbound variable`, 127)
  const give = (transform: (text: string) => string): Values => {
    if (!found.list) return { text: transform(found.value ?? '') }
    const list = found.list.map(transform)
    if (found.star && quoted) return { text: list.join(ifs(state)[0] ?? '') }
    return { text: list.join(' '), list }
  }
  if (!operation) return give(text => text)
  const missing = 'checkEmpty' in operation && operation.checkEmpty ? !found.value : found.value === undefined
  switch (operation.type) {
    case 'DefaultValue':
      return missing ? { text: await expandText(frame, operation.word) } : give(text => text)
    case 'UseAlternative':
      return missing ? { text: '' } : { text: await expandText(frame, operation.word) }
    case 'AssignDefault': {
      if (!missing) return give(text => text)
      const text = await expandText(frame, operation.word)
      setVariable(state, name, text)
      return { text }
    }
    case 'ErrorIfUnset':
      if (!missing) return give(text => text)
      throw new ExpansionError(`${name}: ${operation.word ? await expandText(frame, operation.word) : 'parameter null or not set'}`, 127)
    case 'Length':
      return { text: String(found.list ? found.list.length : [...(found.value ?? '')].length) }
    case 'Substring': {
      const offset = Number(await arithmetic(frame, operation.offset))
      const length = operation.length ? Number(await arithmetic(frame, operation.length)) : undefined
      if (found.list) {
        const all = name === '@' || name === '*' ? [state.zero, ...found.list] : found.list
        const start = offset < 0 ? Math.max(0, all.length + offset) : name === '@' && offset === 0 ? 0 : offset
        const list = all.slice(start, length === undefined ? undefined : start + length)
        return { text: list.join(' '), list }
      }
      const characters = [...(found.value ?? '')]
      const start = offset < 0 ? characters.length + offset : offset
      if (start < 0) return { text: '' }
      return { text: characters.slice(start, length === undefined ? undefined : length < 0 ? characters.length + length : start + length).join('') }
    }
    case 'PatternRemoval': {
      const pattern = await expandPattern(frame, operation.pattern)
      const { side, greedy } = operation
      if (side === 'prefix') return give(text => text.replace(new RegExp(`^(?:${patternSource(pattern, { lazy: !greedy })})`, 'u'), ''))
      const anchored = new RegExp(`^(?:${patternSource(pattern)})$`, 'u')
      return give(text => {
        // The shortest (longest) suffix that matches, tried from its end.
        const points = [...text]
        for (let i = 0; i <= points.length; i++) {
          const at = greedy ? i : points.length - i
          if (anchored.test(points.slice(at).join(''))) return points.slice(0, at).join('')
        }
        return text
      })
    }
    case 'PatternReplacement': {
      const source = patternSource(await expandPattern(frame, operation.pattern))
      const replacement = operation.replacement ? await expandText(frame, operation.replacement) : ''
      if (source === '') return give(text => text)
      const expression = new RegExp(
        operation.anchor === 'start' ? `^(?:${source})` : operation.anchor === 'end' ? `(?:${source})$` : source,
        operation.all ? 'gu' : 'u',
      )
      return give(text => text.replace(expression, () => replacement))
    }
    case 'CaseModification': {
      const change = (text: string) => (operation.direction === 'upper' ? text.toUpperCase() : text.toLowerCase())
      return give(text => (operation.all ? change(text) : change([...text][0] ?? '') + [...text].slice(1).join('')))
    }
    case 'Transform':
      return give(text =>
        operation.operator === 'Q'
          ? `'${text.replaceAll("'", "'\\''")}'`
          : operation.operator === 'U'
            ? text.toUpperCase()
            : operation.operator === 'L'
              ? text.toLowerCase()
              : operation.operator === 'u'
                ? text.slice(0, 1).toUpperCase() + text.slice(1)
                : text,
      )
    case 'BadSubstitution':
      throw new ExpansionError(`\${${operation.text}}: bad substitution`)
    default:
      throw new ExpansionError(`\${${name}}: bad substitution`)
  }
}

/** Indexed arrays in the order of their numbers, associative ones as they were filled. */
export const ordered = (value: ReadonlyMap<string, string>, associative: boolean): [string, string][] =>
  associative ? [...value] : [...value].toSorted(([a], [b]) => Number(a) - Number(b))

/** What stands between `[` and `]`: a text for associative arrays, else an arithmetic expression; negative counts from the end. */
export const subscriptKey = async (frame: Frame, name: string, subscript: string): Promise<string> => {
  const variable = frame.state.variables.get(name)
  const quoted = parseScript(`: "${subscript.replaceAll('"', '')}"`)
  const command = 'error' in quoted ? undefined : quoted.script.statements[0]?.pipelines[0]?.commands[0]
  const text = command?.type === 'SimpleCommand' && command.args[0] ? await expandText(frame, command.args[0]) : subscript
  if (variable?.associative) return text
  const parsed = parseScript(`((${text}))`)
  const expression = 'error' in parsed ? undefined : parsed.script.statements[0]?.pipelines[0]?.commands[0]
  if (expression?.type !== 'ArithmeticCommand') throw new ExpansionError(`${name}[${subscript}]: bad array subscript`)
  const index = Number(await arithmetic(frame, expression.expression))
  if (index >= 0) return String(index)
  const keys = typeof variable?.value === 'object' ? [...variable.value.keys()].map(Number) : [0]
  return String(Math.max(...keys) + 1 + index)
}

/** Pathname expansion; a pattern that matches nothing stays as it was written. */
const globField = (frame: Frame, field: readonly Piece[]): string[] => {
  const literal = field.map(piece => piece.text).join('')
  if (frame.state.options.noglob || !field.some(piece => piece.pattern && /[*?[]/.test(piece.text))) return [literal]
  const pattern = field.map(piece => (piece.pattern ? piece.text : quotePattern(piece.text))).join('')
  const found = globPaths(frame, pattern)
  return found.length > 0 ? found : [literal]
}

const globPaths = (frame: Pick<Frame, 'files' | 'state'>, pattern: string): string[] => {
  const absolute = pattern.startsWith('/')
  const segments = pattern.split('/').filter((segment, i) => segment !== '' || i === 0)
  let candidates = [absolute ? '/' : '']
  const parts = absolute ? segments.slice(1) : segments
  parts.forEach((segment, depth) => {
    const last = depth === parts.length - 1
    const next: string[] = []
    for (const base of candidates) {
      if (!hasPattern(segment)) {
        const path = base + segment.replace(/\\(.)/g, '$1')
        if (frame.files.exists(normalise(frame.state.cwd, path))) next.push(last ? path : `${path}/`)
        continue
      }
      const expression = new RegExp(`^(?:${patternSource(segment, { path: true })})$`, 'u')
      try {
        for (const name of frame.files.readdir(normalise(frame.state.cwd, base || '.'))) {
          if (name.startsWith('.') && !segment.startsWith('.')) continue
          if (!expression.test(name)) continue
          if (last) next.push(base + name)
          else if (frame.files.exists(normalise(frame.state.cwd, `${base}${name}/.`))) next.push(`${base}${name}/`)
        }
      } catch (error) {
        if (!(error instanceof FileError)) throw error
      }
    }
    candidates = next
  })
  return candidates.filter(path => path !== '')
}
