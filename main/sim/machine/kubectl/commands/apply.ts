import { resourcePath, type AnyObject } from '../client.ts'
import type { KubectlCommand, KubectlContext } from '../command.ts'
import { errorText, KubectlError, StatusError } from '../errors.ts'
import { namespaceFor, readObjects, resourceOf, targetFlags } from '../targets.ts'
import { dryRunOf, report, writeFlags, writeQuery } from './write.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

const ordered = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(ordered)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(
          Object.keys(value)
            .toSorted()
            .map(key => [key, ordered((value as Record<string, unknown>)[key])]),
        )
      : value

/** The object with its own text in the annotation, as kubectl leaves it for the next apply to compare with. */
const withLastApplied = (object: AnyObject): AnyObject => {
  const { [LAST_APPLIED]: _, ...annotations } = object.metadata.annotations ?? {}
  const bare = { ...object, metadata: { ...object.metadata, annotations } }
  return { ...bare, metadata: { ...bare.metadata, annotations: { ...annotations, [LAST_APPLIED]: `${JSON.stringify(ordered(bare))}\n` } } }
}

type Json = Record<string, any>
const isMap = (value: unknown): value is Json => value !== null && typeof value === 'object' && !Array.isArray(value)
const same = (a: unknown, b: unknown): boolean => JSON.stringify(ordered(a)) === JSON.stringify(ordered(b))

/** Lists whose members are told apart by a key; everything else is replaced whole (kubernetes/api patchMergeKey tags). */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: 'name',
  initContainers: 'name',
  ephemeralContainers: 'name',
  volumes: 'name',
  env: 'name',
  imagePullSecrets: 'name',
  volumeMounts: 'mountPath',
  volumeDevices: 'devicePath',
  hostAliases: 'ip',
  topologySpreadConstraints: 'topologyKey',
  secrets: 'name',
  ownerReferences: 'uid',
  conditions: 'type',
}

const mergeKeyOf = (field: string, members: readonly unknown[]): string | undefined => {
  const key = field === 'ports' ? (members.some(member => isMap(member) && 'containerPort' in member) ? 'containerPort' : 'port') : MERGE_KEYS[field]
  return key !== undefined && members.every(member => isMap(member) && key in member) ? key : undefined
}

/**
 * The strategic merge patch that takes `live` to `wanted`, deleting what `last` had and `wanted` has no more;
 * undefined when there is nothing to change (strategicpatch.CreateThreeWayMergePatch).
 */
export const threeWayPatch = (last: Json, wanted: Json, live: Json): Json | undefined => {
  const patch: Json = {}
  for (const [field, value] of Object.entries(wanted)) {
    const there = live[field]
    if (isMap(value) && isMap(there)) {
      const inner = threeWayPatch(isMap(last[field]) ? last[field] : {}, value, there)
      if (inner) patch[field] = inner
    } else if (Array.isArray(value) && Array.isArray(there)) {
      const key = mergeKeyOf(field, [...value, ...there])
      const inner = key
        ? mergeListPatch(key, Array.isArray(last[field]) ? last[field] : [], value, there)
        : same(value, there)
          ? undefined
          : ({ list: value } as ListPatch)
      if (inner) {
        patch[field] = inner.list
        if (inner.order) patch[`$setElementOrder/${field}`] = inner.order
      }
    } else if (!same(value, there) && !(value === null && there === undefined)) patch[field] = value
  }
  for (const field of Object.keys(last)) if (!(field in wanted) && field in live) patch[field] = null
  return Object.keys(patch).length > 0 ? patch : undefined
}

interface ListPatch {
  readonly list: Json[]
  readonly order?: Json[]
}

