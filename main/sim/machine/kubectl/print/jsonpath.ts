import { KubectlError } from '../errors.ts'

/**
 * kubectl's JSONPath templates (k8s.io/client-go/util/jsonpath): text with `{…}` parts; fields, quoted fields,
 * wildcards, recursive descent, indexes, slices, unions, filters with comparison, and range … end.
 */
type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly steps: readonly Step[] }
  | { readonly kind: 'range'; readonly path: readonly Step[]; readonly body: readonly Node[] }

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'recursive' }
  | { readonly kind: 'slice'; readonly start?: number; readonly end?: number; readonly step: number }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'union'; readonly members: readonly Step[] }
  | { readonly kind: 'filter'; readonly left: Operand; readonly operator: string; readonly right?: Operand }

type Operand = { readonly kind: 'path'; readonly steps: readonly Step[] } | { readonly kind: 'literal'; readonly value: unknown }

const fail = (text: string): never => {
  throw new KubectlError(`error: error parsing jsonpath ${text}`)
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', "'": "'" }
const unquote = (text: string): string => text.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter)

/** Splits a template into text and the insides of `{…}`, minding quotes. */
const split = (template: string): { text?: string; expression?: string }[] => {
  const parts: { text?: string; expression?: string }[] = []
  let at = 0
  while (at < template.length) {
    const open = template.indexOf('{', at)
    if (open < 0) {
      parts.push({ text: template.slice(at) })
      break
    }
    if (open > at) parts.push({ text: template.slice(at, open) })
    let quote = ''
    let end = open + 1
    for (; end < template.length; end++) {
      const letter = template[end]!
      if (quote) {
        if (letter === '\\') end++
        else if (letter === quote) quote = ''
      } else if (letter === '"' || letter === "'") quote = letter
      else if (letter === '}') break
    }
    if (end >= template.length) fail(`${template}, unclosed action`)
    parts.push({ expression: template.slice(open + 1, end).trim() })
    at = end + 1
  }
  return parts
}

const parseSteps = (text: string): Step[] => {
  const steps: Step[] = []
  let at = 0
  if (text[0] === '$' || text[0] === '@') at = 1
  while (at < text.length) {
    if (text.startsWith('..', at)) {
      steps.push({ kind: 'recursive' })
      at += 2
      if (text[at] === '[') continue
      at--
      // A name or wildcard follows directly.
    }
    if (text[at] === '.') {
      at++
      if (text[at] === '*') {
        steps.push({ kind: 'wildcard' })
        at++
        continue
      }
      let name = ''
      while (at < text.length && !'.['.includes(text[at]!)) {
        if (text[at] === '\\') at++
        name += text[at++] ?? ''
      }
      if (name) steps.push({ kind: 'field', name })
    } else if (text[at] === '[') {
      let depth = 0
      let quote = ''
      let end = at
      for (; end < text.length; end++) {
        const letter = text[end]!
        if (quote) {
          if (letter === quote) quote = ''
        } else if (letter === '"' || letter === "'") quote = letter
        else if (letter === '[') depth++
        else if (letter === ']' && --depth === 0) break
      }
      if (end >= text.length) fail(`${text}, unterminated array`)
      steps.push(parseBracket(text.slice(at + 1, end).trim()))
      at = end + 1
    } else {
      let name = ''
      while (at < text.length && !'.['.includes(text[at]!)) name += text[at++]
      steps.push({ kind: 'field', name })
    }
  }
  return steps
}

const parseBracket = (inside: string): Step => {
  if (inside === '*') return { kind: 'wildcard' }
  const filter = /^\?\((.*)\)$/s.exec(inside)
  if (filter) {
    const comparison = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/s.exec(filter[1]!)
    return comparison
      ? { kind: 'filter', left: parseOperand(comparison[1]!), operator: comparison[2]!, right: parseOperand(comparison[3]!) }
      : { kind: 'filter', left: parseOperand(filter[1]!), operator: 'exists' }
  }
  if (/^'[^']*'$|^"[^"]*"$/.test(inside)) return { kind: 'field', name: unquote(inside) }
  if (inside.includes(',')) return { kind: 'union', members: inside.split(',').map(part => parseBracket(part.trim())) }
  if (/^-?\d+$/.test(inside)) return { kind: 'index', index: Number(inside) }
  const slice = /^(-?\d+)?:(-?\d+)?(?::(\d+))?$/.exec(inside)
  if (slice)
    return {
      kind: 'slice',
      start: slice[1] === undefined ? undefined : Number(slice[1]),
      end: slice[2] === undefined ? undefined : Number(slice[2]),
      step: Number(slice[3] ?? 1),
    }
  return fail(`invalid array index ${inside}`)
}

