import { ISSUER, type TokenSigner } from '../access/tokens.ts'
import type { OpenApiPaths } from './openapi.ts'
import type { Discovery } from './discovery.ts'
import { healthAnswer, healthPaths } from './health.ts'
import { RawAnswer, textAnswer } from './message.ts'
import type { RequestInfo } from './paths.ts'
import { noSuchResource } from '../status.ts'
import { VERSION } from './version.ts'

const json = (value: unknown, indent = true) =>
  new RawAnswer({ status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value, null, indent ? 2 : 0) })

export interface NonResourceParts {
  readonly discovery: Discovery
  readonly openApi: OpenApiPaths
  readonly signer: TokenSigner
  /** Health checks that do not hold at present. */
  readonly failing: () => readonly string[]
  /** host:port of the listener. */
  readonly address: () => string
}

/** Paths that are no resources. */
export const createNonResource = ({ discovery, openApi, signer, failing, address }: NonResourceParts) => {
  const groupPaths = discovery.groupVersions.flatMap(groupVersion =>
    groupVersion.includes('/') ? [`/apis/${groupVersion.split('/')[0]}`, `/apis/${groupVersion}`] : [`/api/${groupVersion}`],
  )
  const paths = [
    ...new Set([
      '/.well-known/openid-configuration',
      '/api',
      '/apis',
      '/apis/',
      ...groupPaths,
      ...healthPaths(),
      '/openapi/v2',
      '/openapi/v3',
      '/openapi/v3/',
      '/openid/v1/jwks',
      '/version',
    ]),
  ].sort()

  return (info: RequestInfo, headers: Readonly<Record<string, string | undefined>>): RawAnswer | Promise<RawAnswer> => {
    const { path, query, verb } = info
    const discovered = discovery.answer(path, headers, address())
    if (discovered) return discovered
    // A version that is not served: the part of the server that serves resources answers, if it knows the group.
    if (/^\/api\/./.test(path) || discovery.hasGroup(/^\/apis\/([^/]+)\/./.exec(path)?.[1] ?? '-')) throw noSuchResource()
    const health = healthAnswer(path, query, failing())
    if (health) return health
    const described = openApi.answer(path, query, headers)
    if (described) return described
    switch (verb === 'get' || verb === 'head' ? path : '') {
      case '/':
        return json({ paths })
      case '/version':
      case '/version/':
        return json(VERSION)
      case '/openid/v1/jwks':
        return new RawAnswer({
          status: 200,
          headers: { 'Content-Type': 'application/jwk-set+json', 'Cache-Control': 'public, max-age=3600' },
          body: JSON.stringify(signer.jwks),
        })
      case '/.well-known/openid-configuration':
        return json(
          {
            issuer: ISSUER,
            jwks_uri: `https://${address()}/openid/v1/jwks`,
            response_types_supported: ['id_token'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['ES256'],
          },
          false,
        )
      default:
        return textAnswer('404 page not found\n', 404)
    }
  }
}
