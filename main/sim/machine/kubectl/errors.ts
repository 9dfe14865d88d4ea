import type { Status } from '../../apiserver/errors.ts'

/** Ends kubectl with a message on stderr (as it stands) and an exit code. */
export class KubectlError extends Error {
  override readonly name = 'KubectlError'
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** An answer of the API server that is not a success. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly status: Status

  constructor(status: Status) {
    super(status.message ?? `the server responded with the status code ${status.code}`)
    this.status = status
  }
}

/** What kubectl prints for an error of the API server (kubectl/pkg/cmd/util/helpers.go, StandardErrorMessage and checkErr). */
export const errorText = (error: unknown): string => {
  if (error instanceof KubectlError) return error.message
  if (!(error instanceof StatusError)) return `error: ${(error as Error).message}`
  const { status } = error
  if (status.reason === 'Unauthorized') return `error: You must be logged in to the server (${status.message})`
  if (status.reason === 'Invalid') {
    const causes = status.details?.causes ?? []
    const head = `The ${status.details?.kind ?? ''} "${status.details?.name ?? ''}" is invalid`
    if (causes.length === 0) return `${head}: ${status.message ?? ''}`
    if (causes.length === 1) return `${head}: ${causes[0]!.field ? `${causes[0]!.field}: ` : ''}${causes[0]!.message}`
    const lines = [...new Set(causes.map(cause => `${cause.field}: ${cause.message}`))]
    return [`${head}: `, ...lines.map(line => `* ${line}`)].join('\n')
  }
  return `Error from server${status.reason ? ` (${status.reason})` : ''}: ${error.message}`
}
