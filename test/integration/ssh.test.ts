import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { generateHostKey } from '../../main/sim/machine/index.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startMachines, type RunningMachines } from './machines.ts'

const hasOpenSsh = await new Promise<boolean>(resolve => execFile('ssh', ['-V'], error => resolve(!error)))

let directory: string
let running: RunningMachines

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'k3lab-ssh-'))
  running = await startMachines(directory)
})
afterAll(async () => {
  await running.stop()
  rmSync(directory, { recursive: true, force: true })
})

interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const run = (program: string, args: readonly string[], input?: string | Buffer): Promise<Result> =>
  new Promise(resolve => {
    const child = spawn(program, ['-F', join(directory, 'ssh_config'), ...args])
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', chunk => out.push(chunk))
    child.stderr.on('data', chunk => err.push(chunk))
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
    child.on('close', code => resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }))
  })
const ssh = (command: string, input?: string | Buffer, machine = 'mini-1') => run('ssh', [machine, command], input)

/** A terminal session through `ssh -tt`: types keys, and waits for what must appear. */
const terminal = (machine = 'mini-1') => {
  const child: ChildProcess = spawn('ssh', ['-F', join(directory, 'ssh_config'), '-tt', machine])
  let seen = ''
  let wake = () => {}
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    seen += text
    wake()
  })
  const closed = new Promise<number | null>(resolve =>
    child.on('close', code => {
      wake()
      resolve(code)
    }),
  )
  return {
    type: (keys: string) => void child.stdin!.write(keys),
    /** Everything up to and with the match. */
    expect: async (pattern: RegExp): Promise<string> => {
      for (;;) {
        const match = pattern.exec(seen)
        if (match) {
          const text = seen.slice(0, match.index + match[0].length)
          seen = seen.slice(text.length)
          return text
        }
        if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode} before ${pattern}: ${JSON.stringify(seen)}`)
        await new Promise<void>(resolve => (wake = resolve))
      }
    },
    closed,
    kill: () => child.kill(),
  }
}
const PROMPT = /ubuntu@mini-1.{0,40}\$ $/

describe.skipIf(!hasOpenSsh)('ssh HOST COMMAND', () => {
  test('gives exit codes and keeps the two outputs apart', async () => {
    expect(await ssh('echo out; echo err >&2; exit 7')).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\n' })
    expect(await ssh('nosuch')).toEqual({ code: 127, stdout: '', stderr: 'bash: line 1: nosuch: command not found\n' })
  })
  test('passes standard input, Korean intact', async () => {
    expect((await ssh('read -r name; echo "안녕, $name"; cat', '세계\n둘째 줄\n')).stdout).toBe('안녕, 세계\n둘째 줄\n')
  })
  test('carries 10 MB out, and in', async () => {
    const out = await ssh('seq 1 1400000')
    expect(out.code).toBe(0)
    expect(out.stdout.length).toBe(Array.from({ length: 7 }, (_, i) => (i < 6 ? 9 * 10 ** i * (i + 2) : 400001 * 8)).reduce((a, b) => a + b, 0))
    expect((await ssh('wc -c', Buffer.alloc(10_000_000))).stdout.trim()).toBe('10000000')
  })
  test('runs what a capacity reading asks', async () => {
    const { code, stdout } = await ssh(
      'lscpu -J && df -PTB1 / && lsblk -J -b -o NAME,SIZE && free -b && ip -j addr && cat /proc/stat /proc/meminfo /proc/uptime /sys/class/thermal/thermal_zone0/temp && nproc && sudo -n true',
    )
    expect(code).toBe(0)
    expect(stdout).toContain('Intel(R) N100')
    expect(stdout).toMatch(/^cpu {2}\d+/m)
  })
  test('lets pipes stream and end early', async () => {
    expect((await ssh('yes | head -2; seq 1000000 | grep -m1 777; while read -r n; do echo "<$n>"; done < <(seq 2)')).stdout).toBe('y\ny\n777\n<1>\n<2>\n')
  })
})

describe.skipIf(!hasOpenSsh)('who gets in', () => {
  test('connections beyond the machine are refused with a reason', async () => {
    const { code, stderr } = await run('ssh', ['-o', 'LogLevel=INFO', '-W', '127.0.0.1:6443', 'mini-1'])
    expect(code).toBe(255)
    expect(stderr).toContain('open failed: administratively prohibited: open failed')
  })

  test('a password is refused', async () => {
    const { code, stderr } = await run('ssh', ['-o', 'PubkeyAuthentication=no', 'mini-1', 'true'])
    expect(code).toBe(255)
    expect(stderr).toContain('Permission denied (publickey)')
  })
  test('a key in authorized_keys on the machine counts', async () => {
    const pair = generateHostKey('ed25519')
    const path = join(directory, 'second')
    writeFileSync(path, pair.private, { mode: 0o600 })
    const attempt = () =>
      run('ssh', [
        '-F',
        '/dev/null',
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        'UserKnownHostsFile=/dev/null',
        '-o',
        'IdentitiesOnly=yes',
        '-o',
        'LogLevel=ERROR',
        '-i',
        path,
        '-p',
        String(running.ports.get('mini-1')),
        'ubuntu@127.0.0.1',
        'whoami',
      ])
    expect((await attempt()).code).toBe(255)
    await ssh('cat >> ~/.ssh/authorized_keys', `${pair.public}\n`)
    expect((await attempt()).stdout).toBe('ubuntu\n')
  })
  test('garbage and half-open connections harm nobody', async () => {
    const sockets = Array.from({ length: 20 }, (_, i) => {
      const socket = connect(running.ports.get('mini-1')!, '127.0.0.1', () => socket.write(i % 2 ? randomBytes(5000) : 'SSH-2.0-x\r\n'))
      socket.on('error', () => undefined)
      return socket
    })
    expect((await ssh('echo alive')).stdout).toBe('alive\n')
    for (const socket of sockets) socket.destroy()
    expect((await ssh('echo alive')).stdout).toBe('alive\n')
  })
})

describe.skipIf(!hasOpenSsh)('scp and sftp', () => {
  test('files come back as they went, with modes', async () => {
    const content = randomBytes(2_000_000)
    writeFileSync(join(directory, 'up'), content, { mode: 0o640 })
    expect((await run('scp', ['-q', '-p', join(directory, 'up'), 'mini-1:한글 이름.bin'])).code).toBe(0)
    expect((await ssh("stat -c '%a %s' '한글 이름.bin'")).stdout).toBe('640 2000000\n')
    expect((await run('scp', ['-q', 'mini-1:한글 이름.bin', join(directory, 'down')])).code).toBe(0)
    expect(readFileSync(join(directory, 'down')).equals(content)).toBe(true)
  })
  test('sftp works on directories, and says what it may not', async () => {
    const { stdout, stderr } = await run(
      'sftp',
      ['-q', '-b', '-', 'mini-1'],
      '-mkdir d\ncd d\npwd\n-put /etc/hostname h\nrename h i\nchmod 600 i\nls -l\nrm i\ncd ..\nrmdir d\n-put /etc/hostname /root/x\n',
    )
    expect(stdout).toContain('Remote working directory: /home/ubuntu/d')
    expect(stdout).toMatch(/-rw------- .* i$/m)
    expect(stderr).toContain('dest open "/root/x": Permission denied')
  })
})

describe.skipIf(!hasOpenSsh)('a terminal', () => {
  test('greets, prompts, edits Korean, remembers, ends with the status', async () => {
    const shell = terminal()
    expect(await shell.expect(PROMPT)).toContain('Welcome to Ubuntu 24.04')
    shell.type('echo 가나다\x1b[D\x7f라\r')
    await shell.expect(/\r\n.*가라다\r\n/)
    await shell.expect(PROMPT)
    shell.type('\x1b[A\r')
    await shell.expect(/\r\n.*가라다\r\n/)
    await shell.expect(PROMPT)
    shell.type('cat /etc/hostn\t\r')
    await shell.expect(/\nmini-1\r\n|l *mini-1\r\n/)
    await shell.expect(PROMPT)
    shell.type('exit 3\r')
    expect(await shell.closed).toBe(3)
  })
  test('Ctrl-C ends what streams, spins and sleeps, with 130', async () => {
    const shell = terminal()
    await shell.expect(PROMPT)
    for (const [line, sign] of [
      ['while true; do echo tick; sleep 0.2; done', /tick\r\ntick\r\n/],
      ['journalctl -f | grep --line-buffered seen', /^/],
      ['while :; do :; done', /^/],
      ['yes', /y\r\ny\r\n/],
      ['tail -f /etc/hostname', /mini-1\r\n/],
      ['ping mini-2', /icmp_seq=1 /],
      ['watch -n 0.3 date', /Every 0\.3s/],
    ] as const) {
      shell.type(`${line}\r`)
      // Bracketed paste is switched off when the line starts to run.
      // oxlint-disable-next-line no-control-regex -- terminals speak escape sequences
      await shell.expect(/\x1b\[\?2004l/)
      await shell.expect(sign)
      shell.type('\x03')
      await shell.expect(PROMPT)
      shell.type('echo "rc=$?"\r')
      expect(await shell.expect(/\r\n.*rc=\d+\r\n/)).toContain(line.startsWith('ping') ? 'rc=0' : 'rc=130')
      await shell.expect(PROMPT)
    }
    shell.kill()
  })
  test('follows the size of the window', async () => {
    const client = new ssh2.Client()
    await new Promise<void>((resolve, reject) =>
      client
        .on('ready', resolve)
        .on('error', reject)
        .connect({ host: '127.0.0.1', port: running.ports.get('mini-1')!, username: 'ubuntu', privateKey: readFileSync(join(directory, 'id')) }),
    )
    const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) =>
      client.shell({ cols: 100, rows: 30, term: 'xterm-256color' }, (error, stream) => (error ? reject(error) : resolve(stream))),
    )
    let seen = ''
    const until = (pattern: RegExp) =>
      new Promise<void>(resolve => {
        const look = () => pattern.test(seen) && (channel.off('data', look), resolve())
        channel.on('data', look)
        look()
      })
    channel.on('data', (chunk: Buffer) => {
      seen += chunk.toString()
    })
    await until(PROMPT)
    channel.write('stty size\r')
    await until(/30 100\r\n/)
    channel.setWindow(40, 132, 0, 0)
    channel.write('stty size\r')
    await until(/40 132\r\n/)
    expect(seen).toContain('40 132')
    client.end()
  })
})

describe.skipIf(!hasOpenSsh)('power', () => {
  test('a machine that loses its power loses its sessions, and comes back with a new boot', async () => {
    const before = (await ssh('cat /proc/sys/kernel/random/boot_id', undefined, 'mini-3')).stdout
    const shell = terminal('mini-3')
    await shell.expect(/\$ $/)
    running.machine('mini-3').powerOff()
    expect(await shell.closed).toBe(255)
    expect((await ssh('true', undefined, 'mini-3')).code).toBe(255)
    expect((await ssh('ping -c1 -W1 mini-3')).code).toBe(1)
    running.machine('mini-3').powerOn()
    const after = (await ssh('cat /proc/sys/kernel/random/boot_id', undefined, 'mini-3')).stdout
    expect(after).toMatch(/^[0-9a-f-]{36}\n$/)
    expect(after).not.toBe(before)
  })
})

describe.skipIf(!hasOpenSsh)('durability', () => {
  test('what a finished command wrote survives kill -9', async () => {
    const data = mkdtempSync(join(tmpdir(), 'k3lab-ssh-kill-'))
    const start = async () => {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'machines.ts'), data], { stdio: ['ignore', 'pipe', 'inherit'] })
      await new Promise<void>((resolve, reject) => {
        child.stdout.once('data', () => resolve())
        child.once('exit', code => reject(new Error(`ended with ${code}`)))
      })
      return child
    }
    const remote = (command: string) =>
      new Promise<string>((resolve, reject) =>
        execFile('ssh', ['-F', join(data, 'ssh_config'), 'mini-2', command], (error, stdout) => (error ? reject(error) : resolve(stdout))),
      )
    let child = await start()
    await remote(
      'mkdir -p 일/이 && echo 남는다 > 일/이/f && rm ~/.profile && sudo hostnamectl set-hostname desk-2 && sudo systemctl stop k3s-agent && sudo chown root 일',
    )
    const bootId = await remote('cat /proc/sys/kernel/random/boot_id')
    child.kill('SIGKILL')
    await new Promise(resolve => child.once('exit', resolve))
    child = await start()
    expect(
      await remote('cat 일/이/f; hostname; ls -A | grep -c profile; systemctl is-active k3s-agent; stat -c %U 일; cat /proc/sys/kernel/random/boot_id'),
    ).toBe(`남는다\ndesk-2\n0\ninactive\nroot\n${bootId}`)
    child.kill('SIGKILL')
    await new Promise(resolve => child.once('exit', resolve))
    rmSync(data, { recursive: true, force: true })
  })
})
