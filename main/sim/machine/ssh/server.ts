import { timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import ssh2, { type AuthContext, type Connection, type PublicKeyAuthContext, type ServerChannel, type Session } from 'ssh2'
import type { Credentials } from '../files/tree.ts'
import { OS } from '../hardware/system.ts'
import type { SimulatedMachine } from '../machine.ts'
import { homeOf, loginEnvironment, runExec, runInteractive } from '../shell/session.ts'
import { createPipe } from '../shell/streams.ts'
import { createTerminal, type Terminal } from '../shell/terminal.ts'
import { authorizedBlobs } from './keys.ts'
import { loginMessage } from './motd.ts'
import { serveSftp } from './sftp.ts'

export interface SshOptions {
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number
  /** Private host keys in OpenSSH or PEM form. */
  readonly hostKeys: readonly string[]
  /** Lines as in authorized_keys; those in the user's own `~/.ssh/authorized_keys` on the machine count too. */
  readonly authorizedKeys: string
}

export interface SshServer {
  readonly port: number
  dispose(): Promise<void>
}

/** OpenSSH's MaxAuthTries, LoginGraceTime and MaxStartups. */
const MAX_AUTH_TRIES = 6
const LOGIN_GRACE_MS = 120_000
const MAX_CONNECTIONS = 100
/** OpenSSH's MaxSessions. */
const MAX_SESSIONS = 10

/** What `ssh` reaches when it connects to the machine. While the machine is off the port hangs up at once, the nearest a loopback port comes to silence. */
export const serveSsh = async (machine: SimulatedMachine, options: SshOptions): Promise<SshServer> => {
  const connections = new Set<Connection>()
  const server = new ssh2.Server({ hostKeys: [...options.hostKeys], ident: OS.openssh }, (connection, info) => {
    connection.on('error', () => undefined)
    if (machine.power === 'off' || connections.size >= MAX_CONNECTIONS) return destroy(connection)
    // ssh.socket starts the service when somebody knocks.
    if (machine.units.get('ssh')?.active === 'inactive') void machine.units.start('ssh')
    connections.add(connection)
    serveConnection(machine, options, connection, info.ip, info.port, () => connections.delete(connection))
  })
  const offPower = machine.onPower(power => {
    if (power === 'off') for (const connection of connections) destroy(connection)
  })
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject)
    server.listen(options.port, '127.0.0.1', () => {
      server.off('error', reject)
      server.on('error', () => undefined)
      resolve()
    })
  })
  return {
    port: (server.address() as AddressInfo).port,
    dispose: () =>
      new Promise(resolve => {
        offPower()
        server.close(() => resolve())
        for (const connection of connections) destroy(connection)
      }),
  }
}

/** Cuts the line without a goodbye, as a machine that lost its power does. */
const destroy = (connection: Connection) => (connection as unknown as { _sock: { destroy(): void } })._sock.destroy()

const serveConnection = (machine: SimulatedMachine, options: SshOptions, connection: Connection, ip: string, port: number, gone: () => void): void => {
  const closing = new AbortController()
  let user: Credentials | undefined
  let tries = 0
  let sessions = 0
  const log = (message: string) => machine.log({ identifier: 'sshd', unit: 'ssh.service', pid: 1900 + (port % 30_000), message })
  const grace = machine.clock.after(LOGIN_GRACE_MS, () => {
    if (!user) connection.end()
  })
  connection.on('close', () => {
    grace()
    gone()
    closing.abort(new Error('connection lost'))
    if (user) log(`pam_unix(sshd:session): session closed for user ${user.name}`)
  })
  connection.on('authentication', context => {
    const account = authorise(machine, options, context)
    if (account === 'probe') return context.accept()
    if (account) {
      user = account
      const { key } = context as PublicKeyAuthContext
      log(`Accepted publickey for ${user.name} from ${ip} port ${port} ssh2: ${key.algo.replace('ssh-', '').toUpperCase()}`)
      log(`pam_unix(sshd:session): session opened for user ${user.name}(uid=${user.uid}) by ${user.name}(uid=0)`)
      return context.accept()
    }
    if (context.method !== 'none' && ++tries >= MAX_AUTH_TRIES) {
      log(`error: maximum authentication attempts exceeded for ${context.username} from ${ip} port ${port} ssh2 [preauth]`)
      return void connection.end()
    }
    context.reject(['publickey'])
  })
  connection.on('ready', () => {
    connection.on('session', (accept, reject) => {
      if (sessions >= MAX_SESSIONS) return reject()
      sessions++
      const session = accept()
      session.on('close', () => sessions--)
      serveSession(machine, session, user!, ip, AbortSignal.any([closing.signal, machine.powered]))
    })
    // Keepalives want any answer at all; port forwarding is refused.
    connection.on('request', (_accept, reject) => reject?.())
    connection.on('tcpip', (_accept, reject) => prohibit(connection, reject))
  })
}

