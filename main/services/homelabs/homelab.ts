import { randomInt } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { HomelabFacts } from '../../../shared/contract/contract.ts'
import { failure } from '../../../shared/domain/errors.ts'
import type { SshEndpoint } from '../../ssh/endpoint.ts'
import type { Log } from '../../log/log.ts'
import { SIM_LIMITS } from './limits.ts'
import { report, type ReportedMachine, type Request, type WorkerData } from './messages.ts'

export interface HomelabStart {
  readonly dataDir: string
  /** For the first start of a data directory; later ones bring back what is there. */
  readonly preset: HomelabFacts['preset']
  /** Undefined draws one. */
  readonly seed: number | undefined
  readonly log: Log
  /** The worker's module; by default the one that belongs to this program, from source or from the bundle. */
  readonly worker?: URL
  /** Called when the simulation ends by itself: nothing starts it again. */
  readonly onCrash?: (error: Error) => void
}

interface SimulatedMachineFacts {
  readonly name: string
  readonly role: 'server' | 'agent'
  readonly endpoint: SshEndpoint
  readonly power: 'on' | 'off'
}

/** The simulated homelab, seen from the services: it lives in a worker thread of its own. */
export interface RunningHomelab {
  readonly facts: HomelabFacts
  readonly kubernetesVersion: string
  list(): readonly SimulatedMachineFacts[]
  /** Called when a machine was switched on or off. */
  onChange(listener: () => void): () => void
  /** Rejects when there is no such machine, or the simulation is gone. */
  power(name: string, power: 'on' | 'off'): Promise<void>
  /** Stops the simulation in order; resolves when all of it is on disk. */
  dispose(): Promise<void>
}

/** A worker that does not stop within this time is ended; its store is durable at every moment. */
const DISPOSE_MS = 5000

/** Beside this module in the source tree; beside the entry points in the bundle, whose chunks stand one folder below. */
const workerEntry = (): URL => {
  const here = import.meta.url
  if (here.endsWith('.ts')) return new URL('worker.ts', here)
  return new URL(here.includes('/chunks/') ? '../sim-worker.js' : 'sim-worker.js', here)
}

/** Starts the worker and resolves when the homelab is up. Rejects with Failure (`homelabFailed`) when it does not come up. */
export const startHomelab = ({
  dataDir,
  preset,
  seed = randomInt(0xffff_ffff),
  log,
  worker: entry = workerEntry(),
  onCrash,
}: HomelabStart): Promise<RunningHomelab> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(entry, { workerData: { dataDir, preset, seed } satisfies WorkerData, name: 'homelab', resourceLimits: SIM_LIMITS })
    const listeners = new Set<() => void>()
    const waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>()
    let machines: readonly ReportedMachine[] = []
    let state: 'starting' | 'running' | 'disposing' | 'gone' = 'starting'
    let nextId = 1
    let disposed: Promise<void> | undefined
    let gone = () => {}
    const end = new Promise<void>(resolved => (gone = resolved))

    const send = (message: Request) => worker.postMessage(message)
    const failed = (detail: string) => failure('homelabFailed', {}, { detail })

    const over = (detail: string) => {
      const before = state
      if (before === 'gone') return
      state = 'gone'
      gone()
      const error = failed(detail)
      for (const { reject: refuse } of waiting.values()) refuse(error)
      waiting.clear()
      if (before === 'starting') reject(error)
      if (before === 'running') {
        log.error('the simulation ended by itself', { detail })
        onCrash?.(error)
      }
    }

    worker.on('message', (message: unknown) => {
      const parsed = report.safeParse(message)
      if (!parsed.success) return log.error('not a report of the simulation', { detail: parsed.error.message })
      const told = parsed.data
      switch (told.type) {
        case 'ready': {
          if (state !== 'starting') return
          state = 'running'
          machines = told.machines
          const { preset, seed, kubeconfigPath, sshConfigPath, kubernetesVersion, identityPath, knownHostsPath } = told.facts
          resolve({
            facts: { preset, seed, kubeconfigPath, sshConfigPath },
            kubernetesVersion,
            list: () =>
              machines.map(({ name, role, host, port, user, power }) => ({
                name,
                role,
                power,
                endpoint: { host, port, user, login: { kind: 'key', path: identityPath }, knownHosts: knownHostsPath, hostKeyAlias: name },
              })),
            onChange: listener => {
              listeners.add(listener)
              return () => listeners.delete(listener)
            },
            power: (name, power) =>
              new Promise((done, refuse) => {
                if (state !== 'running') return refuse(failure('homelabNotRunning', {}))
                const id = nextId++
                waiting.set(id, { resolve: done, reject: refuse })
                send({ type: 'power', id, name, power })
              }),
            dispose,
          })
          return
        }
        case 'failed':
          return over(told.message)
        case 'machines':
          machines = told.machines
          for (const listener of listeners) listener()
          return
        case 'answer': {
          const one = waiting.get(told.id)
          waiting.delete(told.id)
          if (told.error === undefined) one?.resolve()
          else one?.reject(failed(told.error))
          return
        }
        case 'log':
          return log.info(told.message)
        case 'disposed':
          return
        default:
          return told satisfies never
      }
    })
    worker.on('error', error => over(error instanceof Error ? (error.stack ?? error.message) : String(error)))
    worker.on('exit', code => over(`the simulation's thread exited with code ${code}`))

    const dispose = (): Promise<void> => {
      disposed ??= (async () => {
        if (state === 'gone') return
        state = 'disposing'
        send({ type: 'dispose' })
        const timer = setTimeout(() => void worker.terminate(), DISPOSE_MS)
        await end
        clearTimeout(timer)
      })()
      return disposed
    }
  })
