import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fileLog } from './log.ts'
import { redact } from './redact.ts'
import { rotatedFile } from './rotated-file.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'k3lab-log-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

it('keeps secrets out, however deep they stand', () => {
  const log = fileLog(dir)
  const secrets = [
    'hunter2',
    's3cret-value',
    'Zm9vYmFyYmF6',
    'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln',
    `K10${'a'.repeat(64)}::server:deadbeef`,
    'launchtoken123',
    'MC4CAQAwBQYDK2Vw',
  ]
  log.part('x').error('it failed', {
    password: secrets[0],
    nested: [{ login: { passphrase: secrets[1], note: `{"token":"${secrets[2]}"}` } }],
    error: new Error(`Authorization: Bearer ${secrets[3]} and ${secrets[4]}`),
    url: `http://127.0.0.1:1/?launch=${secrets[5]}`,
    pem: `-----BEGIN OPENSSH PRIVATE KEY-----\n${secrets[6]}\n-----END OPENSSH PRIVATE KEY-----`,
  })
  log.info(`client-key-data: ${secrets[2]}`, { host: 'mini-1' })
  log.dispose()
  const text = readFileSync(join(dir, 'k3lab.log'), 'utf8')
  for (const secret of secrets) expect(text).not.toContain(secret)
  expect(text).toContain('mini-1')
  for (const line of text.trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow()
  expect(statSync(join(dir, 'k3lab.log')).mode & 0o777).toBe(0o600)
})

it('leaves ordinary text alone', () => {
  for (const text of ['kubectl get pods', '{"level":"info","msg":"tokens are fine to mention"}', 'the basic idea']) expect(redact(text)).toBe(text)
})

it('starts a new file when one is full, and keeps three older ones', () => {
  const file = rotatedFile(join(dir, 'x.log'), 20)
  for (let number = 0; number < 12; number++) file.write(`line number ${String(number).padStart(2, '0')}\n`)
  file.dispose()
  expect(readdirSync(dir).toSorted()).toEqual(['x.log', 'x.log.1', 'x.log.2', 'x.log.3'])
  expect(readFileSync(join(dir, 'x.log'), 'utf8')).toContain('11')
})

it('gives up silently where it cannot write', () => {
  const file = rotatedFile(join(dir, 'missing', 'x.log'))
  expect(() => file.write('line\n')).not.toThrow()
})
