import { connect as connectTcp } from 'node:net'
import ssh2, { type ClientChannel, type SFTPWrapper, type ServerHostKeyAlgorithm } from 'ssh2'
import { type Failure, failure } from '../../shared/domain/errors.ts'
import type { SshEndpoint } from './endpoint.ts'
import { fingerprint, hostName, type HostPublicKey, publicKey, readKnownHosts, type Trust } from './known-hosts.ts'
import { type LoginAttempt, NO_MORE, prepareLogin } from './login.ts'
import { triage } from './triage.ts'

/** For the whole way from the first packet to the login; nobody is asked anything meanwhile. */
const READY_TIMEOUT_MS = 15_000

/** A connection whose other end has gone (cable pulled, machine switched off) is noticed after 3 of these. */
const KEEPALIVE_MS = 10_000
const KEEPALIVE_COUNT = 3

/** What is kept of a command's output; the rest is read and thrown away, or the channel would stall. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024

/** Ours, strongest first. SHA-1 signatures are not among them, as in OpenSSH since 8.8. */
const HOST_KEY_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

export interface ExecResult {
  readonly stdout: string
  readonly stderr: string
  /** Null when a signal ended the command, or the server did not say. */
  readonly code: number | null
  readonly signal?: string
}

export interface TerminalSize {
  readonly cols: number
  readonly rows: number
}

/** A logged-in connection. State, then events, then verbs; verbs reject with Failure. */
export interface SshConnection {
  readonly closed: boolean
  /** Called once, when the connection has ended: with the reason unless we ended it. */
  onClosed(listener: (reason: Failure | undefined) => void): void
  exec(command: string, options?: { readonly input?: string; readonly signal?: AbortSignal }): Promise<ExecResult>
  /** A login shell on a terminal of that size. */
  shell(size: TerminalSize): Promise<ClientChannel>
  /** Close it with `end()`: each takes one of the few channels a server allows. */
  sftp(): Promise<SFTPWrapper>
  dispose(): void
}

/** Asks for the types of key that are already known first: another key of the same host would look like a stranger's. */
const algorithmsFor = (knownTypes: readonly string[]): ServerHostKeyAlgorithm[] => {
  const known = knownTypes.flatMap(type => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]))
  return [...HOST_KEY_ALGORITHMS].toSorted((a, b) => Number(known.includes(b)) - Number(known.includes(a)))
}

const untrusted = (host: string, port: number, key: HostPublicKey, verdict: Trust): Failure => {
  const facts = { host, port: String(port), keyType: key.type, fingerprint: fingerprint(key) }
  switch (verdict.trust) {
    case 'changed':
      return failure('sshHostKeyChanged', { ...facts, trusted: verdict.trusted.map(fingerprint).join(', ') })
    case 'revoked':
      return failure('sshHostKeyRevoked', facts)
    default:
      return failure('sshHostKeyUnknown', facts)
  }
}

interface Handshake {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly knownTypes: readonly string[]
  /** Undefined when the key may be used; otherwise why the connection ends here. */
  readonly verify: (key: HostPublicKey) => Failure | undefined
  readonly login: LoginAttempt | undefined
}

/** Connects and logs in. Our own socket shows what came over it, which tells apart why a handshake failed. */
const handshake = ({ host, port, user, knownTypes, verify, login }: Handshake): Promise<ssh2.Client> =>
  new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    const socket = connectTcp({ host, port, noDelay: true })
    let received = ''
    let denied: Failure | undefined
    const note = (chunk: Buffer) => {
      if (received.length < 512) received += chunk.toString('latin1')
    }
    socket.on('data', note)
    const fail = (error: Error) => {
      client.removeAllListeners()
      // Errors after the first add nothing, and without a listener would end the process.
      client.on('error', () => {})
      socket.on('error', () => {})
      client.end()
      socket.destroy()
      reject(denied ?? triage(error, { host, port, received, refused: () => login?.refused() ?? failure('sshAuthFailed', { user, host, offered: '' }) }))
    }
    client.on('error', fail)
    client.on('close', () => fail(new Error('Connection lost before handshake')))
    client.on('ready', () => {
      socket.off('data', note)
      client.removeAllListeners('error')
      client.removeAllListeners('close')
      resolve(client)
    })
    client.connect({
      sock: socket,
      username: user,
      readyTimeout: READY_TIMEOUT_MS,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVE_COUNT,
      algorithms: { serverHostKey: algorithmsFor(knownTypes) },
      hostVerifier: (blob: Buffer, answer: (accepted: boolean) => void) => {
        denied = verify(publicKey(blob))
        answer(denied === undefined)
      },
      authHandler: (left, partial, next) => (login ? login.handler(left, partial, next) : next(NO_MORE)),
    })
  })

