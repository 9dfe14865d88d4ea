// Writes main/sim/apiserver/schema/generated.json: descriptions, enumerations and required fields of the schemas, read
// from the declarations of kubernetes-models (which follow Kubernetes' OpenAPI). Only the API server's OpenAPI
// documents need it. Quick, and done again only when the package or the facts changed.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { SchemaDocs } from '../../main/sim/apiserver/schema/docs.ts'
import { schemaNames } from '../../main/sim/apiserver/schema/types.ts'

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url))
const target = path('main/sim/apiserver/schema/generated.json')

const groups: Readonly<Record<string, string>> = {
  core: '',
  coordination: 'coordination.k8s.io/',
  discovery: 'discovery.k8s.io/',
  events: 'events.k8s.io/',
  networking: 'networking.k8s.io/',
  rbac: 'rbac.authorization.k8s.io/',
  scheduling: 'scheduling.k8s.io/',
  storage: 'storage.k8s.io/',
  authentication: 'authentication.k8s.io/',
  authorization: 'authorization.k8s.io/',
}

/** Where the declaration of a schema stands. */
const declarationOf = (schema: string): string => {
  const meta = /^io\.k8s\.apimachinery\.pkg\.(.*)\.(\w+)$/.exec(schema)
  if (meta) return path(`node_modules/@kubernetes-models/apimachinery/${meta[1]!.replaceAll('.', '/')}/${meta[2]}.d.ts`)
  const [, group, version, name] = /^io\.k8s\.api\.(\w+)\.(\w+)\.(\w+)$/.exec(schema)!
  return path(`node_modules/kubernetes-models/${groups[group!] ?? `${group}/`}${version}/${name}.d.ts`)
}

const text = (comment: string | undefined): string =>
  (comment ?? '')
    .split('\n')
    .map(line => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .replaceAll(/\\([*/])/g, '$1')
    .trim()

/** Reads one declaration: a comment and an interface, each member with a comment. */
const read = (source: string): SchemaDocs | undefined => {
  const declared = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?export (?:interface I\w+(?: extends \w+)? \{\n([\s\S]*?)\n\}|type I\w+)/.exec(source)
  if (!declared) return undefined
  const fields: Record<string, SchemaDocs['fields'][string]> = {}
  for (const [, comment, name, optional, type] of (declared[2] ?? '').matchAll(/^ {4}(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?"([^"]+)"(\??): ([\s\S]*?);$/gm)) {
    const description = text(comment)
    const values = type!.match(/^"[^"]*"(?: \| "[^"]*")*$/) ? type!.split(' | ').map(value => value.slice(1, -1)) : undefined
    fields[name!] = { description, ...(optional ? {} : { required: true as const }), ...(values && description.includes('Possible enum values') && { values }) }
  }
  return { description: text(declared[1]), fields }
}

/** The package leaves out what apiVersion and kind are; the client library has it. */
const typeMetaDescriptions = (): Record<string, string> => {
  const source = readFileSync(path('node_modules/@kubernetes/client-node/dist/gen/models/V1Pod.d.ts'), 'utf8')
  return Object.fromEntries(['apiVersion', 'kind'].map(name => [name, text(new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*'${name}'`).exec(source)?.[1])]))
}

/** Names that no Go struct stands for: they are described, but have no fields. */
const plain = [
  'api.resource.Quantity',
  'util.intstr.IntOrString',
  'apis.meta.v1.Time',
  'apis.meta.v1.MicroTime',
  'apis.meta.v1.FieldsV1',
  'apis.meta.v1.Patch',
  'runtime.RawExtension',
].map(name => `io.k8s.apimachinery.pkg.${name}`)

/** Writes the file when it is missing or out of date. */
export const generateSchemas = async (): Promise<void> => {
  const inputs = ['node_modules/kubernetes-models/package.json', 'main/sim/apiserver/schema/facts.ts', 'scripts/schemas/generate.ts']
  const stamp = createHash('sha256')
    .update(inputs.map(input => readFileSync(path(input), 'utf8')).join('\0'))
    .digest('hex')
    .slice(0, 16)
  if (existsSync(target) && readFileSync(target, 'utf8').startsWith(`{"stamp":"${stamp}"`)) return
  const docs: Record<string, SchemaDocs> = {}
  const typeMeta = typeMetaDescriptions()
  for (const schema of [...schemaNames(), ...plain]) {
    const file = declarationOf(schema)
    const found = existsSync(file) ? read(readFileSync(file, 'utf8')) : undefined
    if (!found) continue
    const { fields } = found
    docs[schema] = {
      ...found,
      fields: {
        ...fields,
        ...Object.fromEntries(
          ['apiVersion', 'kind'].flatMap(name => (fields[name]?.description === '' ? [[name, { ...fields[name], description: typeMeta[name]! }]] : [])),
        ),
      },
    }
  }
  writeFileSync(target, JSON.stringify({ stamp, docs }))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generateSchemas()
