import { CURSOR_KEYS } from './cursor-keys.ts'
import type { Tty } from '../commands/command.ts'
import { cells, cellsOf } from './width.ts'

export interface Completion {
  /** Where in the line the completed word begins. */
  readonly start: number
  readonly candidates: readonly string[]
  /** What is added after a single candidate: a space, or nothing after a directory. */
  readonly suffix: string
  /** As shown in the list, when shorter than the candidates. */
  readonly labels?: readonly string[]
}

export interface EditorOptions {
  readonly tty: Pick<Tty, 'columns'>
  write(text: string): void
  history(): readonly string[]
  complete(line: string, cursor: number): Promise<Completion | undefined>
}

export type EditorResult = { readonly type: 'line'; readonly line: string } | { readonly type: 'interrupt' } | { readonly type: 'end' }

/** One line being typed: readline's everyday keys over a terminal that speaks ECMA-48. */
export interface Editor {
  /** Shows the prompt and resolves when the line is finished. */
  read(prompt: string): Promise<EditorResult>
  /** Keys, already decoded. */
  feed(text: string): void
  /** Keys that were typed ahead of the line that is finished; they are the program's now. */
  take(): string
  resized(): void
  /** The connection is gone. */
  end(): void
}

const ESCAPE_KEYS: Readonly<Record<string, string>> = {
  ...CURSOR_KEYS,
  '[7~': 'home',
  '[8~': 'end',
  '[5~': 'up',
  '[6~': 'down',
  '[1;5C': 'wordRight',
  '[1;5D': 'wordLeft',
  '[1;3C': 'wordRight',
  '[1;3D': 'wordLeft',
  '[5C': 'wordRight',
  '[5D': 'wordLeft',
  f: 'wordRight',
  b: 'wordLeft',
  d: 'killWord',
  '\x7f': 'killWordBack',
  '\b': 'killWordBack',
  '.': 'lastArgument',
  '[200~': 'paste',
  '[3;5~': 'killWord',
  '[2~': 'ignore',
}
const CONTROL_KEYS: Readonly<Record<string, string>> = {
  '\x01': 'home',
  '\x02': 'left',
  '\x03': 'interrupt',
  '\x04': 'endOrDelete',
  '\x05': 'end',
  '\x06': 'right',
  '\x08': 'backspace',
  '\x7f': 'backspace',
  '\t': 'complete',
  '\n': 'enter',
  '\r': 'enter',
  '\x0b': 'killRight',
  '\x0c': 'clear',
  '\x0e': 'down',
  '\x10': 'up',
  '\x12': 'search',
  '\x14': 'transpose',
  '\x15': 'killLeft',
  '\x17': 'killSpaceWord',
  '\x19': 'yank',
  '\x1f': 'ignore',
  '\x07': 'ignore',
}

