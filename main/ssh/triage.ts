import { type Failure, failure } from '../../shared/domain/errors.ts'

/** What was seen of a connection that failed before it was ready. */
export interface FailedAttempt {
  readonly host: string
  readonly port: number
  /** The first bytes the other side sent, if any. */
  readonly received: string
  readonly refused: () => Failure
}

/** Names the cause of a failed connection by ssh2's error levels and the system's error codes. */
export const triage = (error: Error & { level?: string; code?: string }, { host, port, received, refused }: FailedAttempt): Failure => {
  const address = { host, port: String(port) }
  const detail = { detail: error.message }
  const retryable = { ...detail, retryable: true }
  switch (error.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return failure('sshNameNotFound', { host }, { ...detail, retryable: error.code === 'EAI_AGAIN' })
    case 'ECONNREFUSED':
      return failure('sshRefused', address, retryable)
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
      return failure('sshUnreachable', { host }, retryable)
    case 'ETIMEDOUT':
      return failure('sshTimeout', address, retryable)
  }
  if (error.level === 'client-timeout')
    return received !== '' && !received.includes('SSH-') ? failure('sshNotSsh', address, detail) : failure('sshTimeout', address, retryable)
  if (error.level === 'client-authentication') return refused()
  if (error.level === 'agent') return failure('sshAgentFailed', {}, detail)
  if (error.level === 'handshake') {
    const kind = /no matching (.+)$/i.exec(error.message)?.[1]
    if (kind) return failure('sshNoCommonAlgorithm', { host, kind }, detail)
  }
  // What sends data of its own and no SSH banner speaks something else.
  if (received !== '' && !/^SSH-|\nSSH-/.test(received)) return failure('sshNotSsh', address, detail)
  if (received === '' || error.code === 'ECONNRESET' || /lost before handshake/i.test(error.message)) return failure('sshClosedEarly', address, retryable)
  return failure('sshProtocol', { host }, detail)
}
