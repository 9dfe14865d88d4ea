import { resourcePath, type AnyObject } from '../client.ts'
import type { Found, KubectlContext } from '../command.ts'
import type { FlagSpec } from '../flags.ts'
import { dryRunOf, writeQuery } from './write.ts'

export const allFlag: FlagSpec = { name: 'all', type: 'bool', usage: 'Select all resources, in the namespace of the specified resource types' }
export const overwriteFlag: FlagSpec = { name: 'overwrite', type: 'bool', usage: 'If true, allow values to be overwritten' }

export const pathOf = ({ resource, object }: Found, subresource?: string): string =>
  resourcePath(resource, object.metadata.namespace, object.metadata.name, subresource)

/** Patches one object as that field manager; with a client-side dry run nothing is sent. */
export const patchObject = (
  context: KubectlContext,
  found: Found,
  patch: unknown,
  manager: string,
  type: 'strategic-merge' | 'merge' = 'strategic-merge',
): Promise<AnyObject> =>
  dryRunOf(context) === 'client'
    ? Promise.resolve(found.object)
    : context.client.json<AnyObject>('PATCH', pathOf(found), {
        query: writeQuery(context, manager),
        body: patch,
        contentType: `application/${type}-patch+json`,
      })

/** Splits `type name key=value key-` into what names objects and what changes them. */
export const splitChanges = (args: readonly string[]): { targets: string[]; changes: string[] } => {
  const isChange = (arg: string) => arg.includes('=') || (arg.endsWith('-') && arg.length > 1)
  const at = args.findIndex((arg, index) => index > 0 && isChange(arg))
  return at < 0 ? { targets: [...args], changes: [] } : { targets: args.slice(0, at), changes: args.slice(at) }
}
