import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import SSHConfig from 'ssh-config'
import type { SshEndpoint } from './endpoint.ts'

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

/** OpenSSH lets paths stand in quotes and begin with `~`. */
const path = (value: string): string => value.replace(/^"(.*)"$/, '$1').replace(/^~(?=\/|$)/, homedir())

/** How an OpenSSH client configuration says to reach a host (ssh_config(5)). Throws when it leaves out what we need. */
export const endpointFromConfig = (file: string, host: string): SshEndpoint => {
  const settings = SSHConfig.parse(readFileSync(file, 'utf8')).compute(host, { ignoreCase: true })
  const value = (name: string): string => {
    const found = first(settings[name.toLowerCase()] ?? settings[name])
    if (found === undefined) throw new Error(`${file}: ${host} has no ${name}`)
    return found
  }
  const alias = first(settings.hostkeyalias ?? settings.HostKeyAlias)
  return {
    host: value('HostName'),
    port: Number(value('Port')),
    user: value('User'),
    login: { kind: 'key', path: path(value('IdentityFile')) },
    knownHosts: path(value('UserKnownHostsFile')),
    ...(alias === undefined ? {} : { hostKeyAlias: alias }),
  }
}
