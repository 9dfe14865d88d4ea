import type { KubeObject } from '../apiserver/object.ts'
import type { ApiClient, ResourceType } from '../client/client.ts'
import type { Informer } from '../client/informer.ts'
import type { EventRecorder } from '../client/recorder.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { PodsByOwner } from './pods.ts'

export interface Disposable {
  dispose(): void
}

/** What a controller stands on. Whatever is made through it ends with the controller. */
export interface ControllerContext {
  readonly clock: Clock
  /** A stream of the controller's own. */
  readonly random: Random
  /** Acts as the controller's service account in kube-system. */
  readonly client: ApiClient
  /** Shared between controllers: one watch per type. Handlers see what is there already as added. */
  informer<T extends KubeObject>(type: ResourceType<T>): Informer<T>
  readonly podsByOwner: PodsByOwner
  recorder(component: string): EventRecorder
  /** PEM of the cluster's CA, as pods find it in kube-root-ca.crt. */
  readonly caCertificate: string
  /** Calls back once all these informers have delivered their first list. */
  whenSynced(informers: readonly { onSynced(callback: () => void): void }[], run: () => void): void
  /** Kinds the API server serves, for controllers that work on all of them. */
  readonly resourceTypes: () => readonly ServedType[]
}

export interface ServedType extends ResourceType {
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
}

/**
 * A controller: one file here, listed in `index.ts`. It looks at objects through informers and changes them through
 * its client only; when it is started again it finds everything it needs in the objects.
 */
export interface Controller {
  /** As it stands in `--controllers` and in the metrics of kube-controller-manager: `deployment-controller`. */
  readonly name: string
  /** Its service account in kube-system; the name itself where not given. */
  readonly account?: string
  start(context: ControllerContext): Disposable
}
