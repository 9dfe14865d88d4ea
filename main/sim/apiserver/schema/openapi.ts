import { createHash } from 'node:crypto'
import type { ResourceDefinition } from '../definition.ts'
import { loadDocs, type SchemaDocs } from './docs.ts'
import { operationsOf, ref } from './operations.ts'
import { type Field, type ScalarName, structFor, type Type } from './types.ts'

type Json = Record<string, unknown>
type Docs = Readonly<Record<string, SchemaDocs>>

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1'

/** Types that are written as one value, but are schemas of their own. */
const plain: Partial<Record<ScalarName, { readonly schema: string; readonly shape: Json }>> = {
  Quantity: { schema: 'io.k8s.apimachinery.pkg.api.resource.Quantity', shape: { oneOf: [{ type: 'string' }, { type: 'number' }] } },
  IntOrString: {
    schema: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
    shape: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  },
  Time: { schema: `${META}.Time`, shape: { type: 'string', format: 'date-time' } },
  MicroTime: { schema: `${META}.MicroTime`, shape: { type: 'string', format: 'date-time' } },
  RawExtension: { schema: 'io.k8s.apimachinery.pkg.runtime.RawExtension', shape: { type: 'object' } },
  FieldsV1: { schema: `${META}.FieldsV1`, shape: { type: 'object' } },
}

const scalars: Partial<Record<ScalarName, Json>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float64: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
}

/** The schema of a type; what it refers to is told to `found`. */
const typeSchema = (type: Type, found: (schema: string) => void): Json => {
  switch (type.kind) {
    case 'pointer':
      return typeSchema(type.of, found)
    case 'list':
      return { type: 'array', items: typeSchema(type.of, found) }
    case 'map':
      return { type: 'object', additionalProperties: typeSchema(type.of, found) }
    case 'struct':
      found(type.struct.schema)
      return ref(type.struct.schema)
    case 'scalar': {
      const own = plain[type.scalar]
      if (own) found(own.schema)
      return own ? ref(own.schema) : { ...scalars[type.scalar] }
    }
  }
}

const fieldSchema = (field: Field, docs: SchemaDocs | undefined, found: (schema: string) => void): Json => {
  const { description, values } = docs?.fields[field.name] ?? {}
  const schema = typeSchema(field.type, found)
  const isRef = '$ref' in schema
  return {
    ...(description && { description }),
    ...(isRef && field.type.kind === 'struct' && { default: {} }),
    ...(isRef && description ? { allOf: [schema] } : schema),
    ...(values && { enum: values }),
    ...(field.listMapKeys && { 'x-kubernetes-list-map-keys': field.listMapKeys }),
    ...(field.type.kind === 'list' &&
      (field.listMapKeys || field.listSet || field.atomic) && { 'x-kubernetes-list-type': field.listMapKeys ? 'map' : field.listSet ? 'set' : 'atomic' }),
    ...(field.type.kind !== 'list' && field.atomic && { 'x-kubernetes-map-type': 'atomic' }),
    ...(field.patchMergeKey && { 'x-kubernetes-patch-merge-key': field.patchMergeKey }),
    ...(field.patchStrategy.length > 0 && { 'x-kubernetes-patch-strategy': field.patchStrategy.join(',') }),
  }
}

const structSchema = (schema: string, docs: Docs, found: (schema: string) => void): Json => {
  const doc = docs[schema]
  const described = doc?.description ? { description: doc.description } : {}
  const own = Object.values(plain).find(candidate => candidate.schema === schema)
  if (own) return { ...described, ...own.shape }
  const struct = structFor(schema)
  if (!struct) return { ...described, type: 'object' }
  // apiVersion and kind of whole objects may be left out; they are not part of the message.
  const sent = new Set([...struct.wire.values()].map(({ name }) => name))
  const required = struct.fields
    .map(field => field.name)
    .filter(name => doc?.fields[name]?.required && (sent.has(name) || (name !== 'apiVersion' && name !== 'kind')))
  const properties = [...struct.fields].sort((a, b) => (a.name < b.name ? -1 : 1)).map(field => [field.name, fieldSchema(field, doc, found)])
  return {
    ...described,
    type: 'object',
    ...(required.length > 0 && { required }),
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
  }
}

