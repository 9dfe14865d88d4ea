import type { PodTemplateSpec } from '../apiserver/resources/types.ts'
import { structFor } from '../apiserver/schema/types.ts'
import type { Struct, Type } from '../apiserver/schema/types.ts'
import { fnv1a32 } from '../time/random.ts'

/** Go field names that are not the JSON name with a capital letter; `Struct.field` where it depends on the struct. */
const GO_NAMES: Readonly<Record<string, string>> = {
  metadata: 'ObjectMeta',
  apiGroup: 'APIGroup',
  apiVersion: 'APIVersion',
  awsElasticBlockStore: 'AWSElasticBlockStore',
  cephfs: 'CephFS',
  chapAuthDiscovery: 'DiscoveryCHAPAuth',
  chapAuthSession: 'SessionCHAPAuth',
  csi: 'CSI',
  diskURI: 'DataDiskURI',
  dnsConfig: 'DNSConfig',
  dnsPolicy: 'DNSPolicy',
  fc: 'FC',
  fsGroup: 'FSGroup',
  fsGroupChangePolicy: 'FSGroupChangePolicy',
  fsType: 'FSType',
  gcePersistentDisk: 'GCEPersistentDisk',
  gmsaCredentialSpec: 'GMSACredentialSpec',
  gmsaCredentialSpecName: 'GMSACredentialSpecName',
  grpc: 'GRPC',
  httpGet: 'HTTPGet',
  httpHeaders: 'HTTPHeaders',
  ip: 'IP',
  iqn: 'IQN',
  iscsi: 'ISCSI',
  iscsiInterface: 'ISCSIInterface',
  nfs: 'NFS',
  os: 'OS',
  pdName: 'PDName',
  rbd: 'RBD',
  seLinuxChangePolicy: 'SELinuxChangePolicy',
  seLinuxOptions: 'SELinuxOptions',
  sslEnabled: 'SSLEnabled',
  storageos: 'StorageOS',
  tcpSocket: 'TCPSocket',
  tty: 'TTY',
  uid: 'UID',
  wwids: 'WWIDs',
  'PodSpec.serviceAccount': 'DeprecatedServiceAccount',
  'GlusterfsVolumeSource.endpoints': 'EndpointsName',
  'RBDVolumeSource.monitors': 'CephMonitors',
  'RBDVolumeSource.image': 'RBDImage',
  'RBDVolumeSource.pool': 'RBDPool',
  'RBDVolumeSource.user': 'RadosUser',
}

const goField = (struct: Struct, name: string): string => GO_NAMES[`${struct.name}.${name}`] ?? GO_NAMES[name] ?? name[0]!.toUpperCase() + name.slice(1)

const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const BINARY_POWERS: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }

/** resource.Quantity as it stands in memory after it was parsed from its canonical text. */
const quantity = (text: string): string => {
  const print = (value: string, scale: number, format: string) =>
    `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} s:(string)${text} Format:(resource.Format)${format}}`
  if (text === '0') return print('0', 0, '')
  const [, digits = '', suffix = ''] = /^(-?\d+)(.*)$/.exec(text) ?? []
  if (suffix in BINARY_POWERS) return print(String(BigInt(digits) << BigInt(BINARY_POWERS[suffix]!)), 0, 'BinarySI')
  if (suffix in DECIMAL_EXPONENTS) return print(digits, DECIMAL_EXPONENTS[suffix]!, 'DecimalSI')
  return print(digits, Number(suffix.slice(1)), 'DecimalExponent')
}

const ZERO_TIME = '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}'

const goName = (type: Type): string => (type.kind === 'pointer' ? `*${goName(type.of)}` : type.go)

const isEmpty = (value: unknown) => value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)

/** A value without its type. */
const dump = (type: Type, value: unknown): string => {
  switch (type.kind) {
    case 'pointer':
      return value === undefined || value === null ? '<nil>' : `<*>${dump(type.of, value)}`
    case 'list':
      return isEmpty(value) ? '<nil>' : `[${(value as unknown[]).map(item => dump(type.of, item)).join(' ')}]`
    case 'map':
      return isEmpty(value)
        ? '<nil>'
        : `map[${Object.keys(value as object)
            .sort()
            .map(key => `${key}:${dump(type.of, (value as Record<string, unknown>)[key])}`)
            .join(' ')}]`
    case 'struct':
      return dumpStruct(type.struct, (value ?? {}) as Record<string, unknown>)
    case 'scalar':
      switch (type.scalar) {
        case 'string':
          return (value as string | undefined) ?? ''
        case 'bool':
          return value ? 'true' : 'false'
        case 'Quantity':
          return quantity(String(value))
        case 'IntOrString':
          return typeof value === 'string'
            ? `{Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)${value}}`
            : `{Type:(intstr.Type)0 IntVal:(int32)${(value as number | undefined) ?? 0} StrVal:(string)}`
        case 'Time':
          return ZERO_TIME
        default:
          return String(value ?? 0)
      }
  }
}

/** A field's value with its type before it. */
const typed = (type: Type, value: unknown): string => {
  if (type.kind === 'pointer') return value === undefined || value === null ? `(${goName(type)})<nil>` : `(${goName(type)})${dump(type.of, value)}`
  return `(${type.go})${dump(type, value)}`
}

const dumpStruct = (struct: Struct, value: Record<string, unknown>): string =>
  `{${[...struct.wire.values()]
    // An inlined struct's fields stand beside the others in JSON, but in a struct of their own in Go.
    .map(field =>
      field.inline
        ? `${field.type.kind === 'struct' ? field.type.struct.name : ''}:${typed(field.type, value)}`
        : `${goField(struct, field.name)}:${typed(field.type, value[field.name])}`,
    )
    .join(' ')}}`

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** As rand.SafeEncodeString: digits become letters that spell no words. */
const safeEncode = (text: string): string => Array.from(text, char => ALPHABET[char.charCodeAt(0) % ALPHABET.length]).join('')

/** How Go prints the template (spew's %#v): what the hash is taken of. */
export const dumpTemplate = (template: PodTemplateSpec): string => {
  const struct = structFor('io.k8s.api.core.v1.PodTemplateSpec')!
  return `(v1.PodTemplateSpec)${dumpStruct(struct, template as Record<string, unknown>)}`
}

/** The value of the pod-template-hash label (pkg/controller/controller_utils.go, ComputeHash). */
export const podTemplateHash = (template: PodTemplateSpec, collisionCount?: number): string => {
  const text = new TextEncoder().encode(dumpTemplate(template))
  if (collisionCount === undefined) return safeEncode(String(fnv1a32(text)))
  const bytes = new Uint8Array(text.length + 8)
  bytes.set(text)
  new DataView(bytes.buffer).setUint32(text.length, collisionCount, true)
  return safeEncode(String(fnv1a32(bytes)))
}
