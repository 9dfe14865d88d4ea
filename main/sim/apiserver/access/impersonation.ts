import type { Attributes, User } from '../request.ts'
import { badRequest } from '../status.ts'

/** Whom a request wants to be instead (headers `Impersonate-*`). */
export interface Impersonation {
  readonly user: string
  readonly groups: readonly string[]
  readonly uid: string
  readonly extra: Readonly<Record<string, readonly string[]>>
}

/** Keys come percent-encoded; what is not well encoded stays as it came. */
const unescaped = (key: string): string => {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

const list = (value: string | undefined): string[] => (value ? value.split(',').map(part => part.trim()) : [])

/** A user as Go prints it with %#v. */
const goUser = (groups: readonly string[], uid: string, extra: Readonly<Record<string, readonly string[]>>): string => {
  const texts = (list: readonly string[]) => `[]string{${list.map(text => JSON.stringify(text)).join(', ')}}`
  const entries = Object.entries(extra).sort(([a], [b]) => (a < b ? -1 : 1))
  const map = entries.length > 0 ? `{${entries.map(([key, values]) => `${JSON.stringify(key)}:${texts(values)}`).join(', ')}}` : '(nil)'
  const list = groups.length > 0 ? texts(groups) : '[]string(nil)'
  return `&user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:${list}, Extra:map[string][]string${map}}`
}

/** Reads the headers; undefined when there are none. Throws 400 where groups are given without a user. */
export const impersonationOf = (headers: Readonly<Record<string, string | undefined>>): Impersonation | undefined => {
  const user = headers['impersonate-user'] ?? ''
  const groups = list(headers['impersonate-group'])
  const uid = headers['impersonate-uid'] ?? ''
  const prefix = 'impersonate-extra-'
  const extra = Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [unescaped(name.slice(prefix.length)), list(value)]),
  )
  if (!user && groups.length === 0 && !uid && Object.keys(extra).length === 0) return undefined
  if (!user) throw badRequest(`requested ${goUser(groups, uid, extra)} without impersonating a user name`)
  return { user, groups, uid, extra }
}

const attributes = (resource: string, name: string, more: Partial<Attributes> = {}): Attributes => ({
  verb: 'impersonate',
  group: '',
  version: 'v1',
  resource,
  subresource: '',
  namespace: '',
  name,
  path: '',
  ...more,
})

/** Everything that has to be allowed before a request may be made as somebody else (filters/impersonation). */
export const impersonationChecks = ({ user, groups, uid, extra }: Impersonation): Attributes[] => {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user)
  const authentication = { group: 'authentication.k8s.io' }
  return [
    account ? attributes('serviceaccounts', account[2]!, { namespace: account[1]! }) : attributes('users', user),
    ...groups.map(group => attributes('groups', group)),
    ...(uid ? [attributes('uids', uid, authentication)] : []),
    ...Object.entries(extra).flatMap(([key, values]) => values.map(value => attributes('userextras', value, { ...authentication, subresource: key }))),
  ]
}

/** The user that a permitted impersonation makes. */
export const impersonated = ({ user, groups, uid, extra }: Impersonation): User => {
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user)
  const own = groups.length === 0 && account ? ['system:serviceaccounts', `system:serviceaccounts:${account[1]}`] : [...groups]
  const anonymous = user === 'system:anonymous'
  const standing = anonymous ? 'system:unauthenticated' : 'system:authenticated'
  return { name: user, groups: own.includes(standing) ? own : [...own, standing], ...(uid && { uid }), ...(Object.keys(extra).length > 0 && { extra }) }
}
