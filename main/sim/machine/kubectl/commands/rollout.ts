import { resourcePath, type AnyObject } from '../client.ts'
import { displayName, type Found, type KubectlCommand, type KubectlContext } from '../command.ts'
import { KubectlError, StatusError } from '../errors.ts'
import { rfc3339 } from '../../../time/clock.ts'
import { describeWriter } from '../describe/writer.ts'
import { writePodTemplate } from '../describe/workloads.ts'
import { alignRows } from '../print/table.ts'
import { fetchTargets, selectorFlags, targetFlags } from '../targets.ts'
import { selectorText } from '../describe/pod.ts'

const REVISION = 'deployment.kubernetes.io/revision'
const CHANGE_CAUSE = 'kubernetes.io/change-cause'

type Progress = { readonly text: string; readonly done: boolean }

/** kubectl/pkg/polymorphichelpers rollout_status.go. */
const deploymentProgress = (deployment: any): Progress => {
  const { metadata, spec, status } = deployment
  const name = metadata.name
  if (metadata.generation > (status.observedGeneration ?? 0)) return { text: 'Waiting for deployment spec update to be observed...\n', done: false }
  const progressing = status.conditions?.find((condition: any) => condition.type === 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded') throw new KubectlError(`error: deployment "${name}" exceeded its progress deadline`)
  const updated = status.updatedReplicas ?? 0
  const total = status.replicas ?? 0
  const available = status.availableReplicas ?? 0
  if (updated < spec.replicas)
    return { text: `Waiting for deployment "${name}" rollout to finish: ${updated} out of ${spec.replicas} new replicas have been updated...\n`, done: false }
  if (total > updated)
    return { text: `Waiting for deployment "${name}" rollout to finish: ${total - updated} old replicas are pending termination...\n`, done: false }
  if (available < updated)
    return { text: `Waiting for deployment "${name}" rollout to finish: ${available} of ${updated} updated replicas are available...\n`, done: false }
  return { text: `deployment "${name}" successfully rolled out\n`, done: true }
}

const daemonSetProgress = (set: any): Progress => {
  const { metadata, spec, status } = set
  if (spec.updateStrategy?.type !== 'RollingUpdate') throw new KubectlError('error: rollout status is only available for RollingUpdate strategy type')
  if (metadata.generation > (status.observedGeneration ?? 0)) return { text: 'Waiting for daemon set spec update to be observed...\n', done: false }
  const [updated, desired, available] = [status.updatedNumberScheduled ?? 0, status.desiredNumberScheduled ?? 0, status.numberAvailable ?? 0]
  if (updated < desired)
    return { text: `Waiting for daemon set "${metadata.name}" rollout to finish: ${updated} out of ${desired} new pods have been updated...\n`, done: false }
  if (available < desired)
    return { text: `Waiting for daemon set "${metadata.name}" rollout to finish: ${available} of ${desired} updated pods are available...\n`, done: false }
  return { text: `daemon set "${metadata.name}" successfully rolled out\n`, done: true }
}

const one = async (context: KubectlContext, allowed: readonly string[]): Promise<Found[]> => {
  const found = await fetchTargets(context, context.flags.args)
  for (const { resource } of found)
    if (!allowed.includes(resource.resource)) throw new KubectlError(`error: no status viewer has been implemented for ${resource.kind}`)
  return found
}

const status: KubectlCommand = {
  name: 'status',
  summary: 'Show the status of the rollout',
  usage: 'kubectl rollout status (TYPE NAME | TYPE/NAME) [flags] [options]',
  flags: [
    ...targetFlags,
    ...selectorFlags,
    { name: 'watch', short: 'w', type: 'bool', default: true, usage: "Watch the status of the rollout until it's done" },
    { name: 'timeout', type: 'duration', default: '0s', usage: 'The length of time to wait before ending watch, zero means never' },
  ],
  run: async context => {
    const { client, flags, io } = context
    for (const { resource, object } of await one(context, ['deployments', 'daemonsets'])) {
      const progress = resource.resource === 'deployments' ? deploymentProgress : daemonSetProgress
      let last = progress(object)
      io.stdout(last.text)
      if (last.done || !flags.bool('watch')) continue
      const timeout = flags.duration('timeout')!
      const watching = (async () => {
        for await (const event of client.lines<{ type: string; object: AnyObject }>(resourcePath(resource, object.metadata.namespace), {
          watch: 'true',
          resourceVersion: object.metadata.resourceVersion,
          fieldSelector: `metadata.name=${object.metadata.name}`,
        })) {
          if (event.type === 'DELETED') throw new KubectlError('error: object has been deleted')
          if (event.type === 'ERROR') throw new StatusError(event.object as never)
          if (event.type === 'BOOKMARK') continue
          const next = progress(event.object)
          if (next.text !== last.text) io.stdout(next.text)
          last = next
          if (next.done) return
        }
      })()
      const late = Symbol('late')
      const outcome = timeout > 0 ? await Promise.race([watching, io.sleep(timeout).then(() => late)]) : await watching
      if (outcome === late) throw new KubectlError('error: timed out waiting for the condition')
    }
    return 0
  },
}

const replicaSetsOf = async (context: KubectlContext, deployment: AnyObject): Promise<AnyObject[]> => {
  const { items } = await context.client.json('GET', `/apis/apps/v1/namespaces/${deployment.metadata.namespace}/replicasets`, {
    query: { labelSelector: selectorText((deployment as any).spec.selector) },
  })
  return (items as AnyObject[]).filter(set => set.metadata.ownerReferences?.some(reference => reference.uid === deployment.metadata.uid))
}

const revisionOf = (object: AnyObject): number => Number(object.metadata.annotations?.[REVISION] ?? 0)

const history: KubectlCommand = {
  name: 'history',
  summary: 'View rollout history',
  usage: 'kubectl rollout history (TYPE NAME | TYPE/NAME) [flags] [options]',
  flags: [
    ...targetFlags,
    ...selectorFlags,
    { name: 'revision', type: 'int', default: 0, usage: 'See the details, including podTemplate of the revision specified' },
  ],
  run: async context => {
    for (const { resource, object } of await one(context, ['deployments'])) {
      const sets = (await replicaSetsOf(context, object)).toSorted((a, b) => revisionOf(a) - revisionOf(b))
      const wanted = context.flags.int('revision')!
      context.io.stdout(`${displayName(resource, object.metadata.name)} ${wanted > 0 ? `with revision #${wanted}` : ''}\n`)
      if (wanted > 0) {
        const set = sets.find(candidate => revisionOf(candidate) === wanted)
        if (!set) throw new KubectlError(`error: unable to find the specified revision`)
        const writer = describeWriter()
        writePodTemplate(writer, (set as any).spec.template)
        context.io.stdout(writer.end())
      } else
        context.io.stdout(
          `${alignRows([['REVISION', 'CHANGE-CAUSE'], ...sets.map(set => [String(revisionOf(set)), set.metadata.annotations?.[CHANGE_CAUSE] ?? '<none>'])])
            .replace(/^REVISION {3}/, 'REVISION  ')
            .replaceAll(/^(\d+) {3}/gm, '$1  ')}\n`,
        )
    }
    return 0
  },
}

const OWN_ANNOTATIONS = [
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
]

const undo: KubectlCommand = {
  name: 'undo',
  summary: 'Undo a previous rollout',
  usage: 'kubectl rollout undo (TYPE NAME | TYPE/NAME) [flags] [options]',
  flags: [
    ...targetFlags,
    ...selectorFlags,
    { name: 'to-revision', type: 'int', default: 0, usage: 'The revision to rollback to. Default to 0 (last revision).' },
  ],
  run: async context => {
    for (const { resource, object } of await one(context, ['deployments'])) {
      if ((object as any).spec.paused)
        throw new KubectlError(
          `error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume ${displayName(resource, object.metadata.name)}' and try again`,
        )
      const sets = (await replicaSetsOf(context, object)).toSorted((a, b) => revisionOf(b) - revisionOf(a))
      const to = context.flags.int('to-revision')!
      const set = to === 0 ? sets[1] : sets.find(candidate => revisionOf(candidate) === to)
      if (!set)
        throw new KubectlError(
          to === 0 ? `error: no rollout history found for deployment "${object.metadata.name}"` : `error: unable to find specified revision ${to} in history`,
        )
      const template = structuredClone((set as any).spec.template)
      delete template.metadata.labels['pod-template-hash']
      if (JSON.stringify(template) === JSON.stringify((object as any).spec.template)) {
        context.io.stdout(`${displayName(resource, object.metadata.name)} skipped rollback (current template already matches revision ${revisionOf(set)})\n`)
        continue
      }
      const annotations = {
        ...Object.fromEntries(Object.entries(object.metadata.annotations ?? {}).filter(([key]) => OWN_ANNOTATIONS.includes(key))),
        ...Object.fromEntries(Object.entries(set.metadata.annotations ?? {}).filter(([key]) => !OWN_ANNOTATIONS.includes(key))),
      }
      await context.client.json('PATCH', resourcePath(resource, object.metadata.namespace, object.metadata.name), {
        body: [
          { op: 'replace', path: '/spec/template', value: template },
          { op: 'replace', path: '/metadata/annotations', value: annotations },
        ],
        contentType: 'application/json-patch+json',
      })
      context.io.stdout(`${displayName(resource, object.metadata.name)} rolled back\n`)
    }
    return 0
  },
}

const patching = (
  name: 'restart' | 'pause' | 'resume',
  summary: string,
  patchFor: (context: KubectlContext, object: any) => object,
  word: string,
): KubectlCommand => ({
  name,
  summary,
  usage: `kubectl rollout ${name} RESOURCE [options]`,
  flags: [...targetFlags, ...selectorFlags],
  run: async context => {
    for (const { resource, object } of await one(context, name === 'restart' ? ['deployments', 'daemonsets'] : ['deployments'])) {
      const paused = Boolean((object as any).spec.paused)
      const shown = displayName(resource, object.metadata.name)
      if (name === 'pause' && paused) throw new KubectlError(`error: ${shown.replace('/', ' "')}" is already paused`)
      if (name === 'resume' && !paused) throw new KubectlError(`error: ${shown.replace('/', ' "')}" is not paused`)
      if (name === 'restart' && paused) throw new KubectlError(`error: can't restart paused deployment (run rollout resume first)`)
      await context.client.json('PATCH', resourcePath(resource, object.metadata.namespace, object.metadata.name), {
        query: { fieldManager: 'kubectl-rollout' },
        body: patchFor(context, object),
        contentType: 'application/strategic-merge-patch+json',
      })
      context.io.stdout(`${shown} ${word}\n`)
    }
    return 0
  },
})

const restart = patching(
  'restart',
  'Restart a resource',
  context => ({ spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': rfc3339(context.io.now()) } } } } }),
  'restarted',
)
const pause = patching('pause', 'Mark the provided resource as paused', () => ({ spec: { paused: true } }), 'paused')
const resume = patching('resume', 'Resume a paused resource', () => ({ spec: { paused: null } }), 'resumed')

export const rollout: KubectlCommand = {
  name: 'rollout',
  summary: 'Manage the rollout of a resource',
  usage: 'kubectl rollout SUBCOMMAND [options]',
  flags: [],
  subcommands: [history, pause, restart, resume, status, undo],
}
