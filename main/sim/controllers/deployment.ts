import { isDeepStrictEqual } from 'node:util'
import { hasReason } from '../apiserver/errors.ts'
import type { Draft } from '../apiserver/object.ts'
import type { Deployment, Pod, PodTemplateSpec, ReplicaSet } from '../apiserver/resources/types.ts'
import { deployments, pods, replicaSets } from '../apiserver/resources/types.ts'
import { keyOf, splitKey } from '../client/informer.ts'
import { labelSelector } from '../client/labels.ts'
import { workqueue } from '../client/workqueue.ts'
import type { Controller } from './controller.ts'
import {
  activeOrLatest,
  annotatedDesired,
  byAge,
  desiredOf,
  DESIRED_REPLICAS,
  HASH_LABEL,
  isRolling,
  isSaturated,
  maxSurge,
  maxUnavailable,
  MAX_REPLICAS,
  newSize,
  proportionalSizes,
  REVISION,
  revisionOf,
  REVISION_HISTORY,
  sizeOf,
  sumOf,
  sumOfSizes,
  unhealthyRoom,
  withPods,
} from './deployment-rollout.ts'
import { conditionOf, countedStatus, hasDeadline, isComplete, newCondition, rolloutStatus, sameStatus, untilStuck, withCondition } from './deployment-status.ts'
import type { Status } from './deployment-status.ts'
import { controllerOf, controllerReference, isOwnedBy, isTerminating } from './objects.ts'
import { podTemplateHash } from './pod-template-hash.ts'

/** Annotations of the Deployment that are not copied to its ReplicaSets. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
])
const MAX_HISTORY_CHARS = 2000

const withoutHash = (template: PodTemplateSpec | undefined): PodTemplateSpec => {
  const { [HASH_LABEL]: _, ...labels } = (template?.metadata?.labels ?? {}) as Record<string, string>
  return { ...template, metadata: { ...template?.metadata, labels } }
}

const hasTemplateOf = (set: ReplicaSet, deployment: Deployment): boolean =>
  isDeepStrictEqual(withoutHash(set.spec.template), withoutHash(deployment.spec.template))

/** The oldest ReplicaSet with the Deployment's template, and all others. */
const splitSets = (deployment: Deployment, sets: readonly ReplicaSet[]) => {
  const current = sets.toSorted(byAge).find(set => hasTemplateOf(set, deployment))
  return { current, old: sets.filter(set => set !== current) }
}

/** Annotations that the new ReplicaSet should have; the same object when it has them already. */
const annotationsFor = (deployment: Deployment, current: ReplicaSet | undefined, revision: number): Record<string, string> => {
  const before: Record<string, string> = current?.metadata.annotations ?? {}
  const after = { ...before }
  for (const [key, value] of Object.entries(deployment.metadata.annotations ?? {})) if (!NOT_COPIED.has(key)) after[key] = value
  const had = before[REVISION]
  if (Number(had ?? 0) < revision) {
    after[REVISION] = String(revision)
    // A rollback takes an old ReplicaSet to a new revision; what it was before is kept.
    if (had !== undefined) {
      const history = before[REVISION_HISTORY]?.split(',').filter(Boolean) ?? []
      while (history.join(',').length + had.length + 1 > MAX_HISTORY_CHARS && history.length > 0) history.shift()
      after[REVISION_HISTORY] = [...history, had].join(',')
    }
  }
  return isDeepStrictEqual(before, after) ? before : after
}

const replicaAnnotations = (deployment: Deployment) => ({
  [DESIRED_REPLICAS]: String(desiredOf(deployment)),
  [MAX_REPLICAS]: String(desiredOf(deployment) + maxSurge(deployment)),
})

