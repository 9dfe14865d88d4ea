/** One cause in `Status.details.causes`; reasons are Kubernetes' metav1.CauseType values. */
export interface StatusCause {
  reason?: string
  message: string
  field?: string
}

/** A Kubernetes `Status` object (meta/v1). */
export interface Status {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: { continue?: string }
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  details?: { name?: string; group?: string; kind?: string; uid?: string; causes?: StatusCause[]; retryAfterSeconds?: number }
  code?: number
}

/** A request that the API server refuses: carries the `Status` that goes over the wire. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: Status

  constructor(code: number, reason: string | undefined, message: string, details?: Status['details']) {
    super(message)
    this.status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, ...(reason && { reason }), ...(details && { details }), code }
  }

  get code(): number {
    return this.status.code!
  }

  get reason(): string | undefined {
    return this.status.reason
  }
}

/** True when `error` is an ApiError with one of these reasons (`NotFound`, `Conflict`, `AlreadyExists`, …). */
export const hasReason = (error: unknown, ...reasons: string[]): error is ApiError =>
  error instanceof ApiError && error.reason !== undefined && reasons.includes(error.reason)
