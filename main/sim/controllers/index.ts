import type { KubeObject } from '../apiserver/object.ts'
import { pods } from '../apiserver/resources/types.ts'
import type { ApiClient, ResourceType } from '../client/client.ts'
import { informer } from '../client/informer.ts'
import type { Informer } from '../client/informer.ts'
import { eventRecorder } from '../client/recorder.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { Controller, ControllerContext, Disposable, ServedType } from './controller.ts'
import { daemonSetController } from './daemon-set.ts'
import { deploymentController } from './deployment.ts'
import { endpointsController } from './endpoints.ts'
import { endpointSliceController } from './endpoint-slice.ts'
import { garbageCollector } from './garbage-collector.ts'
import { jobController } from './job.ts'
import { namespaceController } from './namespace.ts'
import { nodeIpamController } from './node-ipam.ts'
import { nodeLifecycleController } from './node-lifecycle.ts'
import { podGarbageCollector } from './pod-garbage-collector.ts'
import { podsByOwner } from './pods.ts'
import { replicaSetController } from './replica-set.ts'
import { rootCaPublisher, serviceAccountController } from './service-accounts.ts'
import { taintEvictionController } from './taint-eviction.ts'
import { ttlAfterFinishedController } from './ttl-after-finished.ts'
import { ttlController } from './ttl.ts'

export type { Controller, ServedType } from './controller.ts'

/** What kube-controller-manager runs, and K3s' own controllers after it. */
export const controllers: readonly Controller[] = [
  deploymentController,
  replicaSetController,
  daemonSetController,
  jobController,
  ttlAfterFinishedController,
  endpointSliceController,
  endpointsController,
  namespaceController,
  garbageCollector,
  serviceAccountController,
  rootCaPublisher,
  ttlController,
  nodeIpamController,
  nodeLifecycleController,
  taintEvictionController,
  podGarbageCollector,
]

/** Controllers that keep watch over nodes; without them nodes stay as their maker says. */
export const NODE_LIFECYCLE: ReadonlySet<string> = new Set([
  'node-ipam-controller',
  'node-lifecycle-controller',
  'taint-eviction-controller',
  'pod-garbage-collector-controller',
])

export interface ControllersOptions {
  readonly clock: Clock
  readonly random: Random
  readonly clientFor: (user: { readonly name: string; readonly groups: readonly string[] }) => ApiClient
  /** PEM. */
  readonly caCertificate: string
  /** Kinds the API server serves now. */
  readonly resourceTypes: () => readonly ServedType[]
}

export interface Controllers {
  readonly running: ReadonlySet<string>
  start(name: string): void
  stop(name: string): void
  dispose(): void
}

const MANAGER = { name: 'system:kube-controller-manager', groups: ['system:authenticated'] }

const accountOf = ({ name, account }: Controller) => ({
  name: `system:serviceaccount:kube-system:${account ?? name}`,
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
})

/**
 * Starts kube-controller-manager: one shared informer per type under its own name, each controller under its service
 * account. `names` are the controllers to run (all by default); each can be stopped and started by itself.
 */
export const startControllers = (
  { clock, random, clientFor, caCertificate, resourceTypes }: ControllersOptions,
  names: Iterable<string> = controllers.map(({ name }) => name),
): Controllers => {
  const manager = clientFor(MANAGER)
  const informers = new Map<string, Informer<never>>()
  const running = new Map<string, Disposable>()

  const shared = <T extends KubeObject>(type: ResourceType<T>): Informer<T> => {
    const key = `${type.group}/${type.resource}`
    let found = informers.get(key) as Informer<T> | undefined
    if (!found) informers.set(key, (found = informer(clock, manager, type)) as unknown as Informer<never>)
    return found
  }
  const index = podsByOwner(shared(pods))

  const start = (name: string) => {
    if (running.has(name)) return
    const controller = controllers.find(candidate => candidate.name === name)
    if (!controller) throw new Error(`unknown controller ${name}`)
    const client = clientFor(accountOf(controller))
    const own = random.stream(name)
    const ends: (() => void)[] = []
    let ended = false
    const context: ControllerContext = {
      clock,
      random: own,
      client,
      caCertificate,
      resourceTypes,
      podsByOwner: index,
      informer: type => {
        const base = shared(type)
        return {
          ...base,
          get synced() {
            return base.synced
          },
          on: handler => {
            const stop = base.on(handler)
            ends.push(stop)
            return stop
          },
          dispose: () => undefined,
        }
      },
      recorder: component => {
        const recorder = eventRecorder(clock, own.stream('events'), client, { component })
        ends.push(recorder.dispose)
        return recorder
      },
      whenSynced: (wanted, run) => {
        let missing = wanted.length
        for (const each of wanted)
          each.onSynced(() => {
            if (--missing === 0 && !ended) run()
          })
      },
    }
    const part = controller.start(context)
    running.set(name, {
      dispose: () => {
        ended = true
        part.dispose()
        for (const end of ends) end()
      },
    })
  }
  const stop = (name: string) => {
    running.get(name)?.dispose()
    running.delete(name)
  }
  for (const name of names) start(name)

  return {
    get running() {
      return new Set(running.keys())
    },
    start,
    stop,
    dispose: () => {
      for (const name of running.keys()) stop(name)
      for (const each of informers.values()) each.dispose()
    },
  }
}
