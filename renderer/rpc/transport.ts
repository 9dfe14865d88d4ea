import type { ClientContext, ClientLink } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { RendererError } from './errors.ts'

/** `connecting` until the first connection; `lost` while we try again. */
export type TransportState = 'connecting' | 'open' | 'lost'

type Link = ClientLink<ClientContext>

/** A call made while the connection is down waits this long for it before it fails. */
const PATIENCE_MS = 8_000
/** Pauses between attempts to reach the browser host again: quick at first, then unobtrusive. */
const RETRY_MS = [200, 500, 1_000, 2_000, 4_000]

let state: TransportState = 'connecting'
let link: Link | undefined
const listeners = new Set<() => void>()

const become = (next: TransportState, through?: Link) => {
  state = next
  link = through
  for (const listener of listeners) listener()
}

export const transport = {
  get: (): TransportState => state,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}

/** Resolves with the link as soon as there is one; rejects with `disconnected` when that takes too long. */
export const readyLink = (): Promise<Link> => {
  if (link) return Promise.resolve(link)
  return new Promise((resolve, reject) => {
    const stop = transport.subscribe(() => {
      if (!link) return
      clearTimeout(timer)
      stop()
      resolve(link)
    })
    const timer = setTimeout(() => {
      stop()
      reject(new RendererError('disconnected', true))
    }, PATIENCE_MS)
  })
}

/** Resolves when the transport is open, however long that takes, or when the signal aborts. */
export const whenOpen = (signal: AbortSignal): Promise<void> => {
  if (state === 'open' || signal.aborted) return Promise.resolve()
  return new Promise(resolve => {
    const done = () => {
      stop()
      signal.removeEventListener('abort', done)
      resolve()
    }
    const stop = transport.subscribe(() => state === 'open' && done())
    signal.addEventListener('abort', done)
  })
}

/** What Electron's preload puts on the window (main/electron/preload.ts); absent in a browser. */
interface Bridge {
  /** Asks the main process for a port and returns the nonce it will be marked with (a port cannot cross the bridge as a value). */
  connect(): string
}

const overPort = (bridge: Bridge): void => {
  // The port is a round trip away, so listening from here on misses nothing.
  const nonce = bridge.connect()
  const arrived = (event: MessageEvent<{ readonly k3labPort?: unknown } | undefined>) => {
    const port = event.ports[0]
    if (event.source !== window || !port || event.data?.k3labPort !== nonce) return
    window.removeEventListener('message', arrived)
    const opened = new PortLink({ port })
    port.addEventListener('close', () => become('lost'))
    port.start()
    become('open', opened)
  }
  window.addEventListener('message', arrived)
}

const overSocket = (attempt = 0): void => {
  const socket = new WebSocket(new URL('rpc', location.href.replace(/^http/, 'ws').replace(/[?#].*$/, '')))
  socket.binaryType = 'arraybuffer'
  const opened = new SocketLink({ websocket: socket })
  let worked = false
  socket.addEventListener('open', () => {
    worked = true
    become('open', opened)
  })
  socket.addEventListener('close', () => {
    if (worked || attempt > 0) become('lost')
    const next = worked ? 0 : attempt + 1
    setTimeout(() => overSocket(next), RETRY_MS[Math.min(next, RETRY_MS.length - 1)])
  })
}

/** Connects to the main process: over Electron's MessagePort, or over the browser host's WebSocket. */
export const connect = (): void => {
  const bridge = (window as { k3lab?: Bridge }).k3lab
  if (bridge) overPort(bridge)
  else overSocket()
}
