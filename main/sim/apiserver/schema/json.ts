import { isObject } from '../json.ts'

/** A JSON text that does not parse; the message is that of Go's encoding/json. */
export class SyntaxFault extends Error {
  override readonly name = 'SyntaxFault'
}

export interface Parsed {
  readonly value: unknown
  /** What strict decoding has to say about the text itself: `duplicate field "data.x"`. */
  readonly strict: readonly string[]
}

/** Deeper texts are refused, as Go refuses them at 10,000: everything below may recurse. */
const MAX_DEPTH = 1000

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y
const SPACE = /[ \t\n\r]*/y
// Up to the next quote, backslash or control character.
// eslint-disable-next-line no-control-regex
const PLAIN = /[^"\\\u0000-\u001f]*/y
const ESCAPES: Record<string, string> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

const quoteChar = (char: string): string => (char === "'" ? `'\\''` : char === '"' ? `'"'` : `'${JSON.stringify(char).slice(1, -1)}'`)

/**
 * Parses JSON as Go's decoder for Kubernetes does: the last of duplicate fields wins, objects among them are merged,
 * and every duplicate is reported. `__proto__` is a field like any other. Throws SyntaxFault.
 */
export const parseJson = (text: string): Parsed => {
  let at = 0
  let depth = 0
  const strict: string[] = []
  const path: (string | number)[] = []

  const fail = (context: string): never => {
    if (at >= text.length) throw new SyntaxFault('unexpected end of JSON input')
    throw new SyntaxFault(`invalid character ${quoteChar(String.fromCodePoint(text.codePointAt(at)!))} ${context}`)
  }
  const skip = () => {
    SPACE.lastIndex = at
    SPACE.test(text)
    at = SPACE.lastIndex
  }
  const deeper = () => {
    if (++depth > MAX_DEPTH) throw new SyntaxFault('exceeded max depth')
  }

  const string = (): string => {
    at++
    let out = ''
    let escaped = false
    for (;;) {
      PLAIN.lastIndex = at
      PLAIN.test(text)
      out += text.slice(at, PLAIN.lastIndex)
      at = PLAIN.lastIndex
      const char = text[at]
      if (char === '"') {
        at++
        // Half of a surrogate pair is no character.
        return escaped ? out.toWellFormed() : out
      }
      if (char !== '\\') return fail('in string literal')
      escaped = true
      at++
      const escape = text[at]
      if (escape === 'u') {
        for (let i = 0; i < 4; i++) {
          at++
          if (!/[0-9a-fA-F]/.test(text[at] ?? '')) return fail('in \\u hexadecimal character escape')
        }
        out += String.fromCharCode(Number.parseInt(text.slice(at - 3, at + 1), 16))
      } else if (escape !== undefined && escape in ESCAPES) out += ESCAPES[escape]
      else return fail('in string escape code')
      at++
    }
  }

  const literal = (word: string, value: unknown): unknown => {
    for (let i = 1; i < word.length; i++) {
      at++
      if (text[at] !== word[i]) return fail(`in literal ${word} (expecting ${quoteChar(word[i]!)})`)
    }
    at++
    return value
  }

  const object = (): unknown => {
    deeper()
    at++
    const out: Record<string, unknown> = {}
    skip()
    if (text[at] === '}') at++
    else {
      for (;;) {
        skip()
        if (text[at] !== '"') return fail('looking for beginning of object key string')
        const key = string()
        skip()
        if (text[at] !== ':') return fail('after object key')
        at++
        path.push(key)
        const value = element()
        const known = Object.hasOwn(out, key)
        if (known) strict.push(`duplicate field ${JSON.stringify(formatPath(path))}`)
        set(out, key, known ? merged(out[key], value) : value)
        path.pop()
        skip()
        if (text[at] === ',') at++
        else if (text[at] === '}') break
        else return fail('after object key:value pair')
      }
      at++
    }
    depth--
    return out
  }

  const array = (): unknown => {
    deeper()
    at++
    const out: unknown[] = []
    skip()
    if (text[at] === ']') at++
    else {
      for (;;) {
        path.push(out.length)
        out.push(element())
        path.pop()
        skip()
        if (text[at] === ',') at++
        else if (text[at] === ']') break
        else return fail('after array element')
      }
      at++
    }
    depth--
    return out
  }

  const element = (): unknown => {
    skip()
    const char = text[at]
    switch (char) {
      case '{':
        return object()
      case '[':
        return array()
      case '"':
        return string()
      case 't':
        return literal('true', true)
      case 'f':
        return literal('false', false)
      case 'n':
        return literal('null', null)
    }
    NUMBER.lastIndex = at
    if (char !== undefined && (char === '-' || (char >= '0' && char <= '9'))) {
      if (!NUMBER.test(text)) {
        at++
        return fail('in numeric literal')
      }
      const number = Number(text.slice(at, NUMBER.lastIndex))
      at = NUMBER.lastIndex
      return number
    }
    return fail('looking for beginning of value')
  }

  const value = element()
  skip()
  if (at < text.length) fail('after top-level value')
  return { value, strict }
}

const set = (out: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === '__proto__') Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true })
  else out[key] = value
}

/** Go decodes a second object of the same name into the first. */
const merged = (first: unknown, second: unknown): unknown => {
  if (!isObject(first) || !isObject(second)) return second
  for (const key of Object.keys(second)) set(first, key, Object.hasOwn(first, key) ? merged(first[key], second[key]) : second[key])
  return first
}

/** `spec.containers[0].name`. */
const formatPath = (path: readonly (string | number)[]): string =>
  path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('')
