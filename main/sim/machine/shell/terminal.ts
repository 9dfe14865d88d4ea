import type { Input, Output, Tty } from '../commands/command.ts'
import { toBytes } from './streams.ts'
import { cellsOf } from './width.ts'

/** Where a terminal's bytes go: an SSH channel. `write` resolves when the far side takes more. */
export interface TerminalLine {
  write(bytes: Uint8Array): Promise<void>
}

/** The kernel's side of a terminal: cooked input for programs, CRLF on output, Ctrl-C and Ctrl-Z while a program runs. */
export interface Terminal {
  readonly tty: Tty
  readonly input: Input
  readonly output: Output
  /** Bytes from the keyboard. */
  receive(bytes: Uint8Array): void
  resize(columns: number, rows: number): void
  /** Who gets the keyboard now: the line editor, or the running program. */
  attach(editor: { feed(text: string): void; resized(): void } | undefined, interrupt: (() => void) | undefined, suspend?: () => void): void
  hangUp(): void
  /** Output that was not awaited is out. */
  drained(): Promise<void>
}

export const createTerminal = (line: TerminalLine, columns: number, rows: number, term: string): Terminal => {
  let size = { columns: columns || 80, rows: rows || 24 }
  let editor: { feed(text: string): void; resized(): void } | undefined
  let interrupt: (() => void) | undefined
  let suspend: (() => void) | undefined
  let rawHolders = 0
  let hungUp = false
  let chunks: Uint8Array[] = []
  let cooked: string[] = []
  let endOfFile = 0
  let decoder = new TextDecoder()
  let writing: Promise<void> = Promise.resolve()
  const waiting = new Set<() => void>()
  const resizeListeners = new Set<() => void>()
  const wake = () => {
    for (const resolve of waiting) resolve()
    waiting.clear()
  }
  const put = (data: string | Uint8Array): Promise<void> => {
    if (hungUp) return Promise.resolve()
    const bytes = toBytes(data)
    return (writing = line.write(bytes.includes(10) ? withReturns(bytes) : bytes).catch(() => undefined))
  }
  /** The line discipline: echo, erase, kill, end of file. */
  const cook = (text: string) => {
    for (const character of text) {
      if (character === '\x03') {
        void put('^C\n')
        cooked = []
        chunks = []
        interrupt?.()
      } else if (character === '\x1c') {
        void put('^\\Quit\n')
        cooked = []
        interrupt?.()
      } else if (character === '\x1a' && suspend) {
        void put('^Z')
        cooked = []
        suspend()
      } else if (character === '\r' || character === '\n') {
        void put('\n')
        chunks.push(toBytes(`${cooked.join('')}\n`))
        cooked = []
        wake()
      } else if (character === '\x7f' || character === '\b') {
        const last = cooked.pop()
        if (last !== undefined) void put('\b \b'.repeat(last < ' ' ? 2 : cellsOf(last)))
      } else if (character === '\x15') {
        while (cooked.length > 0) cook('\x7f')
      } else if (character === '\x04') {
        if (cooked.length === 0) endOfFile++
        else chunks.push(toBytes(cooked.splice(0).join('')))
        wake()
      } else {
        cooked.push(character)
        void put(character < ' ' && character !== '\t' ? `^${String.fromCharCode(character.charCodeAt(0) + 64)}` : character)
      }
    }
  }
  return {
    tty: {
      get columns() {
        return size.columns
      },
      get rows() {
        return size.rows
      },
      term,
      onResize: listener => {
        resizeListeners.add(listener)
        return () => resizeListeners.delete(listener)
      },
      raw: () => {
        rawHolders++
        let held = true
        return () => {
          if (held) rawHolders--
          held = false
        }
      },
    },
    input: {
      isTty: true,
      read: async () => {
        for (;;) {
          const chunk = chunks.shift()
          if (chunk) return chunk
          if (hungUp) return undefined
          if (endOfFile > 0) {
            endOfFile--
            return undefined
          }
          await new Promise<void>(resolve => void waiting.add(resolve))
        }
      },
      unread: bytes => {
        chunks.unshift(bytes)
        wake()
      },
    },
    output: { isTty: true, write: put },
    receive: bytes => {
      if (editor) return editor.feed(decoder.decode(bytes, { stream: true }))
      if (rawHolders > 0) {
        chunks.push(bytes)
        return wake()
      }
      cook(decoder.decode(bytes, { stream: true }))
    },
    resize: (newColumns, newRows) => {
      size = { columns: newColumns || 80, rows: newRows || 24 }
      for (const listener of resizeListeners) listener()
      editor?.resized()
    },
    attach: (nextEditor, nextInterrupt, nextSuspend) => {
      editor = nextEditor
      interrupt = nextInterrupt
      suspend = nextSuspend
      rawHolders = 0
      if (nextEditor) {
        decoder = new TextDecoder()
        // What was typed ahead while the last command ran belongs to the next line.
        const ahead = Buffer.concat(chunks).toString('utf8') + cooked.join('')
        chunks = []
        cooked = []
        endOfFile = 0
        wake()
        if (ahead) nextEditor.feed(ahead.replaceAll('\n', '\r'))
      }
    },
    hangUp: () => {
      hungUp = true
      interrupt?.()
      wake()
    },
    drained: () => writing,
  }
}

/** As the terminal driver's ONLCR; a line feed that has its return keeps it. */
const withReturns = (bytes: Uint8Array): Uint8Array => {
  let extra = 0
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === 10 && bytes[i - 1] !== 13) extra++
  if (extra === 0) return bytes
  const result = new Uint8Array(bytes.length + extra)
  let at = 0
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === 10 && bytes[i - 1] !== 13) result[at++] = 13
    result[at++] = bytes[i]!
  }
  return result
}
