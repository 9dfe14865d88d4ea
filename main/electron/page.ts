import { protocol, type Session } from 'electron'
import { securityHeaders } from '../page/security-headers.ts'
import { staticFiles } from '../page/static-files.ts'
import { allowsPermission, sameOrigin, SCHEME } from './policies.ts'

/** Once, before Electron is ready. */
export const registerScheme = (): void =>
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }])

/** Serves the built renderer under our own scheme, and nothing else under any. */
export const servePage = (session: Session, rendererDir: string): void => {
  const fileAt = staticFiles(rendererDir)
  const headers = securityHeaders([])
  session.protocol.handle(SCHEME, request => {
    const refuse = (status: number) => new Response(null, { status, headers })
    if (!sameOrigin(request.url)) return refuse(403)
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405)
    const file = fileAt(new URL(request.url).pathname)
    if (!file) return refuse(404)
    return new Response(new Uint8Array(file.body), { headers: { ...headers, 'content-type': file.type, 'cache-control': 'no-cache' } })
  })
}

/** Refuses every permission that is not in the table, and every device. */
export const restrict = (session: Session): void => {
  session.setPermissionRequestHandler((contents, permission, answer) => answer(allowsPermission(permission, contents.getURL())))
  session.setPermissionCheckHandler((_contents, permission, origin) => allowsPermission(permission, origin))
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', event => event.preventDefault())
}
