/**
 * Every error a user can meet over the contract: its code, and the names of its arguments. The renderer words each as
 * `errors.<code>` in every language; a test there holds the translations against this list.
 */
export const errorArguments = {
  /** Something in k3lab itself went wrong; the log file has it. */
  internal: [],
  invalidInput: ['field'],

  clusterNotFound: ['id'],
  clusterExists: ['name'],
  /** The simulated homelab's own cluster cannot be removed. */
  clusterIsSimulated: [],
  clusterReadOnly: [],
  clusterUnreachable: ['server'],
  clusterTimeout: ['server'],
  /** The server's certificate is not signed by the kubeconfig's authority, or is for another name, or has expired. */
  clusterUntrusted: ['server', 'reason'],
  clusterUnauthorized: ['server'],
  clusterForbidden: ['what'],
  clusterAnswer: ['server', 'status'],

  kubeconfigUnreadable: ['path', 'reason'],
  kubeconfigInvalid: ['reason'],
  kubeconfigNoContext: [],
  kubeconfigUnknownContext: ['context', 'known'],
  kubeconfigNoCluster: ['context', 'cluster'],
  kubeconfigNoUser: ['context', 'user'],
  kubeconfigMissingFile: ['field', 'path'],
  kubeconfigBadCertificate: ['field'],
  /** A kubeconfig may name a program to run; k3lab runs none. */
  kubeconfigRunsProgram: ['user', 'command'],
  kubeconfigInsecureServer: ['server'],

  machineNotFound: ['id'],
  machineExists: ['host', 'port', 'name'],
  machineIsSimulated: ['name'],
  machineNotSimulated: ['name'],
  machineOff: ['name'],
  capacityUnreadable: ['name'],

  sshNameNotFound: ['host'],
  sshRefused: ['host', 'port'],
  sshUnreachable: ['host'],
  sshTimeout: ['host', 'port'],
  /** Something answers on that port, but it does not speak SSH. */
  sshNotSsh: ['host', 'port'],
  /** The server hung up before it said who it is: often a penalty after failed logins (OpenSSH's PerSourcePenalties, fail2ban). */
  sshClosedEarly: ['host', 'port'],
  sshNoCommonAlgorithm: ['host', 'kind'],
  sshHostKeyUnknown: ['host', 'port', 'keyType', 'fingerprint'],
  sshHostKeyChanged: ['host', 'port', 'keyType', 'fingerprint', 'trusted'],
  sshHostKeyRevoked: ['host', 'port', 'keyType', 'fingerprint'],
  /** Between the question and the answer the host showed another key. */
  sshHostKeyNotAsConfirmed: ['host', 'port', 'fingerprint'],
  sshAuthFailed: ['user', 'host', 'offered'],
  sshPasswordNeeded: ['user', 'host'],
  sshKeyUnreadable: ['path', 'reason'],
  sshKeyUnsupported: ['path'],
  sshKeyNeedsPassphrase: ['path'],
  sshKeyWrongPassphrase: ['path'],
  sshAgentMissing: [],
  sshAgentFailed: [],
  sshConnectionLost: ['host'],
  sshChannelRefused: ['host'],
  sshProtocol: ['host'],
  knownHostsUnreadable: ['path', 'reason'],

  homelabNotRunning: [],
  homelabFailed: [],

  terminalNotFound: ['id'],

  storageFull: ['path'],
  storageFailed: ['path'],
} as const satisfies Record<string, readonly string[]>

export type ErrorCode = keyof typeof errorArguments
export type ErrorArguments<C extends ErrorCode> = { readonly [name in (typeof errorArguments)[C][number]]: string }

/** An error with a code that the renderer can word. `detail` is the technical text; never a secret. */
export class Failure extends Error {
  readonly code: ErrorCode
  readonly args: Readonly<Record<string, string>>
  readonly detail: string | undefined
  /** Whether trying again without changing anything may help. */
  readonly retryable: boolean

  constructor(code: ErrorCode, args: Readonly<Record<string, string>>, detail: string | undefined, retryable: boolean) {
    super(`${code} ${JSON.stringify(args)}${detail ? `: ${detail}` : ''}`)
    this.name = 'Failure'
    this.code = code
    this.args = args
    this.detail = detail
    this.retryable = retryable
  }
}

/** Makes a `Failure` with exactly the arguments its code has. */
export const failure = <C extends ErrorCode>(
  code: C,
  args: ErrorArguments<C>,
  options: { readonly detail?: string; readonly retryable?: boolean } = {},
): Failure => new Failure(code, args, options.detail, options.retryable ?? false)
