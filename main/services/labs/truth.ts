import type { ClusterConnection, KubeObject, ObjectType } from '../../kube/connection.ts'

/** A selection of objects. `gvk` is `v1/Pod` or `apps/v1/Deployment`; without `ns`, all namespaces; `selector` is equality-based. */
interface Selection {
  readonly gvk: string
  readonly ns?: string
  readonly selector?: string
}

/** What the checks may ask of a cluster, simulated or real. Answers come from caches that watches keep in step. */
export interface ClusterTruth {
  /** Called after anything that was ever asked for has changed. Returns how to stop being called. */
  onChange(listener: () => void): () => void
  /** Rejects with `CannotLook` while the API server cannot be reached. */
  list(selection: Selection): Promise<readonly KubeObject[]>
  get(gvk: string, ns: string | undefined, name: string): Promise<KubeObject | undefined>
  dispose(): void
}

/** The check could not be made. Never the student's mistake. */
export class CannotLook extends Error {
  readonly code = 'CANNOT_LOOK'
}

/** Waits this long for a first list before a check says that it cannot look. */
const FIRST_LIST_MS = 5000

interface Kept {
  readonly objects: Map<string, KubeObject>
  readonly synced: Promise<void>
  readonly stop: () => void
}

/** Keeps a cache of every kind that a check ever asked for. */
export const clusterTruth = (connection: ClusterConnection): ClusterTruth => {
  const kinds = new Map<string, Kept>()
  const listeners = new Set<() => void>()
  const changed = () => listeners.forEach(listener => listener())
  const stopState = connection.onState(changed)

  const keep = (gvk: string): Kept => {
    const known = kinds.get(gvk)
    if (known) return known
    const objects = new Map<string, KubeObject>()
    const first = Promise.withResolvers<void>()
    const stop = connection.watch(
      objectType(gvk),
      {},
      ({ type, object }) => {
        const key = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
        if (type === 'deleted') objects.delete(key)
        else objects.set(key, object)
        changed()
      },
      () => {
        first.resolve()
        changed()
      },
    )
    const kept = { objects, synced: first.promise, stop }
    kinds.set(gvk, kept)
    return kept
  }

  const list = async ({ gvk, ns, selector }: Selection): Promise<readonly KubeObject[]> => {
    const kept = keep(gvk)
    const late = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => late.resolve('late'), FIRST_LIST_MS)
    const first = await Promise.race([kept.synced, late.promise])
    clearTimeout(timer)
    // A cache behind a lost connection tells the past, and a check must not take it for the present.
    if (connection.state.state === 'failed') throw new CannotLook(connection.state.error.detail ?? connection.state.error.code)
    if (first === 'late') throw new CannotLook(`${connection.server}: no list of ${gvk}`)
    const wanted = parseSelector(selector)
    return [...kept.objects.values()].filter(
      object => (ns === undefined || object.metadata.namespace === ns) && wanted.every(([key, value]) => object.metadata.labels?.[key] === value),
    )
  }

  return {
    onChange: listener => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    list,
    get: async (gvk, ns, name) => (await list(ns === undefined ? { gvk } : { gvk, ns })).find(object => object.metadata.name === name),
    dispose: () => {
      stopState()
      for (const kept of kinds.values()) kept.stop()
      kinds.clear()
      listeners.clear()
    },
  }
}

/** `apps/v1/Deployment` as the API names it. */
export const objectType = (gvk: string): ObjectType => {
  const parts = gvk.split('/')
  return { apiVersion: parts.slice(0, -1).join('/'), kind: parts.at(-1)! }
}

const parseSelector = (selector: string | undefined): readonly (readonly [string, string])[] =>
  selector ? selector.split(',').map(term => term.split('=', 2) as [string, string]) : []
