import type { ArithmeticNode } from './syntax.ts'

/** How an expression reaches the shell's variables and expansions. */
export interface ArithmeticScope {
  get(name: string, key?: string): string | undefined
  set(name: string, key: string | undefined, value: string): void
  isAssociative(name: string): boolean
  /** `$x`, `${x…}`, `$(…)` inside an expression: expands a text as in double quotes. */
  expand(text: string): Promise<string>
  /** Parses a variable's value as an expression, as bash does with names in values. */
  parse(text: string): ArithmeticNode
}

/** The text is bash's, without the `bash: ` in front. */
export class ArithmeticError extends Error {}

const wrap = (value: bigint) => BigInt.asIntN(64, value)
const truth = (value: boolean) => (value ? 1n : 0n)

/** Evaluates in 64-bit integers, as bash. */
export const evaluateArithmetic = async (node: ArithmeticNode, scope: ArithmeticScope, depth = 0): Promise<bigint> => {
  if (depth > 100) throw new ArithmeticError('expression recursion level exceeded')
  const evaluate = (child: ArithmeticNode) => evaluateArithmetic(child, scope, depth + 1)
  const valueOf = async (text: string | undefined): Promise<bigint> => {
    const trimmed = (text ?? '').trim()
    if (trimmed === '') return 0n
    const number = parseNumber(trimmed)
    return number ?? evaluate(scope.parse(trimmed))
  }
  const keyOf = async (name: string, subscript: ArithmeticNode | undefined, stringKey: string | undefined) => {
    if (stringKey !== undefined) return stringKey
    if (!subscript) return undefined
    if (scope.isAssociative(name) && subscript.type === 'ArithVariable') return subscript.hasDollarPrefix ? (scope.get(subscript.name) ?? '') : subscript.name
    return String(await evaluate(subscript))
  }
  switch (node.type) {
    case 'ArithNumber':
      return wrap(BigInt(Number.isSafeInteger(node.value) ? node.value : Math.trunc(Number.isFinite(node.value) ? node.value : 0)))
    case 'ArithVariable':
      return valueOf(scope.get(node.name))
    case 'ArithSpecialVar':
      return valueOf(await scope.expand(`$${node.name.replace(/^\$/, '')}`))
    case 'ArithGroup':
    case 'ArithNested':
      return evaluate(node.expression)
    case 'ArithTernary':
      return evaluate((await evaluate(node.condition)) !== 0n ? node.consequent : node.alternate)
    case 'ArithCommandSubst':
      return valueOf(await scope.expand(`$(${node.command})`))
    case 'ArithBracedExpansion':
      return valueOf(await scope.expand(`\${${node.content}}`))
    case 'ArithArrayElement':
      return valueOf(scope.get(node.array, await keyOf(node.array, node.index, node.stringKey)))
    case 'ArithUnary': {
      if (node.operator === '++' || node.operator === '--') {
        const target = node.operand
        if (target.type !== 'ArithVariable' && target.type !== 'ArithArrayElement') throw new ArithmeticError('syntax error: operand expected')
        const name = target.type === 'ArithVariable' ? target.name : target.array
        const key = target.type === 'ArithVariable' ? undefined : await keyOf(name, target.index, target.stringKey)
        const before = await valueOf(scope.get(name, key))
        const after = wrap(before + (node.operator === '++' ? 1n : -1n))
        scope.set(name, key, String(after))
        return node.prefix ? after : before
      }
      const operand = await evaluate(node.operand)
      return node.operator === '-' ? wrap(-operand) : node.operator === '!' ? truth(operand === 0n) : node.operator === '~' ? ~operand : operand
    }
    case 'ArithAssignment': {
      const key = await keyOf(node.variable, node.subscript, node.stringKey)
      const value = await evaluate(node.value)
      const result = node.operator === '=' ? value : binary(node.operator.slice(0, -1), await valueOf(scope.get(node.variable, key)), value)
      scope.set(node.variable, key, String(result))
      return result
    }
    case 'ArithBinary': {
      const left = await evaluate(node.left)
      if (node.operator === '&&') return left === 0n ? 0n : truth((await evaluate(node.right)) !== 0n)
      if (node.operator === '||') return left !== 0n ? 1n : truth((await evaluate(node.right)) !== 0n)
      return binary(node.operator, left, await evaluate(node.right))
    }
    case 'ArithSingleQuote':
      return BigInt(node.value)
    case 'ArithSyntaxError':
      throw new ArithmeticError(node.message)
    default:
      throw new ArithmeticError('syntax error in expression')
  }
}

const binary = (operator: string, left: bigint, right: bigint): bigint => {
  switch (operator) {
    case '+':
      return wrap(left + right)
    case '-':
      return wrap(left - right)
    case '*':
      return wrap(left * right)
    case '/':
    case '%':
      if (right === 0n) throw new ArithmeticError('division by 0')
      return wrap(operator === '/' ? left / right : left % right)
    case '**':
      if (right < 0n) throw new ArithmeticError('exponent less than 0')
      return power(left, right)
    case '<<':
      return wrap(left << (right & 63n))
    case '>>':
      return left >> (right & 63n)
    case '<':
      return truth(left < right)
    case '<=':
      return truth(left <= right)
    case '>':
      return truth(left > right)
    case '>=':
      return truth(left >= right)
    case '==':
      return truth(left === right)
    case '!=':
      return truth(left !== right)
    case '&':
      return left & right
    case '|':
      return left | right
    case '^':
      return left ^ right
    default:
      return right
  }
}

/** By squaring and wrapping: `2**1000000` must not build a million bits. */
const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n
  for (let b = base, e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = wrap(result * b)
    b = wrap(b * b)
  }
  return result
}

const parseNumber = (text: string): bigint | undefined => {
  const sign = text.startsWith('-') ? -1n : 1n
  const digits = text.replace(/^[+-]/, '')
  if (/^0[xX][0-9a-fA-F]+$/.test(digits) || /^[1-9]\d*$/.test(digits) || digits === '0') return wrap(sign * BigInt(digits))
  if (/^0[0-7]+$/.test(digits)) return wrap(sign * BigInt(`0o${digits.slice(1)}`))
  return undefined
}