/** Asks a server for its host key, the known type first, and hangs up. Rejects with Failure. */
export const readHostKey = async (host: string, port: number, knownHosts: string): Promise<{ readonly key: HostPublicKey; readonly verdict: Trust }> => {
  const known = readKnownHosts(knownHosts)
  const name = hostName(host, port)
  let seen: HostPublicKey | undefined
  const verify = (key: HostPublicKey) => {
    seen = key
    return failure('sshHostKeyUnknown', { host, port: String(port), keyType: key.type, fingerprint: fingerprint(key) })
  }
  try {
    await handshake({ host, port, user: 'k3lab', knownTypes: known.knownTypes(name), verify, login: undefined })
  } catch (error) {
    if (!seen) throw error
  }
  return { key: seen!, verdict: known.check(name, seen!) }
}

/** Connects to a server whose key is trusted, and logs in. Rejects with Failure (`ssh…`). */
export const connectSsh = async (endpoint: SshEndpoint): Promise<SshConnection> => {
  const { host, port, user } = endpoint
  const login = prepareLogin(endpoint)
  const known = readKnownHosts(endpoint.knownHosts)
  const name = endpoint.hostKeyAlias ?? hostName(host, port)
  const verify = (key: HostPublicKey) => {
    const verdict = known.check(name, key)
    return verdict.trust === 'known' ? undefined : untrusted(host, port, key, verdict)
  }
  return connection(await handshake({ host, port, user, knownTypes: known.knownTypes(name), verify, login }), host)
}

const connection = (client: ssh2.Client, host: string): SshConnection => {
  const listeners = new Set<(reason: Failure | undefined) => void>()
  let closed = false
  let disposed = false
  let reason: Failure | undefined
  const lost = (detail?: string) => failure('sshConnectionLost', { host }, { ...(detail === undefined ? {} : { detail }), retryable: true })

  client.on('error', error => (reason = lost(error.message)))
  client.on('close', () => {
    if (closed) return
    closed = true
    for (const listener of listeners) listener(disposed ? undefined : (reason ?? lost()))
  })

  /** Opens a channel; the server may refuse it (sshd's MaxSessions), or the connection end meanwhile. */
  const channel = <T>(open: (done: (error: Error | undefined, opened: T) => void) => void): Promise<T> =>
    new Promise((resolve, reject) => {
      if (closed) return reject(lost())
      const gone = (why: Failure | undefined) => reject(why ?? lost())
      listeners.add(gone)
      try {
        open((error, opened) => {
          listeners.delete(gone)
          if (error) reject(failure('sshChannelRefused', { host }, { detail: error.message, retryable: true }))
          else resolve(opened)
        })
      } catch (error) {
        listeners.delete(gone)
        reject(lost((error as Error).message))
      }
    })

  return {
    get closed() {
      return closed
    },
    onClosed: listener => {
      if (closed) listener(disposed ? undefined : (reason ?? lost()))
      else listeners.add(listener)
    },
    exec: async (command, options = {}) => {
      let exit: { code: number | null; signal?: string } | undefined
      // A short command may have ended in the packet that opened the channel: whoever awaits first would miss it.
      const stream = await channel<ClientChannel>(
        done =>
          void client.exec(command, (error, opened) => {
            opened?.on('exit', (code: number | null, signal?: string) => (exit = { code, ...(signal ? { signal } : {}) }))
            done(error, opened)
          }),
      )
      return new Promise((resolve, reject) => {
        const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
        const drain = (source: NodeJS.ReadableStream, into: Buffer[]) => {
          let size = 0
          source.on('data', (chunk: Buffer) => {
            size += chunk.length
            if (size <= MAX_OUTPUT_BYTES) into.push(chunk)
          })
        }
        drain(stream, output.stdout)
        drain(stream.stderr, output.stderr)
        const abort = () => stream.close()
        options.signal?.addEventListener('abort', abort, { once: true })
        stream.on('close', () => {
          options.signal?.removeEventListener('abort', abort)
          const finish = () => {
            // Channels close a moment before the connection that carried them says it is lost.
            if (!exit && closed) return reject(reason ?? lost())
            resolve({
              stdout: Buffer.concat(output.stdout).toString('utf8'),
              stderr: Buffer.concat(output.stderr).toString('utf8'),
              ...(exit ?? { code: null }),
            })
          }
          if (exit) finish()
          else setImmediate(finish)
        })
        stream.end(options.input)
      })
    },
    shell: size => channel<ClientChannel>(done => void client.shell({ term: 'xterm-256color', cols: size.cols, rows: size.rows, width: 0, height: 0 }, done)),
    sftp: () => channel<SFTPWrapper>(done => void client.sftp(done)),
    dispose: () => {
      disposed = true
      client.end()
    },
  }
}
