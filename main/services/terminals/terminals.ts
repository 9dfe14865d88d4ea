import { randomUUID } from 'node:crypto'
import { StringDecoder } from 'node:string_decoder'
import type { ClientChannel } from 'ssh2'
import type { TerminalOutput } from '../../../shared/contract/contract.ts'
import { failure } from '../../../shared/domain/errors.ts'
import type { TerminalSize } from '../../ssh/connect.ts'
import { contractError } from '../contract-error.ts'
import type { MachinesService } from '../machines/machines.ts'
import { stream, type StreamSource } from '../stream.ts'

/** Characters sent and not yet drawn at which the machine is made to wait: beyond, typing feels late (as VS Code's terminal). */
const PAUSE_AT = 100_000
const RESUME_AT = 5_000

export interface TerminalsService {
  /** Opens a login shell; it ends with `client`. Rejects with Failure (`ssh…`, `machine…`). */
  open(
    request: { readonly machineId: string; readonly password?: string | undefined } & TerminalSize,
    client: AbortSignal,
  ): Promise<{ readonly terminalId: string }>
  /** Everything the shell prints, from its first character on; for one reader. */
  output(id: string, signal?: AbortSignal): AsyncIterable<TerminalOutput>
  acknowledge(id: string, characters: number): void
  write(id: string, text: string): void
  resize(id: string, size: TerminalSize): void
  close(id: string): void
  dispose(): void
}

interface Terminal {
  readonly channel: ClientChannel
  /** What came before the reader did. */
  readonly backlog: TerminalOutput[]
  reader: StreamSource<TerminalOutput> | undefined
  unacknowledged: number
  paused: boolean
  ended: boolean
  end(): void
}

/** Terminals on machines. To this service a simulated machine and a real one are the same: an SSH server. */
export const terminalsService = (machines: MachinesService): TerminalsService => {
  const terminals = new Map<string, Terminal>()

  const find = (id: string): Terminal => {
    const terminal = terminals.get(id)
    if (!terminal) throw failure('terminalNotFound', { id })
    return terminal
  }

  const tell = (terminal: Terminal, output: TerminalOutput) => {
    if (terminal.reader) terminal.reader.push(output)
    else terminal.backlog.push(output)
  }

  const flow = (terminal: Terminal) => {
    if (!terminal.paused && terminal.unacknowledged > PAUSE_AT) {
      terminal.paused = true
      terminal.channel.pause()
      terminal.channel.stderr.pause()
    } else if (terminal.paused && terminal.unacknowledged <= RESUME_AT) {
      terminal.paused = false
      terminal.channel.resume()
      terminal.channel.stderr.resume()
    }
  }

  const attach = (id: string, channel: ClientChannel, host: string, release: () => void): Terminal => {
    const terminal: Terminal = {
      channel, backlog: [], reader: undefined, unacknowledged: 0, paused: false, ended: false,
      end: () => {
        terminals.delete(id)
        channel.close()
        release()
        terminal.reader?.end()
      },
    } // prettier-ignore
    const print = (text: string) => {
      if (text === '') return
      terminal.unacknowledged += text.length
      tell(terminal, { type: 'output', text })
      flow(terminal)
    }
    // A character of several bytes may come in two pieces.
    for (const source of [channel, channel.stderr]) {
      const decoder = new StringDecoder('utf8')
      source.on('data', (chunk: Buffer) => print(decoder.write(chunk)))
      source.on('end', () => print(decoder.end()))
    }
    let exit: TerminalOutput = { type: 'failed', error: contractError(failure('sshConnectionLost', { host }, { retryable: true })) }
    channel.on('exit', (code: number | null, signal?: string) => {
      exit = { type: 'exit', code, ...(signal ? { signal } : {}) }
    })
    channel.on('error', () => {})
    channel.on('close', () => {
      terminal.ended = true
      tell(terminal, exit)
      terminal.reader?.end()
      release()
    })
    return terminal
  }

  return {
    open: async ({ machineId, password, cols, rows }, client) => {
      const machine = machines.find(machineId)
      if (password !== undefined) machines.rememberPassword(machineId, password)
      const { connection, release } = await machines.connections.lease(machineId)
      let channel: ClientChannel
      try {
        channel = await connection.shell({ cols, rows })
      } catch (error) {
        release()
        throw error
      }
      const id = randomUUID()
      const terminal = attach(id, channel, machine.host, release)
      terminals.set(id, terminal)
      if (client.aborted) terminal.end()
      else client.addEventListener('abort', () => terminal.end(), { once: true })
      return { terminalId: id }
    },
    output: (id, signal) => {
      const terminal = find(id)
      return stream<TerminalOutput>(
        signal,
        source => {
          terminal.reader = source
          for (const output of terminal.backlog.splice(0)) source.push(output)
          if (terminal.ended) source.end()
          return () => {
            terminal.reader = undefined
            if (terminal.ended) terminals.delete(id)
          }
        },
        (waiting, next) => (waiting.type === 'output' && next.type === 'output' ? { type: 'output', text: waiting.text + next.text } : undefined),
      )
    },
    acknowledge: (id, characters) => {
      // The shell may have ended while the last characters were drawn.
      const terminal = terminals.get(id)
      if (!terminal) return
      terminal.unacknowledged = Math.max(0, terminal.unacknowledged - characters)
      flow(terminal)
    },
    write: (id, text) => {
      const { channel, ended } = find(id)
      if (!ended) channel.write(text)
    },
    resize: (id, { cols, rows }) => {
      const { channel, ended } = find(id)
      if (!ended) channel.setWindow(rows, cols, 0, 0)
    },
    close: id => terminals.get(id)?.end(),
    dispose: () => {
      for (const terminal of terminals.values()) terminal.end()
    },
  }
}
