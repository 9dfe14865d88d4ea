import type { ClusterDelta, ClusterSummary } from '../../shared/domain/cluster.ts'
import type { Failure } from '../../shared/domain/errors.ts'

/** A type of object as its manifest names it: `{ apiVersion: 'apps/v1', kind: 'Deployment' }`. */
export interface ObjectType {
  readonly apiVersion: string
  readonly kind: string
}

/** Any Kubernetes object as the API server serves it. */
export interface KubeObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly uid?: string
    readonly resourceVersion?: string
    readonly creationTimestamp?: string
    readonly deletionTimestamp?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
    readonly ownerReferences?: readonly {
      readonly apiVersion: string
      readonly kind: string
      readonly name: string
      readonly uid: string
      readonly controller?: boolean
    }[]
    readonly [field: string]: unknown
  }
  readonly [field: string]: unknown
}

export interface ObjectQuery {
  readonly namespace?: string
  /** As in `kubectl -l`. */
  readonly labelSelector?: string
  /** As in `kubectl --field-selector`. */
  readonly fieldSelector?: string
}

export type ObjectChange = { readonly type: 'added' | 'modified' | 'deleted'; readonly object: KubeObject }

export type ConnectionState = { readonly state: 'connecting' | 'connected' } | { readonly state: 'failed'; readonly error: Failure }

export interface SummaryListener {
  /** The whole summary: at first, and again after a connection was lost and found. */
  snapshot(summary: ClusterSummary): void
  /** At most 10 a second. */
  delta(delta: ClusterDelta): void
}

/**
 * A connection to one cluster, read-only. State, then events, then verbs. Every verb rejects with `Failure`
 * (`clusterUnreachable`, `clusterUnauthorized`, `clusterForbidden`, …).
 */
export interface ClusterConnection {
  readonly server: string
  readonly state: ConnectionState

  onState(listener: (state: ConnectionState) => void): () => void
  /** Follows the summaries of nodes, pods, workloads and events while at least one listener is there. */
  follow(listener: SummaryListener): () => void
  /**
   * Tells every object that matches, then every change of one, surviving lost connections (what was missed is told as
   * changes). `onSynced` is called once the objects of the first list were told. Returns how to stop.
   */
  watch(type: ObjectType, query: ObjectQuery, onChange: (change: ObjectChange) => void, onSynced?: () => void): () => void

  /** Undefined when there is no such object (or its type is not served). */
  get(type: ObjectType, name: string, namespace?: string): Promise<KubeObject | undefined>
  /** Empty when the type is not served. */
  list(type: ObjectType, query?: ObjectQuery): Promise<readonly KubeObject[]>
  /** The container's log as `kubectl logs` prints it; `tailLines` from its end. */
  logs(namespace: string, pod: string, options?: { readonly container?: string; readonly tailLines?: number; readonly previous?: boolean }): Promise<string>
  dispose(): void
}

/** What a connection to the simulated cluster offers besides reading. */
export interface WritableClusterConnection extends ClusterConnection {
  create(object: KubeObject): Promise<KubeObject>
  /** Resolves when the deletion was accepted, or when there was no such object. */
  delete(type: ObjectType, name: string, namespace?: string): Promise<void>
}
