import { structFor } from '../schema/types.ts'
import { decodeStruct, fields } from './decode.ts'

// Bodies of type application/vnd.kubernetes.protobuf: the bytes "k8s\0" and a runtime.Unknown, which names the kind and
// holds the object's own message (k8s.io/apimachinery/pkg/runtime/generated.proto).

const MAGIC = [0x6b, 0x38, 0x73, 0x00]

const schemaOf = (apiVersion: string, kind: string): string => {
  const slash = apiVersion.indexOf('/')
  const [group, version] = slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)]
  // Options of requests belong to every group version, whatever they were sent as.
  return kind.endsWith('Options') || group === 'meta.k8s.io'
    ? `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`
    : `io.k8s.api.${group === '' ? 'core' : group.split('.')[0]}.${version}.${kind}`
}

const part = (bytes: Uint8Array, number: number): Uint8Array => {
  for (const [found, raw] of fields(bytes)) if (found === number && typeof raw !== 'bigint') return raw
  return new Uint8Array()
}

/** Decodes a protobuf body to the JSON value it stands for. Throws an Error that says what is wrong with the bytes. */
export const decodeProtobuf = (bytes: Uint8Array): Record<string, unknown> => {
  if (MAGIC.some((byte, index) => bytes[index] !== byte))
    throw new Error('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  const unknown = bytes.subarray(MAGIC.length)
  const typeMeta = part(unknown, 1)
  const text = new TextDecoder()
  const [apiVersion, kind] = [text.decode(part(typeMeta, 1)), text.decode(part(typeMeta, 2))]
  const struct = structFor(schemaOf(apiVersion, kind))
  if (!struct)
    throw new Error(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`)
  return { kind, apiVersion, ...decodeStruct(struct, part(unknown, 2)) }
}
