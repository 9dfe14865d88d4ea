import { CURSOR_KEYS } from '../shell/cursor-keys.ts'
import { FileError } from '../files/tree.ts'
import { cells, cellsOf } from '../shell/width.ts'
import type { Command } from './command.ts'

/** A small full-screen editor with nano's keys: ^O write, ^X exit, ^K cut, ^U paste, ^W search. */
export const nano: Command = {
  name: 'nano',
  aliases: ['pico', 'editor'],
  summary: 'small and friendly text editor',
  run: async (context, argv) => {
    const { tty } = context
    if (argv[1] === '--version' || argv[1] === '-V') {
      await context.stdout.write(' GNU nano, version 7.2\n')
      return 0
    }
    if (!tty || !context.stdin.isTty) {
      await context.stderr.write('Standard input is not a terminal\n')
      return 1
    }
    let path = argv.slice(1).find(word => !/^[-+]/.test(word)) ?? ''
    let lines: string[][] = [[]]
    let message = path === '' ? '' : '[ New File ]'
    try {
      if (path !== '' && context.fs.exists(path)) {
        const text = context.fs.readText(path)
        lines = text
          .replace(/\n$/, '')
          .split('\n')
          .map(line => [...line])
        message = `[ Read ${lines.length} line${lines.length === 1 ? '' : 's'}${context.fs.access(path, 2) ? '' : ' (Warning: No write permission)'} ]`
      }
    } catch (error) {
      if (!(error instanceof FileError)) throw error
      message = `[ Error reading ${path}: ${error.reason} ]`
    }
    let row = 0
    let column = 0
    let top = 0
    let modified = false
    let cut: string[][] = []
    let cutting = false
    /** A question in the bottom bar, and what to do with the answer. */
    let question: { readonly text: string; answer: string; readonly keys?: boolean; readonly done: (answer: string | undefined) => void } | undefined
    let finished = false

    const height = () => Math.max(1, tty.rows - 4)
    const draw = () => {
      if (row < top) top = row
      if (row >= top + height()) top = row - height() + 1
      const width = tty.columns
      const line = lines[row]!
      const before = line.slice(0, column).reduce((sum, character) => sum + (character === '\t' ? 8 - (sum % 8) : cellsOf(character)), 0)
      const shift = before < width ? 0 : before - width + Math.floor(width / 3)
      const title = path === '' ? 'New Buffer' : path
      const head = `  GNU nano 7.2${' '.repeat(Math.max(1, Math.floor((width - cells(title)) / 2) - 14))}${title}`
      const mark = modified ? 'Modified  ' : ''
      const bar = `${head}${' '.repeat(Math.max(0, width - cells(head) - mark.length))}${mark}`
      let screen = `\x1b[?25l\x1b[H\x1b[7m${bar.slice(0, width)}\x1b[0m\r\n`
      for (let i = 0; i < height(); i++) {
        const text = lines[top + i]
        screen += text ? visible(text, top + i === row ? shift : 0, width) : ''
        screen += '\x1b[K\r\n'
      }
      const prompt = question
        ? `\x1b[7m${(question.text + question.answer).padEnd(width)}\x1b[0m`
        : message
          ? `${' '.repeat(Math.max(0, Math.floor((width - cells(message)) / 2)))}\x1b[7m${message}\x1b[0m`
          : ''
      screen += `${prompt}\x1b[K\r\n${hints(['^G Help', '^O Write Out', '^W Where Is', '^K Cut', '^C Location'], width)}\x1b[K\r\n${hints(['^X Exit', '^R Read File', '^A Home', '^U Paste', '^E End'], width)}\x1b[K`
      screen += question ? `\x1b[${tty.rows - 2};${cells(question.text + question.answer) + 1}H` : `\x1b[${row - top + 2};${before - shift + 1}H`
      return context.stdout.write(`${screen}\x1b[?25h`)
    }
    const save = (name: string | undefined): boolean => {
      if (name === undefined || name === '') {
        message = '[ Cancelled ]'
        return false
      }
      try {
        context.fs.writeFile(name, `${lines.map(line => line.join('')).join('\n')}\n`)
        path = name
        modified = false
        message = `[ Wrote ${lines.length} line${lines.length === 1 ? '' : 's'} ]`
        context.machine.flush()
        return true
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        message = `[ Error writing ${name}: ${error.reason} ]`
        return false
      }
    }
    const ask = (text: string, answer: string, done: (answer: string | undefined) => void, keys = false) => {
      question = { text, answer, done, keys }
    }
    const leave = () => {
      if (!modified) {
        finished = true
        return
      }
      ask(
        'Save modified buffer?  (Y)es (N)o (^C) Cancel ',
        '',
        answer => {
          if (answer === 'y')
            ask('File Name to Write: ', path, name => {
              finished = save(name)
            })
          else if (answer === 'n') finished = true
        },
        true,
      )
    }
    let lastSearch = ''
    const search = (text: string | undefined) => {
      const wanted = text === '' ? lastSearch : text
      if (!wanted) return
      lastSearch = wanted
      for (let i = 0; i <= lines.length; i++) {
        const at = (row + i) % lines.length
        const from = i === 0 ? column + 1 : 0
        const found = lines[at]!.join('').indexOf(wanted, lines[at]!.slice(0, from).join('').length)
        if (found >= 0) {
          row = at
          column = Array.from(lines[at]!.join('').slice(0, found)).length
          return
        }
      }
      message = `[ "${wanted}" not found ]`
    }
    const clamp = () => {
      row = Math.max(0, Math.min(row, lines.length - 1))
      column = Math.max(0, Math.min(column, lines[row]!.length))
    }
    const insert = (text: string) => {
      for (const character of text.normalize('NFC')) {
        if (character === '\r' || character === '\n') {
          const rest = lines[row]!.splice(column)
          lines.splice(row + 1, 0, rest)
          row++
          column = 0
        } else lines[row]!.splice(column++, 0, character)
      }
      modified = true
    }
    const press = (key: string) => {
      message = ''
      const wasCutting = cutting
      cutting = false
      switch (key) {
        case '\x18':
          return leave()
        case '\x0f':
        case '\x13':
          if (key === '\x13' && path !== '') return void save(path)
          return ask('File Name to Write: ', path, save)
        case '\x17':
          return ask(`Search${lastSearch ? ` [${lastSearch}]` : ''}: `, '', search)
        case '\x12':
          return ask('File to insert: ', '', name => {
            if (!name) return
            try {
              insert(context.fs.readText(name).replace(/\n$/, ''))
            } catch (error) {
              if (!(error instanceof FileError)) throw error
              message = `[ ${name}: ${error.reason} ]`
            }
          })
        case '\x0b':
          cut = wasCutting ? [...cut, lines[row]!] : [lines[row]!]
          cutting = true
          lines.splice(row, 1)
          if (lines.length === 0) lines = [[]]
          column = 0
          modified = true
          break
        case '\x15':
          if (cut.length > 0) {
            lines.splice(row, 0, ...cut.map(line => [...line]))
            row += cut.length
            modified = true
          }
          break
        case '\x03':
          message = `[ line ${row + 1}/${lines.length} (${Math.round(((row + 1) / lines.length) * 100)}%), col ${column + 1}/${lines[row]!.length + 1} ]`
          break
        case '\x07':
          message = '[ ^O saves, ^X leaves, ^K cuts a line, ^U pastes it, ^W searches ]'
          break
        case '\x01':
        case 'home':
          column = 0
          break
        case '\x05':
        case 'end':
          column = lines[row]!.length
          break
        case 'up':
        case '\x10':
          row--
          break
        case 'down':
        case '\x0e':
          row++
          break
        case 'left':
        case '\x02':
          if (column > 0) column--
          else if (row > 0) column = lines[--row]!.length
          break
        case 'right':
        case '\x06':
          if (column < lines[row]!.length) column++
          else if (row < lines.length - 1) {
            row++
            column = 0
          }
          break
        case 'pageUp':
        case '\x19':
          row -= height()
          break
        case 'pageDown':
        case '\x16':
          row += height()
          break
        case '\x7f':
        case '\b':
          if (column > 0) lines[row]!.splice(--column, 1)
          else if (row > 0) {
            column = lines[row - 1]!.length
            lines[row - 1]!.push(...lines.splice(row, 1)[0]!)
            row--
          }
          modified = true
          break
        case 'delete':
        case '\x04':
          if (column < lines[row]!.length) lines[row]!.splice(column, 1)
          else if (row < lines.length - 1) lines[row]!.push(...lines.splice(row + 1, 1)[0]!)
          modified = true
          break
        default:
          if (key >= ' ' || key === '\t' || key === '\r' || key === '\n') insert(key)
      }
      clamp()
    }
    const answer = (key: string) => {
      const current = question!
      if (key === '\x03') {
        question = undefined
        message = '[ Cancelled ]'
      } else if (current.keys) {
        const letter = key.toLowerCase()
        if (letter !== 'y' && letter !== 'n') return
        question = undefined
        current.done(letter)
      } else if (key === '\r' || key === '\n') {
        question = undefined
        current.done(current.answer)
      } else if (key === '\x7f' || key === '\b') current.answer = [...current.answer].slice(0, -1).join('')
      else if (key >= ' ') current.answer += key
    }

    const release = tty.raw()
    const stopResize = tty.onResize(() => void draw())
    const decoder = new TextDecoder()
    await context.stdout.write('\x1b[?1049h')
    try {
      await draw()
      while (!finished) {
        const bytes = await context.stdin.read()
        if (!bytes || context.signal.aborted) break
        for (const key of keysOf(decoder.decode(bytes, { stream: true }))) {
          if (question) answer(key)
          else press(key)
          if (finished) break
        }
        await draw()
      }
    } finally {
      stopResize()
      release()
      await context.stdout.write('\x1b[?1049l')
    }
    return 0
  },
}

