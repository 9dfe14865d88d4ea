import { resourcePath, type AnyObject, type ApiResource } from '../client.ts'
import { displayName, type KubectlContext } from '../command.ts'
import { KubectlError } from '../errors.ts'
import type { FlagSpec } from '../flags.ts'
import { objectPrinter } from '../print/output.ts'

/** Flags that every command has which changes objects. */
export const writeFlags: readonly FlagSpec[] = [
  { name: 'dry-run', type: 'string', default: 'none', bare: 'unchanged', usage: 'Must be "none", "server", or "client"' },
  { name: 'output', short: 'o', type: 'string', default: '', usage: 'Output format' },
  { name: 'field-manager', type: 'string', usage: 'Name of the manager used to track field ownership' },
  { name: 'validate', type: 'string', default: 'strict', bare: 'strict', usage: 'Must be one of: strict (or true), warn, ignore (or false)' },
]

export type DryRun = 'none' | 'client' | 'server'

export const dryRunOf = (context: KubectlContext): DryRun => {
  const value = context.flags.string('dry-run') ?? 'none'
  if (value === 'none' || value === 'client' || value === 'server') return value
  if (value === 'unchanged') return 'client'
  throw new KubectlError(`error: Invalid dry-run value (${value}). Must be "none", "server", or "client".`)
}

const VALIDATION: Readonly<Record<string, string>> = { strict: 'Strict', true: 'Strict', warn: 'Warn', ignore: 'Ignore', false: 'Ignore' }

/** Query of a writing request. */
export const writeQuery = (context: KubectlContext, fieldManager: string): Record<string, string | undefined> => ({
  fieldManager: context.flags.string('field-manager') ?? fieldManager,
  fieldValidation: VALIDATION[context.flags.string('validate') ?? 'strict'] ?? 'Strict',
  dryRun: dryRunOf(context) === 'server' ? 'All' : undefined,
})

/** Tells what was done: `deployment.apps/web created`, or the object in the wanted format. */
export const report = (context: KubectlContext, resource: ApiResource, object: AnyObject, verb: string): void => {
  const print = objectPrinter(context.flags.string('output') ?? '')
  if (print) return context.io.stdout(print(object, () => displayName(resource, '').slice(0, -1)))
  const dry = dryRunOf(context)
  context.io.stdout(`${displayName(resource, object.metadata.name)} ${verb}${dry === 'client' ? ' (dry run)' : dry === 'server' ? ' (server dry run)' : ''}\n`)
}

/** POSTs an object and reports it as created. */
export const createObject = async (
  context: KubectlContext,
  resource: ApiResource,
  namespace: string | undefined,
  object: AnyObject,
  fieldManager = 'kubectl-create',
  verb = 'created',
): Promise<void> => {
  const draft = resource.namespaced ? { ...object, metadata: { ...object.metadata, namespace } } : object
  const made =
    dryRunOf(context) === 'client'
      ? draft
      : await context.client.json<AnyObject>('POST', resourcePath(resource, namespace), { query: writeQuery(context, fieldManager), body: draft })
  report(context, resource, made as AnyObject, verb)
}
