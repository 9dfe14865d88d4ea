import { Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import type { KubeConfig } from '@kubernetes/client-node'
import { type Failure, failure } from '../../shared/domain/errors.ts'
import type { ParsedKubeconfig } from './kubeconfig.ts'

/** A cluster that says nothing for so long is not reachable; the API server itself ends a request after 60 s. */
const REQUEST_TIMEOUT_MS = 15_000

/** Connections kept open for one cluster: as many requests as k3lab has under way at once. */
const MAX_SOCKETS = 6

/** What an answer may at most be; a page of 500 large objects stays far below. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

interface Answer {
  readonly status: number
  readonly body: string
}

/** Requests to one API server with the kubeconfig's credentials over kept-alive connections. */
export interface Requests {
  readonly config: KubeConfig
  /** `path` with its query. Rejects with Failure when no answer came; any status is an answer. */
  send(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer>
  dispose(): void
}

const TRUST_ERRORS = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|INVALID_CA|HOSTNAME_MISMATCH|ERR_SSL_)/

/** Why no answer came, by the system's error code. */
export const transportFailure = (server: string, error: unknown): Failure => {
  const { code = '', message, name, cause } = error as NodeJS.ErrnoException & { cause?: NodeJS.ErrnoException }
  if (cause && !code) return transportFailure(server, cause)
  if (TRUST_ERRORS.test(code)) return failure('clusterUntrusted', { server, reason: code }, { detail: message })
  if (code === 'ETIMEDOUT' || code === 'ABORT_ERR' || name === 'TimeoutError' || code === 'UND_ERR_CONNECT_TIMEOUT')
    return failure('clusterTimeout', { server }, { detail: message, retryable: true })
  return failure('clusterUnreachable', { server }, { detail: message, retryable: true })
}

/** The failure that an answer with that status means; `what` names what was asked for. */
export const answerFailure = (server: string, what: string, status: number, body = ''): Failure => {
  const detail = statusMessage(body) || `HTTP ${status}`
  if (status === 401) return failure('clusterUnauthorized', { server }, { detail })
  if (status === 403) return failure('clusterForbidden', { what }, { detail })
  return failure('clusterAnswer', { server, status: String(status) }, { detail, retryable: status >= 500 || status === 429 })
}

/** The message of a `Status` object, or the first line of whatever else answered. */
const statusMessage = (body: string): string => {
  try {
    return (JSON.parse(body) as { message?: string }).message ?? ''
  } catch {
    return body.split('\n')[0]!.slice(0, 300)
  }
}

export const openRequests = async (kubeconfig: ParsedKubeconfig): Promise<Requests> => {
  const config = await kubeconfig.load()
  const base = new URL(kubeconfig.server)
  const prefix = base.pathname.replace(/\/$/, '')
  let agent: Agent | undefined

  return {
    config,
    send: async (method, path, body) => {
      const options: RequestOptions = {}
      try {
        await config.applyToHTTPSOptions(options)
      } catch (error) {
        throw transportFailure(kubeconfig.server, error)
      }
      if (config.getCurrentCluster()?.proxyUrl === undefined) options.agent = agent ??= new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS })
      const payload = body === undefined ? undefined : JSON.stringify(body)
      return new Promise<Answer>((resolve, reject) => {
        const request = httpsRequest(
          {
            ...options,
            method,
            host: base.hostname.replace(/^\[|\]$/g, ''),
            port: base.port || 443,
            path: prefix + path,
            timeout: REQUEST_TIMEOUT_MS,
            headers: {
              ...options.headers,
              accept: 'application/json',
              'user-agent': 'k3lab',
              ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
            },
          },
          response => {
            const chunks: Buffer[] = []
            let size = 0
            response.on('data', (chunk: Buffer) => {
              size += chunk.length
              if (size > MAX_ANSWER_BYTES) request.destroy(new Error('the answer is too large'))
              chunks.push(chunk)
            })
            response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') }))
            response.on('error', error => reject(transportFailure(kubeconfig.server, error)))
          },
        )
        request.on('timeout', () => request.destroy(Object.assign(new Error(`no answer within ${REQUEST_TIMEOUT_MS / 1000} s`), { code: 'ETIMEDOUT' })))
        request.on('error', error => reject(transportFailure(kubeconfig.server, error)))
        request.end(payload)
      })
    },
    dispose: () => agent?.destroy(),
  }
}