const SEQUENCES: Readonly<Record<string, string>> = {
  ...CURSOR_KEYS,
  '[5~': 'pageUp',
  '[6~': 'pageDown',
}

const keysOf = function* (text: string): Generator<string> {
  for (let i = 0; i < text.length;) {
    // oxlint-disable-next-line no-control-regex -- keys send escape sequences
    const sequence = /^\x1b(\[[0-9;]*[A-Za-z~]|O[A-Za-z])/.exec(text.slice(i))
    if (sequence) {
      i += sequence[0].length
      const key = SEQUENCES[sequence[1]!]
      if (key) yield key
      continue
    }
    const character = String.fromCodePoint(text.codePointAt(i)!)
    i += character.length
    if (character !== '\x1b') yield character
  }
}

/** The part of a line that the window shows, tabs spread out. */
const visible = (line: readonly string[], shift: number, width: number): string => {
  let at = 0
  let result = ''
  for (const character of line) {
    const size = character === '\t' ? 8 - (at % 8) : cellsOf(character)
    if (at >= shift && at + size - shift <= width) result += character === '\t' ? ' '.repeat(size) : character < ' ' ? '' : character
    at += size
  }
  return result
}

const hints = (items: readonly string[], width: number): string => {
  const each = Math.max(8, Math.floor(width / items.length))
  return items
    .map(
      item =>
        `\x1b[7m${item.slice(0, 2)}\x1b[0m${item
          .slice(2)
          .padEnd(each - 2)
          .slice(0, each - 2)}`,
    )
    .join('')
}
