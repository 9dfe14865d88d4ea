import type { SshConnection } from '../../ssh/connect.ts'
import type { SshEndpoint } from '../../ssh/endpoint.ts'

/** Channels k3lab opens over one connection; sshd allows 10 (MaxSessions), and some leave less. */
const MAX_USERS = 6

/** An unused connection is kept this long: pages come and go, and each login costs the machine a key exchange. */
const LINGER_MS = 15_000

interface Lease {
  readonly connection: SshConnection
  release(): void
}

export interface Connections {
  /** A logged-in connection to a machine, shared with others. Rejects with Failure. */
  lease(machineId: string): Promise<Lease>
  /** Ends every connection to a machine: it was removed, or its plug was pulled. */
  drop(machineId: string): void
  dispose(): void
}

interface Shared {
  readonly machineId: string
  readonly opened: Promise<SshConnection>
  users: number
  lingering: NodeJS.Timeout | undefined
}

/** Shares SSH connections between terminals, capacity readings and commands. */
export const connections = (endpointOf: (machineId: string) => SshEndpoint): Connections => {
  const open = new Set<Shared>()

  const end = (shared: Shared) => {
    open.delete(shared)
    clearTimeout(shared.lingering)
    void shared.opened.then(
      connection => connection.dispose(),
      () => {},
    )
  }

  const connect = (machineId: string): Shared => {
    const endpoint = endpointOf(machineId)
    const shared: Shared = { machineId, users: 0, lingering: undefined, opened: import('../../ssh/connect.ts').then(({ connectSsh }) => connectSsh(endpoint)) }
    open.add(shared)
    shared.opened.then(
      connection => connection.onClosed(() => open.delete(shared)),
      () => open.delete(shared),
    )
    return shared
  }

  return {
    lease: async machineId => {
      const shared = [...open].find(candidate => candidate.machineId === machineId && candidate.users < MAX_USERS) ?? connect(machineId)
      shared.users++
      clearTimeout(shared.lingering)
      let released = false
      const release = () => {
        if (released) return
        released = true
        if (--shared.users > 0) return
        shared.lingering = setTimeout(() => end(shared), LINGER_MS)
        shared.lingering.unref()
      }
      try {
        return { connection: await shared.opened, release }
      } catch (error) {
        release()
        throw error
      }
    },
    drop: machineId => {
      for (const shared of open) if (shared.machineId === machineId) end(shared)
    },
    dispose: () => {
      for (const shared of open) end(shared)
    },
  }
}
