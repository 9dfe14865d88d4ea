import { join } from 'node:path'
import { generateHostKey } from './machine/index.ts'
import { readIfThere, writeAtomically } from './homelab-files.ts'
import type { PresetName } from './presets.ts'

/** What a data directory's homelab is, from its first start on. */
export interface HomelabState {
  readonly preset: PresetName
  readonly seed: number
  /** Join token of the cluster, without the CA's hash. */
  readonly token: string
  /** One per machine; ports stay the same as long as nobody else takes them. */
  readonly machines: Readonly<
    Record<string, { readonly port: number; readonly hostKey: string; readonly hostPublicKey: string; readonly nodePassword: string }>
  >
}

/** Where the files for people and tools stand. */
export const homelabPaths = (dataDir: string) => {
  const directory = join(dataDir, 'homelab')
  const at = (name: string) => join(directory, name)
  return {
    directory,
    state: at('homelab.json'),
    kubeconfig: at('kubeconfig'),
    sshConfig: at('ssh_config'),
    knownHosts: at('known_hosts'),
    key: at('id_ed25519'),
    publicKey: at('id_ed25519.pub'),
    machines: at('machines.json'),
    machineStore: at('machines.db'),
    apiserver: at('apiserver'),
  }
}

export type HomelabPaths = ReturnType<typeof homelabPaths>

/** Undefined on a data directory's first start. Throws when the file is not one of ours. */
export const readState = (paths: HomelabPaths): HomelabState | undefined => {
  const text = readIfThere(paths.state)
  if (text === undefined) return undefined
  const state = JSON.parse(text) as HomelabState
  if (typeof state.preset !== 'string' || typeof state.seed !== 'number' || typeof state.machines !== 'object')
    throw new Error(`${paths.state} is not a homelab's state`)
  return state
}

export const writeState = (paths: HomelabPaths, state: HomelabState): void =>
  writeAtomically(paths.state, `${JSON.stringify(state, undefined, 2)}\n`, 0o600, true)

/** The person's key pair for all machines, made once. Returns the public line. */
export const ensureUserKey = (paths: HomelabPaths): string => {
  const found = readIfThere(paths.publicKey)
  if (found !== undefined && readIfThere(paths.key) !== undefined) return found
  const { private: privateKey, public: publicKey } = generateHostKey('ed25519', 'k3lab')
  writeAtomically(paths.key, privateKey, 0o600, true)
  writeAtomically(paths.publicKey, `${publicKey.trim()}\n`, 0o644, true)
  return publicKey
}

export interface SshMachine {
  readonly name: string
  readonly role: 'server' | 'agent'
  readonly port: number
  readonly hostPublicKey: string
}

/** `ssh -F ssh_config mini-1` needs nothing else: no question is asked, and no other key or known_hosts is looked at. */
export const writeSshFiles = (paths: HomelabPaths, user: string, machines: readonly SshMachine[]): void => {
  const quote = (path: string) => (/\s/.test(path) ? `"${path}"` : path)
  const hosts = machines.map(({ name, port }) => `Host ${name}\n  HostName 127.0.0.1\n  Port ${port}\n  HostKeyAlias ${name}\n`)
  const common = `Host ${machines.map(({ name }) => name).join(' ') || 'none'}\n  User ${user}\n  IdentityFile ${quote(paths.key)}\n  IdentitiesOnly yes\n  UserKnownHostsFile ${quote(paths.knownHosts)}\n  GlobalKnownHostsFile none\n  StrictHostKeyChecking yes\n  CheckHostIP no\n`
  writeAtomically(paths.sshConfig, [...hosts, common].join('\n'), 0o600)
  writeAtomically(
    paths.knownHosts,
    machines
      .flatMap(({ name, port, hostPublicKey }) =>
        [name, `[127.0.0.1]:${port}`].map(host => `${host} ${hostPublicKey.trim().split(' ').slice(0, 2).join(' ')}\n`),
      )
      .join(''),
    0o600,
  )
  writeAtomically(
    paths.machines,
    `${JSON.stringify(
      machines.map(({ name, role, port }) => ({ name, role, sshHost: '127.0.0.1', sshPort: port, user })),
      undefined,
      2,
    )}\n`,
  )
}
