import type { ApiServer, MetricsSource } from './apiserver/index.ts'
import { eventRecorder } from './client/recorder.ts'
import { definitions } from './apiserver/resources/index.ts'
import { controllers, NODE_LIFECYCLE, startControllers, type ServedType } from './controllers/index.ts'
import { addons } from './k3s/addons/index.ts'
import { SYSTEM } from './k3s/addons/addon.ts'
import { deployAddons, ensure } from './k3s/deploy.ts'
import { startHelmController } from './k3s/helm.ts'
import { startMetricsApi } from './k3s/metrics-api.ts'
import { startNodeController } from './k3s/node-controller.ts'
import { startServiceLb } from './k3s/service-lb.ts'
import type { ControlPlane } from './k3s/unit.ts'
import { NETWORK } from './k3s/version.ts'
import { startScheduler, type Scheduler } from './scheduler/index.ts'
import type { Clock } from './time/clock.ts'
import type { Random } from './time/random.ts'

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

const servedTypes: readonly ServedType[] = definitions.map(({ group, version, resource, kind, namespaced, verbs = ALL_VERBS }) => ({
  group,
  version,
  resource,
  kind,
  namespaced,
  verbs,
}))

interface Disposable {
  dispose(): void
}

export interface SimulatedControlPlane extends ControlPlane {
  /** Settles when the listener that is being opened is open. */
  readonly opening: Promise<unknown>
  /** The scheduler that runs now; undefined while k3s is stopped. */
  readonly scheduler: Scheduler | undefined
}

/**
 * API server, scheduler and controllers, as one k3s server runs them in one process. `k3s` false leaves out what K3s
 * adds and the node-lifecycle loop: then nodes stay as whoever made them says.
 */
export const createControlPlane = ({
  clock,
  random,
  apiserver,
  host,
  k3s,
  metrics,
}: {
  readonly clock: Clock
  readonly random: Random
  readonly apiserver: ApiServer
  readonly host: string
  readonly k3s: boolean
  readonly metrics: MetricsSource
}): SimulatedControlPlane => {
  let running: Disposable[] = []
  let scheduler: Scheduler | undefined
  let starts = 0
  let generation = 0
  let opening: Promise<unknown> = Promise.resolve()
  const supervisor = apiserver.clientFor({ name: 'system:admin', groups: ['system:masters', 'system:authenticated'] })

  return {
    get opening() {
      return opening
    },
    get scheduler() {
      return scheduler
    },
    start: async log => {
      const mine = ++generation
      const opened = apiserver.start()
      opening = opened.catch(() => undefined)
      await opened
      if (mine !== generation) return
      const stream = random.stream(`control-plane-${starts++}`)
      scheduler = startScheduler({
        clock,
        random: stream.stream('scheduler'),
        client: apiserver.clientFor({ name: 'system:kube-scheduler', groups: ['system:authenticated'] }),
        host,
      })
      running = [
        scheduler,
        startControllers(
          { clock, random: stream.stream('controllers'), clientFor: apiserver.clientFor, caCertificate: apiserver.serverCa, resourceTypes: () => servedTypes },
          controllers.map(({ name }) => name).filter(name => k3s || !NODE_LIFECYCLE.has(name)),
        ),
      ]
      if (!k3s) return
      running.push(
        startNodeController(clock, supervisor, message => log.info(message)),
        startMetricsApi(clock, supervisor, metrics, apiserver.setMetricsSource),
      )
    },
    settle: log => {
      if (!k3s || !apiserver.running) return
      const stream = random.stream(`k3s-${starts}`)
      const mine = generation
      const recorder = (component: string) => eventRecorder(clock, stream.stream(component), supervisor, { component, host })
      running.push(startHelmController(clock, supervisor, apiserver.clientFor), startServiceLb(clock, supervisor, recorder('service-lb-controller')))
      const apply = async () => {
        await ensure(supervisor, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'cluster-dns', namespace: SYSTEM },
          data: { clusterDNS: NETWORK.clusterDNS, clusterDomain: NETWORK.domain },
        })
        await deployAddons(supervisor, recorder('deploy'), addons)
      }
      void apply().catch((error: Error) => {
        if (mine === generation) log.error(`Failed to process config: ${error.message}`)
      })
    },
    stop: async () => {
      generation++
      for (const one of running.toReversed()) one.dispose()
      running = []
      scheduler = undefined
      await apiserver.stop()
    },
  }
}