const listSchema = (definition: ResourceDefinition, docs: Docs): Json => {
  const type = docs[definition.schema]!.fields
  return {
    description: `${definition.kind}List is a list of ${definition.kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { description: type['apiVersion']?.description, type: 'string' },
      items: { description: `List of ${definition.resource}.`, type: 'array', items: { default: {}, allOf: [ref(definition.schema)] } },
      kind: { description: type['kind']?.description, type: 'string' },
      metadata: { description: 'Metadata of the list.', default: {}, allOf: [ref(`${META}.ListMeta`)] },
    },
  }
}

/** Schemas that the paths of every document speak of. */
const always = ['DeleteOptions', 'Status', 'Patch', 'ListMeta', 'ObjectMeta'].map(name => `${META}.${name}`)

const kindOf = ({ group, version }: ResourceDefinition, kind: string) => [{ group, kind, version }]

const documentOf = (definitions: readonly ResourceDefinition[], docs: Docs): Json => {
  const schemas = new Map<string, Json>()
  const found = (schema: string) => {
    if (schemas.has(schema)) return
    schemas.set(schema, {})
    schemas.set(schema, structSchema(schema, docs, found))
  }
  for (const schema of always) found(schema)
  const paths: Json = {}
  for (const definition of definitions) {
    found(definition.schema)
    schemas.set(definition.schema, { ...schemas.get(definition.schema), 'x-kubernetes-group-version-kind': kindOf(definition, definition.kind) })
    schemas.set(`${definition.schema}List`, {
      ...listSchema(definition, docs),
      'x-kubernetes-group-version-kind': kindOf(definition, `${definition.kind}List`),
    })
    Object.assign(paths, operationsOf(definition, found))
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: '1.36' },
    paths,
    components: {
      schemas: Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: { BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' } },
    },
  }
}

const pathOf = ({ group, version }: ResourceDefinition): string => (group === '' ? `api/${version}` : `apis/${group}/${version}`)

/** The OpenAPI v3 documents of the served kinds. Each is made when it is first asked for. */
export interface OpenApi {
  /** Body of `/openapi/v3`. The hashes stand for the contents: clients keep a document for as long as its hash stays. */
  index(): Promise<{ readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>> }>
  /** Body of `/openapi/v3/<path>` (`api/v1`, `apis/apps/v1`) with its hash; undefined where nothing is served. */
  document(path: string): Promise<{ readonly text: string; readonly hash: string } | undefined>
}

export const createOpenApi = (definitions: readonly ResourceDefinition[]): OpenApi => {
  const groups = new Map<string, ResourceDefinition[]>()
  for (const definition of definitions) {
    const path = pathOf(definition)
    const members = groups.get(path)
    if (members) members.push(definition)
    else groups.set(path, [definition])
  }
  const made = new Map<string, { readonly text: string; readonly hash: string }>()
  const document: OpenApi['document'] = async path => {
    const members = groups.get(path)
    if (!members) return undefined
    const known = made.get(path)
    if (known) return known
    const text = JSON.stringify(documentOf(members, await loadDocs()))
    const entry = { text, hash: createHash('sha512').update(text).digest('hex').toUpperCase() }
    made.set(path, entry)
    return entry
  }
  return {
    document,
    index: async () => {
      const paths: Record<string, { serverRelativeURL: string }> = {}
      for (const path of [...groups.keys()].sort()) paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${(await document(path))!.hash}` }
      return { paths }
    },
  }
}

/** Content-Type of `/openapi/v2` in protobuf; Go's parser of media types refuses the `@` that clients ask with. */
export const OPENAPI_V2_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

/**
 * Body of `/openapi/v2` for clients before kubectl 1.29: a document without paths and definitions (swagger "2.0",
 * info with title "x" and version "1"). They then leave validation to the server and merge by what they know.
 */
export const openapiV2 = new Uint8Array(Buffer.from('0a03322e3012060a017812013142004a00', 'hex'))
