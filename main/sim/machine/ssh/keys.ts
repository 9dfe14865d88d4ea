import { generateKeyPairSync, randomBytes } from 'node:crypto'
import ssh2 from 'ssh2'

export interface KeyPair {
  /** OpenSSH's private key format. */
  readonly private: string
  /** One line, as in authorized_keys. */
  readonly public: string
}

/** Makes a key pair for a host or a person. The only randomness of the simulation that is not seeded: keys must not be guessable. */
export const generateHostKey = (type: 'ed25519' | 'ecdsa' = 'ed25519', comment = ''): KeyPair => {
  if (type === 'ecdsa') {
    const pair = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'sec1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    const parsed = ssh2.utils.parseKey(pair.privateKey)
    if (parsed instanceof Error) throw parsed
    return { private: pair.privateKey, public: publicLine(parsed.type, parsed.getPublicSSH(), comment) }
  }
  return ed25519(comment)
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

const field = (content: string | Buffer): Buffer => Buffer.concat([uint32(Buffer.byteLength(content)), Buffer.from(content)])

/**
 * An unencrypted openssh-key-v1 file (PROTOCOL.key of OpenSSH). Written here because ssh2's own generator drops leading
 * zeros of the key, and OpenSSH refuses one in some hundred of what it makes.
 */
const ed25519 = (comment: string): KeyPair => {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  const [seed, point] = [Buffer.from(jwk.d!, 'base64url'), Buffer.from(jwk.x!, 'base64url')]
  const blob = Buffer.concat([field('ssh-ed25519'), field(point)])
  const check = randomBytes(4)
  const secret = Buffer.concat([check, check, field('ssh-ed25519'), field(point), field(Buffer.concat([seed, point])), field(comment)])
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, i) => i + 1))
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    uint32(1),
    field(blob),
    field(Buffer.concat([secret, padding])),
  ])
  const lines = file.toString('base64').match(/.{1,70}/g)!
  return {
    private: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
    public: publicLine('ssh-ed25519', blob, comment),
  }
}

const publicLine = (type: string, blob: Buffer, comment: string) => `${type} ${blob.toString('base64')}${comment && ` ${comment}`}`

/** The blobs of authorized_keys' lines; lines that are no keys are passed over. */
export const authorizedBlobs = (text: string): Buffer[] =>
  text.split('\n').flatMap(line => {
    const match = /(?:^|\s)((?:ssh-|ecdsa-|sk-)[\w@.-]+)\s+([A-Za-z0-9+/=]+)/.exec(line.trim())
    return !match || line.trim().startsWith('#') ? [] : [Buffer.from(match[2]!, 'base64')]
  })
