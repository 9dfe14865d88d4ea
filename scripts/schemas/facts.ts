// Derives main/sim/apiserver/schema/facts.ts from the Go types of Kubernetes' API: what every field is called, its
// protobuf number, its Go type, whether it is written when empty, and how lists of it merge. Run by hand when the
// Kubernetes version moves:
//   node scripts/schemas/facts.ts <git dir of kubernetes/api> <git dir of kubernetes/apimachinery> v0.36.2
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

const [apiDir, machineryDir, tag] = process.argv.slice(2)
if (!apiDir || !machineryDir || !tag) throw new Error('usage: facts.ts <git dir of kubernetes/api> <git dir of kubernetes/apimachinery> <tag>')

/** The kinds of objects that bodies of requests may hold; everything they reach comes along. */
const roots: Record<string, string[]> = {
  core: ['Namespace', 'Node', 'Pod', 'Service', 'Endpoints', 'ConfigMap', 'Secret', 'ServiceAccount', 'Event', 'Binding'],
  apps: ['Deployment', 'ReplicaSet', 'DaemonSet', 'ControllerRevision'],
  batch: ['Job'],
  coordination: ['Lease'],
  discovery: ['EndpointSlice'],
  events: ['Event'],
  networking: ['Ingress', 'IngressClass'],
  rbac: ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'],
  scheduling: ['PriorityClass'],
  storage: ['StorageClass'],
  autoscaling: ['Scale'],
  policy: ['Eviction'],
  authentication: ['TokenRequest', 'TokenReview', 'SelfSubjectReview'],
  authorization: ['SubjectAccessReview', 'SelfSubjectAccessReview', 'LocalSubjectAccessReview', 'SelfSubjectRulesReview'],
  meta: ['DeleteOptions', 'CreateOptions', 'PatchOptions', 'UpdateOptions', 'Status', 'ListMeta'],
}

const git = (dir: string, path: string) => execFileSync('git', ['--git-dir', dir, 'show', `${tag}:${path}`], { encoding: 'utf8', maxBuffer: 64 << 20 })

interface Package {
  readonly alias: string
  readonly schema: string
  readonly source: () => string
}
const packages: Package[] = [
  ...Object.keys(roots)
    .filter(alias => alias !== 'meta')
    .map(alias => ({ alias, schema: `io.k8s.api.${alias}.v1`, source: () => git(apiDir, `${alias}/v1/types.go`) })),
  { alias: 'meta', schema: 'io.k8s.apimachinery.pkg.apis.meta.v1', source: () => git(machineryDir, 'pkg/apis/meta/v1/types.go') },
]

/** Types that (un)marshal themselves; they stand as words of their own in the table. */
const special: Record<string, string> = {
  'resource.Quantity': 'Quantity',
  'intstr.IntOrString': 'IntOrString',
  'meta.Time': 'Time',
  'meta.MicroTime': 'MicroTime',
  'runtime.RawExtension': 'RawExtension',
  'meta.FieldsV1': 'FieldsV1',
  '[]byte': 'bytes',
  'types.UID': 'types.UID',
  'types.NodeName': 'types.NodeName',
}
const imports: Record<string, string> = { v1: 'core', metav1: 'meta', corev1: 'core', apiv1: 'core', k8sv1: 'core' }

interface Struct {
  readonly fields: string[]
  readonly refs: string[]
}
const structs = new Map<string, Struct>()
const named = new Map<string, string>()