export const createEditor = ({ tty, write, history, complete }: EditorOptions): Editor => {
  let finish: ((result: EditorResult) => void) | undefined
  let prompt = ''
  /** Characters as code points, so that a Hangul syllable is one. */
  let line: string[] = []
  let cursor = 0
  let at: number | undefined
  let draft = ''
  let killed = ''
  let cursorRow = 0
  let lastKey = ''
  let pasting = false
  let search: { query: string; index: number } | undefined
  let pending = ''
  let busy = false
  let queue = ''
  let ended = false

  const rowsBefore = (text: readonly string[], from = 0): { row: number; column: number } => {
    const width = Math.max(2, tty.columns)
    let column = from
    let row = 0
    for (const character of text) {
      const size = character === '\n' ? 0 : cellsOf(character)
      if (character === '\n' || column + size > width) {
        row++
        column = character === '\n' ? 0 : size
        continue
      }
      column += size
    }
    // A full row: the terminal holds the cursor at its end until something follows.
    if (column >= width) {
      row++
      column = 0
    }
    return { row, column }
  }
  const shownPrompt = () => (search ? `(reverse-i-search)\`${search.query}': ` : prompt)
  const refresh = () => {
    const head = shownPrompt()
    const start = cells(head) % Math.max(2, tty.columns)
    const text = line.map(character => (character < ' ' && character !== '\n' ? `^${String.fromCharCode(character.charCodeAt(0) + 64)}` : character))
    const flat = [...text.join('')]
    const before = [...text.slice(0, cursor).join('')]
    const end = rowsBefore(flat, start)
    const wanted = rowsBefore(before, start)
    let output = `${cursorRow > 0 ? `\x1b[${cursorRow}A` : ''}\r\x1b[J${head}${flat.join('').replaceAll('\n', '\r\n')}`
    if (end.column === 0 && end.row > 0 && flat.at(-1) !== '\n') output += '\r\n'
    if (end.row > wanted.row) output += `\x1b[${end.row - wanted.row}A`
    output += `\r${wanted.column > 0 ? `\x1b[${wanted.column}C` : ''}`
    cursorRow = wanted.row
    write(output)
  }
  const set = (text: string) => {
    line = [...text]
    cursor = line.length
    refresh()
  }
  const insert = (text: string) => {
    const characters = [...text.normalize('NFC')]
    // A combining Jamo typed after its base joins it.
    if (cursor > 0 && characters.length === 1) {
      const joined = [...(line[cursor - 1]! + characters[0]!).normalize('NFC')]
      if (joined.length === 1) {
        line[cursor - 1] = joined[0]!
        return refresh()
      }
    }
    line.splice(cursor, 0, ...characters)
    cursor += characters.length
    const plain = cursor === line.length && characters.every(character => character >= ' ' && character !== '\x7f')
    const start = cells(shownPrompt()) % Math.max(2, tty.columns)
    const after = rowsBefore(line, start)
    if (plain && after.row === cursorRow && after.column > cells(characters.join(''))) write(characters.join(''))
    else refresh()
  }
  const wordLeft = (from: number, isWord = (c: string) => /[\p{L}\p{N}_]/u.test(c)) => {
    let i = from
    while (i > 0 && !isWord(line[i - 1]!)) i--
    while (i > 0 && isWord(line[i - 1]!)) i--
    return i
  }
  const wordRight = (from: number) => {
    let i = from
    while (i < line.length && !/[\p{L}\p{N}_]/u.test(line[i]!)) i++
    while (i < line.length && /[\p{L}\p{N}_]/u.test(line[i]!)) i++
    return i
  }
  const kill = (from: number, to: number) => {
    if (from === to) return
    killed = line.slice(from, to).join('')
    line.splice(from, to - from)
    cursor = from
    refresh()
  }
  const done = (result: EditorResult) => {
    const resolve = finish
    finish = undefined
    search = undefined
    resolve?.(result)
  }
  const walk = (step: number) => {
    const lines = history()
    const from = at ?? lines.length
    const to = from + step
    if (to < 0 || to > lines.length) return
    if (at === undefined) draft = line.join('')
    at = to === lines.length ? undefined : to
    set(at === undefined ? draft : lines[at]!)
  }
  const find = (from: number) => {
    if (!search) return
    const lines = history()
    for (let i = from; i >= 0; i--) {
      const found = lines[i]?.indexOf(search.query) ?? -1
      if (search.query !== '' && found >= 0) {
        search.index = i
        line = [...lines[i]!]
        cursor = Array.from(lines[i]!.slice(0, found)).length
        break
      }
    }
    refresh()
  }
  const completeNow = async () => {
    busy = true
    try {
      const text = line.join('')
      const position = line.slice(0, cursor).join('').length
      const completion = await complete(text, position)
      if (!finish) return
      if (!completion || completion.candidates.length === 0) return write('\x07')
      const { candidates } = completion
      const typed = text.slice(completion.start, position)
      let common = candidates[0]!
      for (const candidate of candidates) while (!candidate.startsWith(common)) common = common.slice(0, -1)
      const addition = candidates.length === 1 ? candidates[0]! + completion.suffix : common
      if (addition.length > typed.length || (candidates.length === 1 && addition !== typed)) {
        const start = Array.from(text.slice(0, completion.start)).length
        line.splice(start, cursor - start, ...addition)
        cursor = start + [...addition].length
        return refresh()
      }
      if (lastKey !== 'complete') return write('\x07')
      const labels = completion.labels ?? candidates
      const width = Math.max(...labels.map(cells)) + 2
      const perRow = Math.max(1, Math.floor(tty.columns / width))
      const rows = Math.ceil(labels.length / perRow)
      const listing = Array.from({ length: rows }, (_, row) =>
        Array.from({ length: perRow }, (_unused, column) => labels[column * rows + row])
          .filter(label => label !== undefined)
          .map(label => label + ' '.repeat(width - cells(label)))
          .join('')
          .trimEnd(),
      ).join('\r\n')
      const { row } = rowsBefore(line, cells(prompt) % Math.max(2, tty.columns))
      write(`${row > cursorRow ? `\x1b[${row - cursorRow}B` : ''}\r\n${listing}\r\n`)
      cursorRow = 0
      refresh()
    } finally {
      lastKey = 'complete'
      busy = false
      const more = queue
      queue = ''
      if (more) feed(more)
    }
  }
  const toEnd = () => {
    cursor = line.length
    if (search) search = undefined
    refresh()
  }
  const press = (key: string): void => {
    if (search && !['search', 'backspace', 'interrupt', 'ignore'].includes(key)) {
      search = undefined
      refresh()
    }
    switch (key) {
      case 'enter':
        toEnd()
        write('\r\n')
        done({ type: 'line', line: line.join('') })
        break
      case 'interrupt':
        toEnd()
        write('^C\r\n')
        done({ type: 'interrupt' })
        break
      case 'endOrDelete':
        if (line.length === 0) {
          done({ type: 'end' })
          break
        }
        press('delete')
        break
      case 'delete':
        if (cursor < line.length) {
          line.splice(cursor, 1)
          refresh()
        }
        break
      case 'backspace':
        if (search) {
          search.query = [...search.query].slice(0, -1).join('')
          find(history().length - 1)
        } else if (cursor > 0) {
          line.splice(--cursor, 1)
          refresh()
        }
        break
      case 'left':
        if (cursor > 0) {
          cursor--
          refresh()
        }
        break
      case 'right':
        if (cursor < line.length) {
          cursor++
          refresh()
        }
        break
      case 'home':
        cursor = 0
        refresh()
        break
      case 'end':
        cursor = line.length
        refresh()
        break
      case 'wordLeft':
        cursor = wordLeft(cursor)
        refresh()
        break
      case 'wordRight':
        cursor = wordRight(cursor)
        refresh()
        break
      case 'up':
        walk(-1)
        break
      case 'down':
        walk(1)
        break
      case 'killRight':
        kill(cursor, line.length)
        break
      case 'killLeft':
        kill(0, cursor)
        break
      case 'killSpaceWord':
        kill(
          wordLeft(cursor, c => c !== ' '),
          cursor,
        )
        break
      case 'killWordBack':
        kill(wordLeft(cursor), cursor)
        break
      case 'killWord':
        kill(cursor, wordRight(cursor))
        break
      case 'yank':
        insert(killed)
        break
      case 'transpose':
        if (cursor > 0 && line.length > 1) {
          const right = Math.min(cursor, line.length - 1)
          ;[line[right - 1], line[right]] = [line[right]!, line[right - 1]!]
          cursor = right + 1
          refresh()
        }
        break
      case 'lastArgument': {
        const last = history().at(-1)?.trim().split(/\s+/).at(-1)
        if (last) insert(last)
        break
      }
      case 'clear':
        write('\x1b[H\x1b[2J')
        cursorRow = 0
        refresh()
        break
      case 'search':
        if (search) find(search.index - 1)
        else {
          search = { query: '', index: history().length }
          refresh()
        }
        break
      case 'complete':
        void completeNow()
        return
      case 'paste':
        pasting = true
        break
    }
    lastKey = key
  }
  const feed = (text: string): void => {
    if (ended) return
    if (busy || !finish) {
      queue += text
      return
    }
    let input = pending + text
    pending = ''
    while (input.length > 0) {
      if (!finish || busy) {
        queue = input + queue
        return
      }
      if (pasting) {
        const end = input.indexOf('\x1b[201~')
        const chunk = end < 0 ? input : input.slice(0, end)
        // The end mark may be cut in two.
        const cut = end < 0 ? chunk.lastIndexOf('\x1b') : -1
        const body = cut >= 0 && chunk.length - cut < 6 ? chunk.slice(0, cut) : chunk
        if (body) insert(body.replaceAll('\r\n', '\n').replaceAll('\r', '\n').replaceAll('\t', '    '))
        if (end < 0) {
          pending = chunk.slice(body.length)
          return
        }
        pasting = false
        input = input.slice(end + 6)
        refresh()
        continue
      }
      const character = String.fromCodePoint(input.codePointAt(0)!)
      if (character === '\x1b') {
        // oxlint-disable-next-line no-control-regex -- keys send escape sequences
        const sequence = /^\x1b(\[[0-9;]*[A-Za-z~]|O[A-Za-z]|[^[O])/.exec(input)
        if (!sequence) {
          // oxlint-disable-next-line no-control-regex -- the beginning of one
          if (input.length < 8 && /^\x1b(\[[0-9;]*|O)?$/.test(input)) {
            pending = input
            return
          }
          input = input.slice(1)
          continue
        }
        input = input.slice(sequence[0].length)
        press(ESCAPE_KEYS[sequence[1]!] ?? 'ignore')
        continue
      }
      if (character === '\r' && input[1] === '\n') input = input.slice(1)
      const key = CONTROL_KEYS[character]
      if (key) {
        input = input.slice(1)
        press(key)
        continue
      }
      if (character < ' ') {
        input = input.slice(1)
        continue
      }
      // oxlint-disable-next-line no-control-regex -- up to the next key that is no text
      const run = /^[^\x00-\x1f\x7f]+/.exec(input)![0]
      input = input.slice(run.length)
      if (search) {
        search.query += run
        find(history().length - 1)
      } else insert(run)
      lastKey = 'text'
    }
  }
  return {
    read: text => {
      prompt = text
      line = []
      cursor = 0
      cursorRow = 0
      at = undefined
      draft = ''
      search = undefined
      lastKey = ''
      write(`\x1b[?2004h${prompt}`)
      return new Promise(resolve => {
        finish = result => {
          write('\x1b[?2004l')
          resolve(result)
        }
        if (ended) return done({ type: 'end' })
        const more = queue
        queue = ''
        if (more) feed(more)
      })
    },
    feed,
    take: () => {
      const ahead = queue
      queue = ''
      return ahead
    },
    resized: () => {
      if (finish) refresh()
    },
    end: () => {
      ended = true
      done({ type: 'end' })
    },
  }
}
