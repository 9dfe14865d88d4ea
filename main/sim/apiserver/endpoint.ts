import { X509Certificate } from 'node:crypto'
import type { ApiEndpoint } from '../machine/machine.ts'
import type { Handler } from './http/handler.ts'
import type { HttpBody } from './http/message.ts'
import type { Credentials } from './request.ts'

const refused = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

/**
 * The same API for programs on the simulated machines, without a socket. A client certificate comes as base64 of its
 * PEM in the header `:client-certificate`, a name that no HTTP client can send; on HTTPS the header means nothing.
 */
export const createEndpoint = (handle: Handler, running: () => boolean, clientCa: string): ApiEndpoint => {
  const ca = new X509Certificate(clientCa)
  const credentialsOf = (headers: Readonly<Record<string, string>>): Credentials => {
    const bearerToken = /^bearer +(\S.*)$/i.exec(headers['authorization'] ?? '')?.[1]?.trim()
    const token = bearerToken !== undefined && { bearerToken }
    const encoded = headers[':client-certificate']
    if (!encoded) return { ...token }
    try {
      const shown = new X509Certificate(Buffer.from(encoded, 'base64'))
      if (!shown.checkIssued(ca) || !shown.verify(ca.publicKey)) return { ...token, badCertificate: true }
      const attributes = shown.subject.split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const)
      const all = (name: string) => attributes.filter(([key]) => key === name).map(([, value]) => value)
      return { ...token, certificate: { commonName: all('CN')[0] ?? '', organizations: all('O') } }
    } catch {
      return { ...token, badCertificate: true }
    }
  }
  return {
    request: async ({ method, path, headers, body, signal }) => {
      if (!running()) throw refused()
      const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
      const answer = await handle({ method, path, headers: lower, body, credentials: credentialsOf(lower), signal })
      return {
        status: answer.status,
        headers: Object.fromEntries(
          Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), typeof value === 'string' ? value : value.join(', ')]),
        ),
        body: bytesOf(answer.body),
      }
    },
  }
}

const bytesOf = async function* (body: HttpBody): AsyncGenerator<Uint8Array> {
  if (typeof body === 'string') {
    if (body) yield Buffer.from(body)
  } else if (body instanceof Uint8Array) yield body
  else for await (const chunk of body) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}
