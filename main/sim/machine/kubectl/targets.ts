import { parseAllDocuments } from 'yaml'
import { findKind, findResource, resourcePath, type AnyObject, type ApiResource } from './client.ts'
import type { Found, KubectlContext } from './command.ts'
import { KubectlError } from './errors.ts'
import type { FlagSpec } from './flags.ts'

/** Flags of every command that takes resources by type, name, selector or file. */
export const targetFlags: readonly FlagSpec[] = [
  { name: 'filename', short: 'f', type: 'list', usage: 'Filename, directory, or - for standard input' },
  { name: 'recursive', short: 'R', type: 'bool', usage: 'Process the directory used in -f recursively' },
  { name: 'kustomize', short: 'k', type: 'string', usage: 'Process a kustomization directory' },
]

export const selectorFlags: readonly FlagSpec[] = [
  { name: 'selector', short: 'l', type: 'string', usage: 'Selector (label query) to filter on' },
  { name: 'field-selector', type: 'string', usage: 'Selector (field query) to filter on' },
]

export const allNamespacesFlag: FlagSpec = {
  name: 'all-namespaces',
  short: 'A',
  type: 'bool',
  usage: 'If present, list the requested object(s) across all namespaces',
}

/** What the arguments name: whole types, or single objects. */
export interface Target {
  readonly resource: ApiResource
  readonly name?: string
}

const REQUIRED = 'error: You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.'

/** `pods`, `pods web-1 web-2`, `deploy/web svc/web`, `pods,services`, `all`. */
export const parseTargets = async (context: KubectlContext, args: readonly string[]): Promise<Target[]> => {
  if (args.length === 0) throw new KubectlError(REQUIRED)
  if (args.some(arg => arg.includes('/'))) {
    const targets: Target[] = []
    for (const arg of args) {
      const [type, name, ...more] = arg.split('/')
      if (name === undefined)
        throw new KubectlError(
          `error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'`,
        )
      if (more.length > 0 || !type || !name) throw new KubectlError('error: arguments in resource/name form may not have more than one slash')
      targets.push({ resource: await findResource(context.client, type), name })
    }
    return targets
  }
  const [types, ...names] = args as [string, ...string[]]
  const resources: ApiResource[] = []
  for (const type of types.split(',')) {
    if (type === 'all')
      resources.push(...(await context.client.discovery()).filter(resource => resource.categories.includes('all') && resource.verbs.includes('list')))
    else resources.push(await findResource(context.client, type))
  }
  if (names.length === 0) return resources.map(resource => ({ resource }))
  return resources.flatMap(resource => names.map(name => ({ resource, name })))
}

/** Objects in files or standard input, in order, lists flattened. */
export const readObjects = async (context: KubectlContext, paths: readonly string[]): Promise<AnyObject[]> => {
  const objects: AnyObject[] = []
  for (const path of paths) {
    const files = path === '-' ? [{ path: 'STDIN', text: await context.io.stdin() }] : await context.io.readFiles(path)
    for (const file of files) {
      if (/^https?:/.test(path)) throw new KubectlError(`error: unable to read URL "${path}"`)
      for (const document of parseAllDocuments(file.text, { version: '1.1', logLevel: 'silent' })) {
        if ('errors' in document && document.errors.length > 0)
          throw new KubectlError(`error: error parsing ${file.path}: error converting YAML to JSON: yaml: ${document.errors[0]!.message.split('\n')[0]}`)
        const value: unknown = document.toJS()
        if (value === null || value === undefined) continue
        const object = value as AnyObject
        if (typeof object !== 'object' || Array.isArray(object))
          throw new KubectlError(
            `error: error validating "${file.path}": error validating data: invalid object to validate; if you choose to ignore these errors, turn validation off with --validate=false`,
          )
        const missing = (['apiVersion', 'kind'] as const).filter(field => !object[field])
        if (missing.length > 0)
          throw new KubectlError(
            `error: error validating "${file.path}": error validating data: ${missing.length === 2 ? '[apiVersion not set, kind not set]' : `${missing[0]} not set`}; if you choose to ignore these errors, turn validation off with --validate=false`,
          )
        if (object.kind.endsWith('List') && Array.isArray((object as any).items)) objects.push(...(object as any).items)
        else objects.push(object)
      }
    }
  }
  if (objects.length === 0) throw new KubectlError('error: no objects passed to apply')
  return objects
}

/** The resource type of an object, or kubectl's error when the server does not know it. */
export const resourceOf = async (context: KubectlContext, object: AnyObject, source: string): Promise<ApiResource> => {
  const resource = await findKind(context.client, object.apiVersion, object.kind)
  if (!resource)
    throw new KubectlError(
      `error: resource mapping not found for name: "${object.metadata?.name ?? ''}" namespace: "${object.metadata?.namespace ?? ''}" from "${source}": no matches for kind "${object.kind}" in version "${object.apiVersion}"\nensure CRDs are installed first`,
    )
  return resource
}

/** The namespace an object goes to; an object that names another one than `-n` is refused. */
export const namespaceFor = (context: KubectlContext, resource: ApiResource, object: AnyObject): string | undefined => {
  if (!resource.namespaced) return undefined
  const own = object.metadata?.namespace
  if (own && context.namespaceGiven && own !== context.namespace)
    throw new KubectlError(
      `error: the namespace from the provided object "${own}" does not match the namespace "${context.namespace}". You must pass '--namespace=${own}' to perform this operation.`,
    )
  return own ?? context.namespace
}

/** Reads the objects that arguments, selector or files name. */
export const fetchTargets = async (context: KubectlContext, args: readonly string[]): Promise<Found[]> => {
  const { flags, client, namespace } = context
  const files = flags.list('filename')
  if (files.length > 0) {
    const found: Found[] = []
    for (const object of await readObjects(context, files)) {
      const resource = await resourceOf(context, object, files[0]!)
      found.push({ resource, object: await client.json('GET', resourcePath(resource, namespaceFor(context, resource, object), object.metadata.name)) })
    }
    return found
  }
  const found: Found[] = []
  const everywhere = flags.bool('all-namespaces')
  for (const target of await parseTargets(context, args)) {
    if (target.name !== undefined)
      found.push({ resource: target.resource, object: await client.json('GET', resourcePath(target.resource, namespace, target.name)) })
    else {
      const list = await client.json('GET', resourcePath(target.resource, everywhere ? undefined : namespace), {
        query: { labelSelector: flags.string('selector'), fieldSelector: flags.string('field-selector'), limit: '500' },
      })
      for (const item of list.items) found.push({ resource: target.resource, object: { apiVersion: list.apiVersion, kind: target.resource.kind, ...item } })
    }
  }
  return found
}
