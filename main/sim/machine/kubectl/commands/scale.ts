import type { KubectlCommand } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { fetchTargets, selectorFlags, targetFlags } from '../targets.ts'
import { allFlag, pathOf } from './patching.ts'
import { dryRunOf, report, writeFlags, writeQuery } from './write.ts'

export const scale: KubectlCommand = {
  name: 'scale',
  summary: 'Set a new size for a deployment, replica set, or replication controller',
  usage: 'kubectl scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME) [options]',
  flags: [
    ...targetFlags,
    ...selectorFlags,
    ...writeFlags,
    allFlag,
    { name: 'replicas', type: 'int', usage: 'The new desired number of replicas' },
    { name: 'current-replicas', type: 'int', default: -1, usage: 'Precondition for current size' },
  ],
  run: async context => {
    const { client, flags } = context
    const replicas = flags.int('replicas')
    if (replicas === undefined) throw new KubectlError('error: required flag(s) "replicas" not set')
    if (replicas < 0) throw new KubectlError('error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0')
    for (const found of await fetchTargets(context, flags.args)) {
      if (!found.resource.subresources.includes('scale'))
        throw new KubectlError(`Error from server (NotFound): the server could not find the requested resource`)
      const expected = flags.int('current-replicas')!
      const actual = (found.object as any).spec.replicas
      if (expected >= 0 && actual !== expected) throw new KubectlError(`error: Expected replicas to be ${expected}, was ${actual}`)
      if (dryRunOf(context) !== 'client')
        await client.json('PATCH', pathOf(found, 'scale'), {
          query: writeQuery(context, 'kubectl'),
          body: { spec: { replicas } },
          contentType: 'application/merge-patch+json',
        })
      report(context, found.resource, found.object, 'scaled')
    }
    return 0
  },
}
