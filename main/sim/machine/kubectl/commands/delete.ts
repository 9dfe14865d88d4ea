import { resourcePath, type AnyObject, type ApiResource } from '../client.ts'
import { displayName, type KubectlCommand, type KubectlContext } from '../command.ts'
import { errorText, KubectlError, StatusError } from '../errors.ts'
import { allNamespacesFlag, namespaceFor, parseTargets, readObjects, resourceOf, selectorFlags, targetFlags } from '../targets.ts'
import { dryRunOf } from './write.ts'

interface Doomed {
  readonly resource: ApiResource
  readonly name: string
  readonly namespace: string | undefined
}

const CASCADES: Readonly<Record<string, string>> = { background: 'Background', foreground: 'Foreground', orphan: 'Orphan', true: 'Background', false: 'Orphan' }

const doomedOf = async (context: KubectlContext): Promise<Doomed[]> => {
  const { client, flags, namespace } = context
  const files = flags.list('filename')
  if (files.length > 0) {
    const doomed: Doomed[] = []
    for (const object of await readObjects(context, files)) {
      const resource = await resourceOf(context, object, files[0]!)
      doomed.push({ resource, name: object.metadata.name, namespace: namespaceFor(context, resource, object) })
    }
    return doomed
  }
  const targets = await parseTargets(context, flags.args)
  const selecting = flags.bool('all') || flags.string('selector') !== undefined || flags.string('field-selector') !== undefined
  if (targets.every(target => !target.name) && !selecting) throw new KubectlError('error: resource(s) were provided, but no name was specified')
  const doomed: Doomed[] = []
  for (const target of targets) {
    if (target.name) doomed.push({ resource: target.resource, name: target.name, namespace: target.resource.namespaced ? namespace : undefined })
    else {
      const list = await client.json('GET', resourcePath(target.resource, flags.bool('all-namespaces') ? undefined : namespace), {
        query: { labelSelector: flags.string('selector'), fieldSelector: flags.string('field-selector') },
      })
      for (const item of list.items as AnyObject[]) doomed.push({ resource: target.resource, name: item.metadata.name, namespace: item.metadata.namespace })
    }
  }
  return doomed
}

/** Waits until an object of that uid is gone. */
const gone = async (context: KubectlContext, { resource, name, namespace }: Doomed, uid: string | undefined): Promise<void> => {
  const path = resourcePath(resource, namespace, name)
  let live: AnyObject
  try {
    live = await context.client.json<AnyObject>('GET', path)
  } catch (error) {
    if (error instanceof StatusError && error.status.reason === 'NotFound') return
    throw error
  }
  if (uid !== undefined && live.metadata.uid !== uid) return
  for await (const event of context.client.lines<{ type: string }>(resourcePath(resource, namespace), {
    watch: 'true',
    resourceVersion: live.metadata.resourceVersion,
    fieldSelector: `metadata.name=${name}`,
  }))
    if (event.type === 'DELETED') return
}

export const remove: KubectlCommand = {
  name: 'delete',
  summary: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  usage: 'kubectl delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)]) [options]',
  flags: [
    ...targetFlags,
    ...selectorFlags,
    allNamespacesFlag,
    { name: 'all', type: 'bool', usage: 'Delete all resources, in the namespace of the specified resource types' },
    { name: 'cascade', type: 'string', default: 'background', bare: 'background', usage: 'Must be "background", "orphan", or "foreground"' },
    { name: 'force', type: 'bool', usage: 'If true, immediately remove resources from API and bypass graceful deletion' },
    { name: 'grace-period', type: 'int', default: -1, usage: 'Period of time in seconds given to the resource to terminate gracefully' },
    { name: 'ignore-not-found', type: 'bool', usage: 'Treat "resource not found" as a successful delete' },
    { name: 'now', type: 'bool', usage: 'If true, resources are signaled for immediate shutdown' },
    { name: 'wait', type: 'bool', default: true, usage: 'If true, wait for resources to be gone before returning' },
    { name: 'output', short: 'o', type: 'string', default: '', usage: 'Output mode. Use "-o name" for shorter output' },
    { name: 'dry-run', type: 'string', default: 'none', bare: 'unchanged', usage: 'Must be "none", "server", or "client"' },
    { name: 'timeout', type: 'duration', default: '0s', usage: 'The length of time to wait before giving up on a delete' },
  ],
  run: async context => {
    const { client, flags, io } = context
    const propagationPolicy = CASCADES[flags.string('cascade')!]
    if (!propagationPolicy) throw new KubectlError(`error: invalid cascade value (${flags.string('cascade')}). Must be "background", "foreground", or "orphan"`)
    let grace = flags.int('grace-period')!
    if (flags.bool('now')) grace = 1
    if (flags.bool('force') && grace < 0) grace = 0
    if (grace === 0 && !flags.bool('force')) grace = 1
    if (flags.bool('force'))
      io.stderr(
        'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
      )
    const doomed = await doomedOf(context)
    const dry = dryRunOf(context)
    const waits: { target: Doomed; uid: string | undefined }[] = []
    let exit = 0
    for (const target of doomed) {
      try {
        let uid: string | undefined
        if (dry !== 'client') {
          const answer = await client.json('DELETE', resourcePath(target.resource, target.namespace, target.name), {
            query: { dryRun: dry === 'server' ? 'All' : undefined },
            body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy, ...(grace >= 0 && { gracePeriodSeconds: grace }) },
          })
          uid = answer.kind === 'Status' ? answer.details?.uid : answer.metadata?.uid
        }
        const shown = displayName(target.resource, target.name)
        const kind = target.resource.group ? `${target.resource.singular}.${target.resource.group}` : target.resource.singular
        const from = target.namespace ? ` from ${target.namespace} namespace` : ''
        const suffix = dry === 'client' ? ' (dry run)' : dry === 'server' ? ' (server dry run)' : ''
        io.stdout(
          flags.string('output') === 'name'
            ? `${shown}\n`
            : `${kind} "${target.name}" ${grace === 0 && flags.bool('force') ? 'force deleted' : 'deleted'}${from}${suffix}\n`,
        )
        if (dry === 'none') waits.push({ target, uid })
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        if (error.status.reason === 'NotFound' && flags.bool('ignore-not-found')) continue
        io.stderr(`${errorText(error)}\n`)
        exit = 1
      }
    }
    if (doomed.length === 0) io.stdout('No resources found\n')
    if (flags.bool('wait') && !(flags.bool('force') && grace === 0)) for (const { target, uid } of waits) await gone(context, target, uid)
    return exit
  },
}