const mergeListPatch = (key: string, last: readonly Json[], wanted: readonly Json[], live: readonly Json[]): ListPatch | undefined => {
  const find = (list: readonly Json[], id: unknown) => list.find(member => member[key] === id)
  const list: Json[] = []
  for (const member of wanted) {
    const there = find(live, member[key])
    const inner = there ? threeWayPatch(find(last, member[key]) ?? {}, member, there) : member
    if (inner) list.push({ ...inner, [key]: member[key] })
  }
  for (const member of last) if (!find(wanted, member[key]) && find(live, member[key])) list.push({ $patch: 'delete', [key]: member[key] })
  const orderChanged = wanted.some(
    (member, i) => i > 0 && live.findIndex(other => other[key] === member[key]) < live.findIndex(other => other[key] === wanted[i - 1]![key]),
  )
  if (list.length === 0 && !orderChanged) return undefined
  return { list, order: wanted.map(member => ({ [key]: member[key] })) }
}

const applyOne = async (context: KubectlContext, draft: AnyObject, source: string): Promise<void> => {
  const { client, io } = context
  const resource = await resourceOf(context, draft, source)
  const namespace = namespaceFor(context, resource, draft)
  const object = resource.namespaced ? { ...draft, metadata: { ...draft.metadata, namespace } } : draft
  const path = resourcePath(resource, namespace, object.metadata.name)
  if (context.flags.bool('server-side')) {
    const applied = await client.json<AnyObject>('PATCH', path, {
      query: { ...writeQuery(context, 'kubectl'), force: context.flags.bool('force-conflicts') ? 'true' : 'false' },
      body: JSON.stringify(object),
      contentType: 'application/apply-patch+yaml',
    })
    return report(context, resource, applied, 'serverside-applied')
  }
  let live: AnyObject | undefined
  try {
    live = await client.json<AnyObject>('GET', path)
  } catch (error) {
    if (!(error instanceof StatusError) || error.status.reason !== 'NotFound') throw error
  }
  const wanted = withLastApplied(object)
  const dry = dryRunOf(context)
  if (!live) {
    const made =
      dry === 'client'
        ? wanted
        : await client.json<AnyObject>('POST', resourcePath(resource, namespace), { query: writeQuery(context, 'kubectl-client-side-apply'), body: wanted })
    return report(context, resource, made, 'created')
  }
  const text = live.metadata.annotations?.[LAST_APPLIED]
  if (text === undefined)
    io.stderr(
      `Warning: resource ${resource.resource}/${object.metadata.name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    )
  const patch = threeWayPatch(text === undefined ? {} : (JSON.parse(text) as Json), wanted as Json, live as Json)
  if (!patch) return report(context, resource, live, 'unchanged')
  const merge = resource.group.includes('.') && !resource.group.endsWith('.k8s.io')
  const patched =
    dry === 'client'
      ? live
      : await client.json<AnyObject>('PATCH', path, {
          query: writeQuery(context, 'kubectl-client-side-apply'),
          body: patch,
          contentType: merge ? 'application/merge-patch+json' : 'application/strategic-merge-patch+json',
        })
  report(context, resource, patched, patched.metadata.resourceVersion === live.metadata.resourceVersion && dry === 'none' ? 'unchanged' : 'configured')
}

export const apply: KubectlCommand = {
  name: 'apply',
  summary: 'Apply a configuration to a resource by file name or stdin',
  usage: 'kubectl apply (-f FILENAME | -k DIRECTORY) [options]',
  flags: [
    ...targetFlags,
    ...writeFlags,
    { name: 'server-side', type: 'bool', usage: 'If true, apply runs in the server instead of the client' },
    { name: 'force-conflicts', type: 'bool', usage: 'If true, server-side apply will force the changes against conflicts' },
  ],
  run: async context => {
    const files = context.flags.list('filename')
    if (files.length === 0) throw new KubectlError('error: must specify one of -f and -k')
    let exit = 0
    for (const draft of await readObjects(context, files)) {
      try {
        await applyOne(context, draft, files[0]!)
      } catch (error) {
        if (!(error instanceof StatusError) && !(error instanceof KubectlError && error.message.startsWith('error: resource mapping'))) throw error
        const where = files[0] === '-' ? 'STDIN' : files[0]
        context.io.stderr(
          `${error instanceof StatusError && error.status.reason !== 'Invalid' ? errorText(error).replace(/^(Error from server(?: \(\w+\))?): /, `$1: error when creating "${where}": `) : errorText(error)}\n`,
        )
        exit = 1
      }
    }
    return exit
  },
}
