import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Certificates } from './access/certificates.ts'
import type { Handler } from './http/handler.ts'
import type { HttpAnswer, HttpBody } from './http/message.ts'
import type { Credentials } from './request.ts'

/** kube-apiserver's limit on request bodies. */
const MAX_BODY = 3 * 1024 * 1024
/** Answers above this are compressed for those who accept it (responsewriters' defaultGzipThresholdBytes). */
const GZIP_FROM = 128 * 1024
const compress = promisify(gzip)

/** The HTTPS listener on loopback. */
export interface HttpsListener {
  readonly port: number
  close(): Promise<void>
}

/**
 * Opens the listener on `port`, or the next free one where that is taken (0: any). Half-open connections, garbage and
 * oversized requests end by themselves and leave the process alone.
 */
export const listen = async (handle: Handler, certificates: Certificates, port: number): Promise<HttpsListener> => {
  const server = createServer(
    {
      key: certificates.serving.key,
      cert: certificates.serving.cert,
      ca: certificates.clientCa,
      requestCert: true,
      // Who shows a wrong certificate gets a 401, not an aborted handshake.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: 10_000,
      maxHeaderSize: 64 * 1024,
    },
    (request, response) => void serve(handle, request, response),
  )
  server.headersTimeout = 30_000
  server.requestTimeout = 60_000
  server.keepAliveTimeout = 120_000
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request')
    else socket.destroy()
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  await bind(server, port)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const MAX_PORT = 65_535

const bind = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const attempt = (wanted: number) => {
      const failed = (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') return reject(error)
        attempt(wanted < MAX_PORT ? wanted + 1 : 0)
      }
      server.once('error', failed)
      server.listen(wanted, '127.0.0.1', () => {
        server.off('error', failed)
        server.on('error', () => {})
        resolve()
      })
    }
    attempt(port)
  })

const credentialsOf = (request: IncomingMessage): Credentials => {
  const socket = request.socket as TLSSocket
  const peer = socket.getPeerCertificate()
  const authorization = request.headers.authorization ?? ''
  const bearerToken = /^bearer +(\S.*)$/i.exec(authorization)?.[1]?.trim()
  const shown = peer && Object.keys(peer).length > 0
  const { CN, O } = (shown ? peer.subject : {}) as { CN?: string | string[]; O?: string | string[] }
  const list = (value: string | string[] | undefined) => (value === undefined ? [] : Array.isArray(value) ? value : [value])
  return {
    ...(shown &&
      socket.authorized && {
        certificate: { commonName: list(CN)[0] ?? '', organizations: list(O), fingerprint: peer.fingerprint256.replaceAll(':', '').toLowerCase() },
      }),
    ...(shown && !socket.authorized && { badCertificate: true }),
    ...(bearerToken !== undefined && { bearerToken }),
  }
}

/** Reads a body; undefined where it is too large. */
const readBody = async (request: IncomingMessage): Promise<Uint8Array | undefined> => {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY) return undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const TOO_LARGE = {
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: `Request entity too large: limit is ${MAX_BODY}`,
  reason: 'RequestEntityTooLarge',
  code: 413,
}

const serve = async (handle: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  response.on('error', () => gone.abort())
  try {
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
    const body = hasBody ? await readBody(request) : new Uint8Array()
    const answer: HttpAnswer =
      body === undefined
        ? { status: 413, headers: { 'Content-Type': 'application/json', Connection: 'close' }, body: `${JSON.stringify(TOO_LARGE)}\n` }
        : await handle({
            method: request.method ?? 'GET',
            path: request.url ?? '/',
            headers: request.headers as Record<string, string | undefined>,
            body: body.length > 0 ? body : undefined,
            credentials: credentialsOf(request),
            signal: gone.signal,
          })
    await send(request, response, answer)
  } catch {
    // The client is gone, or sent half a request; there is nobody to tell.
    response.destroy()
  }
}

const isStream = (body: HttpBody): body is AsyncIterable<string | Uint8Array> => typeof body !== 'string' && !(body instanceof Uint8Array)

const send = async (request: IncomingMessage, response: ServerResponse, { status, headers, body }: HttpAnswer): Promise<void> => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string | string[])
  if (isStream(body)) {
    response.writeHead(status)
    // A watch without events still has an answer.
    response.flushHeaders()
    await pipeline(body, response)
    return
  }
  let bytes: Uint8Array = typeof body === 'string' ? Buffer.from(body) : body
  if (bytes.length > GZIP_FROM && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    bytes = await compress(bytes, { level: 1 })
    response.setHeader('Content-Encoding', 'gzip')
    response.setHeader('Vary', 'Accept-Encoding')
  }
  if (status !== 304) response.setHeader('Content-Length', bytes.length)
  response.writeHead(status)
  if (request.method === 'HEAD') response.end()
  else if (bytes.length <= SLICE) response.end(bytes)
  else {
    await writeWhole(response, bytes)
    response.end()
  }
}

/** As much of an answer as is handed over at a time: less than what makes Node hold up its connection. */
const SLICE = 32 * 1024

/**
 * Writes an answer so that hardly any of it is still on its way when it ends. A client that has read a large answer
 * sends its next request before Node knows that all is written; Node then pauses its parser, which breaks off the
 * connection (HPE_PAUSED) if TLS has more of that request decoded already.
 */
const writeWhole = async (response: ServerResponse, bytes: Uint8Array): Promise<void> => {
  for (let at = 0; at < bytes.length; at += SLICE) {
    if (response.destroyed) return
    if (!response.write(bytes.subarray(at, at + SLICE)))
      await new Promise<void>(resolve => {
        const settled = () => {
          response.off('drain', settled)
          response.off('close', settled)
          resolve()
        }
        response.on('drain', settled)
        response.on('close', settled)
      })
  }
}
