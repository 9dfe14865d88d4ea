import { parse } from 'yaml'
import type { AnyObject } from '../client.ts'
import type { KubectlCommand } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { fetchTargets, targetFlags } from '../targets.ts'
import { pathOf } from './patching.ts'
import { report, writeFlags, writeQuery } from './write.ts'

export const patch: KubectlCommand = {
  name: 'patch',
  summary: 'Update fields of a resource',
  usage: 'kubectl patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE] [options]',
  flags: [
    ...targetFlags,
    ...writeFlags,
    { name: 'patch', short: 'p', type: 'string', usage: 'The patch to be applied to the resource JSON file' },
    { name: 'type', type: 'string', default: 'strategic', usage: 'The type of patch being provided; one of [json merge strategic]' },
    { name: 'subresource', type: 'string', usage: 'If specified, patch will operate on the subresource of the requested object' },
  ],
  run: async context => {
    const { client, flags } = context
    const text = flags.string('patch')
    if (text === undefined) throw new KubectlError('error: must specify --patch or --patch-file containing the contents of the patch')
    const type = flags.string('type')!
    const contentType = (
      { json: 'application/json-patch+json', merge: 'application/merge-patch+json', strategic: 'application/strategic-merge-patch+json' } as Record<
        string,
        string
      >
    )[type]
    if (!contentType) throw new KubectlError(`error: --type must be one of [json merge strategic], not "${type}"`)
    let body: unknown
    try {
      body = parse(text)
    } catch {
      throw new KubectlError(`error: unable to parse "${text}": yaml: invalid patch`)
    }
    for (const found of await fetchTargets(context, flags.args)) {
      const patched = await client.json<AnyObject>('PATCH', pathOf(found, flags.string('subresource')), {
        query: writeQuery(context, 'kubectl-patch'),
        body,
        contentType,
      })
      report(context, found.resource, patched, patched.metadata.resourceVersion === found.object.metadata.resourceVersion ? 'patched (no change)' : 'patched')
    }
    return 0
  },
}
