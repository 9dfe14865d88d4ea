/** One simple command: words still with their quotes, and where its output goes. */
export interface Command {
  readonly type: 'command'
  readonly words: readonly string[]
  readonly output?: string
  readonly append?: boolean
  readonly quietErrors?: boolean
}

export type Node =
  | Command
  | { readonly type: 'list'; readonly parts: readonly { readonly node: Node; readonly when: 'always' | 'and' | 'or' }[] }
  | { readonly type: 'loop'; readonly condition: Node; readonly body: Node; readonly until: boolean }
  | { readonly type: 'for'; readonly variable: string; readonly words: readonly string[]; readonly body: Node }
  | { readonly type: 'if'; readonly condition: Node; readonly body: Node; readonly otherwise?: Node }
  | { readonly type: 'not'; readonly node: Node }

const OPERATORS = ['&&', '||', ';;', '2>&1', '2>>', '2>', '>&2', '>>', '>', ';', '|', '&', '\n', '(', ')']

const tokens = (text: string): string[] => {
  const out: string[] = []
  let word = ''
  const flush = () => {
    if (word !== '') out.push(word)
    word = ''
  }
  for (let i = 0; i < text.length;) {
    const c = text[i]!
    if (c === "'" || c === '"' || c === '`') {
      let end = i + 1
      while (end < text.length && text[end] !== c) end += text[end] === '\\' && c !== "'" ? 2 : 1
      word += text.slice(i, end + 1)
      i = end + 1
    } else if (c === '\\') {
      if (text[i + 1] !== '\n') word += text.slice(i, i + 2)
      i += 2
    } else if (c === '$' && text[i + 1] === '(') {
      let depth = 0
      let end = i + 1
      do {
        if (text[end] === '(') depth++
        if (text[end] === ')') depth--
        end++
      } while (depth > 0 && end < text.length)
      word += text.slice(i, end)
      i = end
    } else if (c === '#' && word === '') {
      while (i < text.length && text[i] !== '\n') i++
    } else if (c === ' ' || c === '\t' || c === '\r') {
      flush()
      i++
    } else {
      const operator = OPERATORS.find(op => text.startsWith(op, i) && (!/^\d/.test(op) || word === ''))
      if (operator) {
        flush()
        out.push(operator)
        i += operator.length
      } else {
        word += c
        i++
      }
    }
  }
  flush()
  return out
}

const SEPARATORS = new Set([';', '\n', '&'])

/** Parses a script; what it does not know (case, functions) becomes plain commands, which then are "not found". */
export const parseScript = (text: string): Node => {
  const words = tokens(text)
  let at = 0
  const skip = () => {
    while (SEPARATORS.has(words[at] ?? '')) at++
  }
  const list = (...ends: string[]): Node => {
    const parts: { node: Node; when: 'always' | 'and' | 'or' }[] = []
    let when: 'always' | 'and' | 'or' = 'always'
    skip()
    while (at < words.length && !ends.includes(words[at]!)) {
      parts.push({ node: one(), when })
      when = 'always'
      const separator = words[at]
      if (separator === '&&' || separator === '||') {
        when = separator === '&&' ? 'and' : 'or'
        at++
      }
      skip()
    }
    return { type: 'list', parts }
  }
  const one = (): Node => {
    const word = words[at]!
    if (word === '!') {
      at++
      return { type: 'not', node: one() }
    }
    if (word === 'while' || word === 'until') {
      at++
      const condition = list('do')
      at++
      const body = list('done')
      at++
      return { type: 'loop', condition, body, until: word === 'until' }
    }
    if (word === 'for') {
      const variable = words[at + 1] ?? '_'
      at += 2
      const values: string[] = []
      if (words[at] === 'in') at++
      while (at < words.length && !SEPARATORS.has(words[at]!)) values.push(words[at++]!)
      skip()
      at++
      const body = list('done')
      at++
      return { type: 'for', variable, words: values, body }
    }
    if (word === 'if' || word === 'elif') {
      at++
      const condition = list('then')
      at++
      const body = list('else', 'elif', 'fi')
      if (words[at] === 'elif') return { type: 'if', condition, body, otherwise: one() }
      if (words[at] !== 'else') {
        at++
        return { type: 'if', condition, body }
      }
      at++
      const otherwise = list('fi')
      at++
      return { type: 'if', condition, body, otherwise }
    }
    if (word === '(') {
      at++
      const inner = list(')')
      at++
      return inner
    }
    return command()
  }
  const command = (): Node => {
    const out: string[] = []
    let output: string | undefined
    let append = false
    let quietErrors = false
    while (at < words.length) {
      const word = words[at]!
      if (word === '&&' || word === '||' || SEPARATORS.has(word) || word === ')' || word === ';;') break
      at++
      if (word === '>' || word === '>>') {
        output = words[at++]
        append = word === '>>'
      } else if (word === '2>' || word === '2>>') {
        at++
        quietErrors = true
      } else if (word === '>&2') output = '/dev/stderr'
      else if (word === '|') {
        // Only the last command of a pipeline is run.
        out.length = 0
      } else if (word !== '2>&1') out.push(word)
    }
    return { type: 'command', words: out, output, append, quietErrors }
  }
  return list()
}
