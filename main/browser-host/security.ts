import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/**
 * Who may talk to the browser host. Other programs and web pages on this computer can reach a loopback port too, so
 * an address is no proof: only the launch token is, which the one who started k3lab was given.
 */
export interface Gate {
  /** What opens the app: the launch token as a query parameter of `/`. */
  readonly launchPath: string
  /** Is this the page's own address? Another Host is a name somebody pointed at this computer (DNS rebinding). */
  isOwnHost(request: IncomingMessage): boolean
  /** A request that says where it comes from comes from our own page; `required` for what must say so. */
  isOwnOrigin(request: IncomingMessage, required: boolean): boolean
  isLaunch(token: string | null): boolean
  hasSession(request: IncomingMessage): boolean
  /** The `Set-Cookie` of a session. */
  readonly sessionCookie: string
}

const TOKEN_BYTES = 32

const digest = (text: string) => createHash('sha256').update(text).digest()
/** Compares digests: equal lengths, and no hint in the time it takes. */
const same = (given: string, wanted: string) => timingSafeEqual(digest(given), digest(wanted))

/** Tokens are of this launch only; the cookie's name carries the port because cookies do not. */
export const gate = (port: number): Gate => {
  const launchToken = randomBytes(TOKEN_BYTES).toString('base64url')
  const session = randomBytes(TOKEN_BYTES).toString('base64url')
  const host = `127.0.0.1:${port}`
  const cookieName = `k3lab_${port}`

  return {
    launchPath: `/?launch=${launchToken}`,
    isOwnHost: request => request.headers.host === host,
    isOwnOrigin: (request, required) => (request.headers.origin === undefined ? !required : request.headers.origin === `http://${host}`),
    isLaunch: token => token !== null && same(token, launchToken),
    hasSession: request =>
      (request.headers.cookie ?? '').split(';').some(pair => {
        const [name, ...value] = pair.trim().split('=')
        return name === cookieName && same(value.join('='), session)
      }),
    sessionCookie: `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`,
  }
}
