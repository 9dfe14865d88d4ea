import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { hostName, publicKey, readKnownHosts, trustKey } from './known-hosts.ts'

const key = (type: string, fill: number) => {
  const name = Buffer.from(type)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(name.length)
  return publicKey(Buffer.concat([length, name, Buffer.alloc(36, fill)]))
}
const line = (hosts: string, { type, blob }: ReturnType<typeof key>) => `${hosts} ${type} ${blob.toString('base64')}\n`
const first = key('ssh-ed25519', 1)
const second = key('ssh-rsa', 2)
let dir: string
let path: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'k3lab-known-'))
  path = join(dir, 'sub', 'known_hosts')
})
afterEach(() => rmSync(dir, { recursive: true }))
const write = (text: string) => {
  path = join(dir, 'known_hosts')
  writeFileSync(path, text)
}

it('knows nobody where there is no file', () => {
  expect(readKnownHosts(path).check('pi', first)).toEqual({ trust: 'unknown' })
})

it('keeps a port that is not 22 apart', () => {
  expect(hostName('Pi.local', 22)).toBe('pi.local')
  trustKey(path, hostName('pi', 2222), first, false)
  expect(readKnownHosts(path).check('[pi]:2222', first)).toEqual({ trust: 'known' })
  expect(readKnownHosts(path).check('pi', first)).toEqual({ trust: 'unknown' })
})

it('tells a changed key from a second known one', () => {
  write(line('pi', first) + line('pi', second))
  const known = readKnownHosts(path)
  expect(known.check('pi', second)).toEqual({ trust: 'known' })
  expect(known.check('pi', key('ssh-ed25519', 3))).toEqual({ trust: 'changed', trusted: [first, second] })
  expect(known.knownTypes('pi')).toEqual(['ssh-ed25519', 'ssh-rsa'])
})

it('understands hashes, wildcards, negations, revocations, comments and damage', () => {
  const salt = Buffer.from('0123456789abcdefghij')
  const hashed = `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update('secret').digest('base64')}`
  write(
    `# comment\n\nnot a line\npi ssh-rsa ${first.blob.toString('base64')}\n${line(hashed, first)}${line('*.lan,!bad.lan', first)}@revoked ${line('*', second)}@cert-authority ${line('*.ca', first)}`,
  )
  const known = readKnownHosts(path)
  expect(known.check('secret', first)).toEqual({ trust: 'known' })
  expect(known.check('a.lan', first)).toEqual({ trust: 'known' })
  expect(known.check('bad.lan', first)).toEqual({ trust: 'unknown' })
  expect(known.check('anything', second)).toEqual({ trust: 'revoked' })
  expect(known.check('x.ca', first)).toEqual({ trust: 'unknown' })
  expect(known.check('pi', first)).toEqual({ trust: 'unknown' })
})

it('replaces only what was trusted for that very name', () => {
  write(`# mine\n${line('pi,10.0.0.5', first)}${line('other', first)}${line('pi', second)}`)
  const fresh = key('ssh-ed25519', 9)
  trustKey(path, 'pi', fresh, true)
  expect(readFileSync(path, 'utf8')).toBe(`# mine\n${line('10.0.0.5', first)}${line('other', first)}${line('pi', fresh)}`)
})

it('does not go on without a file it cannot read', () => {
  expect(() => readKnownHosts(dir)).toThrow(expect.objectContaining({ code: 'knownHostsUnreadable', args: { path: dir, reason: 'EISDIR' } }))
})
