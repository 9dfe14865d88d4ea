import type { Terminal } from '@xterm/xterm'
import type { ContractError } from '../../../shared/contract/contract.ts'
import { client } from '../../rpc/client.ts'
import { contractErrorOf } from '../../rpc/errors.ts'
import { type Screen, screen } from './screen.ts'

/** Where a shell stands, from its opening to its end. */
export type SessionState =
  /** Not yet asked to connect: the screen's size is not known before it is shown. */
  | { readonly name: 'new' }
  | { readonly name: 'connecting' }
  | { readonly name: 'password'; readonly wrong: boolean }
  | { readonly name: 'open' }
  | { readonly name: 'exited'; readonly code: number | null; readonly signal?: string }
  | { readonly name: 'failed'; readonly error: ContractError }

/** A shell on a machine and the screen it writes to. Lives outside React: hiding or moving a pane must not end a shell. */
export interface Session {
  readonly screen: Screen
  state(): SessionState
  onChange(listener: () => void): () => void
  connect(password?: string): void
  /** As typed: bracketed where the program asked for that. */
  paste(text: string): void
}

/** The producer waits at 100,000 characters that were not acknowledged; one acknowledgement is for this many. */
const ACKNOWLEDGE_CHARACTERS = 5_000

interface Kept extends Session {
  end(): void
}

const sessions = new Map<string, Kept>()

export const sessionOf = (paneId: string): Session | undefined => sessions.get(paneId)

/** The session of a pane, begun on first use. */
export const beginSession = (paneId: string, machineId: string, needsPassword: boolean): Session => {
  const known = sessions.get(paneId)
  if (known) return known
  const begun = session(machineId, needsPassword)
  sessions.set(paneId, begun)
  return begun
}

export const endSession = (paneId: string): void => {
  sessions.get(paneId)?.end()
  sessions.delete(paneId)
}

const session = (machineId: string, needsPassword: boolean): Kept => {
  const shown = screen()
  const { terminal } = shown
  const listeners = new Set<() => void>()
  let state: SessionState = needsPassword ? { name: 'password', wrong: false } : { name: 'new' }
  let terminalId: string | undefined
  let stream: AbortController | undefined

  const become = (next: SessionState) => {
    state = next
    for (const listener of listeners) listener()
  }

  /** Fire and forget: a failed write or resize shows as the end of the stream. */
  const tell = (call: Promise<void>) => void call.catch(() => undefined)
  terminal.onData(text => terminalId !== undefined && tell(client.terminals.write({ terminalId, text })))
  terminal.onBinary(text => terminalId !== undefined && tell(client.terminals.write({ terminalId, text })))
  terminal.onResize(({ cols, rows }) => terminalId !== undefined && tell(client.terminals.resize({ terminalId, cols, rows })))

  const connect = async (password?: string): Promise<void> => {
    stream?.abort()
    const own = new AbortController()
    stream = own
    become({ name: 'connecting' })
    const draw = drawing(terminal, characters => terminalId !== undefined && tell(client.terminals.acknowledge({ terminalId, characters })))
    try {
      const opened = await client.terminals.open({ machineId, password, cols: terminal.cols, rows: terminal.rows })
      if (own.signal.aborted) return tell(client.terminals.close({ terminalId: opened.terminalId }))
      terminalId = opened.terminalId
      become({ name: 'open' })
      for await (const event of await client.terminals.output({ terminalId }, { signal: own.signal })) {
        if (event.type === 'output') draw(event.text)
        else if (event.type === 'exit') return become({ name: 'exited', code: event.code, signal: event.signal })
        else return become({ name: 'failed', error: event.error })
      }
      if (!own.signal.aborted && state.name === 'open') become({ name: 'failed', error: { code: 'disconnected', args: {}, retryable: true } })
    } catch (thrown) {
      if (own.signal.aborted) return
      const error = contractErrorOf(thrown)
      if (error.code === 'sshPasswordNeeded' || (error.code === 'sshAuthFailed' && password !== undefined))
        become({ name: 'password', wrong: password !== undefined })
      else become({ name: 'failed', error })
    } finally {
      if (stream === own) terminalId = undefined
      if (state.name === 'exited' || state.name === 'failed') shown.sober()
    }
  }

  return {
    screen: shown,
    state: () => state,
    onChange: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    connect: password => void connect(password),
    paste: text => {
      terminal.paste(text)
      terminal.focus()
    },
    end: () => {
      stream?.abort()
      if (terminalId !== undefined) tell(client.terminals.close({ terminalId }))
      listeners.clear()
      shown.dispose()
    },
  }
}

/** Writes to the terminal and tells what it has drawn, in portions. */
const drawing = (terminal: Terminal, acknowledge: (characters: number) => void) => {
  let drawn = 0
  return (text: string) =>
    terminal.write(text, () => {
      drawn += text.length
      if (drawn < ACKNOWLEDGE_CHARACTERS) return
      acknowledge(drawn)
      drawn = 0
    })
}
