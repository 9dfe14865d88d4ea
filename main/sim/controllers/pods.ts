import { hasReason } from '../apiserver/errors.ts'
import type { Draft, KubeObject, OwnerReference } from '../apiserver/object.ts'
import type { Pod, PodTemplateSpec } from '../apiserver/resources/types.ts'
import { pods } from '../apiserver/resources/types.ts'
import type { ApiClient } from '../client/client.ts'
import type { Informer } from '../client/informer.ts'
import type { Selector } from '../client/labels.ts'
import type { EventRecorder } from '../client/recorder.ts'
import { controllerOf, controllerReference, isTerminating } from './objects.ts'

/** Pods by the uid of their controller, and pods without one by namespace; kept up to date by the informer. */
export interface PodsByOwner {
  ownedBy(uid: string): Iterable<Pod>
  orphans(namespace: string): Iterable<Pod>
}

const EMPTY: ReadonlyMap<string, Pod> = new Map()

export const podsByOwner = (informer: Informer<Pod>): PodsByOwner => {
  const groups = new Map<string, Map<string, Pod>>()
  const groupOf = (pod: Pod) => controllerOf(pod)?.uid ?? `orphans/${pod.metadata.namespace}`
  const put = (pod: Pod) => {
    const key = groupOf(pod)
    let group = groups.get(key)
    if (!group) groups.set(key, (group = new Map()))
    group.set(pod.metadata.uid, pod)
  }
  const drop = (pod: Pod) => {
    const key = groupOf(pod)
    const group = groups.get(key)
    group?.delete(pod.metadata.uid)
    if (group?.size === 0) groups.delete(key)
  }
  informer.on({
    added: put,
    updated: (pod, old) => {
      if (pod.metadata.ownerReferences !== old.metadata.ownerReferences) drop(old)
      put(pod)
    },
    deleted: drop,
  })
  return {
    ownedBy: uid => (groups.get(uid) ?? EMPTY).values(),
    orphans: namespace => (groups.get(`orphans/${namespace}`) ?? EMPTY).values(),
  }
}

/** A pod as the owner's template has it (controller_utils.go, GetPodFromTemplate). */
export const podFromTemplate = (owner: KubeObject, template: PodTemplateSpec, generateName = `${owner.metadata.name}-`): Draft<Pod> => {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName,
      namespace: owner.metadata.namespace,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [controllerReference(owner)],
    } as Draft<Pod>['metadata'],
    spec: template.spec!,
    status: {} as Pod['status'],
  }
}

/** Creates and deletes pods for a controller, and tells of it in events on the owner (RealPodControl). */
export interface PodControl {
  create(owner: KubeObject, draft: Draft<Pod>): Promise<Pod>
  delete(owner: KubeObject, pod: Pod): Promise<void>
}

export const podControl = (client: ApiClient, recorder: EventRecorder): PodControl => ({
  create: async (owner, draft) => {
    try {
      const pod = await client.create(pods, draft)
      recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`)
      return pod
    } catch (error) {
      // A namespace that goes away takes its controllers' work with it; nobody needs to hear of it.
      const goingAway = hasReason(error, 'Forbidden') && error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')
      if (!goingAway) recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`)
      throw error
    }
  },
  delete: async (owner, pod) => {
    try {
      await client.delete(pods, pod.metadata.namespace, pod.metadata.name)
    } catch (error) {
      if (!hasReason(error, 'NotFound')) recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${(error as Error).message}`)
      throw error
    }
    recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
  },
})

/** Calls `work` in batches of 1, 2, 4, … and stops after the first batch with a failure, so that a bad template costs few requests. Returns how many succeeded, and the first error. */
export const slowStart = async (count: number, work: (index: number) => Promise<unknown>): Promise<{ succeeded: number; error?: unknown }> => {
  let succeeded = 0
  for (let batch = Math.min(count, 1), done = 0; batch > 0; done += batch, batch = Math.min(2 * batch, count - done)) {
    const results = await Promise.allSettled(Array.from({ length: batch }, (_, i) => work(done + i)))
    const failed = results.find(result => result.status === 'rejected')
    succeeded += results.filter(result => result.status === 'fulfilled').length
    if (failed) return { succeeded, error: failed.reason }
  }
  return { succeeded }
}

/**
 * The pods of `owner`: those it controls and still selects, those it adopts, without those it lets go
 * (controller_ref_manager.go). `isCurrent` asks the API server whether the owner is really still there before it adopts.
 */
export const claimPods = async (
  client: ApiClient,
  index: PodsByOwner,
  owner: KubeObject,
  selector: Selector,
  isCurrent: () => Promise<boolean>,
): Promise<Pod[]> => {
  const { uid, namespace } = owner.metadata
  const claimed: Pod[] = []
  for (const pod of index.ownedBy(uid)) {
    if (selector.matches(pod.metadata.labels)) claimed.push(pod)
    else if (!isTerminating(owner)) await release(client, pod, uid)
  }
  if (isTerminating(owner)) return claimed
  let current: boolean | undefined
  for (const pod of index.orphans(namespace!)) {
    if (isTerminating(pod) || !selector.matches(pod.metadata.labels)) continue
    current ??= await isCurrent()
    if (!current) break
    claimed.push(await adopt(client, pod, controllerReference(owner)))
  }
  return claimed
}

const adopt = (client: ApiClient, pod: Pod, reference: OwnerReference): Promise<Pod> =>
  client.patch(pods, pod.metadata.namespace, pod.metadata.name, 'strategic', { metadata: { ownerReferences: [reference], uid: pod.metadata.uid } })

const release = async (client: ApiClient, pod: Pod, ownerUid: string): Promise<void> => {
  try {
    await client.patch(pods, pod.metadata.namespace, pod.metadata.name, 'strategic', {
      metadata: { ownerReferences: [{ $patch: 'delete', uid: ownerUid }], uid: pod.metadata.uid },
    })
  } catch (error) {
    if (!hasReason(error, 'NotFound', 'Invalid')) throw error
  }
}
