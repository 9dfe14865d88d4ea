import { resourcePath, type AnyObject } from '../client.ts'
import { displayName, type Found, type KubectlCommand, type KubectlContext } from '../command.ts'
import { KubectlError, StatusError } from '../errors.ts'
import { jsonpathValues } from '../print/jsonpath.ts'
import { allNamespacesFlag, fetchTargets, selectorFlags, targetFlags } from '../targets.ts'

type Condition = { readonly kind: 'delete' | 'create' } | { readonly kind: 'met'; readonly test: (object: AnyObject) => boolean }

const parseCondition = (text: string): Condition => {
  if (text === 'delete' || text === 'create') return { kind: text }
  const condition = /^condition=([^=]+)(?:=(.*))?$/.exec(text)
  if (condition) {
    const [, type, value = 'true'] = condition
    return {
      kind: 'met',
      test: object =>
        ((object.status?.conditions ?? []) as any[]).some(
          found => found.type.toLowerCase() === type!.toLowerCase() && found.status.toLowerCase() === value.toLowerCase(),
        ),
    }
  }
  const path = /^jsonpath=(.+?)(?:=([^{}]*))?$/.exec(text)
  if (path) {
    const values = jsonpathValues(path[1]!.replace(/^['"]|['"]$/g, ''))
    const wanted = path[2]
    return { kind: 'met', test: object => values(object).some(value => (wanted === undefined ? value !== undefined : String(value) === wanted)) }
  }
  throw new KubectlError(`error: unrecognized condition: "${text}"`)
}

const satisfied = async (context: KubectlContext, { resource, object }: Found, condition: Condition): Promise<void> => {
  const path = resourcePath(resource, object.metadata.namespace)
  let live: AnyObject
  try {
    live = await context.client.json<AnyObject>('GET', `${path}/${object.metadata.name}`)
  } catch (error) {
    if (condition.kind === 'delete' && error instanceof StatusError && error.status.reason === 'NotFound') return
    throw error
  }
  if (condition.kind === 'create' || (condition.kind === 'met' && condition.test(live))) return
  for await (const event of context.client.lines<{ type: string; object: AnyObject }>(path, {
    watch: 'true',
    resourceVersion: live.metadata.resourceVersion,
    fieldSelector: `metadata.name=${object.metadata.name}`,
  })) {
    if (event.type === 'DELETED') {
      if (condition.kind === 'delete') return
      throw new KubectlError(
        `Error from server (NotFound): ${resource.group ? `${resource.resource}.${resource.group}` : resource.resource} "${object.metadata.name}" not found`,
      )
    }
    if (condition.kind === 'met' && event.type !== 'BOOKMARK' && condition.test(event.object)) return
  }
}

export const wait: KubectlCommand = {
  name: 'wait',
  summary: 'Wait for a specific condition on one or many resources',
  usage:
    'kubectl wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) [--for=create|--for=delete|--for condition=available|--for=jsonpath=...] [options]',
  flags: [
    ...targetFlags,
    ...selectorFlags,
    allNamespacesFlag,
    { name: 'all', type: 'bool', usage: 'Select all resources in the namespace of the specified resource types' },
    { name: 'for', type: 'string', usage: 'The condition to wait on' },
    { name: 'timeout', type: 'duration', default: '30s', usage: 'The length of time to wait before giving up' },
  ],
  run: async context => {
    const { flags, io } = context
    const text = flags.string('for')
    if (!text) throw new KubectlError('error: --for flag is required')
    const condition = parseCondition(text)
    let found: Found[]
    try {
      found = await fetchTargets(context, flags.args)
    } catch (error) {
      if (condition.kind === 'delete' && error instanceof StatusError && error.status.reason === 'NotFound') return 0
      throw error
    }
    if (found.length === 0 && condition.kind !== 'delete') throw new KubectlError('error: no matching resources found')
    const timeout = flags.duration('timeout')!
    const late = Symbol('late')
    const deadline = timeout > 0 ? io.sleep(timeout).then(() => late) : new Promise<never>(() => {})
    let exit = 0
    for (const target of found) {
      const outcome = await Promise.race([satisfied(context, target, condition), deadline])
      const name = displayName(target.resource, target.object.metadata.name)
      if (outcome === late) {
        io.stderr(
          `error: timed out waiting for the condition on ${target.resource.group ? `${target.resource.resource}.${target.resource.group}` : target.resource.resource}/${target.object.metadata.name}\n`,
        )
        exit = 1
      } else io.stdout(condition.kind === 'delete' ? `${name} deleted\n` : `${name} condition met\n`)
    }
    return exit
  },
}
