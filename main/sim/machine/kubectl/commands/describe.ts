import { resourcePath, type AnyObject } from '../client.ts'
import type { Found, KubectlCommand } from '../command.ts'
import { describeObject } from '../describe/index.ts'
import { errorText, StatusError } from '../errors.ts'
import { allNamespacesFlag, fetchTargets, parseTargets, selectorFlags, targetFlags } from '../targets.ts'

export const describe: KubectlCommand = {
  name: 'describe',
  summary: 'Show details of a specific resource or group of resources',
  usage: 'kubectl describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [options]',
  flags: [
    ...targetFlags,
    ...selectorFlags,
    allNamespacesFlag,
    { name: 'show-events', type: 'bool', default: true, usage: 'If true, display events related to the described object' },
  ],
  run: async context => {
    const { client, flags, io, namespace } = context
    const found: Found[] = []
    let exit = 0
    if (flags.list('filename').length > 0) found.push(...(await fetchTargets(context, flags.args)))
    else
      for (const target of await parseTargets(context, flags.args)) {
        try {
          found.push(
            ...(target.name
              ? [{ resource: target.resource, object: await client.json<AnyObject>('GET', resourcePath(target.resource, namespace, target.name)) }]
              : await fetchTargets(context, [
                  target.resource.group ? `${target.resource.resource}.${target.resource.version}.${target.resource.group}` : target.resource.resource,
                ])),
          )
        } catch (error) {
          if (!(error instanceof StatusError)) throw error
          // A name that is none may be the beginning of some.
          const prefixed =
            target.name && error.status.reason === 'NotFound'
              ? ((await client.json('GET', resourcePath(target.resource, namespace))).items as AnyObject[]).filter(item =>
                  item.metadata.name.startsWith(target.name!),
                )
              : []
          if (prefixed.length > 0)
            for (const item of prefixed)
              found.push({ resource: target.resource, object: await client.json('GET', resourcePath(target.resource, namespace, item.metadata.name)) })
          else {
            io.stderr(`${errorText(error)}\n`)
            exit = 1
          }
        }
      }
    for (const [index, { resource, object }] of found.entries()) {
      if (index > 0) io.stdout('\n\n')
      io.stdout(await describeObject(client, resource, object, flags.bool('show-events'), io.now()))
    }
    if (found.length === 0 && exit === 0) io.stderr(flags.bool('all-namespaces') ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`)
    return exit
  },
}
