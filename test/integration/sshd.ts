import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

export const SSHD = '/usr/sbin/sshd'
export const hasSshd = existsSync(SSHD)

export interface Sshd {
  readonly port: number
  readonly user: string
  readonly dir: string
  /** A key that may log in, one with a passphrase that may, and one that may not. */
  readonly keys: { readonly plain: string; readonly encrypted: string; readonly stranger: string }
  readonly passphrase: string
  /** `host key` fields of known_hosts, by key type. */
  hostKey(type: 'ed25519' | 'ecdsa' | 'rsa'): string
  stop(): Promise<void>
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })

const keygen = (path: string, type: string, passphrase = '') =>
  execFileSync('ssh-keygen', ['-q', '-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-N', passphrase, '-C', 'test', '-f', path])

const answers = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    import('node:net').then(
      ({ connect }) => {
        const socket = connect(port, '127.0.0.1')
        socket.once('data', data => {
          socket.destroy()
          resolve(data.toString().startsWith('SSH-'))
        })
        socket.once('error', () => resolve(false))
      },
      () => resolve(false),
    )
  })

/** OpenSSH's own server on a free loopback port, with keys and configuration of its own. `config` are lines of sshd_config that come first. */
export const startSshd = async (config: readonly string[] = []): Promise<Sshd> => {
  const dir = mkdtempSync(join(tmpdir(), 'k3lab-sshd-'))
  const passphrase = 'correct horse'
  const keys = { plain: join(dir, 'plain'), encrypted: join(dir, 'encrypted'), stranger: join(dir, 'stranger') }
  for (const type of ['ed25519', 'ecdsa', 'rsa']) keygen(join(dir, `host_${type}`), type)
  keygen(keys.plain, 'ed25519')
  keygen(keys.encrypted, 'ed25519', passphrase)
  keygen(keys.stranger, 'ed25519')
  writeFileSync(join(dir, 'authorized_keys'), readFileSync(`${keys.plain}.pub`, 'utf8') + readFileSync(`${keys.encrypted}.pub`, 'utf8'), { mode: 0o600 })
  const port = await freePort()
  writeFileSync(
    join(dir, 'sshd_config'),
    [
      ...config,
      'ListenAddress 127.0.0.1',
      `Port ${port}`,
      ...['ed25519', 'ecdsa', 'rsa'].map(type => `HostKey ${join(dir, `host_${type}`)}`),
      `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
      `PidFile ${join(dir, 'pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'Subsystem sftp internal-sftp',
      '',
    ].join('\n'),
  )
  // Where sshd separates its privileges; Debian's service makes it, which need not run.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
  const child: ChildProcess = spawn(SSHD, ['-D', '-e', '-f', join(dir, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  while (!(await answers(port))) if (child.exitCode !== null) throw new Error(`sshd ended: ${errors}`)
  return {
    port,
    user: userInfo().username,
    dir,
    keys,
    passphrase,
    hostKey: type =>
      readFileSync(join(dir, `host_${type}.pub`), 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' '),
    stop: async () => {
      child.kill('SIGTERM')
      await exited
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
