import type { KubeObject, OwnerReference } from '../apiserver/object.ts'
import type { Pod, PodCondition } from '../apiserver/resources/types.ts'
import type { VirtualTime } from '../time/clock.ts'

/** The reference that marks `owner` as the one controller of an object. */
export const controllerReference = (owner: KubeObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  controller: true,
  blockOwnerDeletion: true,
})

export const controllerOf = (object: KubeObject): OwnerReference | undefined => object.metadata.ownerReferences?.find(reference => reference.controller)

export const isOwnedBy = (object: KubeObject, owner: KubeObject): boolean => controllerOf(object)?.uid === owner.metadata.uid

export const isTerminating = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined

/** Neither finished nor being deleted (controller_utils.go, IsPodActive). */
export const isActive = (pod: Pod): boolean => pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed' && !isTerminating(pod)

export const podCondition = (pod: Pod, type: string): PodCondition | undefined => pod.status.conditions?.find(condition => condition.type === type)

export const isReady = (pod: Pod): boolean => podCondition(pod, 'Ready')?.status === 'True'

/** Ready for at least that long. */
export const isAvailable = (pod: Pod, minReadySeconds: number, now: VirtualTime): boolean => {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return false
  return minReadySeconds === 0 || (ready.lastTransitionTime !== undefined && Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 <= now)
}

/** Milliseconds until the pod becomes available, when it is ready but not for long enough. */
export const untilAvailable = (pod: Pod, minReadySeconds: number, now: VirtualTime): number | undefined => {
  const ready = podCondition(pod, 'Ready')
  if (minReadySeconds === 0 || ready?.status !== 'True' || !ready.lastTransitionTime) return undefined
  const left = Date.parse(ready.lastTransitionTime) + minReadySeconds * 1000 - now
  return left > 0 ? left : undefined
}

/** `3` or `25%` of `total`, rounded as asked. */
export const scaledValue = (value: string | number | undefined, total: number, round: 'up' | 'down'): number => {
  if (typeof value !== 'string') return value ?? 0
  const share = (Number.parseInt(value, 10) * total) / 100
  return round === 'up' ? Math.ceil(share) : Math.floor(share)
}
