import { readFileSync } from 'node:fs'
import ssh2, { type AnyAuthMethod, type AuthenticationType, type NextAuthHandler, type ParsedKey } from 'ssh2'
import { type Failure, failure } from '../../shared/domain/errors.ts'
import type { SshEndpoint, SshLogin } from './endpoint.ts'

/** Where OpenSSH's agent service listens on Windows. */
const WINDOWS_AGENT = String.raw`\\.\pipe\openssh-ssh-agent`

/** Decrypting an encrypted key takes a noticeable moment, so it is done once. */
const readKey = (path: string, passphrase: string | undefined): ParsedKey => {
  let key: Buffer
  try {
    key = readFileSync(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw failure('sshKeyUnreadable', { path, reason: code ?? '' }, { detail: message })
  }
  // One key in a file is what ssh-keygen writes; of several the first is meant.
  const parsed: ParsedKey | Error = [ssh2.utils.parseKey(key, passphrase)].flat()[0]!
  if (!(parsed instanceof Error)) return parsed
  if (/no passphrase given/i.test(parsed.message)) throw failure('sshKeyNeedsPassphrase', { path })
  if (/passphrase|integrity check|bad decrypt/i.test(parsed.message) && passphrase !== undefined) throw failure('sshKeyWrongPassphrase', { path })
  throw failure('sshKeyUnsupported', { path }, { detail: parsed.message })
}

const agentSocket = (): string => {
  const socket = process.env.SSH_AUTH_SOCK ?? (process.platform === 'win32' ? WINDOWS_AGENT : undefined)
  if (!socket) throw failure('sshAgentMissing', {})
  return socket
}

/** Tells ssh2 that nothing is left to try; its types do not know the value. */
export const NO_MORE = false as unknown as AuthenticationType

export interface LoginAttempt {
  /** For ssh2's `authHandler`: exactly the methods of the login, each once. */
  readonly handler: (left: AuthenticationType[] | null, partial: boolean | null, next: NextAuthHandler) => void
  /** Why the login was refused, once the handler ran out of methods. */
  refused(): Failure
}

const methods = (user: string, login: SshLogin): AnyAuthMethod[] => {
  switch (login.kind) {
    case 'key':
      return [{ type: 'publickey', username: user, key: readKey(login.path, login.passphrase) }]
    case 'agent':
      return [{ type: 'agent', username: user, agent: agentSocket() }]
    case 'password': {
      const { password } = login
      return [
        { type: 'password', username: user, password },
        {
          // Many servers take a password only this way: one hidden prompt. Anything else asked for is not ours to answer.
          type: 'keyboard-interactive',
          username: user,
          prompt: (_name, _instructions, _language, prompts, finish) => finish(prompts.length === 1 && !prompts[0]!.echo ? [password] : prompts.map(() => '')),
        },
      ]
    }
  }
}

/** Prepares a login. Throws Failure when the key or the agent cannot be used, before the server is bothered. */
export const prepareLogin = ({ user, host, login }: SshEndpoint): LoginAttempt => {
  const waiting = methods(user, login)
  let offered: readonly string[] = []
  return {
    handler: (left, _partial, next) => {
      if (left) offered = left
      while (waiting.length > 0) {
        const method = waiting.shift()!
        const name = method.type === 'agent' ? 'publickey' : method.type
        if (left === null || left.includes(name as AuthenticationType)) return next(method)
      }
      next(NO_MORE)
    },
    refused: () => failure('sshAuthFailed', { user, host, offered: offered.join(', ') }),
  }
}
