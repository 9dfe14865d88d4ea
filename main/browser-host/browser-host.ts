import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Log } from '../log/log.ts'
import { securityHeaders } from '../page/security-headers.ts'
import { staticFiles } from '../page/static-files.ts'
import type { RpcSocket, Services } from '../services/index.ts'
import { gate } from './security.ts'

export interface BrowserHost {
  /** Opens the app when visited: carries the launch token. */
  readonly launchUrl: string
  /** Without the token. */
  readonly url: string
  dispose(): Promise<void>
}

/** Largest message from a page: a pasted kubeconfig of a megabyte, with room. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024

/** A page that takes nothing in any more is not sent more than this before it does. */
const MAX_UNSENT_BYTES = 1024 * 1024

const NOT_BUILT =
  '<!doctype html><meta charset="utf-8"><title>k3lab</title><p>The user interface is not built: run <code>npm run build</code>, then load this page again.\n'

/** The part of a WebSocket that the contract's server uses, waiting for a page that is slow to take in. */
const paced = (socket: WebSocket): RpcSocket => ({
  addEventListener: socket.addEventListener.bind(socket) as RpcSocket['addEventListener'],
  send: data =>
    new Promise<void>(resolve => {
      const unsent = socket.bufferedAmount > MAX_UNSENT_BYTES
      socket.send(data, () => {
        if (unsent) resolve()
      })
      if (!unsent) resolve()
    }),
})

/** Serves the app on 127.0.0.1 only. Rejects when the port cannot be had (`EADDRINUSE`, `EACCES`). */
export const startBrowserHost = async (options: {
  readonly port: number
  readonly rendererDir: string
  readonly services: Services
  readonly log: Log
}): Promise<BrowserHost> => {
  const { services, log, rendererDir } = options
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 30_000 })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/`
  const guard = gate(port)
  const headers = securityHeaders([`ws://127.0.0.1:${port}`])
  const fileAt = staticFiles(rendererDir)

  const answer = (response: ServerResponse, status: number, body = '', more: Readonly<Record<string, string>> = {}) => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers, ...more })
    response.end(body)
  }

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!guard.isOwnHost(request) || !guard.isOwnOrigin(request, false)) return answer(response, 403, 'Forbidden\n')
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'Method Not Allowed\n', { allow: 'GET, HEAD' })
    if (!URL.canParse(request.url ?? '', url)) return answer(response, 400, 'Bad Request\n')
    const target = new URL(request.url ?? '/', url)
    if (target.pathname === '/' && guard.isLaunch(target.searchParams.get('launch')))
      return answer(response, 303, '', { location: '/', 'set-cookie': guard.sessionCookie })
    if (!guard.hasSession(request)) return answer(response, 403, 'This page opens only through the address that k3lab printed when it started.\n')
    // The raw path: URL would have resolved what climbs.
    const file = fileAt((request.url ?? '/').split(/[?#]/)[0]!)
    if (!file)
      return existsSync(join(rendererDir, 'index.html'))
        ? answer(response, 404, 'Not Found\n')
        : answer(response, 503, NOT_BUILT, { 'content-type': 'text/html; charset=utf-8' })
    const caching = { etag: file.etag, 'cache-control': file.immutable ? 'private, max-age=31536000, immutable' : 'no-cache' }
    if (request.headers['if-none-match'] === file.etag) return answer(response, 304, '', caching)
    response.writeHead(200, { ...headers, ...caching, 'content-type': file.type, 'content-length': file.body.length })
    response.end(request.method === 'HEAD' ? undefined : file.body)
  })

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false })
  const refuse = (socket: Duplex, status: string) => socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if (!guard.isOwnHost(request) || !guard.isOwnOrigin(request, true) || !guard.hasSession(request)) return refuse(socket, '403 Forbidden')
    if (request.url !== '/rpc') return refuse(socket, '404 Not Found')
    sockets.handleUpgrade(request, socket, head, connection => {
      const client = new AbortController()
      connection.on('close', () => client.abort())
      connection.on('error', error => log.warn('a page sent what it must not', { error }))
      services.serveSocket(paced(connection), client.signal)
    })
  })
  server.on('clientError', (_error, socket) => refuse(socket, '400 Bad Request'))

  return {
    launchUrl: new URL(guard.launchPath, url).href,
    url,
    dispose: () =>
      new Promise(resolve => {
        for (const connection of sockets.clients) connection.terminate()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
