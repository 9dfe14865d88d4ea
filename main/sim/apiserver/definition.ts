import type { StatusCause } from './errors.ts'
import type { KubeObject } from './object.ts'
import type { VirtualTime } from '../time/clock.ts'

/** One column of `kubectl get`; priority 1 columns show with `-o wide` (meta/v1 TableColumnDefinition). */
export interface TableColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'date' | 'boolean' | 'number'
  readonly format?: 'name' | ''
  readonly priority: 0 | 1
  readonly description: string
}

/** A cause of a 422 Invalid, in the words of k8s.io/apimachinery/pkg/util/validation/field. */
export type FieldError = Required<StatusCause>

/** What a strategy may look at beyond the object itself: read-only, at one revision. */
export interface StrategyContext {
  readonly now: VirtualTime
  /** Allocates or checks what is unique in the cluster (cluster IPs, node ports). Throws FieldError[] when taken. */
  readonly allocate: {
    clusterIP(wanted: string | undefined, owner: string): string
    nodePort(wanted: number | undefined, owner: string): number
    release(owner: string): void
  }
}

/**
 * A kind, whole: everything the generic API server needs to serve it. One file in `resources/` each, listed in
 * `resources/index.ts` (and in `resources/types.ts` when components of the homelab work with it); nothing else changes.
 */
export interface ResourceDefinition<T extends KubeObject = any> {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Plural, as it stands in paths. */
  readonly resource: string
  readonly singular: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly namespaced: boolean
  /** Name of the generated schema (`io.k8s.api.core.v1.Pod` and the like; see schema/). */
  readonly schema: string
  readonly storageVersionHash?: string
  /** Every answer warns with this (APILifecycleDeprecated). */
  readonly deprecation?: string
  /** Checks metadata.name; returns messages in Kubernetes' words. */
  readonly validateName: (name: string) => string[]
  /** True for kinds whose spec changes raise metadata.generation. */
  readonly generation?: boolean
  /** Subresources that the generic server serves for the kind (`status`, `scale`, `binding`, `finalize`, …). */
  readonly subresources?: readonly string[]
  /** Verbs served; the default is all of create, delete, deletecollection, get, list, patch, update, watch. */
  readonly verbs?: readonly string[]
  /** Sets defaults in a draft that nobody else holds (pkg/apis/<group>/<version>/defaults.go). */
  readonly defaults?: (draft: T) => void
  /** Resets what a client may not set, fills in what the server owns (registry strategy PrepareForCreate). */
  readonly prepareForCreate?: (draft: T, context: StrategyContext) => void
  readonly prepareForUpdate?: (draft: T, old: T, context: StrategyContext) => void
  /** pkg/apis/<group>/validation: what holds for an object by itself, when it is created and when it is replaced. */
  readonly validate?: (object: T) => FieldError[]
  readonly validateUpdate?: (object: T, old: T) => FieldError[]
  readonly validateStatusUpdate?: (object: T, old: T) => FieldError[]
  /** After the object is gone: gives back what was allocated. */
  readonly afterDelete?: (object: T, context: StrategyContext) => void
  /** Warnings (`Warning:` headers) for a create or update. */
  readonly warnings?: (object: T, old: T | undefined) => string[]
  /** Grace period in seconds for a delete, or undefined when the kind is deleted at once (pods only, in practice). */
  readonly gracePeriod?: (object: T, requested: number | undefined) => number | undefined
  /** Fields beyond metadata.name and metadata.namespace that field selectors may use. */
  readonly selectableFields?: Readonly<Record<string, (object: T) => string>>
  readonly table: {
    readonly columns: readonly TableColumn[]
    /** Cells of one row, as pkg/printers/internalversion prints them; ages are texts relative to `now`. */
    readonly cells: (object: T, now: VirtualTime) => (string | number | boolean)[]
  }
}
