import { FileError } from '../files/tree.ts'
import { bracketSource, escapeRegExp } from '../shell/pattern.ts'
import { type Command, type CommandContext, type Input, readLines } from './command.ts'
import { readOptions, refuse } from './options.ts'

/** POSIX regular expressions (basic or extended, with GNU's additions) as JavaScript's. */
const regularExpression = (pattern: string, extended: boolean): string => {
  let source = ''
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!
    if (c === '[') {
      let end = i + 1
      if (pattern[end] === '^') end++
      if (pattern[end] === ']') end++
      while (end < pattern.length && pattern[end] !== ']')
        end = /^\[[:.=]/.test(pattern.slice(end)) ? pattern.indexOf(`${pattern[end + 1]}]`, end + 2) + 2 || pattern.length : end + 1
      if (end >= pattern.length) throw new Error('Unmatched [, [^, [:, [., or [=')
      source += bracketSource(pattern.slice(i + 1, end).replace(/^!/, '\\!'))
      i = end
    } else if (c === '\\') {
      const next = pattern[++i]
      if (next === undefined) throw new Error('Trailing backslash')
      if ('<>'.includes(next)) source += next === '<' ? '\\b(?=[\\p{L}\\p{N}_])' : '(?<=[\\p{L}\\p{N}_])\\b'
      else if ('bBwWsS'.includes(next)) source += `\\${next}`
      else if (/[1-9]/.test(next)) source += `\\${next}`
      else if ('(){}|+?'.includes(next)) source += extended ? `\\${next}` : next
      else source += escapeRegExp(next)
    } else if ('(){}|+?'.includes(c)) {
      const literalBrace = extended && c === '{' && !/^\{\d*,?\d*\}/.test(pattern.slice(i))
      const leading = extended && '+?'.includes(c) && (source === '' || /[(|^]$/.test(source))
      source +=
        extended && !literalBrace && !leading && !(c === '}' && !/\{\d*,?\d*$/.test(source)) ? (c === '{' && pattern[i + 1] === ',' ? '{0' : c) : `\\${c}`
    } else if (c === '*' && (source === '' || /(^|[^\\])[(|]$/.test(source) || source === '^')) source += '\\*'
    else if (c === '^' || c === '$' || c === '*' || c === '.')
      source +=
        !extended && ((c === '^' && source !== '' && !/[(|]$/.test(source)) || (c === '$' && i < pattern.length - 1 && !/^\\[)|]/.test(pattern.slice(i + 1))))
          ? `\\${c}`
          : c
    else source += /[/-]/.test(c) ? c.replace('/', '\\/') : c
  }
  return source
}

const CONTROL = [
  'E',
  'F',
  'G',
  'P',
  'i',
  'y',
  'v',
  'n',
  'c',
  'l',
  'L',
  'o',
  'w',
  'x',
  'q',
  's',
  'r',
  'R',
  'h',
  'H',
  'a',
  'I',
  'b',
  'z',
  'U',
  'extended-regexp',
  'fixed-strings',
  'basic-regexp',
  'perl-regexp',
  'ignore-case',
  'invert-match',
  'line-number',
  'count',
  'files-with-matches',
  'files-without-match',
  'only-matching',
  'word-regexp',
  'line-regexp',
  'quiet',
  'silent',
  'no-messages',
  'recursive',
  'no-filename',
  'with-filename',
  'text',
  'line-buffered',
]
const VALUED = [
  'e',
  'f',
  'm',
  'A',
  'B',
  'C',
  'regexp',
  'file',
  'max-count',
  'after-context',
  'before-context',
  'context',
  'include',
  'exclude',
  'exclude-dir',
  'd',
  'D',
]

export const grep: Command = {
  name: 'grep',
  aliases: ['egrep', 'fgrep', 'zgrep'],
  summary: 'print lines that match patterns',
  run: async (context, argv) => {
    // --color takes its value only with an equals sign.
    const words = argv.filter(word => !/^--colou?r(=.*)?$/.test(word)).map(word => word.replace(/^-(\d+)$/, '-C$1'))
    const options = await readOptions(context, words, CONTROL, VALUED)
    if (!options) return 2
    const { flags } = options
    const has = (...names: string[]) => names.some(name => flags.has(name))
    const value = (...names: string[]) => names.map(name => flags.get(name)).find(text => text !== undefined)
    const operands = [...options.operands]
    const patterns = words.flatMap((word, i) =>
      word === '-e' || word === '--regexp'
        ? [words[i + 1]!]
        : /^-e./.test(word)
          ? [word.slice(2)]
          : word.startsWith('--regexp=')
            ? [word.slice(9)]
            : /^-[a-zA-Z]+e$/.test(word)
              ? [words[i + 1]!]
              : [],
    )
    const file = value('f', 'file')
    if (file !== undefined) patterns.push(...context.fs.readText(file).replace(/\n$/, '').split('\n'))
    if (patterns.length === 0) {
      const first = operands.shift()
      if (first === undefined) {
        await context.stderr.write("Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n")
        return 2
      }
      patterns.push(...first.split('\n'))
    }
    const fixed = has('F', 'fixed-strings') || argv[0] === 'fgrep'
    const extended = has('E', 'extended-regexp') || argv[0] === 'egrep'
    let expression: RegExp
    try {
      const source = patterns
        .map(pattern => (fixed ? escapeRegExp(pattern) : has('P', 'perl-regexp') ? pattern : regularExpression(pattern, extended)))
        .map(one => `(?:${one})`)
        .join('|')
      const bounded = has('x', 'line-regexp') ? `^(?:${source})$` : has('w', 'word-regexp') ? `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])` : source
      const letters = `g${has('i', 'y', 'ignore-case') ? 'i' : ''}`
      try {
        expression = new RegExp(bounded, `${letters}u`)
      } catch {
        expression = new RegExp(bounded.replaceAll(/\\p\{[^}]*\}/g, 'A-Za-z0-9'), letters)
      }
    } catch (error) {
      return refuse(context, 'grep', (error as Error).message.replace(/^Invalid regular expression.*: (.*)$/, '$1'), 2)
    }
    const recursive = has('r', 'R', 'recursive')
    const limit = Number(value('m', 'max-count') ?? Number.POSITIVE_INFINITY)
    const before = Number(value('B', 'before-context') ?? value('C', 'context') ?? 0)
    const after = Number(value('A', 'after-context') ?? value('C', 'context') ?? 0)
    const targets = recursive && operands.length === 0 ? ['.'] : operands.length === 0 ? ['-'] : operands
    const named = has('H', 'with-filename') || (!has('h', 'no-filename') && (recursive || targets.length > 1))
    const colour = argv.some(word => /^--colou?r=always$/.test(word)) || (context.stdout.isTty && !argv.some(word => /^--colou?r=never$/.test(word)))
    const paint = (code: string, text: string) => (colour ? `\x1b[${code}m\x1b[K${text}\x1b[m\x1b[K` : text)
    let found = false
    let status = 0

    const search = async (input: Input, name: string): Promise<void> => {
      const invert = has('v', 'invert-match')
      const prefix = (separator: string, number: number) =>
        `${named ? paint('35', name) + paint('36', separator) : ''}${has('n', 'line-number') ? paint('32', String(number)) + paint('36', separator) : ''}`
      const earlier: { readonly number: number; readonly line: string }[] = []
      let count = 0
      let number = 0
      let trailing = 0
      let lastShown = 0
      let text = ''
      let shown = 0
      const quiet = has('q', 'quiet', 'silent')
      const listing = has('l', 'L', 'c', 'files-with-matches', 'files-without-match', 'count')
      const lines = readLines(input)
      for await (const line of lines) {
        number++
        expression.lastIndex = 0
        const matched = expression.test(line) !== invert
        if (!matched) {
          if (trailing > 0 && !listing) {
            text += `${prefix('-', number)}${line}\n`
            lastShown = number
            trailing--
          } else if (before > 0) {
            earlier.push({ number, line })
            if (earlier.length > before) earlier.shift()
          }
          if (count >= limit && trailing === 0) break
        } else if (count < limit) {
          count++
          found = true
          if (quiet) return
          if (listing) {
            if (has('l', 'L', 'files-with-matches', 'files-without-match')) break
            if (count >= limit) break
            continue
          }
          const first = earlier[0]?.number ?? number
          if ((before > 0 || after > 0) && lastShown > 0 && first > lastShown + 1) text += `${paint('36', '--')}\n`
          for (const one of earlier.splice(0)) text += `${prefix('-', one.number)}${one.line}\n`
          if (has('o', 'only-matching')) {
            expression.lastIndex = 0
            if (!invert) for (const match of line.matchAll(expression)) if (match[0] !== '') text += `${prefix(':', number)}${paint('01;31', match[0])}\n`
          } else text += `${prefix(':', number)}${colour && !invert ? line.replace(expression, match => (match === '' ? '' : paint('01;31', match))) : line}\n`
          lastShown = number
          trailing = after
          if (count >= limit && trailing === 0) break
        }
        // Whoever reads waits for every line when lines come slowly; in bulk they go out in blocks.
        if (text !== '' && (text.length > 16_384 || ++shown < 512 || !context.stdin.isTty)) {
          if (text.length > 16_384 || input === context.stdin) {
            await context.stdout.write(text)
            text = ''
          }
        }
      }
      if (text) await context.stdout.write(text)
      if (has('c', 'count')) await context.stdout.write(`${named ? `${paint('35', name)}${paint('36', ':')}` : ''}${count}\n`)
      if ((has('l', 'files-with-matches') && count > 0) || (has('L', 'files-without-match') && count === 0))
        await context.stdout.write(`${paint('35', name)}\n`)
    }
    const visit = async (path: string): Promise<void> => {
      if (has('q', 'quiet', 'silent') && found) return
      try {
        if (path === '-') return await search(context.stdin, '(standard input)')
        if (context.fs.stat(path).kind === 'directory') {
          if (!recursive) return void (has('s', 'no-messages') || (await refuse(context, 'grep', `${path}: Is a directory`)))
          for (const name of context.fs.readdir(path))
            if (!flags.has('exclude-dir') || flags.get('exclude-dir') !== name)
              await visit(path === '.' && operands.length === 0 ? name : `${path.replace(/\/$/, '')}/${name}`)
          return
        }
        const base = path.split('/').at(-1)!
        const include = flags.get('include')
        if (include !== undefined && !new RegExp(`^${escapeRegExp(include).replaceAll('\\*', '.*').replaceAll('\\?', '.')}$`).test(base)) return
        await searchFile(context, path, search)
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        status = 2
        if (!has('s', 'no-messages')) await refuse(context, 'grep', `${path}: ${error.reason}`)
      }
    }
    for (const target of targets) await visit(target)
    return found && (status === 0 || has('q', 'quiet', 'silent')) ? 0 : status || 1
  },
}

const searchFile = async (context: CommandContext, path: string, search: (input: Input, name: string) => Promise<void>): Promise<void> => {
  if (context.fs.stat(path).kind === 'device') return
  await search(context.open(path), path)
}
