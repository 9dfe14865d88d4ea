import { X509Certificate, type webcrypto } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSecretly } from './files.ts'

/** PEM texts of what the API server and its first user need; names as K3s has them under server/tls. */
export interface Certificates {
  /** What clients trust: signed the serving certificate. */
  readonly serverCa: string
  /** What the server trusts: signs client certificates. */
  readonly clientCa: string
  readonly serving: { readonly cert: string; readonly key: string }
  /** system:admin in system:masters. */
  readonly admin: { readonly cert: string; readonly key: string }
  /** Signs ServiceAccount tokens (ES256). */
  readonly serviceKey: string
}

const DAY_MS = 24 * 60 * 60_000
/** K3s: certificate authorities live ten years, what they sign one. */
const CA_DAYS = 3650
const LEAF_DAYS = 365
/** Clocks differ; a certificate begins a little before it is made. */
const BACKDATE_MS = 60 * 60_000
/** A certificate this near to its end is renewed at start (K3s renews within 120 days). */
const RENEW_DAYS = 120

const EC = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const

interface Pair {
  readonly cert: string
  readonly key: string
}

/** Reads the certificates of a data directory, and makes those that are missing or about to expire. */
export const loadCertificates = async (dataDir: string, hosts: readonly string[], now: number): Promise<Certificates> => {
  const dir = join(dataDir, 'tls')
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const file = (name: string) => join(dir, name)
  const read = (name: string): Pair | undefined =>
    existsSync(file(`${name}.crt`)) && existsSync(file(`${name}.key`))
      ? { cert: readFileSync(file(`${name}.crt`), 'utf8'), key: readFileSync(file(`${name}.key`), 'utf8') }
      : undefined
  const save = (name: string, pair: Pair): Pair => {
    writeSecretly(file(`${name}.key`), pair.key)
    writeSecretly(file(`${name}.crt`), pair.cert)
    return pair
  }
  const isFresh = ({ cert }: Pair, ca: Pair, names: readonly string[] = []) => {
    const parsed = new X509Certificate(cert)
    return (
      parsed.validToDate.getTime() > now + RENEW_DAYS * DAY_MS &&
      parsed.checkIssued(new X509Certificate(ca.cert)) &&
      names.every(host => parsed.checkHost(host) ?? parsed.checkIP(host))
    )
  }

  const [serverCa, clientCa] = await Promise.all(
    ['server-ca', 'client-ca'].map(async name => read(name) ?? save(name, await makeCa(`k3s-${name}@${Math.floor(now / 1000)}`, now))),
  )
  const leaf = async (name: string, ca: Pair, make: () => Promise<Pair>, names?: readonly string[]): Promise<Pair> => {
    const present = read(name)
    return present && isFresh(present, ca, names) ? present : save(name, await make())
  }
  const serviceKeyFile = file('service.key')
  const [serving, admin, serviceKey] = await Promise.all([
    leaf('serving-kube-apiserver', serverCa!, () => makeLeaf(serverCa!, 'CN=kube-apiserver', now, hosts), hosts),
    leaf('client-admin', clientCa!, () => makeLeaf(clientCa!, 'O=system:masters, CN=system:admin', now)),
    existsSync(serviceKeyFile)
      ? readFileSync(serviceKeyFile, 'utf8')
      : newKeys().then(async keys => {
          const pem = await privatePem(keys)
          writeSecretly(serviceKeyFile, pem)
          return pem
        }),
  ])
  return { serverCa: serverCa!.cert, clientCa: clientCa!.cert, serving, admin, serviceKey }
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> => crypto.subtle.generateKey(EC, true, ['sign', 'verify'])

const privatePem = async ({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> => {
  const base64 = Buffer.from(await crypto.subtle.exportKey('pkcs8', privateKey)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`
}

/** The library is only needed where something is to be made, and takes a tenth of a second to load. */
const library = async () => {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

const validity = (now: number, days: number) => ({ notBefore: new Date(now - BACKDATE_MS), notAfter: new Date(now + days * DAY_MS) })

const makeCa = async (commonName: string, now: number): Promise<Pair> => {
  const [x509, keys] = await Promise.all([library(), newKeys()])
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: SIGNING,
    ...validity(now, CA_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: `${cert.toString('pem')}\n`, key: await privatePem(keys) }
}

/** With hosts: a serving certificate for them. Without: a client certificate. */
const makeLeaf = async (ca: Pair, subject: string, now: number, hosts?: readonly string[]): Promise<Pair> => {
  const [x509, keys] = await Promise.all([library(), newKeys()])
  const issuer = new x509.X509Certificate(ca.cert)
  const caKey = await crypto.subtle.importKey('pkcs8', Buffer.from(ca.key.replace(/-----[^-]+-----|\s/g, ''), 'base64'), EC, false, ['sign'])
  const names = (hosts ?? []).map(value => ({ type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const), value }))
  const cert = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: caKey,
    signingAlgorithm: SIGNING,
    ...validity(now, LEAF_DAYS),
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([hosts ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  })
  return { cert: `${cert.toString('pem')}\n`, key: await privatePem(keys) }
}