/** Rolls templates out through ReplicaSets (pkg/controller/deployment). */
export const deploymentController: Controller = {
  name: 'deployment-controller',
  start: context => {
    const { clock, client, podsByOwner } = context
    const recorder = context.recorder('deployment-controller')
    const all = context.informer(deployments)
    const sets = context.informer(replicaSets)
    const podInformer = context.informer(pods)

    const writeStatus = (deployment: Deployment, status: Status) => client.update(deployments, { ...deployment, status }, 'status')

    const scaleSet = async (deployment: Deployment, set: ReplicaSet, size: number): Promise<ReplicaSet> => {
      const annotations = { ...set.metadata.annotations, ...replicaAnnotations(deployment) }
      const before = sizeOf(set)
      if (size === before && isDeepStrictEqual(annotations, set.metadata.annotations)) return set
      const updated = await client.update(replicaSets, { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas: size } })
      if (size !== before)
        recorder.event(
          deployment,
          'Normal',
          'ScalingReplicaSet',
          `Scaled ${size > before ? 'up' : 'down'} replica set ${set.metadata.name} from ${before} to ${size}`,
        )
      return updated
    }
    const resize = async (deployment: Deployment, set: ReplicaSet, size: number): Promise<boolean> => {
      if (sizeOf(set) === size) return false
      await scaleSet(deployment, set, size)
      return true
    }

    /** Its own, plus orphans it selects; what it no longer selects is let go. */
    const claimSets = async (deployment: Deployment): Promise<ReplicaSet[]> => {
      const selector = labelSelector(deployment.spec.selector)
      const claimed: ReplicaSet[] = []
      for (const set of sets.inNamespace(deployment.metadata.namespace!)) {
        const { namespace, name } = set.metadata
        const selected = selector.matches(set.metadata.labels)
        if (isOwnedBy(set, deployment)) {
          if (selected) claimed.push(set)
          else if (!isTerminating(deployment))
            await client.patch(replicaSets, namespace, name, 'strategic', {
              metadata: { uid: set.metadata.uid, ownerReferences: [{ $patch: 'delete', uid: deployment.metadata.uid }] },
            })
        } else if (!controllerOf(set) && selected && !isTerminating(set) && !isTerminating(deployment)) {
          const fresh = await client.get(deployments, deployment.metadata.namespace, deployment.metadata.name)
          if (fresh.metadata.uid !== deployment.metadata.uid || isTerminating(fresh)) continue
          claimed.push(
            await client.patch(replicaSets, namespace, name, 'strategic', {
              metadata: { uid: set.metadata.uid, ownerReferences: [controllerReference(deployment)] },
            }),
          )
        }
      }
      return claimed
    }

    /** Brings revision and a first Progressing condition onto the Deployment. */
    const noteRevision = async (
      deployment: Deployment,
      revision: string | undefined,
      found: { reason: string; message: string } | undefined,
    ): Promise<Deployment> => {
      const needsRevision = revision !== undefined && deployment.metadata.annotations?.[REVISION] !== revision
      const status =
        found && hasDeadline(deployment)
          ? withCondition(deployment.status, newCondition('Progressing', 'True', found.reason, found.message, clock.now))
          : deployment.status
      if (!needsRevision && status === deployment.status) return deployment
      const metadata = needsRevision
        ? { ...deployment.metadata, annotations: { ...deployment.metadata.annotations, [REVISION]: revision } }
        : deployment.metadata
      return client.update(deployments, { ...deployment, metadata, status }, 'status')
    }

    const createSet = async (
      deployment: Deployment,
      old: readonly ReplicaSet[],
      revision: number,
    ): Promise<{ deployment: Deployment; current: ReplicaSet }> => {
      const hash = podTemplateHash(deployment.spec.template, deployment.status.collisionCount)
      const { namespace, name } = deployment.metadata
      const setName = `${name}-${hash}`
      const labels = { ...(deployment.spec.template.metadata?.labels as Record<string, string>), [HASH_LABEL]: hash }
      const { matchLabels, matchExpressions } = deployment.spec.selector
      const size = newSize(deployment, old, 0)
      const draft = {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: {
          name: setName,
          namespace,
          labels,
          annotations: { ...annotationsFor(deployment, undefined, revision), ...replicaAnnotations(deployment) },
          ownerReferences: [controllerReference(deployment)],
        },
        spec: {
          replicas: size,
          ...(deployment.spec.minReadySeconds && { minReadySeconds: deployment.spec.minReadySeconds }),
          selector: { matchLabels: { ...matchLabels, [HASH_LABEL]: hash }, ...(matchExpressions && { matchExpressions }) },
          template: { ...deployment.spec.template, metadata: { ...deployment.spec.template.metadata, labels } },
        },
      } as unknown as Draft<ReplicaSet>
      let current: ReplicaSet
      let isNew = true
      try {
        current = await client.create(replicaSets, draft)
      } catch (error) {
        if (hasReason(error, 'AlreadyExists')) {
          const there = await client.get(replicaSets, namespace, setName)
          if (!isOwnedBy(there, deployment) || !hasTemplateOf(there, deployment)) {
            // Another template has this hash: the next attempt mixes the count in.
            await writeStatus(deployment, { ...deployment.status, collisionCount: (deployment.status.collisionCount ?? 0) + 1 })
            throw error
          }
          current = there
          isNew = false
        } else {
          const isTerminatingNamespace = hasReason(error, 'Forbidden') && error.status.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')
          if (!isTerminatingNamespace) {
            const message = `Failed to create new replica set "${setName}": ${(error as Error).message}`
            recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message)
            if (hasDeadline(deployment))
              await writeStatus(deployment, withCondition(deployment.status, newCondition('Progressing', 'False', 'ReplicaSetCreateError', message, clock.now)))
          }
          throw error
        }
      }
      if (isNew && size > 0) recorder.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${setName} from 0 to ${size}`)
      const noted = await noteRevision(
        deployment,
        String(revision),
        isNew ? { reason: 'NewReplicaSetCreated', message: `Created new replica set "${setName}"` } : undefined,
      )
      return { deployment: noted, current }
    }

    /** The Deployment's ReplicaSets with revisions in step; the new one is made when wanted. */
    const syncedSets = async (
      deployment: Deployment,
      claimed: readonly ReplicaSet[],
      create: boolean,
    ): Promise<{ deployment: Deployment; current: ReplicaSet | undefined; old: ReplicaSet[] }> => {
      const { current, old } = splitSets(deployment, claimed)
      const revision = old.reduce((most, set) => Math.max(most, revisionOf(set)), 0) + 1
      if (!current) return create ? { old, ...(await createSet(deployment, old, revision)) } : { deployment, current, old }
      const annotations = annotationsFor(deployment, current, revision)
      const minReadySeconds = deployment.spec.minReadySeconds ?? 0
      if (
        (annotations !== (current.metadata.annotations ?? {}) && !isDeepStrictEqual(annotations, current.metadata.annotations ?? {})) ||
        minReadySeconds !== (current.spec.minReadySeconds ?? 0)
      ) {
        const updated = await client.update(replicaSets, {
          ...current,
          metadata: { ...current.metadata, annotations },
          spec: { ...current.spec, minReadySeconds },
        })
        return { deployment, current: updated, old }
      }
      const isUntold = conditionOf(deployment.status, 'Progressing') === undefined
      const noted = await noteRevision(
        deployment,
        annotations[REVISION],
        isUntold ? { reason: 'FoundNewReplicaSet', message: `Found new replica set "${current.metadata.name}"` } : undefined,
      )
      return { deployment: noted, current, old }
    }

    /** Deletes old ReplicaSets without pods beyond revisionHistoryLimit. */
    const cleanUp = async (deployment: Deployment, old: readonly ReplicaSet[]) => {
      const limit = deployment.spec.revisionHistoryLimit
      if (limit === undefined || limit === 2 ** 31 - 1) return
      const candidates = old.filter(set => !isTerminating(set)).sort((a, b) => revisionOf(a) - revisionOf(b) || byAge(a, b))
      for (const set of candidates.slice(0, Math.max(0, candidates.length - limit))) {
        if ((set.status.replicas ?? 0) !== 0 || sizeOf(set) !== 0 || set.metadata.generation! > (set.status.observedGeneration ?? 0)) continue
        await client.delete(replicaSets, set.metadata.namespace, set.metadata.name).catch((error: unknown) => {
          if (!hasReason(error, 'NotFound')) throw error
        })
      }
    }

    const tellStatus = async (deployment: Deployment, status: Status) => {
      if (!sameStatus(deployment.status, status)) {
        await writeStatus(deployment, status)
        return
      }
      const wait = untilStuck(deployment, status, clock.now)
      if (wait !== undefined) queue.addAfter(keyOf(deployment), wait)
    }

    /** Scaling and pausing, without a rollout. */
    const rescale = async (given: Deployment, claimed: readonly ReplicaSet[]) => {
      const { deployment, current, old } = await syncedSets(given, claimed, false)
      const only = activeOrLatest(current, old)
      if (only) await resize(deployment, only, desiredOf(deployment))
      else if (isSaturated(deployment, current)) for (const set of withPods(old)) await resize(deployment, set, 0)
      else if (isRolling(deployment)) {
        const active = withPods(current ? [...old, current] : old)
        const sizes = proportionalSizes(deployment, active)
        for (const set of active) await scaleSet(deployment, set, sizes.get(set.metadata.name)!)
      }
      if (deployment.spec.paused) await cleanUp(deployment, old)
      const status = countedStatus(deployment, current ? [...old, current] : old, current, clock.now)
      if (!sameStatus(deployment.status, status)) await writeStatus(deployment, status)
    }

    const shrinkOld = async (deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Promise<boolean> => {
      let active = withPods(old).sort(byAge)
      if (sumOfSizes(active) === 0) return false
      let room = unhealthyRoom(deployment, [...active, current], current)
      if (room <= 0) return false
      let changed = false
      const next: ReplicaSet[] = []
      for (const set of active) {
        const unhealthy = Math.min(room, sizeOf(set) - (set.status.availableReplicas ?? 0))
        if (unhealthy <= 0) {
          next.push(set)
          continue
        }
        next.push(await scaleSet(deployment, set, sizeOf(set) - unhealthy))
        room -= unhealthy
        changed = true
      }
      active = next
      let spare = sumOf([...active, current], 'availableReplicas') - (desiredOf(deployment) - maxUnavailable(deployment))
      for (const set of active) {
        const fewer = Math.min(sizeOf(set), spare)
        if (fewer <= 0) continue
        await scaleSet(deployment, set, sizeOf(set) - fewer)
        spare -= fewer
        changed = true
      }
      return changed
    }

    const roll = async (given: Deployment, claimed: readonly ReplicaSet[]) => {
      const { deployment, current, old } = await syncedSets(given, claimed, true)
      const everything = [...old, current!]
      const size = sizeOf(current!)
      const desired = desiredOf(deployment)
      const grown = size !== desired && (await resize(deployment, current!, size > desired ? desired : newSize(deployment, everything, size)))
      if (!grown && !(await shrinkOld(deployment, current!, old)) && isComplete(deployment, deployment.status)) await cleanUp(deployment, old)
      await tellStatus(deployment, rolloutStatus(deployment, everything, current, clock.now))
    }

    const isRunning = ({ status }: Pod) => status.phase !== 'Failed' && status.phase !== 'Succeeded' && status.phase !== 'Unknown'

    const recreate = async (given: Deployment, claimed: readonly ReplicaSet[]) => {
      const { old, ...synced } = await syncedSets(given, claimed, false)
      let { deployment, current } = synced
      let scaled = false
      for (const set of withPods(old)) scaled = (await resize(deployment, set, 0)) || scaled
      const oldRuns = () =>
        sumOf(old, 'replicas') > 0 ||
        claimed.some(set => set.metadata.uid !== current?.metadata.uid && [...podsByOwner.ownedBy(set.metadata.uid)].some(isRunning))
      if (!scaled && !oldRuns()) {
        if (!current) ({ deployment, current } = await createSet(deployment, old, old.reduce((most, set) => Math.max(most, revisionOf(set)), 0) + 1))
        await resize(deployment, current, desiredOf(deployment))
        if (isComplete(deployment, deployment.status)) await cleanUp(deployment, old)
      }
      await tellStatus(deployment, rolloutStatus(deployment, current ? [...old, current] : old, current, clock.now))
    }

    /** A pause stops the progress clock; resuming starts it anew. */
    const notePause = async (deployment: Deployment): Promise<Deployment> => {
      if (!hasDeadline(deployment)) return deployment
      const condition = conditionOf(deployment.status, 'Progressing')
      if (condition?.reason === 'ProgressDeadlineExceeded') return deployment
      const isNoted = condition?.reason === 'DeploymentPaused'
      if (Boolean(deployment.spec.paused) === isNoted) return deployment
      const next = deployment.spec.paused
        ? newCondition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', clock.now)
        : newCondition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed', clock.now)
      return writeStatus(deployment, withCondition(deployment.status, next))
    }

    const sync = async (key: string) => {
      const { namespace, name } = splitKey(key)
      let deployment = all.get(namespace, name)
      if (!deployment) return
      const claimed = await claimSets(deployment)
      if (isTerminating(deployment)) {
        const { current, old } = splitSets(deployment, claimed)
        const status = countedStatus(deployment, current ? [...old, current] : old, current, clock.now)
        if (!sameStatus(deployment.status, status)) await writeStatus(deployment, status)
        return
      }
      deployment = await notePause(deployment)
      const isScaled = withPods(claimed).some(set => {
        const desired = annotatedDesired(set)
        return desired !== undefined && desired !== desiredOf(deployment!)
      })
      if (deployment.spec.paused || isScaled) return rescale(deployment, claimed)
      return isRolling(deployment) ? roll(deployment, claimed) : recreate(deployment, claimed)
    }
    const queue = workqueue(clock, sync)

    const enqueueOwner = (set: ReplicaSet) => {
      const reference = controllerOf(set)
      if (reference?.kind === 'Deployment') queue.add(`${set.metadata.namespace}/${reference.name}`)
      else if (!reference)
        for (const deployment of all.inNamespace(set.metadata.namespace!))
          if (labelSelector(deployment.spec.selector).matches(set.metadata.labels)) queue.add(keyOf(deployment))
    }
    context.whenSynced([all, sets, podInformer], () => {
      all.on({ added: deployment => queue.add(keyOf(deployment)), updated: deployment => queue.add(keyOf(deployment)) })
      sets.on({
        added: enqueueOwner,
        updated: (set, old) => {
          if (controllerOf(old)?.uid !== controllerOf(set)?.uid) enqueueOwner(old)
          enqueueOwner(set)
        },
        deleted: enqueueOwner,
      })
      // Recreate waits for the last old pod.
      podInformer.on({
        deleted: pod => {
          const reference = controllerOf(pod)
          const set = reference?.kind === 'ReplicaSet' ? sets.get(pod.metadata.namespace, reference.name) : undefined
          const owner = set && controllerOf(set)
          const deployment = owner?.kind === 'Deployment' ? all.get(pod.metadata.namespace, owner.name) : undefined
          if (deployment && !isRolling(deployment)) queue.add(keyOf(deployment))
        },
      })
    })
    return queue
  },
}