const parseOperand = (text: string): Operand => {
  const trimmed = text.trim()
  if (/^(['"]).*\1$/s.test(trimmed)) return { kind: 'literal', value: unquote(trimmed) }
  if (/^-?\d+(\.\d+)?$/.test(trimmed)) return { kind: 'literal', value: Number(trimmed) }
  if (trimmed === 'true' || trimmed === 'false') return { kind: 'literal', value: trimmed === 'true' }
  return { kind: 'path', steps: parseSteps(trimmed) }
}

const parse = (template: string): Node[] => {
  const root: Node[] = []
  const stack: { path: readonly Step[]; body: Node[] }[] = []
  for (const part of split(template)) {
    const body = stack.at(-1)?.body ?? root
    if (part.text !== undefined) {
      body.push({ kind: 'text', text: part.text })
      continue
    }
    const expression = part.expression!
    if (/^(['"]).*\1$/s.test(expression)) body.push({ kind: 'text', text: unquote(expression) })
    else if (expression.startsWith('range ')) stack.push({ path: parseSteps(expression.slice(6).trim()), body: [] })
    else if (expression === 'end') {
      const range = stack.pop() ?? fail(`${template}, not in range, nothing to end`)
      ;(stack.at(-1)?.body ?? root).push({ kind: 'range', path: range.path, body: range.body })
    } else body.push({ kind: 'path', steps: parseSteps(expression) })
  }
  if (stack.length > 0) fail(`${template}, unclosed range`)
  return root
}

const children = (value: unknown): unknown[] => (Array.isArray(value) ? value : value !== null && typeof value === 'object' ? Object.values(value) : [])

const descendants = (value: unknown): unknown[] => [value, ...children(value).flatMap(descendants)]

const applyStep = (values: readonly unknown[], step: Step, strict: boolean): unknown[] => {
  switch (step.kind) {
    case 'field':
      return values.flatMap(value => {
        if (value !== null && typeof value === 'object' && !Array.isArray(value) && Object.hasOwn(value, step.name))
          return [(value as Record<string, unknown>)[step.name]]
        if (strict) throw new KubectlError(`${step.name} is not found`)
        return []
      })
    case 'wildcard':
      return values.flatMap(children)
    case 'recursive':
      return values.flatMap(descendants)
    case 'index':
      return values.flatMap(value => {
        if (!Array.isArray(value)) return []
        const index = step.index < 0 ? value.length + step.index : step.index
        if (index < 0 || index >= value.length) {
          if (strict) throw new KubectlError(`array index out of bounds: index ${step.index}, length ${value.length}`)
          return []
        }
        return [value[index]]
      })
    case 'slice':
      return values.flatMap(value => (Array.isArray(value) ? value.slice(step.start ?? 0, step.end).filter((_, i) => i % step.step === 0) : []))
    case 'union':
      return values.flatMap(value => step.members.flatMap(member => applyStep([value], member, false)))
    case 'filter':
      return values.flatMap(value => children(value).filter(child => accepts(child, step)))
  }
}

const evaluate = (root: unknown, steps: readonly Step[], strict: boolean): unknown[] => {
  let values: unknown[] = [root]
  let searching = false
  for (const step of steps) {
    values = applyStep(values, step, strict && !searching)
    searching = step.kind === 'recursive'
  }
  return values
}

const accepts = (child: unknown, { left, operator, right }: Extract<Step, { kind: 'filter' }>): boolean => {
  const value = (operand: Operand): unknown => (operand.kind === 'literal' ? operand.value : evaluate(child, operand.steps, false)[0])
  const a = value(left)
  if (operator === 'exists') return left.kind === 'path' ? evaluate(child, left.steps, false).length > 0 : Boolean(a)
  const b = value(right!)
  if (a === undefined) return false
  switch (operator) {
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return (a as never) < (b as never)
    case '<=':
      return (a as never) <= (b as never)
    case '>':
      return (a as never) > (b as never)
    default:
      return (a as never) >= (b as never)
  }
}

const show = (value: unknown): string => (value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value))

const render = (nodes: readonly Node[], root: unknown, current: unknown, strict: boolean): string =>
  nodes
    .map(node => {
      switch (node.kind) {
        case 'text':
          return node.text
        case 'path':
          return evaluate(current, node.steps, strict).map(show).join(' ')
        case 'range':
          return evaluate(current, node.path, strict)
            .map(item => render(node.body, root, item, strict))
            .join('')
      }
    })
    .join('')

/** A function that renders a value by a template; a missing field is an error unless `allowMissing`. */
export const jsonpathTemplate = (template: string, allowMissing = true): ((value: unknown) => string) => {
  const nodes = parse(template)
  return value => render(nodes, value, value, !allowMissing)
}

/** All values that one path (`.a.b`, `{.a.b}`, `a.b`) finds. */
export const jsonpathValues = (path: string): ((value: unknown) => unknown[]) => {
  const bare = path.replace(/^\{(.*)\}$/s, '$1')
  const steps = parseSteps(/^[.[$@]/.test(bare) ? bare : `.${bare}`)
  return value => evaluate(value, steps, false)
}

export { show as showValue }
