/** What words of a shell stand for. */
export interface Expansion {
  readonly vars: ReadonlyMap<string, string>
  /** Exit status of the last command. */
  readonly status: number
  /** Output of a script, for `$(…)`. */
  substitute(script: string): string
}

export const seconds = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text)
  if (text === 'infinity' || text === 'inf') return Infinity
  return match ? Number(match[1]) * { '': 1, s: 1, m: 60, h: 3600, d: 86400 }[match[2] as '']! : undefined
}

const arithmetic = (text: string, vars: ReadonlyMap<string, string>): string => {
  const source = text.replace(/\$?\{?([A-Za-z_]\w*)\}?/g, (_, name: string) => vars.get(name) ?? '0')
  if (!/^[\d\s+\-*/%()<>=!&|]*$/.test(source)) return '0'
  let at = 0
  const skip = () => {
    while (source[at] === ' ') at++
  }
  const factor = (): number => {
    skip()
    if (source[at] === '-') return (at++, -factor())
    if (source[at] === '(') {
      at++
      const value = sum()
      skip()
      at++
      return value
    }
    const digits = /^\d+/.exec(source.slice(at))?.[0] ?? ''
    at += Math.max(1, digits.length)
    return Number(digits || 0)
  }
  const product = (): number => {
    let value = factor()
    for (skip(); '*/%'.includes(source[at] ?? ' '); skip()) {
      const operator = source[at++]
      const right = factor()
      value = operator === '*' ? value * right : right === 0 ? 0 : operator === '/' ? Math.trunc(value / right) : value % right
    }
    return value
  }
  const sum = (): number => {
    let value = product()
    for (skip(); source[at] === '+' || source[at] === '-'; skip()) value += source[at++] === '+' ? product() : -product()
    return value
  }
  return String(sum())
}

/** Expands `$x`, `${x}`, `${x:-y}`, `$(…)`, `` `…` `` and `$((…))`. */
export const expand = (word: string, state: Expansion): string[] => {
  let out = ''
  let quoted = false
  let splittable = false
  let inDouble = false
  for (let i = 0; i < word.length;) {
    const c = word[i]!
    if (c === "'" && !inDouble) {
      const end = word.indexOf("'", i + 1)
      out += word.slice(i + 1, end < 0 ? undefined : end)
      quoted = true
      i = end < 0 ? word.length : end + 1
    } else if (c === '"') {
      inDouble = !inDouble
      quoted = true
      i++
    } else if (c === '\\' && i + 1 < word.length) {
      out += inDouble && !'"$`\\'.includes(word[i + 1]!) ? word.slice(i, i + 2) : word[i + 1]
      i += 2
    } else if (c === '$' && word.startsWith('$((', i)) {
      const end = word.indexOf('))', i)
      out += arithmetic(word.slice(i + 3, end < 0 ? undefined : end), state.vars)
      i = end < 0 ? word.length : end + 2
    } else if ((c === '$' && word[i + 1] === '(') || c === '`') {
      const end = c === '`' ? word.indexOf('`', i + 1) : matching(word, i + 1)
      const inner = word.slice(c === '`' ? i + 1 : i + 2, end)
      out += state.substitute(inner).replace(/\n+$/, '')
      splittable ||= !inDouble
      i = end + 1
    } else if (c === '$') {
      const match = /^\$(?:\{([A-Za-z_]\w*|[?#$0-9])(?::?-([^}]*))?\}|([A-Za-z_]\w*|[?#$0-9]))/.exec(word.slice(i))
      if (!match) {
        out += c
        i++
        continue
      }
      const name = (match[1] ?? match[3])!
      const value = name === '?' ? String(state.status) : name === '$' ? '1' : state.vars.get(name)
      out += value !== undefined && value !== '' ? value : (match[2] ?? '')
      splittable ||= !inDouble
      i += match[0].length
    } else {
      out += c
      i++
    }
  }
  if (splittable && !quoted) return out.split(/\s+/).filter(Boolean)
  return [out]
}

const matching = (text: string, open: number): number => {
  let depth = 0
  for (let i = open; i < text.length; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0) return i
  }
  return text.length
}

/** `test` and `[`. */
export const compare = (args: readonly string[], files: ReadonlyMap<string, string>): boolean => {
  if (args[0] === '!') return !compare(args.slice(1), files)
  const [a = '', operator, b = ''] = args
  if (args.length === 2) {
    if (a === '-z') return operator === ''
    if (a === '-n') return operator !== ''
    return files.has(operator!) || (a === '-d' && operator === '/')
  }
  if (args.length < 3) return a !== ''
  const [x, y] = [Number(a), Number(b)]
  switch (operator) {
    case '=':
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '-eq':
      return x === y
    case '-ne':
      return x !== y
    case '-lt':
      return x < y
    case '-le':
      return x <= y
    case '-gt':
      return x > y
    case '-ge':
      return x >= y
    default:
      return false
  }
}

/** `date`, with or without a format. */
export const formatDate = (time: number, format: string | undefined): string => {
  const t = new Date(time)
  const parts = t.toUTCString().split(/[ ,]+/)
  if (!format) return `${parts[0]} ${parts[2]} ${String(t.getUTCDate()).padStart(2)} ${parts[4]} UTC ${parts[3]}`
  const iso = t.toISOString()
  const values: Record<string, string> = {
    Y: iso.slice(0, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    T: iso.slice(11, 19),
    F: iso.slice(0, 10),
    s: String(Math.floor(time / 1000)),
    '%': '%',
  }
  return format.slice(1).replace(/%(.)/g, (all, key: string) => values[key] ?? all)
}
