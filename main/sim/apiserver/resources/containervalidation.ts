import type { FieldError } from '../definition.ts'
import { duplicateValue, forbiddenField, invalidValue, notFoundValue, notSupported, required } from '../fielderrors.ts'
import { canonicalQuantity, compareQuantities, parseQuantity } from '../schema/quantity.ts'
import { address, dns1123Label, inRange, portName, portNumber, qualifiedName } from './names.ts'
import type { Container } from './types.ts'

// pkg/apis/core/validation: containers and what stands in them, in the order in which the real server looks.

type Probe = NonNullable<Container['livenessProbe']>
type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & { sleep?: { seconds: number } }

const NANO = 1_000_000_000n
const MAX_INT32 = 2 ** 31 - 1
const messages = (field: string, value: unknown, list: readonly string[]): FieldError[] => list.map(message => invalidValue(field, value, message))
const oneOf = (field: string, value: string | undefined, list: readonly string[]): FieldError[] =>
  value !== undefined && !list.includes(value) ? [notSupported(field, value, list)] : []
const nonNegative = (field: string, value: number | undefined): FieldError[] =>
  value !== undefined && value < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : []

const validatePorts = (ports: NonNullable<Container['ports']>, field: string): FieldError[] => {
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (const [index, port] of ports.entries()) {
    const at = `${field}[${index}]`
    if (port.name) {
      const wrong = portName(port.name)
      if (wrong.length > 0) errors.push(...messages(`${at}.name`, port.name, wrong))
      else if (names.has(port.name)) errors.push(duplicateValue(`${at}.name`, port.name))
      else names.add(port.name)
    }
    if (!port.containerPort) errors.push(required(`${at}.containerPort`, ''))
    else errors.push(...messages(`${at}.containerPort`, port.containerPort, portNumber(port.containerPort)))
    if (port.hostPort) errors.push(...messages(`${at}.hostPort`, port.hostPort, portNumber(port.hostPort)))
    errors.push(...oneOf(`${at}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']))
  }
  return errors
}

const FIELD_PATHS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

const validateFieldRef = (ref: { fieldPath: string; apiVersion?: string }, field: string): FieldError[] => {
  if (!ref.fieldPath) return [required(`${field}.fieldPath`, '')]
  const subscript = /^(metadata\.(?:annotations|labels))\['(.*)'\]$/.exec(ref.fieldPath)
  if (subscript) return messages(field, subscript[2], qualifiedName(subscript[1]!.endsWith('annotations') ? subscript[2]!.toLowerCase() : subscript[2]!))
  if (/^metadata\.(annotations|labels)$/.test(ref.fieldPath) || !/^(metadata|spec|status)\./.test(ref.fieldPath))
    return [invalidValue(`${field}.fieldPath`, ref.fieldPath, 'error converting fieldPath: field label not supported: ' + ref.fieldPath)]
  return FIELD_PATHS.includes(ref.fieldPath) ? [] : [notSupported(`${field}.fieldPath`, ref.fieldPath, FIELD_PATHS)]
}

const keyRef = (ref: { name?: string; key: string }, field: string): FieldError[] => [
  ...(ref.name ? [] : [required(`${field}.name`, '')]),
  ...(ref.key ? [] : [required(`${field}.key`, '')]),
]

const envName = (name: string): string[] =>
  /^[ -<>-~]+$/.test(name) ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]

const validateEnv = (env: NonNullable<Container['env']>, field: string): FieldError[] => {
  const errors: FieldError[] = []
  for (const [index, { name, value, valueFrom }] of env.entries()) {
    const at = `${field}[${index}]`
    if (!name) errors.push(required(`${at}.name`, ''))
    else errors.push(...messages(`${at}.name`, name, envName(name)))
    if (!valueFrom) continue
    const from = `${at}.valueFrom`
    const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom
    if (fieldRef) errors.push(...validateFieldRef(fieldRef, `${from}.fieldRef`))
    if (resourceFieldRef && !resourceFieldRef.resource) errors.push(required(`${from}.resourceFieldRef.resource`, ''))
    if (configMapKeyRef) errors.push(...keyRef(configMapKeyRef, `${from}.configMapKeyRef`))
    if (secretKeyRef) errors.push(...keyRef(secretKeyRef, `${from}.secretKeyRef`))
    const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length
    if (sources === 0)
      errors.push(invalidValue(from, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'))
    else if (value) errors.push(invalidValue(from, '', 'may not be specified when `value` is not empty'))
    else if (sources > 1) errors.push(invalidValue(from, '', 'may not have more than one field specified at a time'))
  }
  return errors
}

const validateEnvFrom = (sources: NonNullable<Container['envFrom']>, field: string): FieldError[] => {
  const errors: FieldError[] = []
  for (const [index, { prefix, configMapRef, secretRef }] of sources.entries()) {
    const at = `${field}[${index}]`
    if (prefix) errors.push(...messages(`${at}.prefix`, prefix, envName(prefix)))
    if (configMapRef && !configMapRef.name) errors.push(required(`${field}.configMapRef.name`, ''))
    if (secretRef && !secretRef.name) errors.push(required(`${field}.secretRef.name`, ''))
    if (configMapRef && secretRef) errors.push(invalidValue(field, '', 'may not have more than one field specified at a time'))
    else if (!configMapRef && !secretRef) errors.push(invalidValue(field, '', 'must specify one of: `configMapRef` or `secretRef`'))
  }
  return errors
}

/** A path below a directory (validateLocalDescendingPath). */
export const descendingPath = (path: string, field: string): FieldError[] => [
  ...(path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : []),
  ...(path.split('/').includes('..') ? [invalidValue(field, path, "must not contain '..'")] : []),
]

const validateMounts = (mounts: NonNullable<Container['volumeMounts']>, volumes: ReadonlySet<string>, field: string): FieldError[] => {
  const errors: FieldError[] = []
  const paths = new Set<string>()
  for (const [index, mount] of mounts.entries()) {
    const at = `${field}[${index}]`
    if (!mount.name) errors.push(required(`${at}.name`, ''))
    if (!volumes.has(mount.name)) errors.push(notFoundValue(`${at}.name`, mount.name))
    if (!mount.mountPath) errors.push(required(`${at}.mountPath`, ''))
    if (paths.has(mount.mountPath)) errors.push(invalidValue(`${at}.mountPath`, mount.mountPath, 'must be unique'))
    paths.add(mount.mountPath)
    // The real server leaves the index out of this path.
    if (mount.subPath) errors.push(...descendingPath(mount.subPath, `${field}.subPath`))
    if (mount.subPathExpr) {
      if (mount.subPath) errors.push(invalidValue(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
      errors.push(...descendingPath(mount.subPathExpr, `${field}.subPathExpr`))
    }
    errors.push(...oneOf(`${at}.mountPropagation`, mount.mountPropagation, ['Bidirectional', 'HostToContainer', 'None']))
  }
  return errors
}

const STANDARD_RESOURCES = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
  'storage',
])
const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage'])
const isExtended = (name: string): boolean => name.includes('/') && !name.startsWith('kubernetes.io/') && !name.startsWith('requests.')

const resourceName = (name: string, field: string): FieldError[] => {
  const wrong = messages(field, name, qualifiedName(name))
  if (wrong.length > 0) return wrong
  if (name.includes('/') || name.startsWith('hugepages-')) return []
  return [
    ...(STANDARD_RESOURCES.has(name) ? [] : [invalidValue(field, name, 'must be a standard resource type or fully qualified')]),
    ...(CONTAINER_RESOURCES.has(name) ? [] : [invalidValue(field, name, 'must be a standard resource for containers')]),
  ]
}

const resourceValue = (name: string, value: string | number, field: string): FieldError[] => {
  const { nano } = parseQuantity(String(value))
  if (nano < 0n) return [invalidValue(field, canonicalQuantity(value), 'must be greater than or equal to 0')]
  return (isExtended(name) || name.startsWith('hugepages-')) && nano % NANO !== 0n ? [invalidValue(field, canonicalQuantity(value), 'must be an integer')] : []
}

export const validateResources = ({ requests = {}, limits = {} }: NonNullable<Container['resources']>, field: string): FieldError[] => {
  const errors: FieldError[] = []
  for (const name in limits) errors.push(...resourceName(name, `${field}.limits[${name}]`), ...resourceValue(name, limits[name]!, `${field}.limits[${name}]`))
  for (const name in requests) {
    const at = `${field}.requests[${name}]`
    const request = requests[name]!
    const limit = limits[name]
    errors.push(...resourceName(name, at), ...resourceValue(name, request, at))
    if (limit === undefined) {
      if (isExtended(name)) errors.push(required(`${field}.limits`, 'Limit must be set for non overcommitable resources'))
      continue
    }
    if (isExtended(name) && compareQuantities(request, limit) !== 0)
      errors.push(invalidValue(`${field}.requests`, canonicalQuantity(request), `must be equal to ${name} limit of ${canonicalQuantity(limit)}`))
    else if (!isExtended(name) && compareQuantities(request, limit) > 0)
      errors.push(invalidValue(`${field}.requests`, canonicalQuantity(request), `must be less than or equal to ${name} limit of ${canonicalQuantity(limit)}`))
  }
  return errors
}

type SecurityContext = NonNullable<Container['securityContext']>

/** A container's security context as Go prints its internal type in an error. */
const shownSecurityContext = (context: SecurityContext) => ({
  Capabilities: context.capabilities ? { Add: context.capabilities.add ?? null, Drop: context.capabilities.drop ?? null } : null,
  Privileged: context.privileged ?? null,
  SELinuxOptions: context.seLinuxOptions ?? null,
  WindowsOptions: context.windowsOptions ?? null,
  RunAsUser: context.runAsUser ?? null,
  RunAsGroup: context.runAsGroup ?? null,
  RunAsNonRoot: context.runAsNonRoot ?? null,
  ReadOnlyRootFilesystem: context.readOnlyRootFilesystem ?? null,
  AllowPrivilegeEscalation: context.allowPrivilegeEscalation ?? null,
  ProcMount: context.procMount ?? null,
  SeccompProfile: context.seccompProfile ?? null,
  AppArmorProfile: context.appArmorProfile ?? null,
})

/** Profiles of seccomp and AppArmor: `localhostProfile` goes with the type Localhost, and only with it. */
export const validateProfile = (profile: { type: string; localhostProfile?: string } | undefined, field: string, types: readonly string[]): FieldError[] => {
  if (!profile) return []
  if (!profile.type) return [required(`${field}.type`, 'type is required when seccompProfile is set')]
  if (profile.type === 'Localhost')
    return profile.localhostProfile
      ? descendingPath(profile.localhostProfile, `${field}.localhostProfile`)
      : [required(`${field}.localhostProfile`, 'must be set when seccomp type is Localhost')]
  if (profile.localhostProfile !== undefined)
    return [invalidValue(`${field}.localhostProfile`, profile.localhostProfile, 'can only be set when seccomp type is Localhost')]
  return oneOf(`${field}.type`, profile.type, types)
}

const validateSecurityContext = (context: SecurityContext, field: string): FieldError[] => {
  const errors: FieldError[] = []
  for (const key of ['runAsUser', 'runAsGroup'] as const)
    if (context[key] !== undefined) errors.push(...messages(`${field}.${key}`, context[key], inRange(context[key], 0, MAX_INT32)))
  errors.push(...validateProfile(context.seccompProfile, `${field}.seccompProfile`, ['Localhost', 'RuntimeDefault', 'Unconfined']))
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged)
      errors.push(invalidValue(field, shownSecurityContext(context), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'))
    if (context.capabilities?.add?.some(capability => capability === 'CAP_SYS_ADMIN'))
      errors.push(invalidValue(field, shownSecurityContext(context), 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'))
  }
  return errors
}

const portNumberOrName = (port: number | string, field: string): FieldError[] =>
  messages(field, port, typeof port === 'string' ? portName(port) : portNumber(port))

const validateHandler = (handler: Handler, field: string): FieldError[] => {
  const errors: FieldError[] = []
  let count = 0
  const next = (name: string, check: () => FieldError[]) =>
    errors.push(...(count++ > 0 ? [forbiddenField(`${field}.${name}`, 'may not specify more than 1 handler type')] : check()))
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  if (exec) next('exec', () => (exec.command?.length ? [] : [required(`${field}.exec.command`, '')]))
  if (httpGet) {
    next('httpGet', () => [
      ...(httpGet.path ? [] : [required(`${field}.httpGet.path`, '')]),
      ...portNumberOrName(httpGet.port, `${field}.httpGet.port`),
      ...oneOf(`${field}.httpGet.scheme`, httpGet.scheme, ['HTTP', 'HTTPS']),
    ])
  }
  if (tcpSocket) next('tcpSocket', () => portNumberOrName(tcpSocket.port, `${field}.tcpSocket.port`))
  if (grpc) next('grpc', () => messages(`${field}.grpc.port`, grpc.port, portNumber(grpc.port)))
  if (sleep)
    next('sleep', () =>
      sleep.seconds >= 0 ? [] : [invalidValue(`${field}.sleep`, sleep.seconds, 'must be non-negative and less than terminationGracePeriodSeconds')],
    )
  if (count === 0) errors.push(required(field, 'must specify a handler type'))
  return errors
}

const validateProbe = (probe: Probe | undefined, field: string, onceIsEnough: boolean): FieldError[] => {
  if (!probe) return []
  const errors = validateHandler(probe, field)
  for (const key of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const)
    errors.push(...nonNegative(`${field}.${key}`, probe[key]))
  if (probe.terminationGracePeriodSeconds !== undefined && probe.terminationGracePeriodSeconds <= 0)
    errors.push(invalidValue(`${field}.terminationGracePeriodSeconds`, probe.terminationGracePeriodSeconds, 'must be greater than 0'))
  if (onceIsEnough && probe.successThreshold !== undefined && probe.successThreshold !== 1)
    errors.push(invalidValue(`${field}.successThreshold`, probe.successThreshold, 'must be 1'))
  return errors
}

/** What holds for every container, of whatever kind (validateContainerCommon). */
export const validateContainer = (container: Container, volumes: ReadonlySet<string>, field: string): FieldError[] => {
  const errors: FieldError[] = []
  if (!container.name) errors.push(required(`${field}.name`, ''))
  else errors.push(...messages(`${field}.name`, container.name, dns1123Label(container.name)))
  if (!container.image) errors.push(required(`${field}.image`, ''))
  errors.push(...oneOf(`${field}.terminationMessagePolicy`, container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']))
  if (container.ports) errors.push(...validatePorts(container.ports, `${field}.ports`))
  if (container.env) errors.push(...validateEnv(container.env, `${field}.env`))
  if (container.envFrom) errors.push(...validateEnvFrom(container.envFrom, `${field}.envFrom`))
  if (container.volumeMounts) errors.push(...validateMounts(container.volumeMounts, volumes, `${field}.volumeMounts`))
  errors.push(...oneOf(`${field}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']))
  if (container.resources) errors.push(...validateResources(container.resources, `${field}.resources`))
  if (container.securityContext) errors.push(...validateSecurityContext(container.securityContext, `${field}.securityContext`))
  return errors
}

/** Life cycle hooks and probes: of ordinary containers and of sidecars. */
export const validateLifecycle = (container: Container, field: string): FieldError[] => {
  const errors: FieldError[] = []
  for (const hook of ['postStart', 'preStop'] as const)
    if (container.lifecycle?.[hook]) errors.push(...validateHandler(container.lifecycle[hook], `${field}.lifecycle.${hook}`))
  return [
    ...errors,
    ...validateProbe(container.livenessProbe, `${field}.livenessProbe`, true),
    ...validateProbe(container.readinessProbe, `${field}.readinessProbe`, false),
    ...validateProbe(container.startupProbe, `${field}.startupProbe`, true),
  ]
}

export const validateHostIP = (ip: string, field: string): FieldError[] => messages(field, ip, address(ip))
