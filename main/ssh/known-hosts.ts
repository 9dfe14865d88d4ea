import { createHash, createHmac } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { failure } from '../../shared/domain/errors.ts'

/** A public key as SSH sends it: a length-prefixed type, then its numbers. */
export interface HostPublicKey {
  readonly type: string
  readonly blob: Buffer
}

/** What a known_hosts file says of a key. */
export type Trust =
  | { readonly trust: 'known' }
  | { readonly trust: 'unknown' }
  | { readonly trust: 'revoked' }
  /** Other keys are trusted for that host, of this type or of others. */
  | { readonly trust: 'changed'; readonly trusted: readonly HostPublicKey[] }

interface Line {
  readonly raw: string
  readonly marker: '' | '@revoked' | '@cert-authority'
  readonly hosts: string
  readonly key: HostPublicKey
}

export const publicKey = (blob: Buffer): HostPublicKey => ({ type: blob.subarray(4, 4 + blob.readUInt32BE(0)).toString('latin1'), blob })

/** `SHA256:…`, as `ssh-keygen -l` prints it. */
export const fingerprint = ({ blob }: HostPublicKey): string => `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

/** How known_hosts names a host: `[host]:port` where the port is not 22 (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export const hostName = (host: string, port: number): string => (port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`)

const parseLine = (raw: string): Line | undefined => {
  const text = raw.trim()
  if (text === '' || text.startsWith('#')) return undefined
  const fields = text.split(/\s+/)
  const marker = fields[0]!.startsWith('@') ? (fields.shift() as Line['marker']) : ''
  const [hosts, type, data] = fields
  if (!hosts || !type || !data) return undefined
  const blob = Buffer.from(data, 'base64')
  // A key whose own type is not the type before it is damaged.
  if (blob.length < 8 || blob.readUInt32BE(0) + 4 > blob.length || publicKey(blob).type !== type) return undefined
  return { raw, marker, hosts, key: { type, blob } }
}

/** `*`, `?` as in the shell; everything else literally. */
const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .toLowerCase()
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  )

const matches = (hosts: string, name: string): boolean => {
  if (hosts.startsWith('|1|')) {
    const [, , salt, hash] = hosts.split('|')
    return (
      createHmac('sha1', Buffer.from(salt ?? '', 'base64'))
        .update(name)
        .digest('base64') === hash
    )
  }
  let matched = false
  for (const pattern of hosts.split(',')) {
    if (pattern.startsWith('!')) {
      if (wildcard(pattern.slice(1)).test(name)) return false
    } else if (wildcard(pattern).test(name)) matched = true
  }
  return matched
}

export interface KnownHosts {
  check(name: string, key: HostPublicKey): Trust
  /** Key types that are already trusted for a host, so that the server is asked for one of these first. */
  knownTypes(name: string): readonly string[]
}

const readLines = (path: string): string[] => {
  try {
    const text = readFileSync(path, 'utf8')
    return text === '' ? [] : text.replace(/\n$/, '').split('\n')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return []
    // To go on without what it says would be to trust anybody.
    throw failure('knownHostsUnreadable', { path, reason: code ?? '' }, { detail: message })
  }
}

/** Reads a file in OpenSSH's known_hosts format; one that does not exist knows nobody. Throws Failure (`knownHostsUnreadable`). */
export const readKnownHosts = (path: string): KnownHosts => {
  const lines = readLines(path).flatMap(line => parseLine(line) ?? [])
  const forHost = (name: string) => lines.filter(({ hosts }) => matches(hosts, name))
  return {
    check: (name, key) => {
      const entries = forHost(name)
      const isKey = (line: Line) => line.key.blob.equals(key.blob)
      // A revoked key is revoked for every host, whatever else is said of it.
      if (lines.some(line => line.marker === '@revoked' && isKey(line) && matches(line.hosts, name))) return { trust: 'revoked' }
      const trusted = entries.filter(line => line.marker === '')
      if (trusted.some(isKey)) return { trust: 'known' }
      return trusted.length === 0 ? { trust: 'unknown' } : { trust: 'changed', trusted: trusted.map(line => line.key) }
    },
    knownTypes: name => [
      ...new Set(
        forHost(name)
          .filter(line => line.marker === '')
          .map(line => line.key.type),
      ),
    ],
  }
}

/** A crash or a full disk leaves either the old file or the new one. */
const writeAtomically = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  let target = path
  try {
    target = realpathSync(path)
  } catch {
    // Not there yet.
  }
  const temporary = `${target}.new-${process.pid}`
  const descriptor = openSync(temporary, 'w', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
  }
  renameSync(temporary, target)
}

/**
 * Trusts a key for a host from now on. With `replace`, what was trusted for exactly this host until now is forgotten;
 * lines that name other hosts too lose this name only, patterns and revocations stay.
 */
export const trustKey = (path: string, name: string, key: HostPublicKey, replace: boolean): void => {
  const kept = readLines(path).flatMap(raw => {
    const line = parseLine(raw)
    if (!replace || !line || line.marker !== '') return [raw]
    if (line.hosts.startsWith('|1|')) return matches(line.hosts, name) ? [] : [raw]
    const hosts = line.hosts.split(',')
    const others = hosts.filter(host => host.toLowerCase() !== name)
    if (others.length === hosts.length) return [raw]
    return others.length === 0 ? [] : [raw.replace(line.hosts, others.join(','))]
  })
  writeAtomically(path, [...kept, `${name} ${key.type} ${key.blob.toString('base64')}`, ''].join('\n'))
}