for (const { alias, source } of packages) {
  const text = source()
  const local = alias === 'meta' || alias === 'core' ? { ...imports, v1: alias === 'core' ? 'core' : 'core' } : imports
  const qualify = (type: string): string => {
    if (type.startsWith('*')) return `*${qualify(type.slice(1))}`
    if (type === '[]byte') return 'bytes'
    if (type.startsWith('[]')) return `[]${qualify(type.slice(2))}`
    const map = /^map\[([^\]]+)\](.*)$/.exec(type)
    if (map) return `map[string]${qualify(map[2]!)}`
    if (/^(string|bool|u?int\d*|float64)$/.test(type)) return type
    const dotted = type.includes('.') ? `${local[type.split('.')[0]!] ?? type.split('.')[0]}.${type.split('.')[1]}` : `${alias}.${type}`
    return special[dotted] ?? dotted
  }
  for (const match of text.matchAll(/^type (\w+) (?!struct|interface)([^\n{]+?)(?:\s*\/\/.*)?$/gm)) named.set(`${alias}.${match[1]}`, qualify(match[2]!.trim()))
  for (const match of text.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    const fields: string[] = []
    const refs: string[] = []
    let markers: string[] = []
    for (const line of match[2]!.split('\n')) {
      const comment = /^\s*\/\/ ?(.*)$/.exec(line)
      if (comment) {
        if (comment[1]!.startsWith('+')) markers.push(comment[1]!)
        continue
      }
      const field = /^\t(?:(\w+)\s+)?(\S+)\s+`json:"([^"]*)"(?:\s+(.*))?`/.exec(line)
      if (!field) {
        if (line.trim() === '') markers = []
        continue
      }
      const [jsonName, ...options] = field[3]!.split(',') as [string, ...string[]]
      const tags = field[4] ?? ''
      const type = qualify(field[2]!)
      const number = /protobuf:"\w+,(\d+)/.exec(tags)?.[1]
      if (type === 'meta.TypeMeta') {
        fields.push('kind 0 string o', 'apiVersion 0 string o')
        markers = []
        continue
      }
      // Go's name matters only in a few errors, which print the type.
      const derived = jsonName.replace(/^./, letter => letter.toUpperCase())
      const words = [options.includes('inline') ? '+' : jsonName, number ?? '0', type]
      if (options.includes('omitempty')) words.push('o')
      if (options.includes('omitzero')) words.push('z')
      if (markers.some(marker => marker.startsWith('+optional'))) words.push('optional')
      if (field[1] && !options.includes('inline') && field[1] !== derived) words.push(`go=${field[1]}`)
      const merge = /patchStrategy:"([^"]*)"/.exec(tags)?.[1]
      const key = /patchMergeKey:"([^"]*)"/.exec(tags)?.[1]
      if (merge) words.push(`patch=${merge}`)
      if (key) words.push(`key=${key}`)
      const listType = markers.map(marker => /^\+listType=(\w+)/.exec(marker)?.[1]).find(Boolean)
      const mapKeys = markers.map(marker => /^\+listMapKey=(\w+)/.exec(marker)?.[1]).filter(Boolean)
      if (listType === 'map') words.push(`map=${mapKeys.join(',')}`)
      else if (listType) words.push(listType)
      if (markers.some(marker => /^\+(mapType|structType)=atomic/.test(marker))) words.push('atomic')
      fields.push(words.join(' '))
      refs.push(type.replace(/^(\*|\[\]|map\[string\])+/, ''))
      markers = []
    }
    structs.set(`${alias}.${match[1]}`, { fields, refs })
  }
}

const reached = new Set<string>()
const reach = (name: string) => {
  if (reached.has(name) || Object.values(special).includes(name)) return
  const struct = structs.get(name)
  const target = named.get(name)
  if (!struct && !target) {
    if (!/^(string|bool|u?int\d*|float64|bytes|any)$/.test(name)) throw new Error(`unknown type ${name}`)
    return
  }
  reached.add(name)
  if (target) reach(target.replace(/^(\*|\[\]|map\[string\])+/, ''))
  else for (const ref of struct!.refs) reach(ref)
}
for (const [alias, names] of Object.entries(roots)) for (const name of names) reach(`${alias}.${name}`)

const lines: string[] = []
for (const { alias, schema } of packages) {
  lines.push(`package ${alias} ${schema}`)
  const shorten = (text: string) => text.replaceAll(`${alias}.`, '')
  for (const [name, target] of named)
    if (reached.has(name) && name.startsWith(`${alias}.`)) lines.push(`named ${name.slice(alias.length + 1)} ${shorten(target)}`)
  for (const [name, { fields }] of structs) {
    if (reached.has(name) && name.startsWith(`${alias}.`)) lines.push(`struct ${name.slice(alias.length + 1)}`, ...fields.map(shorten))
  }
}

writeFileSync(
  new URL('../../main/sim/apiserver/schema/facts.ts', import.meta.url),
  `// Generated by scripts/schemas/facts.ts; do not edit. Facts about the fields of Kubernetes' API types, taken from
// k8s.io/api and k8s.io/apimachinery ${tag}: <group>/v1/types.go and pkg/apis/meta/v1/types.go (Apache-2.0).
//
// A field's line: its name in JSON ("+" when its own fields stand in the enclosing object), its protobuf number
// (0: none), its Go type, and then: o omitempty, z omitzero, optional; patch= and key= for strategic merge patches;
// map=<keys>, set, atomic for server-side apply; go= its name in Go where that is not the capitalised one.
export const facts = \`${lines.join('\n')}\n\`
`,
)
process.stderr.write(`${reached.size} types, ${lines.length} lines\n`)
