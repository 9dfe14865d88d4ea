import { request } from 'node:http'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import WebSocket from 'ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { logIn, removeDir, runCli, type Running, startK3lab, temporaryDir } from './running.ts'

let dataDir: string
let running: Running
let origin: string
let host: string
beforeAll(async () => {
  dataDir = temporaryDir('host')
  running = await startK3lab(dataDir, '--homelab', 'none')
  ;({ origin, host } = new URL(running.line.url))
})
afterAll(async () => {
  await running?.stop()
  removeDir(dataDir)
})

/** A request whose path and headers nobody tidies up. */
const raw = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<{ status: number; headers: Record<string, unknown>; body: string }> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: Number(host.split(':')[1]), path, method, headers: { host, ...headers }, setHost: false }, response => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
    })
    sent.on('error', reject)
    sent.end()
  })

/** The status with which an upgrade was answered; 101 when it was granted. */
const upgrade = (headers: Record<string, string>, path = '/rpc'): Promise<number> =>
  new Promise(resolve => {
    const socket = new WebSocket(`ws://${host}${path}`, { headers })
    socket.once('open', () => {
      socket.close()
      resolve(101)
    })
    socket.once('unexpected-response', (_request, response) => {
      response.resume()
      resolve(response.statusCode!)
    })
    socket.once('error', () => {})
  })

describe('the gate', () => {
  it('lets nobody in without the cookie', async () => {
    for (const path of ['/', '/index.html', '/rpc', '/?launch=', '/?launch=wrong', `/?launch=${'A'.repeat(43)}`]) expect((await raw(path)).status).toBe(403)
    expect((await raw('/', { cookie: `k3lab_${host.split(':')[1]}=guess` })).status).toBe(403)
    expect(await upgrade({ origin })).toBe(403)
    expect(await upgrade({ origin, cookie: `k3lab_${host.split(':')[1]}=guess` })).toBe(403)
  })

  it('exchanges the launch token for a strict cookie and a clean address', async () => {
    const answer = await raw(new URL(running.line.url).pathname + new URL(running.line.url).search)
    expect(answer.status).toBe(303)
    expect(answer.headers.location).toBe('/')
    expect(String(answer.headers['set-cookie'])).toMatch(/^k3lab_\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/)
    expect(String(answer.headers['set-cookie'])).not.toContain(new URL(running.line.url).searchParams.get('launch'))
  })

  it('refuses other names and other origins, also with the cookie', async () => {
    const cookie = await logIn(running.line.url)
    const port = host.split(':')[1]
    for (const wrong of [`localhost:${port}`, 'lab.example', `127.0.0.1.evil.example:${port}`, '127.0.0.1', `[::1]:${port}`])
      expect((await raw('/', { host: wrong, cookie })).status).toBe(403)
    for (const wrong of ['http://evil.example', `http://localhost:${port}`, 'null', `https://127.0.0.1:${port}`, 'http://127.0.0.1:1']) {
      expect((await raw('/', { origin: wrong, cookie })).status).toBe(403)
      expect(await upgrade({ origin: wrong, cookie })).toBe(403)
    }
    expect((await raw(new URL(running.line.url).search ? `/${new URL(running.line.url).search}` : '/', { host: 'lab.example' })).status).toBe(403)
    expect(await upgrade({ cookie })).toBe(403)
    expect(await upgrade({ origin, cookie }, '/other')).toBe(404)
    expect(await upgrade({ origin, cookie })).toBe(101)
  })

  it('sends the security headers with everything, and allows no other origin', async () => {
    const cookie = await logIn(running.line.url)
    for (const answer of [await raw('/', { cookie }), await raw('/'), await raw('/nothing.js', { cookie })]) {
      expect(answer.headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'self';/)
      expect(answer.headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
      })
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    }
    expect((await raw('/', { cookie }, 'POST')).status).toBe(405)
    expect((await raw('/', { cookie }, 'OPTIONS')).status).toBe(405)
  })

  it('serves nothing outside the renderer', async () => {
    const cookie = await logIn(running.line.url)
    for (const path of [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/assets/../../../package.json',
      '//etc/passwd.js',
      '/%00.js',
      '/%',
      '/.hidden.js',
      '/..%5c..%5cpackage.json',
    ]) {
      const answer = await raw(path, { cookie })
      expect([400, 404, 503]).toContain(answer.status)
      expect(answer.body).not.toContain('"dependencies"')
    }
  })

  it('listens on loopback only', () => {
    const hex = Number(host.split(':')[1]).toString(16).toUpperCase().padStart(4, '0')
    const listening = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .filter(line => line.includes(`:${hex} `) && line.includes(' 0A '))
    expect(listening).toHaveLength(1)
    expect(listening[0]).toContain(`0100007F:${hex}`)
  })
})

