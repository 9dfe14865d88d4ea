import { isIP } from 'node:net'

// The rules for names, labels and ports of k8s.io/apimachinery/pkg/util/validation. Every check gives messages in
// Kubernetes' words, none when the value is right. Checks are made on texts that passed before, so they are cheap.

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`
const DNS1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const LABEL_VALUE = `(${QUALIFIED})?`

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`)
const labelPattern = whole(LABEL)
const subdomainPattern = whole(SUBDOMAIN)
const dns1035Pattern = whole(DNS1035)
const qualifiedPattern = whole(QUALIFIED)
const labelValuePattern = whole(LABEL_VALUE)

// The older rules count characters, those for labels bytes.
const maxLength = (length: number, unit = 'characters') => `must be no more than ${length} ${unit}`
const regexMessage = (message: string, pattern: string, ...examples: string[]) =>
  `${message} (e.g. ${examples.map(example => `'${example}'`).join(',  or ')}, regex used for validation is '${pattern}')`

const LABEL_MESSAGE = regexMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  'my-name',
  '123-abc',
)
const SUBDOMAIN_MESSAGE = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  'example.com',
)
const DNS1035_MESSAGE = regexMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  DNS1035,
  'my-name',
  'abc-123',
)
const QUALIFIED_MESSAGE = regexMessage(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED,
  'MyName',
  'my.name',
  '123-abc',
)
const LABEL_VALUE_MESSAGE = regexMessage(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  LABEL_VALUE,
  'MyValue',
  'my_value',
  '12345',
)

const none: string[] = []

const check = (value: string, length: number, pattern: RegExp, message: () => string, unit?: string): string[] => {
  const fits = value.length <= length
  const matches = pattern.test(value)
  return fits && matches ? none : [...(fits ? [] : [maxLength(length, unit)]), ...(matches ? [] : [message()])]
}

/** What would be right but for its dots is told so. */
export const dns1123Label = (value: string): string[] =>
  check(value, 63, labelPattern, () => (subdomainPattern.test(value) ? 'must not contain dots' : LABEL_MESSAGE))
export const dns1123Subdomain = (value: string): string[] => check(value, 253, subdomainPattern, () => SUBDOMAIN_MESSAGE)
export const dns1035Label = (value: string): string[] => check(value, 63, dns1035Pattern, () => DNS1035_MESSAGE)
export const labelValue = (value: string): string[] => check(value, 63, labelValuePattern, () => LABEL_VALUE_MESSAGE, 'bytes')

/** Names that passed: the labels of a pod template come back with every pod of it. */
const MAX_KNOWN = 10_000
const known = new Set<string>()

/** `prefix/name`, as keys of labels and annotations, taints and conditions are called. */
export const qualifiedName = (value: string): string[] => {
  if (known.has(value)) return none
  const errors: string[] = []
  const parts = value.split('/')
  if (parts.length > 2) return [`a valid label key ${QUALIFIED_MESSAGE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  const name = parts.at(-1)!
  if (parts.length === 2) {
    const prefix = parts[0]!
    if (prefix === '') errors.push('prefix part must be non-empty')
    else errors.push(...check(prefix, 253, subdomainPattern, () => SUBDOMAIN_MESSAGE, 'bytes').map(message => `prefix part ${message}`))
  }
  if (name === '') errors.push('name part must be non-empty')
  else if (name.length > 63) errors.push(`name part ${maxLength(63, 'bytes')}`)
  if (!qualifiedPattern.test(name)) errors.push(`name part ${QUALIFIED_MESSAGE}`)
  if (errors.length === 0 && known.size < MAX_KNOWN) known.add(value)
  return errors
}

/** Names of RBAC objects and other path segments (ValidatePathSegmentName). */
export const pathSegment = (value: string): string[] => {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%'].filter(part => value.includes(part)).map(part => `may not contain '${part}'`)
}

/** IANA_SVC_NAME: names of ports. */
export const portName = (value: string): string[] => {
  const errors: string[] = []
  if (value.length > 15) errors.push(maxLength(15))
  if (!/^[-a-z0-9]*$/.test(value)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) errors.push('must contain at least one letter (a-z)')
  if (value.includes('--')) errors.push('must not contain consecutive hyphens')
  if (value.startsWith('-') || value.endsWith('-')) errors.push('must not begin or end with a hyphen')
  return errors
}

export const inRange = (value: number, min: number, max: number): string[] =>
  value >= min && value <= max ? [] : [`must be between ${min} and ${max}, inclusive`]
export const portNumber = (value: number): string[] => inRange(value, 1, 65535)

/** True for an IPv4 or IPv6 address; Kubernetes takes no leading zeros, nor does `net.isIP`. */
export const isAddress = (value: string): boolean => isIP(value) !== 0
export const address = (value: string): string[] => (isAddress(value) ? [] : ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'])
const isCidr = (value: string): boolean => {
  const match = /^(.+)\/(0|[1-9]\d*)$/.exec(value)
  if (!match) return false
  const version = isIP(match[1]!)
  return version !== 0 && Number(match[2]) <= (version === 4 ? 32 : 128)
}
export const cidr = (value: string): string[] => (isCidr(value) ? [] : ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'])
