import { parentPort, workerData as given } from 'node:worker_threads'
import { createHomelab, type Homelab, type Wall } from '../../sim/index.ts'
import { request, type Report, workerData } from './messages.ts'

// The worker thread in which the simulation lives. Here, and only here, it is lent the outside world's time.

const wall: Wall = {
  now: Date.now,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  defer: callback => void setImmediate(callback),
}

const port = parentPort
if (!port) throw new Error('the simulation runs in a worker thread only')

const tell = (report: Report) => port.postMessage(report)
const textOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error))

// A fault in one part of the simulation is told and does not end the others.
process.on('unhandledRejection', reason => tell({ type: 'log', message: `fault: ${textOf(reason)}` }))

const machines = (homelab: Homelab) => homelab.machines.map(machine => ({ ...machine }))

const serve = (homelab: Homelab) => {
  homelab.onChange(() => tell({ type: 'machines', machines: machines(homelab) }))
  port.on('message', (message: unknown) => {
    const parsed = request.safeParse(message)
    if (!parsed.success) return tell({ type: 'log', message: `not a request: ${parsed.error.message}` })
    const wanted = parsed.data
    switch (wanted.type) {
      case 'power':
        try {
          homelab.power(wanted.name, wanted.power)
          tell({ type: 'answer', id: wanted.id })
        } catch (error) {
          tell({ type: 'answer', id: wanted.id, error: textOf(error) })
        }
        return
      case 'dispose':
        void homelab.dispose().then(
          () => {
            tell({ type: 'disposed' })
            port.close()
          },
          (error: unknown) => {
            tell({ type: 'log', message: textOf(error) })
            process.exit(1)
          },
        )
        return
      default:
        return wanted satisfies never
    }
  })
  const { preset, seed, kubernetesVersion, kubeconfigPath, sshConfigPath, identityPath, knownHostsPath } = homelab
  tell({ type: 'ready', facts: { preset, seed, kubernetesVersion, kubeconfigPath, sshConfigPath, identityPath, knownHostsPath }, machines: machines(homelab) })
}

createHomelab({ ...workerData.parse(given), wall, log: message => tell({ type: 'log', message }) }).then(serve, (error: unknown) => {
  tell({ type: 'failed', message: textOf(error) })
  port.close()
})
