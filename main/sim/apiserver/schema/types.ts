import { facts } from './facts.ts'

export type ScalarName =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'bytes'
  | 'Quantity'
  | 'IntOrString'
  | 'Time'
  | 'MicroTime'
  | 'RawExtension'
  | 'FieldsV1'

/** A Go type as far as JSON and protobuf can tell. `go` is how Go prints it in errors (`v1.RestartPolicy`). */
export type Type =
  | { readonly kind: 'scalar'; readonly scalar: ScalarName; readonly go: string }
  | { readonly kind: 'pointer'; readonly of: Type }
  | { readonly kind: 'list'; readonly of: Type; readonly go: string }
  | { readonly kind: 'map'; readonly of: Type; readonly go: string }
  | { readonly kind: 'struct'; readonly struct: Struct; readonly go: string }

export interface Field {
  readonly name: string
  /** Its name in Go, as errors print it (`DNSPolicy`). */
  readonly goName: string
  readonly type: Type
  readonly omitEmpty: boolean
  readonly omitZero: boolean
  readonly optional: boolean
  /** Strategic merge: `merge`, `retainKeys`. */
  readonly patchStrategy: readonly string[]
  readonly patchMergeKey: string | undefined
  /** Server-side apply: keys of an associative list, `set`, or undefined for what is replaced whole. */
  readonly listMapKeys: readonly string[] | undefined
  readonly listSet: boolean
  readonly atomic: boolean
}

/** One protobuf field; `inline` marks a message whose JSON fields stand in the enclosing object. */
interface WireField {
  readonly name: string
  readonly type: Type
  readonly inline: boolean
}

/** One Go struct. Its members are resolved when first asked for. */
export interface Struct {
  /** `io.k8s.api.core.v1.PodSpec`. */
  readonly schema: string
  /** `PodSpec`. */
  readonly name: string
  /** In Go's order, inlined ones in their place. */
  readonly fields: readonly Field[]
  readonly byName: ReadonlyMap<string, Field>
  /** By protobuf field number. */
  readonly wire: ReadonlyMap<number, WireField>
}

interface Package {
  readonly schema: string
  readonly named: Map<string, string>
  readonly structs: Map<string, string[]>
}

const packages = new Map<string, Package>()
{
  let current: Package | undefined
  let lines: string[] = []
  for (const line of facts.split('\n')) {
    const [word, name, rest] = line.split(' ', 3) as [string, string, string]
    if (word === 'package') packages.set(name, (current = { schema: rest, named: new Map(), structs: new Map() }))
    else if (word === 'named') current!.named.set(name, rest)
    else if (word === 'struct') current!.structs.set(name, (lines = []))
    else if (word !== '') lines.push(line)
  }
}

const scalars = new Set<string>([
  'string',
  'bool',
  'int32',
  'int64',
  'float64',
  'bytes',
  'Quantity',
  'IntOrString',
  'Time',
  'MicroTime',
  'RawExtension',
  'FieldsV1',
])
const goNames: Record<string, string> = {
  bytes: '[]uint8',
  Quantity: 'resource.Quantity',
  IntOrString: 'intstr.IntOrString',
  Time: 'v1.Time',
  MicroTime: 'v1.MicroTime',
  RawExtension: 'runtime.RawExtension',
  FieldsV1: 'v1.FieldsV1',
}

const goName = (type: Type): string => (type.kind === 'pointer' ? `*${goName(type.of)}` : type.go)

const structs = new Map<string, Struct>()

const structOf = (alias: string, name: string): Struct => {
  const pkg = packages.get(alias)!
  const schema = `${pkg.schema}.${name}`
  const known = structs.get(schema)
  if (known) return known
  let members: Pick<Struct, 'fields' | 'byName' | 'wire'> | undefined
  const resolve = () => {
    const fields: Field[] = []
    const wire = new Map<number, WireField>()
    for (const line of pkg.structs.get(name)!) {
      const [fieldName, number, type, ...flags] = line.split(' ') as [string, string, string, ...string[]]
      const inline = fieldName === '+'
      const resolved = typeOf(alias, type)
      if (number !== '0') wire.set(Number(number), { name: fieldName, type: resolved, inline })
      if (inline) {
        const inner = resolved.kind === 'pointer' ? resolved.of : resolved
        if (inner.kind === 'struct') fields.push(...inner.struct.fields)
        continue
      }
      const option = (key: string) => flags.find(flag => flag.startsWith(`${key}=`))?.slice(key.length + 1)
      fields.push({
        name: fieldName,
        goName: option('go') ?? fieldName.replace(/^./, letter => letter.toUpperCase()),
        type: resolved,
        omitEmpty: flags.includes('o'),
        omitZero: flags.includes('z'),
        optional: flags.includes('optional'),
        patchStrategy: option('patch')?.split(',') ?? [],
        patchMergeKey: option('key'),
        listMapKeys: option('map')?.split(','),
        listSet: flags.includes('set'),
        atomic: flags.includes('atomic'),
      })
    }
    return (members = { fields, byName: new Map(fields.map(field => [field.name, field])), wire })
  }
  const struct: Struct = {
    schema,
    name,
    get fields() {
      return (members ?? resolve()).fields
    },
    get byName() {
      return (members ?? resolve()).byName
    },
    get wire() {
      return (members ?? resolve()).wire
    },
  }
  structs.set(schema, struct)
  return struct
}

const typeOf = (alias: string, text: string): Type => {
  if (text.startsWith('*')) return { kind: 'pointer', of: typeOf(alias, text.slice(1)) }
  if (text.startsWith('[]')) {
    const of = typeOf(alias, text.slice(2))
    return { kind: 'list', of, go: `[]${goName(of)}` }
  }
  if (text.startsWith('map[string]')) {
    const of = typeOf(alias, text.slice(11))
    return { kind: 'map', of, go: `map[string]${goName(of)}` }
  }
  if (scalars.has(text)) return { kind: 'scalar', scalar: text as ScalarName, go: goNames[text] ?? text }
  if (text.startsWith('types.')) return { kind: 'scalar', scalar: 'string', go: text }
  const dot = text.indexOf('.')
  const [pkg, name] = dot < 0 ? [alias, text] : [text.slice(0, dot), text.slice(dot + 1)]
  const named = packages.get(pkg)?.named.get(name)
  if (named !== undefined) return { ...typeOf(pkg, named), go: `v1.${name}` } as Type
  if (!packages.get(pkg)?.structs.has(name)) throw new Error(`unknown type ${text} in ${alias}`)
  return { kind: 'struct', struct: structOf(pkg, name), go: `v1.${name}` }
}

/** The struct of a schema name (`io.k8s.api.core.v1.Pod`), or undefined when there is none. */
export const structFor = (schema: string): Struct | undefined => {
  const cut = schema.lastIndexOf('.')
  const [prefix, name] = [schema.slice(0, cut), schema.slice(cut + 1)]
  for (const [alias, pkg] of packages) if (pkg.schema === prefix && pkg.structs.has(name)) return structOf(alias, name)
  return undefined
}

/** Every schema name there is. */
export const schemaNames = (): string[] => [...packages.values()].flatMap(pkg => [...pkg.structs.keys()].map(name => `${pkg.schema}.${name}`))
