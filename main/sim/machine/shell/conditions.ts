import { FileError, normalise } from '../files/tree.ts'
import type { Frame } from './frame.ts'
import { expandPattern, expandText, ExpansionError } from './expand.ts'
import { escapeRegExp, matches } from './pattern.ts'
import { setVariable } from './state.ts'
import type { Condition, Word } from './syntax.ts'

/** `[[ … ]]` */
export const evaluateCondition = async (frame: Frame, condition: Condition): Promise<boolean> => {
  switch (condition.type) {
    case 'CondNot':
      return !(await evaluateCondition(frame, condition.operand))
    case 'CondAnd':
      return (await evaluateCondition(frame, condition.left)) && (await evaluateCondition(frame, condition.right))
    case 'CondOr':
      return (await evaluateCondition(frame, condition.left)) || (await evaluateCondition(frame, condition.right))
    case 'CondGroup':
      return evaluateCondition(frame, condition.expression)
    case 'CondWord':
      return (await expandText(frame, condition.word)) !== ''
    case 'CondUnary':
      return unaryTest(frame, condition.operator, await expandText(frame, condition.operand))
    case 'CondBinary': {
      const left = await expandText(frame, condition.left)
      if (condition.operator === '=' || condition.operator === '==') return matches(left, await expandPattern(frame, condition.right))
      if (condition.operator === '!=') return !matches(left, await expandPattern(frame, condition.right))
      if (condition.operator === '=~') return regularExpression(frame, left, condition.right)
      return binaryTest(frame, left, condition.operator, await expandText(frame, condition.right))
    }
  }
}

const regularExpression = async (frame: Frame, text: string, word: Word): Promise<boolean> => {
  let source = ''
  for (const part of word.parts)
    source +=
      part.type === 'SingleQuoted' || part.type === 'DoubleQuoted'
        ? escapeRegExp(await expandText(frame, { type: 'Word', parts: [part] }))
        : part.type === 'Escaped'
          ? escapeRegExp(part.value)
          : await expandText(frame, { type: 'Word', parts: [part] })
  let found: RegExpExecArray | null
  try {
    found = new RegExp(
      source
        .replaceAll('[[:space:]]', '\\s')
        .replaceAll('[:digit:]', '0-9')
        .replaceAll('[:alpha:]', 'A-Za-z')
        .replaceAll('[:alnum:]', 'A-Za-z0-9')
        .replaceAll('[:space:]', '\\s'),
    ).exec(text)
  } catch {
    throw new ExpansionError(`[[: invalid regular expression \`${source}'`)
  }
  setVariable(frame.state, 'BASH_REMATCH', new Map((found ?? []).map((value, i) => [String(i), value ?? ''])))
  return found !== null
}

const statOf = (frame: Frame, path: string, follow = true) => {
  try {
    const absolute = normalise(frame.state.cwd, path)
    return path === '' ? undefined : follow ? frame.files.stat(absolute) : frame.files.lstat(absolute)
  } catch (error) {
    if (error instanceof FileError) return undefined
    throw error
  }
}

/** One-operand tests of `test` and `[[`. */
export const unaryTest = (frame: Frame, operator: string, operand: string): boolean => {
  const access = (want: number) => frame.files.access(normalise(frame.state.cwd, operand), want)
  switch (operator) {
    case '-z':
      return operand === ''
    case '-n':
      return operand !== ''
    case '-e':
    case '-a':
      return statOf(frame, operand) !== undefined
    case '-f':
      return statOf(frame, operand)?.kind === 'file'
    case '-d':
      return statOf(frame, operand)?.kind === 'directory'
    case '-c':
      return statOf(frame, operand)?.kind === 'device'
    case '-L':
    case '-h':
      return statOf(frame, operand, false)?.kind === 'symlink'
    case '-s':
      return (statOf(frame, operand)?.size ?? 0) > 0
    case '-r':
      return access(4)
    case '-w':
      return access(2)
    case '-x':
      return access(1)
    case '-O':
      return statOf(frame, operand)?.uid === frame.user.uid
    case '-G':
      return statOf(frame, operand)?.gid === frame.user.gid
    case '-u':
      return ((statOf(frame, operand)?.mode ?? 0) & 0o4000) !== 0
    case '-g':
      return ((statOf(frame, operand)?.mode ?? 0) & 0o2000) !== 0
    case '-k':
      return ((statOf(frame, operand)?.mode ?? 0) & 0o1000) !== 0
    case '-t': {
      const descriptor = frame.io.get(Number(operand))
      return (descriptor?.output ?? descriptor?.input)?.isTty ?? false
    }
    case '-v':
      return frame.state.variables.has(operand)
    default:
      return false
  }
}

/** Two-operand tests of `test` and `[[`, patterns excepted. Throws ExpansionError where a number is wanted. */
export const binaryTest = (frame: Frame, left: string, operator: string, right: string): boolean => {
  const number = (text: string) => {
    if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new ExpansionError(`[: ${text}: integer expression expected`)
    return BigInt(text.trim().replace(/^\+/, ''))
  }
  switch (operator) {
    case '=':
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '<':
      return left < right
    case '>':
      return left > right
    case '-eq':
      return number(left) === number(right)
    case '-ne':
      return number(left) !== number(right)
    case '-lt':
      return number(left) < number(right)
    case '-le':
      return number(left) <= number(right)
    case '-gt':
      return number(left) > number(right)
    case '-ge':
      return number(left) >= number(right)
    case '-nt':
      return (statOf(frame, left)?.mtime ?? -1) > (statOf(frame, right)?.mtime ?? -1)
    case '-ot':
      return (statOf(frame, left)?.mtime ?? -1) < (statOf(frame, right)?.mtime ?? -1)
    case '-ef':
      return statOf(frame, left)?.ino !== undefined && statOf(frame, left)?.ino === statOf(frame, right)?.ino
    default:
      throw new ExpansionError(`[: ${operator}: binary operator expected`)
  }
}
