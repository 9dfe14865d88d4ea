import type { Credentials } from '../request.ts'

/** A request as it comes over TLS, or from a simulated machine without a socket. Header names are in lower case. */
export interface HttpRequest {
  readonly method: string
  /** Path and query, as in the request line. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Uint8Array | undefined
  readonly credentials: Credentials
  /** Aborted when the client is gone. */
  readonly signal?: AbortSignal | undefined
}

export type HttpBody = string | Uint8Array | AsyncIterable<string | Uint8Array>

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: HttpBody
}

/** An answer that a plan gives as it stands, instead of an object to be represented. */
export class RawAnswer {
  readonly answer: HttpAnswer
  constructor(answer: HttpAnswer) {
    this.answer = answer
  }
}

/** Plain text with the headers that go with it. */
export const textAnswer = (text: string, status = 200): RawAnswer =>
  new RawAnswer({ status, headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' }, body: text })