/** Refuses a channel with the words of a server that has AllowTcpForwarding off; ssh2 by itself gives no reason. */
const prohibit = (connection: Connection, reject: () => void): void => {
  const protocol = (connection as unknown as { readonly _protocol: { channelOpenFail(channel: number, reason: number, text: string): void } })._protocol
  const { channelOpenFail } = protocol
  protocol.channelOpenFail = channel => channelOpenFail.call(protocol, channel, ADMINISTRATIVELY_PROHIBITED, 'open failed')
  reject()
  protocol.channelOpenFail = channelOpenFail
}
/** RFC 4254, section 5.1. */
const ADMINISTRATIVELY_PROHIBITED = 1

/** Public keys only. A key that is merely offered (no signature yet) gives 'probe'. */
const authorise = (machine: SimulatedMachine, options: SshOptions, context: AuthContext): Credentials | 'probe' | undefined => {
  if (context.method !== 'publickey') return undefined
  const user = machine.users.find(candidate => candidate.name === context.username && candidate.shell === '/bin/bash')
  if (!user) return undefined
  const own = machine.readFile(`${homeOf(machine, user)}/.ssh/authorized_keys`) ?? ''
  const allowed = authorizedBlobs(`${user.uid === machine.login.uid ? options.authorizedKeys : ''}\n${own}`)
  const offered = context.key.data
  if (!allowed.some(blob => blob.length === offered.length && timingSafeEqual(blob, offered))) return undefined
  if (!context.signature) return 'probe'
  const key = ssh2.utils.parseKey(offered)
  if (key instanceof Error || key.verify(context.blob!, context.signature, context.hashAlgo) !== true) return undefined
  return { name: user.name, uid: user.uid, gid: user.gid, groups: user.groups }
}

/** A disconnected client must not keep a program waiting: writes to a dead channel resolve. */
const channelOutput = (
  channel: ServerChannel,
  stream: { write(data: Uint8Array, done?: () => void): boolean; once(event: 'drain', listener: () => void): unknown },
) => ({
  isTty: false,
  write: (data: string | Uint8Array): Promise<void> => {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    if (channel.destroyed || !channel.writable || bytes.length === 0) return Promise.resolve()
    return new Promise(resolve => {
      const done = () => {
        channel.off('close', done)
        resolve()
      }
      if (stream.write(bytes)) return resolve()
      channel.once('close', done)
      stream.once('drain', done)
    })
  },
})

const SIGNALS: Readonly<Record<string, number>> = { HUP: 129, INT: 130, QUIT: 131, KILL: 137, TERM: 143 }

