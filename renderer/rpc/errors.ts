import { ORPCError } from '@orpc/client'
import type { ContractError } from '../../shared/contract/contract.ts'

const isContractError = (data: unknown): data is ContractError => typeof data === 'object' && data !== null && 'code' in data && 'args' in data

/** The first field that did not fit its schema. */
const fieldOf = (data: unknown): string => {
  const issues = (data as { issues?: readonly { path?: readonly (string | number)[]; message?: string }[] } | undefined)?.issues
  return issues?.[0]?.path?.join('.') || issues?.[0]?.message || '?'
}

/** An error of our own making on the renderer's side, worded like the contract's (`errors.<code>`). */
export class RendererError extends Error {
  readonly data: ContractError
  constructor(code: string, retryable: boolean, detail?: string) {
    super(code)
    this.data = { code, args: {}, retryable, detail }
  }
}

/** What went wrong, in the contract's words, whatever was thrown. */
export const contractErrorOf = (thrown: unknown): ContractError => {
  if (thrown instanceof RendererError) return thrown.data
  if (thrown instanceof ORPCError) {
    if (isContractError(thrown.data)) return thrown.data
    if (thrown.code === 'BAD_REQUEST') return { code: 'invalidInput', args: { field: fieldOf(thrown.data) }, retryable: false, detail: thrown.message }
  }
  if (isContractError(thrown)) return thrown
  return { code: 'internal', args: {}, retryable: true, detail: thrown instanceof Error ? thrown.message : String(thrown) }
}
