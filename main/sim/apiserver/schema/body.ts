import { ApiError } from '../errors.ts'
import { isObject } from '../json.ts'
import { decodeProtobuf } from '../protobuf/index.ts'
import { decodeStrict } from './decode.ts'
import { type Parsed, parseJson, SyntaxFault } from './json.ts'
import { schemaNames } from './types.ts'
import { parseYaml } from './yaml.ts'

const JSON_TYPE = 'application/json'
const YAML_TYPE = 'application/yaml'
const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf'

/** The media type of a Content-Type header, without parameters. No header means JSON. */
export const mediaType = (contentType: string | undefined): string => contentType?.split(';')[0]!.trim().toLowerCase() || JSON_TYPE

/** Keeps a byte order mark, which JSON does not allow. */
const text = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Parses a body of JSON or YAML; a content type that ends in `yaml` is YAML. Nothing is known yet about what it means.
 * Throws SyntaxFault in Go's words.
 */
export const parseBody = (bytes: Uint8Array, contentType: string | undefined): Parsed =>
  mediaType(contentType).endsWith('yaml') ? parseYaml(text.decode(bytes)) : parseJson(text.decode(bytes))

/** What a request expects to find in its body. */
export interface Expected {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** `io.k8s.api.core.v1.Pod`. */
  readonly schema: string
}

interface DecodedBody {
  readonly object: Record<string, unknown>
  /** What `fieldValidation` is about: unknown and duplicate fields, in the words of the real server. */
  readonly strict: readonly string[]
}

const badRequest = (message: string) => new ApiError(400, 'BadRequest', message)

const SUMMARY_BYTES = 30

/** The beginning of a body for an error: as text where it looks like JSON, else in hexadecimal. */
const summary = (bytes: Uint8Array): string => {
  if (bytes.length === 0) return '<empty>'
  const cut = bytes.subarray(0, SUMMARY_BYTES)
  const shown = bytes[0] === 0x7b ? text.decode(cut) : Buffer.from(cut).toString('hex')
  return bytes.length > SUMMARY_BYTES ? `${shown} ...` : shown
}

const versionKindFault = (value: unknown): string | undefined => {
  const shape = 'Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
  const name = (of: unknown) => (Array.isArray(of) ? 'array' : typeof of === 'boolean' ? 'bool' : typeof of)
  if (value === null) return undefined
  if (!isObject(value)) return `json: cannot unmarshal ${name(value)} into ${shape}`
  for (const key of ['apiVersion', 'kind'])
    if (value[key] !== undefined && value[key] !== null && typeof value[key] !== 'string')
      return `json: cannot unmarshal ${name(value[key])} into Go struct field .${key} of type string`
  return undefined
}

const prefixOf = (group: string): string | undefined =>
  group === '' ? 'io.k8s.api.core' : group === 'meta.k8s.io' ? 'io.k8s.apimachinery.pkg.apis.meta' : `io.k8s.api.${group.split('.')[0]}`

/**
 * Decodes the body of a request that creates or replaces an object. Kind and version may be left out; others than
 * expected are refused. Throws ApiError: 415 for a content type that is not served, 400 for what does not decode.
 */
export const decodeBody = (bytes: Uint8Array, contentType: string | undefined, expected: Expected): DecodedBody => {
  const type = mediaType(contentType)
  if (type !== JSON_TYPE && type !== YAML_TYPE && type !== PROTOBUF_TYPE) {
    throw new ApiError(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: ${JSON_TYPE}, ${YAML_TYPE}, ${PROTOBUF_TYPE}`,
    )
  }
  const unrecognized = (why: string) => badRequest(`the object provided is unrecognized (must be of type ${expected.kind}): ${why} (${summary(bytes)})`)
  let parsed: Parsed
  try {
    parsed = type === PROTOBUF_TYPE ? { value: decodeProtobuf(bytes), strict: [] } : parseBody(bytes, contentType)
  } catch (error) {
    if (type === JSON_TYPE && error instanceof SyntaxFault) throw unrecognized(`couldn't get version/kind; json parse error: ${error.message}`)
    throw unrecognized((error as Error).message)
  }
  const fault = versionKindFault(parsed.value)
  if (fault) throw unrecognized(`couldn't get version/kind; json parse error: ${fault}`)

  const value = (parsed.value ?? {}) as Record<string, unknown>
  const kind = (value['kind'] as string | undefined) || expected.kind
  const apiVersion = (value['apiVersion'] as string | undefined) || (expected.group ? `${expected.group}/${expected.version}` : expected.version)
  const slash = apiVersion.indexOf('/')
  const [group, version] = slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)]
  const refuse = (why: string) => badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${expected.kind}: ${why}`)
  // Options of requests belong to every group version; clients send them as whatever they speak otherwise.
  const ofAnyGroup = expected.kind.endsWith('Options')
  if ((!ofAnyGroup && (group !== expected.group || version !== expected.version)) || kind !== expected.kind) {
    const known = schemaNames().includes(`${prefixOf(group)}.${version}.${kind}`)
    throw refuse(
      known
        ? `converting (${version}.${kind}) to (${expected.group.split('.')[0] || 'core'}.${expected.kind}): unknown conversion`
        : `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    )
  }
  const { object, unknown, errors } = decodeStrict(expected.schema, { ...value, kind, apiVersion })
  if (errors.length > 0) throw refuse(errors[0]!)
  return { object: object as Record<string, unknown>, strict: [...parsed.strict, ...unknown] }
}
