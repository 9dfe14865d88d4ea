/** Result of `printf`; `stop` is set by `\c`, `problems` are what bash complains about. */
export interface Printed {
  readonly text: string
  readonly stop: boolean
  readonly problems?: readonly string[]
}

const SIMPLE: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\x1b',
  E: '\x1b',
  '\\': '\\',
  "'": "'",
  '"': '"',
}

/** Backslash sequences; in `%b` octal needs its 0. */
const unescape = (text: string): { readonly text: string; readonly stop: boolean } => {
  let result = ''
  const bytes: number[] = []
  const flush = () => {
    if (bytes.length > 0) result += Buffer.from(bytes.splice(0)).toString('utf8')
  }
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\') {
      flush()
      result += text[i]
      continue
    }
    const rest = text.slice(i + 1)
    const octal = /^0?([0-7]{1,3})/.exec(rest)
    const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest)
    const unicode = /^u([0-9a-fA-F]{1,4})/.exec(rest) ?? /^U([0-9a-fA-F]{1,8})/.exec(rest)
    if (octal || hex) {
      bytes.push(octal ? Number.parseInt(octal[1]!, 8) & 255 : Number.parseInt(hex![1]!, 16))
      i += (octal ?? hex)![0].length
      continue
    }
    flush()
    if (unicode) {
      result += String.fromCodePoint(Number.parseInt(unicode[1]!, 16))
      i += unicode[0].length
    } else if (rest[0] === 'c') return { text: result, stop: true }
    else if (rest[0] !== undefined && SIMPLE[rest[0]] !== undefined) {
      result += SIMPLE[rest[0]]
      i++
    } else result += '\\'
  }
  flush()
  return { text: result, stop: false }
}

/** bash's printf: the format is used again while arguments are left. */
export const formatPrintf = (format: string, argumentsGiven: readonly string[]): Printed => {
  const problems: string[] = []
  let at = 0
  let text = ''
  const number = (value: string | undefined): number => {
    if (value === undefined || value === '') return 0
    if (/^['"]/.test(value)) return value.codePointAt(1) ?? 0
    const parsed = /^[+-]?0[0-7]+$/.test(value) ? Number.parseInt(value, 8) : Number(value)
    if (!Number.isNaN(parsed)) return parsed
    problems.push(`${value}: invalid number`)
    return Number.parseFloat(value) || 0
  }
  do {
    const before = at
    for (let i = 0; i < format.length; i++) {
      if (format[i] === '\\') {
        const sequence = /^\\(0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}(?:\\x[0-9a-fA-F]{1,2})*|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[\s\S])/.exec(format.slice(i))
        const unescaped = unescape(sequence?.[0] ?? '\\')
        text += unescaped.text
        if (unescaped.stop) return { text, stop: true, problems }
        i += (sequence?.[0].length ?? 1) - 1
        continue
      }
      if (format[i] !== '%') {
        text += format[i]
        continue
      }
      const spec = /^%([-+ #0']*)(\*|\d+)?(?:\.(\*|\d+)?)?([diouxXeEfFgGcsbqT%]|\([^)]*\)T)/.exec(format.slice(i))
      if (!spec) {
        problems.push(`\`${format[i + 1] ?? ''}': invalid format character`)
        return { text, stop: true, problems }
      }
      i += spec[0].length - 1
      const conversion = spec[4]!
      if (conversion === '%') {
        text += '%'
        continue
      }
      const flags = spec[1]!
      const width = spec[2] === '*' ? number(argumentsGiven[at++]) : Number(spec[2] ?? 0)
      const hasPrecision = spec[0].includes('.')
      const precision = spec[3] === '*' ? number(argumentsGiven[at++]) : Number(spec[3] ?? 0)
      const argument = argumentsGiven[at++]
      let body: string
      let stop = false
      switch (conversion) {
        case 's':
          body = hasPrecision ? [...(argument ?? '')].slice(0, precision).join('') : (argument ?? '')
          break
        case 'b': {
          const unescaped = unescape(argument ?? '')
          body = unescaped.text
          stop = unescaped.stop
          break
        }
        case 'q':
          body = argument === undefined || argument === '' ? "''" : argument.replace(/[^\w@%+=:,./-]/g, '\\$&')
          break
        case 'c':
          body = [...(argument ?? '')][0] ?? ''
          break
        case 'd':
        case 'i': {
          const value = Math.trunc(number(argument))
          const digits = String(Math.abs(value)).padStart(hasPrecision ? precision : 0, '0')
          body = signed(value, digits, flags)
          break
        }
        case 'u':
          body = String(BigInt.asUintN(64, BigInt(Math.trunc(number(argument)))))
          break
        case 'o':
        case 'x':
        case 'X': {
          const digits = BigInt.asUintN(64, BigInt(Math.trunc(number(argument)))).toString(conversion === 'o' ? 8 : 16)
          body = (flags.includes('#') ? (conversion === 'o' ? '0' : '0x') : '') + digits.padStart(hasPrecision ? precision : 0, '0')
          if (conversion === 'X') body = body.toUpperCase()
          break
        }
        default: {
          const value = number(argument)
          const digits = hasPrecision ? precision : 6
          const magnitude = Math.abs(value)
          const lower = conversion.toLowerCase()
          const plain =
            lower === 'f'
              ? magnitude.toFixed(digits)
              : lower === 'e'
                ? magnitude.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2')
                : String(Number(magnitude.toPrecision(digits || 1)))
          body = signed(value, plain, flags)
          if (conversion !== lower) body = body.toUpperCase()
        }
      }
      const missing = Math.abs(width) - [...body].length
      if (missing > 0)
        body =
          flags.includes('-') || width < 0
            ? body + ' '.repeat(missing)
            : flags.includes('0') && !'sbqc'.includes(conversion)
              ? body.replace(/^[+-]?/, sign => sign + '0'.repeat(missing))
              : ' '.repeat(missing) + body
      text += body
      if (stop) return { text, stop: true, problems }
    }
    if (at === before) break
  } while (at < argumentsGiven.length)
  return { text, stop: false, problems }
}

const signed = (value: number, digits: string, flags: string) =>
  (value < 0 || Object.is(value, -0) ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '') + digits
