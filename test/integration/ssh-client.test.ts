import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CAPACITY_COMMAND, parseCapacity } from '../../main/ssh/capacity.ts'
import { connectSsh, readHostKey } from '../../main/ssh/connect.ts'
import type { SshEndpoint } from '../../main/ssh/endpoint.ts'
import { fingerprint, hostName, trustKey } from '../../main/ssh/known-hosts.ts'
import { hasSshd, type Sshd, startSshd } from './sshd.ts'

describe.skipIf(!hasSshd)('the SSH client against OpenSSH (skipped where sshd is not installed)', () => {
  let sshd: Sshd
  let knownHosts: string
  let files = 0
  const endpoint = (change: Partial<SshEndpoint> = {}): SshEndpoint => ({
    host: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    login: { kind: 'key', path: sshd.keys.plain },
    knownHosts,
    ...change,
  })
  const name = () => hostName('127.0.0.1', sshd.port)
  const trustHost = () => writeFileSync(knownHosts, `${name()} ${sshd.hostKey('ed25519')}\n`)

  beforeAll(async () => {
    sshd = await startSshd()
  })
  afterAll(() => sshd?.stop())
  beforeEach(() => {
    knownHosts = join(sshd.dir, `known_hosts-${files++}`)
  })

  describe('host keys', () => {
    it('refuses a host it does not know, naming its key as ssh-keygen does', async () => {
      const printed = execFileSync('ssh-keygen', ['-lf', join(sshd.dir, 'host_ed25519.pub')], { encoding: 'utf8' }).split(' ')[1]
      await expect(connectSsh(endpoint())).rejects.toMatchObject({ code: 'sshHostKeyUnknown', args: { keyType: 'ssh-ed25519', fingerprint: printed } })
      expect(existsSync(knownHosts)).toBe(false)
    })

    it('asks for a key, trusts exactly that one, and connects', async () => {
      const { key, verdict } = await readHostKey('127.0.0.1', sshd.port, knownHosts)
      expect(verdict).toEqual({ trust: 'unknown' })
      trustKey(knownHosts, name(), key, false)
      expect(statSync(knownHosts).mode & 0o777).toBe(0o600)
      expect(readFileSync(knownHosts, 'utf8')).toBe(`${name()} ${sshd.hostKey('ed25519')}\n`)
      const connection = await connectSsh(endpoint())
      expect(await connection.exec('echo in')).toMatchObject({ stdout: 'in\n', code: 0 })
      connection.dispose()
    })

    it('stops at a changed key, showing both fingerprints', async () => {
      const stranger = readFileSync(`${sshd.keys.stranger}.pub`, 'utf8').split(' ').slice(0, 2).join(' ')
      writeFileSync(knownHosts, `${name()} ${stranger}\n`)
      const { key } = await readHostKey('127.0.0.1', sshd.port, knownHosts)
      const old = execFileSync('ssh-keygen', ['-lf', `${sshd.keys.stranger}.pub`], { encoding: 'utf8' }).split(' ')[1]
      await expect(connectSsh(endpoint())).rejects.toMatchObject({ code: 'sshHostKeyChanged', args: { fingerprint: fingerprint(key), trusted: old } })
      trustKey(knownHosts, name(), key, true)
      expect(readFileSync(knownHosts, 'utf8')).not.toContain(stranger)
      const connection = await connectSsh(endpoint())
      connection.dispose()
    })

    it.each(['ecdsa', 'rsa'] as const)('recognises a host of which only the %s key is known', async type => {
      writeFileSync(knownHosts, `${name()} ${sshd.hostKey(type)}\n`)
      const connection = await connectSsh(endpoint())
      expect(connection.closed).toBe(false)
      connection.dispose()
    })

    it('reads hashed entries, and refuses revoked keys', async () => {
      trustHost()
      execFileSync('ssh-keygen', ['-q', '-H', '-f', knownHosts], { stdio: 'ignore' })
      expect(readFileSync(knownHosts, 'utf8')).toMatch(/^\|1\|/)
      const connection = await connectSsh(endpoint())
      connection.dispose()
      writeFileSync(knownHosts, `@revoked * ${sshd.hostKey('ed25519')}\n${name()} ${sshd.hostKey('ed25519')}\n`)
      await expect(connectSsh(endpoint())).rejects.toMatchObject({ code: 'sshHostKeyRevoked' })
    })
  })

  describe('login', () => {
    beforeEach(() => trustHost())

    it('opens an encrypted key with its passphrase only', async () => {
      const key = { kind: 'key', path: sshd.keys.encrypted } as const
      await expect(connectSsh(endpoint({ login: key }))).rejects.toMatchObject({ code: 'sshKeyNeedsPassphrase' })
      await expect(connectSsh(endpoint({ login: { ...key, passphrase: 'wrong' } }))).rejects.toMatchObject({ code: 'sshKeyWrongPassphrase' })
      const connection = await connectSsh(endpoint({ login: { ...key, passphrase: sshd.passphrase } }))
      connection.dispose()
    })

    it('says why it was refused', async () => {
      await expect(connectSsh(endpoint({ login: { kind: 'key', path: sshd.keys.stranger } }))).rejects.toMatchObject({
        code: 'sshAuthFailed',
        args: { offered: 'publickey' },
      })
      await expect(connectSsh(endpoint({ login: { kind: 'password', password: 'x' } }))).rejects.toMatchObject({ code: 'sshAuthFailed' })
      await expect(connectSsh(endpoint({ login: { kind: 'key', path: '/nowhere' } }))).rejects.toMatchObject({
        code: 'sshKeyUnreadable',
        args: { reason: 'ENOENT' },
      })
      await expect(connectSsh(endpoint({ login: { kind: 'key', path: knownHosts } }))).rejects.toMatchObject({ code: 'sshKeyUnsupported' })
    })

    it('logs in through an agent', async () => {
      const socket = join(sshd.dir, 'agent')
      const pid = /SSH_AGENT_PID=(\d+)/.exec(execFileSync('ssh-agent', ['-s', '-a', socket], { encoding: 'utf8' }))![1]
      const before = process.env.SSH_AUTH_SOCK
      try {
        execFileSync('ssh-add', ['-q', sshd.keys.plain], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' })
        process.env.SSH_AUTH_SOCK = socket
        const connection = await connectSsh(endpoint({ login: { kind: 'agent' } }))
        connection.dispose()
        delete process.env.SSH_AUTH_SOCK
        await expect(connectSsh(endpoint({ login: { kind: 'agent' } }))).rejects.toMatchObject({ code: 'sshAgentMissing' })
      } finally {
        if (before !== undefined) process.env.SSH_AUTH_SOCK = before
        process.kill(Number(pid))
      }
    })
  })

  describe('a connection', () => {
    beforeEach(() => trustHost())

    it('runs commands with their input, both outputs, exit code and signal', async () => {
      const connection = await connectSsh(endpoint())
      expect(await connection.exec('cat; echo 오류 >&2; exit 3', { input: '한글\n' })).toEqual({ stdout: '한글\n', stderr: '오류\n', code: 3 })
      expect(await connection.exec('kill -TERM $$')).toMatchObject({ code: null, signal: 'SIGTERM' })
      const large = await connection.exec('head -c 9000000 /dev/zero')
      expect(large.code).toBe(0)
      expect(large.stdout.length).toBeLessThanOrEqual(4 * 1024 * 1024)
      connection.dispose()
    })

    it('opens a shell that knows its window', async () => {
      const connection = await connectSsh(endpoint())
      const shell = await connection.shell({ cols: 101, rows: 41 })
      let screen = ''
      const sees = (text: string) =>
        new Promise<void>(resolve => {
          const look = () => {
            if (!screen.includes(text)) return
            shell.off('data', look)
            resolve()
          }
          shell.on('data', look)
          look()
        })
      shell.on('data', (chunk: Buffer) => (screen += chunk.toString()))
      shell.write('stty size\n')
      await sees('41 101')
      shell.setWindow(50, 120, 0, 0)
      shell.write('stty size\n')
      await sees('50 120')
      shell.write('exit 7\n')
      expect(await new Promise(resolve => shell.on('exit', resolve))).toBe(7)
      connection.dispose()
    })

    it('transfers files', async () => {
      const connection = await connectSsh(endpoint())
      const sftp = await connection.sftp()
      const path = join(sshd.dir, '파일')
      await new Promise<void>((resolve, reject) => sftp.writeFile(path, '내용', error => (error ? reject(error) : resolve())))
      expect(readFileSync(path, 'utf8')).toBe('내용')
      sftp.end()
      connection.dispose()
    })

    it('reads the capacity of this very machine', async () => {
      const connection = await connectSsh(endpoint())
      const first = parseCapacity((await connection.exec(CAPACITY_COMMAND)).stdout, undefined, new Date())!
      expect(first.capacity).toMatchObject({ hostname: hostname(), cpuUsage: null })
      expect(first.capacity.cores).toBeGreaterThan(0)
      expect(first.capacity.memoryTotalBytes).toBe(Number(/MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))![1]) * 1024)
      expect(first.capacity.uptimeSeconds).toBeGreaterThan(0)
      expect(first.capacity.os).not.toBe('')
      // The counters move every 10 ms.
      const usage = async () => parseCapacity((await connection.exec(CAPACITY_COMMAND)).stdout, first.cpuTimes, new Date())!.capacity.cpuUsage
      await expect.poll(usage).toBeGreaterThanOrEqual(0)
      connection.dispose()
    })

    it('tells when it is lost, and fails what is under way', async () => {
      const other = await startSshd()
      writeFileSync(knownHosts, `${hostName('127.0.0.1', other.port)} ${other.hostKey('ed25519')}\n`)
      const connection = await connectSsh(endpoint({ port: other.port, login: { kind: 'key', path: other.keys.plain } }))
      const lost = new Promise(resolve => connection.onClosed(resolve))
      // The session's own process: without it the connection is gone.
      const running = connection.exec('echo $PPID; sleep 1000').catch((error: unknown) => error)
      const parent = (await connection.exec('echo $PPID')).stdout.trim()
      process.kill(Number(parent), 'SIGKILL')
      expect(await lost).toMatchObject({ code: 'sshConnectionLost', retryable: true })
      expect(await running).toMatchObject({ code: 'sshConnectionLost' })
      await expect(connection.exec('true')).rejects.toMatchObject({ code: 'sshConnectionLost' })
      await other.stop()
    })
  })

  describe('what is no SSH server', () => {
    let server: Server | undefined
    const listen = (onConnection: (socket: Socket) => void): Promise<number> =>
      new Promise(resolve => {
        server = createServer(onConnection).listen(0, '127.0.0.1', () => resolve((server!.address() as { port: number }).port))
      })
    const close = () => new Promise<void>(resolve => (server ? server.close(() => resolve()) : resolve()))

    it('names a port nobody listens on, a server of another kind, and one that hangs up', async () => {
      const port = await listen(() => {})
      await close()
      await expect(readHostKey('127.0.0.1', port, knownHosts)).rejects.toMatchObject({ code: 'sshRefused' })
      const web = await listen(socket => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n'))
      await expect(readHostKey('127.0.0.1', web, knownHosts)).rejects.toMatchObject({ code: 'sshNotSsh' })
      await close()
      const rude = await listen(socket => socket.destroy())
      await expect(readHostKey('127.0.0.1', rude, knownHosts)).rejects.toMatchObject({ code: 'sshClosedEarly' })
      await close()
      await expect(readHostKey('no-such-host.invalid', 22, knownHosts)).rejects.toMatchObject({ code: 'sshNameNotFound' })
    })
  })
})
