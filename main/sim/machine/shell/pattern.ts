/** Translates a shell pattern into a regular expression's source, without anchors. `escaped` characters carry a backslash. */
export const patternSource = (pattern: string, options: { readonly path?: boolean; readonly lazy?: boolean } = {}): string => {
  const any = options.path ? '[^/]' : '[\\s\\S]'
  const many = options.lazy ? '*?' : '*'
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!
    if (c === '\\') source += escapeRegExp(pattern[++i] ?? '\\')
    else if (c === '*') source += `${any}${many}`
    else if (c === '?') source += any
    else if (c === '[') {
      let end = i + 1
      if (pattern[end] === '!' || pattern[end] === '^') end++
      if (pattern[end] === ']') end++
      while (end < pattern.length && pattern[end] !== ']') end += pattern.startsWith('[:', end) ? pattern.indexOf(':]', end) - end + 2 || 1 : 1
      if (end >= pattern.length) source += '\\['
      else {
        source += bracketSource(pattern.slice(i + 1, end))
        i = end
      }
    } else if ('?*+@!'.includes(c) && pattern[i + 1] === '(') source += escapeRegExp(c)
    else source += escapeRegExp(c)
  }
  return source
}

const CLASSES: Readonly<Record<string, string>> = {
  alpha: '\\p{L}',
  digit: '0-9',
  alnum: '\\p{L}0-9',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: '\\s',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9A-Fa-f',
  print: '\\x20-\\x7e\\u00a0-\\u{10ffff}',
  graph: '\\x21-\\x7e\\u00a1-\\u{10ffff}',
  cntrl: '\\x00-\\x1f\\x7f',
}

/** The inside of `[…]` as a regular expression's character class. */
export const bracketSource = (inside: string): string => {
  const negated = inside.startsWith('!') || inside.startsWith('^')
  let body = ''
  for (let i = negated ? 1 : 0; i < inside.length; i++) {
    const named = /^\[:(\w+):\]/.exec(inside.slice(i))
    if (named) {
      body += CLASSES[named[1]!] ?? ''
      i += named[0].length - 1
    } else if (inside[i] === '-' && i > (negated ? 1 : 0) && i < inside.length - 1) body += '-'
    else body += inside[i]!.replace(/[\\\]^[&|~-]/g, '\\$&')
  }
  return `[${negated ? '^' : ''}${body}]`
}

export const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** Takes the meaning of its special characters from a text that goes into a pattern. */
export const quotePattern = (text: string): string => text.replace(/[\\*?[\]]/g, '\\$&')

export const matches = (text: string, pattern: string): boolean => new RegExp(`^(?:${patternSource(pattern)})$`, 'u').test(text)

export const hasPattern = (pattern: string): boolean => /(^|[^\\])(\\\\)*[*?[]/.test(pattern)