describe('the command line', () => {
  it('keeps secrets out of its log, and its files to their owner', () => {
    const log = readFileSync(join(dataDir, 'logs', 'k3lab.log'), 'utf8')
    expect(log).not.toContain(new URL(running.line.url).searchParams.get('launch'))
    expect(log).not.toContain('PRIVATE KEY')
    expect(statSync(dataDir).mode & 0o777).toBe(0o700)
    expect(readdirSync(dataDir)).toContain('instance.json')
    expect(readFileSync(join(dataDir, 'instance.json'), 'utf8')).not.toContain('launch')
  })

  it('refuses a second instance, naming the first and the way out', async () => {
    const second = await runCli('start', '--host', 'browser', '--no-open', '--data-dir', dataDir)
    expect(second.code).toBe(1)
    expect(second.stderr).toContain(String(running.line.pid))
    expect(second.stderr).toContain(origin)
    expect(second.stderr).toContain('--data-dir')
  })

  it('starts again after it was killed, and stops cleanly when told to', async () => {
    const own = temporaryDir('killed')
    const first = await startK3lab(own, '--homelab', 'none')
    expect(await first.stop('SIGKILL')).toBe('SIGKILL')
    const second = await startK3lab(own)
    expect(JSON.parse(readFileSync(join(own, 'instance.json'), 'utf8'))).toMatchObject({ pid: second.line.pid, kubeconfig: second.line.kubeconfig })
    expect(await second.stop('SIGINT')).toBe(0)
    expect(readdirSync(own)).not.toContain('instance.json')
    removeDir(own)
  })

  it('says what it does not understand, and what it does', async () => {
    for (const args of [
      ['start', '--bogus'],
      ['start', '--homelab', 'huge'],
      ['start', '--port', '70000'],
      ['start', '--seed', 'x'],
      ['start', '--host', 'tv'],
      ['frobnicate'],
      ['start', 'extra'],
    ]) {
      const { code, stderr } = await runCli(...args)
      expect(code).toBe(2)
      expect(stderr).toContain('Usage: k3lab')
    }
    expect((await runCli('start', '--homelab', 'huge')).stderr).toContain('class3, solo, none')
  })

  it('says why it cannot use a data directory or a port', async () => {
    const own = temporaryDir('bad')
    writeFileSync(join(own, 'file'), '')
    const notDirectory = await runCli('start', '--host', 'browser', '--no-open', '--data-dir', join(own, 'file'))
    expect(notDirectory).toMatchObject({ code: 1 })
    expect(notDirectory.stderr).toMatch(/cannot write to .*--data-dir/)
    const port = await runCli('start', '--host', 'browser', '--no-open', '--data-dir', join(own, 'other'), '--port', host.split(':')[1]!)
    expect(port).toMatchObject({ code: 1 })
    expect(port.stderr).toContain('is in use')
    mkdirSync(join(own, 'idle'))
    const machines = await runCli('machines', '--data-dir', join(own, 'idle'))
    expect(machines).toMatchObject({ code: 1 })
    expect(machines.stderr).toContain('k3lab start')
    removeDir(own)
  })
})
