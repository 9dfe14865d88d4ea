import { ORPCError } from '@orpc/server'
import type { ContractError } from '../../shared/contract/contract.ts'
import { Failure, failure } from '../../shared/domain/errors.ts'
import type { Log } from '../log/log.ts'
import { redact } from '../log/redact.ts'

/** What travels of a failure: its code, arguments, and the technical text without secrets. Never a stack. */
export const contractError = ({ code, args, detail, retryable }: Failure): ContractError => ({
  code,
  args,
  ...(detail === undefined ? {} : { detail: redact(detail) }),
  retryable,
})

/** Any error as a Failure: what nobody foresaw is `internal`, and only the log has the rest. */
export const asFailure = (error: unknown, log: Log): Failure => {
  if (error instanceof Failure) return error
  log.error('unforeseen error', { error })
  return failure('internal', {}, { retryable: true })
}

/** Any error of a procedure as the contract's only error. */
export const asContractError = (error: unknown, log: Log): ORPCError<'FAILED', ContractError> => {
  if (error instanceof ORPCError && error.code === 'FAILED') return error as ORPCError<'FAILED', ContractError>
  return new ORPCError('FAILED', { defined: true, status: 500, message: 'failed', data: contractError(inputFailure(error) ?? asFailure(error, log)) })
}

/** Input that the contract's schema refused. */
const inputFailure = (error: unknown): Failure | undefined => {
  if (!(error instanceof ORPCError) || error.code !== 'BAD_REQUEST') return undefined
  const issue = (error.data as { issues?: readonly { path?: readonly unknown[]; message: string }[] } | undefined)?.issues?.[0]
  return failure('invalidInput', { field: issue?.path?.join('.') ?? '' }, { detail: issue?.message ?? error.message })
}
