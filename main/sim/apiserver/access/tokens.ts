import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { Store } from '../../store/store.ts'
import type { Clock } from '../../time/clock.ts'
import type { Random } from '../../time/random.ts'
import type { User } from '../request.ts'

export const ISSUER = 'https://kubernetes.default.svc.cluster.local'
/** K3s' --api-audiences. */
export const API_AUDIENCES: readonly string[] = [ISSUER, 'k3s']

export interface BoundObject {
  readonly kind: 'Pod' | 'Secret' | 'Node'
  readonly name: string
  readonly uid: string
}

interface Claims {
  readonly aud: readonly string[]
  readonly exp: number
  readonly iat: number
  readonly nbf: number
  readonly iss: string
  readonly jti: string
  readonly sub: string
  readonly 'kubernetes.io': {
    readonly namespace: string
    readonly serviceaccount: { readonly name: string; readonly uid: string }
    readonly pod?: { readonly name: string; readonly uid: string }
    readonly secret?: { readonly name: string; readonly uid: string }
    readonly node?: { readonly name: string; readonly uid: string }
  }
}

type Verdict = { readonly user: User; readonly audiences: readonly string[] } | { readonly error: string }

/** Bearer tokens of ServiceAccounts: JSON Web Tokens signed with ES256. Times are those of the simulation. */
export interface TokenSigner {
  /** Lives `seconds` from now. */
  issue(
    account: { readonly namespace: string; readonly name: string; readonly uid: string },
    audiences: readonly string[],
    seconds: number,
    bound?: BoundObject,
  ): string
  /** Checks signature, issuer, audience and times, and that the account (and what the token is bound to) still exists. */
  check(token: string, audiences?: readonly string[]): Verdict
  /** The key as a JSON Web Key Set, for `/openid/v1/jwks`. */
  readonly jwks: { readonly keys: readonly object[] }
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part: string | undefined): unknown => JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))

export const createTokenSigner = (privatePem: string, clock: Clock, store: Store, random: Random): TokenSigner => {
  const privateKey = createPrivateKey(privatePem)
  const publicKey = createPublicKey(privateKey)
  const kid = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
  const accounts = store.bucket('/serviceaccounts')
  const invalid: Verdict = { error: 'invalid bearer token' }

  const parse = (token: string): Claims | undefined => {
    try {
      const [header, payload, signature, ...rest] = token.split('.')
      if (rest.length > 0 || (decode(header) as { alg?: string }).alg !== 'ES256') return undefined
      const right = verify(
        'sha256',
        Buffer.from(`${header}.${payload}`),
        { key: publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature ?? '', 'base64url'),
      )
      return right ? (decode(payload) as Claims) : undefined
    } catch {
      return undefined
    }
  }

  const stillThere = (claims: Claims): boolean => {
    const own = claims['kubernetes.io']
    const account = accounts.get(`${own.namespace}/${own.serviceaccount.name}`)
    if (!account || account.metadata.uid !== own.serviceaccount.uid) return false
    const bound = (bucket: string, key: string, uid: string) => store.bucket(bucket).get(key)?.metadata.uid === uid
    if (own.pod && !bound('/pods', `${own.namespace}/${own.pod.name}`, own.pod.uid)) return false
    if (own.secret && !bound('/secrets', `${own.namespace}/${own.secret.name}`, own.secret.uid)) return false
    return !(own.node && !own.pod) || bound('/nodes', own.node.name, own.node.uid)
  }

  return {
    jwks: { keys: [{ use: 'sig', ...(publicKey.export({ format: 'jwk' }) as object), kid, alg: 'ES256' }] },
    issue: ({ namespace, name, uid }, audiences, seconds, bound) => {
      const now = Math.floor(clock.now / 1000)
      const claims: Claims = {
        aud: audiences,
        exp: now + seconds,
        iat: now,
        iss: ISSUER,
        jti: random.uuid(),
        'kubernetes.io': { namespace, ...(bound && { [bound.kind.toLowerCase()]: { name: bound.name, uid: bound.uid } }), serviceaccount: { name, uid } },
        nbf: now,
        sub: `system:serviceaccount:${namespace}:${name}`,
      }
      const body = `${encode({ alg: 'ES256', kid })}.${encode(claims)}`
      return `${body}.${sign('sha256', Buffer.from(body), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
    },
    check: (token, wanted = API_AUDIENCES) => {
      const claims = parse(token)
      if (!claims || claims.iss !== ISSUER) return invalid
      const now = clock.now / 1000
      const audiences = claims.aud.filter(audience => wanted.includes(audience))
      if (audiences.length === 0)
        return { error: `[invalid bearer token, token audiences ${JSON.stringify(claims.aud)} is invalid for the target audiences ${JSON.stringify(wanted)}]` }
      if (now >= claims.exp) return { error: '[invalid bearer token, service account token has expired]' }
      if (now < claims.nbf - 1 || !stillThere(claims)) return { error: '[invalid bearer token, service account token has been invalidated]' }
      const own = claims['kubernetes.io']
      const podExtra = own.pod && { 'authentication.kubernetes.io/pod-name': [own.pod.name], 'authentication.kubernetes.io/pod-uid': [own.pod.uid] }
      return {
        audiences,
        user: {
          name: claims.sub,
          uid: own.serviceaccount.uid,
          groups: ['system:serviceaccounts', `system:serviceaccounts:${own.namespace}`, 'system:authenticated'],
          extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`], ...podExtra },
        },
      }
    },
  }
}
