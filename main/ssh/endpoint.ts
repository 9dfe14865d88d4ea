/** How to reach and log in to one SSH server. Paths are absolute. */
export interface SshEndpoint {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly login: SshLogin
  /** Where its host key must be found. */
  readonly knownHosts: string
  /** The name its key is filed under when that is not its address (OpenSSH's HostKeyAlias). */
  readonly hostKeyAlias?: string
}

export type SshLogin =
  | { readonly kind: 'key'; readonly path: string; readonly passphrase?: string | undefined }
  | { readonly kind: 'agent' }
  | { readonly kind: 'password'; readonly password: string }
