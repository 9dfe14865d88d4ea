import type { ErrorCode, Failure } from '../../shared/domain/errors.ts'

/** What the command line says of the failures it can meet: what happened, and what to do. */
const TEXTS: Partial<Record<ErrorCode, (args: Readonly<Record<string, string>>) => string>> = {
  clusterUnreachable: ({ server }) => `${server} cannot be reached. Is the cluster running, and is this computer on its network?`,
  clusterTimeout: ({ server }) => `${server} does not answer. Is a firewall between, or the wrong address in the kubeconfig?`,
  clusterUntrusted: ({ server, reason }) => `the certificate of ${server} is not trusted (${reason}). Fetch a fresh kubeconfig from the server.`,
  clusterUnauthorized: ({ server }) => `${server} does not accept the credentials. Fetch a fresh kubeconfig from the server.`,
  clusterForbidden: ({ what }) => `these credentials may not read ${what}.`,
  clusterAnswer: ({ server, status }) => `${server} answered with an error (HTTP ${status}).`,
  kubeconfigUnreadable: ({ path, reason }) => `${path} cannot be read (${reason}).`,
  kubeconfigInvalid: ({ reason }) => `this is no valid kubeconfig: ${reason}`,
  kubeconfigNoContext: () => 'the kubeconfig has no current context. Name one with --context NAME.',
  kubeconfigUnknownContext: ({ context, known }) => `the kubeconfig has no context ${context}; it has ${known}.`,
  kubeconfigNoCluster: ({ context, cluster }) => `the context ${context} names the cluster ${cluster}, which the kubeconfig does not have.`,
  kubeconfigNoUser: ({ context, user }) => `the context ${context} names the user "${user}", which the kubeconfig does not have.`,
  kubeconfigMissingFile: ({ field, path }) => `the file ${path}, which the kubeconfig names as its ${field}, does not exist.`,
  kubeconfigBadCertificate: ({ field }) => `${field} in the kubeconfig is no certificate.`,
  kubeconfigRunsProgram: ({ user, command }) =>
    `the user ${user} logs in through the program ${command}; k3lab does not run programs that a kubeconfig names. Use one with a certificate or a token.`,
  kubeconfigInsecureServer: ({ server }) => `${server} is not https, so that anybody on the way could read the credentials.`,
  homelabFailed: () => 'the simulated homelab did not start. If it keeps failing, start a fresh one with another --data-dir DIR, and report what follows.',
  storageFull: ({ path }) => `the disk under ${path} is full. Free some space, or choose another place with --data-dir DIR.`,
  storageFailed: ({ path }) => `${path} cannot be used. Choose another place with --data-dir DIR, or put that file aside.`,
}

/** One sentence for a person at a terminal, with the technical text behind it. */
export const explain = ({ code, args, detail }: Failure): string => {
  const text = TEXTS[code]?.(args) ?? `${code} ${JSON.stringify(args)}`
  return detail === undefined ? text : `${text} (${detail})`
}
