import type { Authenticator } from '../access/authenticator.ts'
import type { Stage } from '../pipeline.ts'
import { unauthorized } from '../status.ts'

const ANONYMOUS = { name: 'system:anonymous', groups: ['system:unauthenticated'] } as const

/** Who is asking: client certificate, then bearer token, then anonymous. Wrong credentials are refused, missing ones are not. */
export const authentication = (authenticate: Authenticator): Stage => ({
  name: 'authentication',
  run: context => {
    if (context.user || !context.credentials) return
    const { credentials } = context
    const user = authenticate(credentials)
    if (!user && (credentials.bearerToken !== undefined || credentials.badCertificate)) throw unauthorized()
    context.user = user ?? ANONYMOUS
  },
  detail: ({ user }) => user && `${user.name} (${user.groups.join(', ')})`,
})
