/** What the page may do, as tables: one row a rule, its reason beside it. Knows nothing of Electron, so that tests read it too. */

export const SCHEME = 'app'
export const ORIGIN = 'app://lab'

/** Permissions a page may be given; every other one is refused. */
const PERMISSIONS: Readonly<Record<string, string>> = {
  'clipboard-sanitized-write': 'copying out of a terminal or a table',
}

/** Is the permission in the table, and is it our own page that asks? */
export const allowsPermission = (permission: string, origin: string): boolean => Object.hasOwn(PERMISSIONS, permission) && sameOrigin(origin)

/** `app://lab` however it is spelled: with a path, or as an origin. `URL.origin` knows no custom schemes. */
export const sameOrigin = (url: string): boolean => {
  if (!URL.canParse(url)) return false
  const { protocol, host, username, password, port } = new URL(url)
  return protocol === `${SCHEME}:` && host === 'lab' && port === '' && username === '' && password === ''
}

/** Sites the app itself points to; a link to one of them opens without a question. */
const TRUSTED_SITES: Readonly<Record<string, string>> = {
  'kubernetes.io': 'the documentation the labs refer to',
  'docs.k3s.io': 'the documentation the labs refer to',
  'k3s.io': 'the home of K3s',
}

/** A link out of the app: opened, opened after the person saw the whole address, or not at all. */
export type LinkDecision = { readonly decision: 'open' | 'ask'; readonly url: string } | { readonly decision: 'refuse' }

/** Only https leaves the app: another scheme starts whatever program claims it, with text that a machine may have printed. */
export const decideLink = (link: string): LinkDecision => {
  if (!URL.canParse(link)) return { decision: 'refuse' }
  const url = new URL(link)
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return { decision: 'refuse' }
  return { decision: Object.hasOwn(TRUSTED_SITES, url.host) ? 'open' : 'ask', url: url.href }
}

/** Channels between page and main process. One each way: everything else is the contract, over the port. */
export const CHANNELS = { connect: 'k3lab:connect', port: 'k3lab:port' } as const

/** How every window's page runs. */
export const WEB_PREFERENCES = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false,
} as const
