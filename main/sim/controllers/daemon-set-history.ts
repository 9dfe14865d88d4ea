import { isDeepStrictEqual } from 'node:util'
import { hasReason } from '../apiserver/errors.ts'
import type { ControllerRevision, DaemonSet } from '../apiserver/resources/types.ts'
import { controllerRevisions } from '../apiserver/resources/types.ts'
import type { ApiClient } from '../client/client.ts'
import type { Informer } from '../client/informer.ts'
import { controllerReference, isOwnedBy } from './objects.ts'
import { podTemplateHash } from './pod-template-hash.ts'

export const HASH_LABEL = 'controller-revision-hash'

/** What a revision keeps: a patch that puts the template back. */
const patchOf = (set: DaemonSet) => ({ spec: { template: { ...set.spec.template, $patch: 'replace' } } })

export interface History {
  readonly current: ControllerRevision
  /** Oldest first. */
  readonly old: readonly ControllerRevision[]
}

/** Finds, makes or brings to the front the revision of the set's template (pkg/controller/daemon/update.go, constructHistory). */
export const syncHistory = async (client: ApiClient, informer: Informer<ControllerRevision>, set: DaemonSet): Promise<History> => {
  const namespace = set.metadata.namespace!
  const own = [...informer.inNamespace(namespace)].filter(revision => isOwnedBy(revision, set)).sort((a, b) => a.revision - b.revision)
  const data = patchOf(set)
  const found = own.findLast(revision => isDeepStrictEqual(revision.data, data))
  const old = own.filter(revision => revision !== found)
  const next = Math.max(0, ...old.map(({ revision }) => revision)) + 1
  if (found) return { old, current: found.revision < next ? await client.update(controllerRevisions, { ...found, revision: next }) : found }
  const hash = podTemplateHash(set.spec.template, set.status.collisionCount)
  const name = `${set.metadata.name}-${hash}`
  try {
    const current = await client.create(controllerRevisions, {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name,
        namespace,
        labels: { ...(set.spec.template.metadata?.labels as Record<string, string>), [HASH_LABEL]: hash },
        ...(set.metadata.annotations && { annotations: set.metadata.annotations }),
        ownerReferences: [controllerReference(set)],
      },
      data,
      revision: next,
    })
    return { current, old }
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error
    const there = await client.get(controllerRevisions, namespace, name)
    if (isDeepStrictEqual(there.data, data)) return { current: there, old }
    throw error
  }
}

/** Deletes revisions that no pod is of, beyond revisionHistoryLimit. */
export const trimHistory = async (client: ApiClient, set: DaemonSet, { old }: History, inUse: ReadonlySet<string | undefined>): Promise<void> => {
  const unused = old.filter(revision => !inUse.has(revision.metadata.labels?.[HASH_LABEL]))
  const surplus = old.length - (set.spec.revisionHistoryLimit ?? 10)
  for (const { metadata } of unused.slice(0, Math.max(0, surplus)))
    await client.delete(controllerRevisions, metadata.namespace, metadata.name).catch((error: unknown) => {
      if (!hasReason(error, 'NotFound')) throw error
    })
}