const serveSession = (machine: SimulatedMachine, session: Session, user: Credentials, ip: string, connected: AbortSignal): void => {
  const env: Record<string, string> = {}
  let pty: { columns: number; rows: number; term: string } | undefined
  let terminal: Terminal | undefined
  let stop: AbortController | undefined

  session.on('env', (accept, reject, info) => {
    // As AcceptEnv LANG LC_* in Ubuntu's sshd_config.
    if (!/^(LANG|LC_\w+)$/.test(info.key)) return reject?.()
    env[info.key] = info.val
    accept?.()
  })
  session.on('pty', (accept, _reject, info) => {
    pty = { columns: info.cols, rows: info.rows, term: (info as { term?: string }).term || 'xterm-256color' }
    accept?.()
  })
  session.on('window-change', (accept, _reject, info) => {
    terminal?.resize(info.cols, info.rows)
    accept?.()
  })
  session.on('signal', (accept, _reject, info) => {
    accept?.()
    if (SIGNALS[info.name]) stop?.abort(new Error(`SIG${info.name}`))
  })

  /** Runs a program on the channel and reports how it ended. */
  const serve = (channel: ServerChannel, program: (signal: AbortSignal) => Promise<number>) => {
    stop = new AbortController()
    const gone = new AbortController()
    const signal = AbortSignal.any([connected, stop.signal, gone.signal])
    channel.on('close', () => gone.abort(new Error('channel closed')))
    channel.on('error', () => undefined)
    const end = (status: number) => {
      if (channel.destroyed) return
      channel.exit(status)
      channel.end()
    }
    program(signal).then(end, () => (connected.aborted ? undefined : end(255)))
  }
  const openTerminal = (channel: ServerChannel): Terminal => {
    const output = channelOutput(channel, channel)
    terminal = createTerminal({ write: output.write }, pty!.columns, pty!.rows, pty!.term)
    channel.on('data', (bytes: Buffer) => terminal?.receive(bytes))
    channel.on('close', () => terminal?.hangUp())
    return terminal
  }
  /** What arrives on the channel, as standard input; a full pipe holds the client back. */
  const channelInput = (channel: ServerChannel) => {
    const pipe = createPipe(connected)
    channel.on('data', (bytes: Buffer) => {
      channel.pause()
      pipe.output.write(bytes).then(
        () => channel.resume(),
        () => channel.resume(),
      )
    })
    channel.on('end', pipe.end)
    channel.on('close', pipe.end)
    return pipe.input
  }

  session.on('shell', accept => {
    const channel = accept()
    serve(channel, async signal => {
      const last = machine.logins.last
      const login = machine.logins.enter(user.name, ip)
      try {
        const environment = loginEnvironment(machine, user, {
          ...env,
          SSH_CLIENT: `${ip} 0 22`,
          SSH_CONNECTION: `${ip} 0 ${machine.spec.address} 22`,
          ...(pty && { SSH_TTY: `/dev/${login.tty}` }),
        })
        if (!pty)
          return await runExec({
            machine,
            user,
            command: '. /dev/stdin',
            stdin: channelInput(channel),
            stdout: channelOutput(channel, channel),
            stderr: channelOutput(channel, channel.stderr),
            terminal: undefined,
            signal,
            env: environment,
          })
        const opened = openTerminal(channel)
        await opened.output.write(loginMessage(machine, last))
        return await runInteractive({ machine, user, terminal: opened, signal, env: environment, cwd: homeOf(machine, user), onCommand: login.setCommand })
      } finally {
        login.leave()
      }
    })
  })
  session.on('exec', (accept, _reject, info) => {
    const channel = accept()
    serve(channel, async signal => {
      const environment = loginEnvironment(machine, user, { ...env, SSH_CLIENT: `${ip} 0 22`, SSH_CONNECTION: `${ip} 0 ${machine.spec.address} 22` })
      if (!pty)
        return runExec({
          machine,
          user,
          command: info.command,
          stdin: channelInput(channel),
          stdout: channelOutput(channel, channel),
          stderr: channelOutput(channel, channel.stderr),
          terminal: undefined,
          signal,
          env: environment,
        })
      const opened = openTerminal(channel)
      const interrupt = new AbortController()
      opened.attach(undefined, () => interrupt.abort(new Error('interrupted')))
      try {
        return await runExec({
          machine,
          user,
          command: info.command,
          stdin: opened.input,
          stdout: opened.output,
          stderr: opened.output,
          terminal: opened,
          signal: AbortSignal.any([signal, interrupt.signal]),
          env: { ...environment, TERM: pty.term },
        })
      } catch (error) {
        if (interrupt.signal.aborted) return 130
        throw error
      } finally {
        await opened.drained()
      }
    })
  })
  session.on('sftp', accept => serveSftp(machine, user, accept(), connected))
}
