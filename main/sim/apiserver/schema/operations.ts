import type { ResourceDefinition } from '../definition.ts'

// The paths of an OpenAPI document: what can be done with a kind, and which query parameters that takes.

type Json = Record<string, unknown>

/** A reference to a schema of the same document. */
export const ref = (schema: string): Json => ({ $ref: `#/components/schemas/${schema}` })

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

const query = (name: string, description: string, type = 'string'): Json => ({ name, in: 'query', description, schema: { type, uniqueItems: true } })

const dryRun = query('dryRun', '`All`: do everything but store the result.')
const fieldManager = query('fieldManager', 'Name of who makes the change.')
const fieldValidation = query('fieldValidation', 'What becomes of unknown and duplicate fields: Ignore, Warn or Strict.')
const force = query('force', 'Takes over fields that others manage. For apply patches only.', 'boolean')
const writing = [dryRun, fieldManager, fieldValidation]
const listing = [
  query('allowWatchBookmarks', 'Lets a watch send bookmarks.', 'boolean'),
  query('continue', 'Where a list that was cut goes on.'),
  query('fieldSelector', 'Restricts objects by their fields.'),
  query('labelSelector', 'Restricts objects by their labels.'),
  query('limit', 'Most objects to list at once.', 'integer'),
  query('resourceVersion', 'Version to read at, or to watch from.'),
  query('resourceVersionMatch', 'How resourceVersion is meant for a list.'),
  query('sendInitialEvents', 'Begins a watch with what there is.', 'boolean'),
  query('timeoutSeconds', 'How long a list or watch may take.', 'integer'),
  query('watch', 'Watches for changes instead of listing.', 'boolean'),
]
const deleting = [
  dryRun,
  query('gracePeriodSeconds', 'Seconds before the object is removed.', 'integer'),
  query('orphanDependents', 'Older form of propagationPolicy.', 'boolean'),
  query('propagationPolicy', 'What becomes of dependents: Orphan, Background or Foreground.'),
]

const TYPES = ['application/json', 'application/vnd.kubernetes.protobuf', 'application/yaml']
const PATCH_TYPES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json']

const content = (schema: string, types = TYPES): Json => ({ content: Object.fromEntries(types.map(type => [type, { schema: ref(schema) }])) })

/** Bodies of subresources that are of another kind than the object. */
const bodies: Readonly<Record<string, { readonly schema: string; readonly group: string; readonly kind: string }>> = {
  binding: { schema: 'io.k8s.api.core.v1.Binding', group: '', kind: 'Binding' },
  eviction: { schema: 'io.k8s.api.policy.v1.Eviction', group: 'policy', kind: 'Eviction' },
  scale: { schema: 'io.k8s.api.autoscaling.v1.Scale', group: 'autoscaling', kind: 'Scale' },
  token: { schema: 'io.k8s.api.authentication.v1.TokenRequest', group: 'authentication.k8s.io', kind: 'TokenRequest' },
}

/** The paths of one kind. Schemas that they speak of are told to `found`. */
export const operationsOf = (definition: ResourceDefinition, found: (schema: string) => void): Json => {
  const { group, version, kind, resource, namespaced, schema, subresources = [] } = definition
  const all = definition.verbs ?? ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
  const name = `${(group === '' ? 'core' : group.split('.')[0])!.replace(/^./, letter => letter.toUpperCase())}${version.replace(/^./, letter => letter.toUpperCase())}`
  const scope = namespaced ? 'Namespaced' : ''
  const tags = [`${group === '' ? 'core' : group.replace(/\..*$/, '')}_${version}`]

  const operation = (
    verb: string,
    id: string,
    action: string,
    description: string,
    of: { schema: string; group: string; version: string; kind: string },
    parts: Json,
  ): Json => ({
    tags,
    description,
    operationId: `${verb}${name}${id}`,
    ...parts,
    responses: { 200: { description: 'OK', ...content(of.schema) }, 401: { description: 'Unauthorized' } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: of.group, kind: of.kind, version: of.version },
  })

  const item = (suffix: string, id: string, of: { schema: string; group: string; version: string; kind: string }, verbs: readonly string[]): Json => {
    const what = `${suffix ? `${suffix.slice(1)} of the ` : ''}specified ${kind}`
    const body = { requestBody: { ...content(of.schema, ['*/*']), required: true } }
    return {
      ...(verbs.includes('get') && { get: operation('read', id, 'get', `read ${what}`, of, {}) }),
      ...(verbs.includes('update') && { put: operation('replace', id, 'put', `replace ${what}`, of, { parameters: writing, ...body }) }),
      ...(verbs.includes('create') && { post: operation('create', id, 'post', `create ${what}`, of, { parameters: writing, ...body }) }),
      ...(verbs.includes('delete') && {
        delete: operation(
          'delete',
          id,
          'delete',
          `delete a ${kind}`,
          { ...of, schema: `${META}.Status` },
          { parameters: deleting, requestBody: content(`${META}.DeleteOptions`, ['*/*']) },
        ),
      }),
      ...(verbs.includes('patch') && {
        patch: operation('patch', id, 'patch', `partially update ${what}`, of, {
          parameters: [...writing, force],
          requestBody: { ...content(`${META}.Patch`, PATCH_TYPES), required: true },
        }),
      }),
    }
  }

  const path = (parameter: string, description: string): Json => ({
    name: parameter,
    in: 'path',
    description,
    required: true,
    schema: { type: 'string', uniqueItems: true },
  })
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const collection = namespaced ? `${base}/namespaces/{namespace}/${resource}` : `${base}/${resource}`
  const inNamespace = namespaced ? [path('namespace', 'namespace of the object')] : []
  const named = [path('name', `name of the ${kind}`), ...inNamespace]
  const self = { schema, group, version, kind }
  const list = { ...self, schema: `${schema}List` }

  const paths: Json = {
    [collection]: {
      get: operation('list', `${scope}${kind}`, 'list', `list or watch objects of kind ${kind}`, list, { parameters: listing }),
      ...(all.includes('create') && {
        post: operation('create', `${scope}${kind}`, 'post', `create a ${kind}`, self, {
          parameters: writing,
          requestBody: { ...content(schema, ['*/*']), required: true },
        }),
      }),
      ...(all.includes('deletecollection') && {
        delete: operation(
          'delete',
          `Collection${scope}${kind}`,
          'deletecollection',
          `delete collection of ${kind}`,
          { ...self, schema: `${META}.Status` },
          { parameters: [...listing, ...deleting] },
        ),
      }),
      ...(inNamespace.length > 0 && { parameters: inNamespace }),
    },
    [`${collection}/{name}`]: {
      ...item(
        '',
        `${scope}${kind}`,
        self,
        all.filter(verb => verb !== 'create'),
      ),
      parameters: named,
    },
  }
  if (namespaced)
    paths[`${base}/${resource}`] = {
      get: operation('list', `${kind}ForAllNamespaces`, 'list', `list or watch objects of kind ${kind}`, list, { parameters: listing }),
    }
  for (const subresource of subresources) {
    const other = bodies[subresource]
    if (other) found(other.schema)
    const verbs =
      subresource === 'scale' || subresource === 'status' ? ['get', 'update', 'patch'] : subresource === 'finalize' ? ['update'] : other ? ['create'] : []
    if (verbs.length === 0) continue
    const id = `${scope}${kind}${subresource.replace(/^./, letter => letter.toUpperCase())}`
    paths[`${collection}/{name}/${subresource}`] = { ...item(`/${subresource}`, id, other ? { ...other, version: 'v1' } : self, verbs), parameters: named }
  }
  return paths
}
