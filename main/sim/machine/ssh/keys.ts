import { generateKeyPairSync } from 'node:crypto'
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
  const pair = ssh2.utils.generateKeyPairSync('ed25519', { comment })
  return { private: pair.private, public: pair.public }
}

const publicLine = (type: string, blob: Buffer, comment: string) => `${type} ${blob.toString('base64')}${comment && ` ${comment}`}`

/** The blobs of authorized_keys' lines; lines that are no keys are passed over. */
export const authorizedBlobs = (text: string): Buffer[] =>
  text.split('\n').flatMap(line => {
    const match = /(?:^|\s)((?:ssh-|ecdsa-|sk-)[\w@.-]+)\s+([A-Za-z0-9+/=]+)/.exec(line.trim())
    return !match || line.trim().startsWith('#') ? [] : [Buffer.from(match[2]!, 'base64')]
  })
