import type { FieldError } from '../definition.ts'
import { duplicateValue, forbiddenField, invalidValue, notSupported, required } from '../fielderrors.ts'
import { equalJson } from '../json.ts'
import { validateAffinity, validateTolerations, validateTopologySpread } from './affinityvalidation.ts'
import { validateContainer, validateHostIP, validateLifecycle, validateProfile, validateResources } from './containervalidation.ts'
import { labelErrors } from '../metadata.ts'
import { diffJson, internalForm } from './internal.ts'
import { address, dns1123Label, dns1123Subdomain, inRange, qualifiedName } from './names.ts'
import type { Container, Pod, PodSpec } from './types.ts'
import { validateVolumes } from './volumevalidation.ts'

// pkg/apis/core/validation.ValidatePodSpec and its companions, in the order in which the real server looks.

const MAX_INT32 = 2 ** 31 - 1
const messages = (field: string, value: unknown, list: readonly string[]): FieldError[] => list.map(message => invalidValue(field, value, message))

const validateContainers = (spec: PodSpec, volumes: ReadonlySet<string>, field: string): FieldError[] => {
  const containers = spec.containers ?? []
  if (containers.length === 0) return [required(`${field}.containers`, '')]
  const errors: FieldError[] = []
  const names = new Set<string>()
  for (const [index, container] of containers.entries()) {
    const at = `${field}.containers[${index}]`
    errors.push(...validateContainer(container, volumes, at))
    if (names.has(container.name)) errors.push(duplicateValue(`${at}.name`, container.name))
    names.add(container.name)
    errors.push(...validateLifecycle(container, at))
    if (container.restartPolicy !== undefined && !['Always', 'Never', 'OnFailure'].includes(container.restartPolicy))
      errors.push(notSupported(`${at}.restartPolicy`, container.restartPolicy, ['Always', 'OnFailure', 'Never']))
  }
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    const at = `${field}.initContainers[${index}]`
    errors.push(...validateContainer(container, volumes, at))
    const { restartPolicy } = container
    if (restartPolicy !== undefined && !['Always', 'Never', 'OnFailure'].includes(restartPolicy))
      errors.push(notSupported(`${at}.restartPolicy`, restartPolicy, ['Always', 'OnFailure', 'Never']))
    if (names.has(container.name)) errors.push(duplicateValue(`${at}.name`, container.name))
    names.add(container.name)
    if (restartPolicy === 'Always') errors.push(...validateLifecycle(container, at))
    else
      for (const key of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
        if (container[key]) errors.push(forbiddenField(`${at}.${key}`, 'may not be set for init containers without restartPolicy=Always'))
  }
  for (const [index, container] of (spec.ephemeralContainers ?? []).entries()) {
    const at = `${field}.ephemeralContainers[${index}]`
    errors.push(...validateContainer(container as Container, volumes, at))
    if (names.has(container.name)) errors.push(duplicateValue(`${at}.name`, container.name))
    names.add(container.name)
    if (container.targetContainerName && !containers.some(other => other.name === container.targetContainerName))
      errors.push({ reason: 'FieldValueNotFound', field: `${at}.targetContainerName`, message: `Not found: ${JSON.stringify(container.targetContainerName)}` })
  }
  return errors
}

const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/

const validateSecurity = (spec: PodSpec, field: string): FieldError[] => {
  const errors: FieldError[] = []
  if (spec.hostNetwork) {
    for (const [index, container] of (spec.containers ?? []).entries()) {
      for (const [place, port] of (container.ports ?? []).entries()) {
        if (port.hostPort !== port.containerPort)
          errors.push(
            invalidValue(`${field}.containers[${index}].ports[${place}].hostPort`, port.hostPort ?? 0, 'must match `containerPort` when `hostNetwork` is true'),
          )
      }
    }
  }
  const context = spec.securityContext
  if (!context) return errors
  const at = `${field}.securityContext`
  for (const key of ['fsGroup', 'runAsUser', 'runAsGroup'] as const)
    if (context[key] !== undefined) errors.push(...messages(`${at}.${key}`, context[key], inRange(context[key], 0, MAX_INT32)))
  for (const [index, group] of (context.supplementalGroups ?? []).entries())
    errors.push(...messages(`${at}.supplementalGroups[${index}]`, group, inRange(group, 0, MAX_INT32)))
  const sysctls = new Set<string>()
  for (const [index, { name }] of (context.sysctls ?? []).entries()) {
    const path = `${at}.sysctls[${index}].name`
    if (!name) errors.push(required(path, ''))
    else if (name.length > 253 || !SYSCTL.test(name))
      errors.push(
        invalidValue(path, name, 'must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'),
      )
    else if (sysctls.has(name)) errors.push(duplicateValue(path, name))
    sysctls.add(name)
  }
  if (context.fsGroupChangePolicy !== undefined && !['Always', 'OnRootMismatch'].includes(context.fsGroupChangePolicy))
    errors.push(notSupported(`${at}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ['Always', 'OnRootMismatch']))
  return [...errors, ...validateProfile(context.seccompProfile, `${at}.seccompProfile`, ['Localhost', 'RuntimeDefault', 'Unconfined'])]
}

const MAX_NAMESERVERS = 3
const MAX_SEARCHES = 32

const validateDns = ({ dnsConfig, dnsPolicy }: PodSpec, field: string): FieldError[] => {
  const at = `${field}.dnsConfig`
  if (!dnsConfig) return dnsPolicy === 'None' ? [required(at, 'must provide `dnsConfig` when `dnsPolicy` is None')] : []
  const { nameservers = [], searches = [], options = [] } = dnsConfig
  const errors: FieldError[] = []
  if (dnsPolicy === 'None' && nameservers.length === 0)
    errors.push(required(`${at}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'))
  if (nameservers.length > MAX_NAMESERVERS)
    errors.push(invalidValue(`${at}.nameservers`, nameservers, `must not have more than ${MAX_NAMESERVERS} nameservers`))
  for (const [index, nameserver] of nameservers.entries()) errors.push(...messages(`${at}.nameservers[${index}]`, nameserver, address(nameserver)))
  if (searches.length > MAX_SEARCHES) errors.push(invalidValue(`${at}.searches`, searches, `must not have more than ${MAX_SEARCHES} search paths`))
  for (const [index, search] of searches.entries()) {
    if (search !== '.') errors.push(...messages(`${at}.searches[${index}]`, search, dns1123Subdomain(search.replace(/\.$/, ''))))
  }
  for (const [index, option] of options.entries()) if (!option.name) errors.push(required(`${at}.options[${index}]`, 'must not be empty'))
  return errors
}

/** Checks a PodSpec, of a pod or of a template. */
export const validatePodSpec = (spec: PodSpec, field: string): FieldError[] => {
  const volumes = validateVolumes(spec.volumes, `${field}.volumes`)
  const errors = [...volumes.errors, ...validateContainers(spec, volumes.names, field)]
  if (spec.resources) errors.push(...validateResources(spec.resources, `${field}.resources`))
  const supported = (key: 'restartPolicy' | 'dnsPolicy' | 'preemptionPolicy', list: readonly string[]) => {
    if (spec[key] !== undefined && !list.includes(spec[key])) errors.push(notSupported(`${field}.${key}`, spec[key], list))
  }
  const named = (
    key: 'serviceAccountName' | 'nodeName' | 'hostname' | 'subdomain' | 'priorityClassName' | 'runtimeClassName',
    rule: (value: string) => string[],
  ) => {
    const value = spec[key]
    if (value) errors.push(...messages(`${field}.${key}`, value, rule(value)))
  }
  supported('restartPolicy', ['Always', 'OnFailure', 'Never'])
  supported('dnsPolicy', ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'])
  if (spec.nodeSelector) errors.push(...labelErrors(spec.nodeSelector, `${field}.nodeSelector`))
  errors.push(...validateSecurity(spec, field))
  for (const [index, { name }] of (spec.imagePullSecrets ?? []).entries()) if (!name) errors.push(required(`${field}.imagePullSecrets[${index}].name`, ''))
  if (spec.affinity) errors.push(...validateAffinity(spec.affinity, `${field}.affinity`))
  errors.push(...validateDns(spec, field))
  for (const [index, gate] of (spec.readinessGates ?? []).entries())
    errors.push(...messages(`${field}.readinessGates[${index}].conditionType`, gate.conditionType, qualifiedName(gate.conditionType)))
  const gates = new Set<string>()
  for (const [index, { name }] of (spec.schedulingGates ?? []).entries()) {
    errors.push(...messages(`${field}.schedulingGates[${index}]`, name, qualifiedName(name)))
    if (gates.has(name)) errors.push(duplicateValue(`${field}.schedulingGates[${index}]`, name))
    gates.add(name)
  }
  if (spec.topologySpreadConstraints) errors.push(...validateTopologySpread(spec.topologySpreadConstraints, `${field}.topologySpreadConstraints`))
  named('serviceAccountName', dns1123Subdomain)
  named('nodeName', dns1123Subdomain)
  if (spec.activeDeadlineSeconds !== undefined)
    errors.push(...messages(`${field}.activeDeadlineSeconds`, spec.activeDeadlineSeconds, inRange(spec.activeDeadlineSeconds, 1, MAX_INT32)))
  named('hostname', dns1123Label)
  named('subdomain', dns1123Label)
  if (spec.tolerations) errors.push(...validateTolerations(spec.tolerations, `${field}.tolerations`))
  for (const [index, alias] of (spec.hostAliases ?? []).entries()) {
    const at = `${field}.hostAliases[${index}]`
    errors.push(
      ...validateHostIP(alias.ip, `${at}.ip`),
      ...(alias.hostnames ?? []).flatMap((name, place) => messages(`${at}.hostnames[${place}]`, name, dns1123Subdomain(name))),
    )
  }
  named('priorityClassName', dns1123Subdomain)
  named('runtimeClassName', dns1123Subdomain)
  supported('preemptionPolicy', ['PreemptLowerPriority', 'Never'])
  return errors
}

/** What is refused in pods but, for the sake of what exists, not in templates. */
const podOnly = (spec: PodSpec): FieldError[] => {
  const errors: FieldError[] = []
  for (const key of ['containers', 'initContainers', 'ephemeralContainers'] as const) {
    for (const [index, { image }] of (spec[key] ?? []).entries())
      if (image && image !== image.trim()) errors.push(invalidValue(`spec.${key}[${index}].image`, image, 'must not have leading or trailing whitespace'))
  }
  return errors
}

/** Checks a pod by itself. */
export const validatePod = (pod: Pod): FieldError[] => {
  const errors = [...validatePodSpec(pod.spec, 'spec'), ...podOnly(pod.spec)]
  if (pod.spec.nodeName && pod.spec.schedulingGates?.length)
    errors.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  // What has no version yet is about to be created.
  if (pod.spec.ephemeralContainers?.length && !pod.metadata.resourceVersion) errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'))
  return errors
}

const FIXED_FIELDS =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/** The parts of a spec that an update may change taken from the old one: what is left must be equal. */
const withMutableOf = (spec: PodSpec, old: PodSpec): PodSpec => {
  const images = (containers: Container[] | undefined, from: readonly Container[] | undefined) =>
    containers?.map((container, index) => (container.image === from![index]!.image ? container : { ...container, image: from![index]!.image! }))
  const next: PodSpec = { ...spec, containers: images(spec.containers, old.containers)! }
  if (spec.initContainers) next.initContainers = images(spec.initContainers, old.initContainers)!
  const take = <Key extends keyof PodSpec>(key: Key) => {
    if (old[key] === undefined) delete next[key]
    else next[key] = old[key]
  }
  take('activeDeadlineSeconds')
  take('tolerations')
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && spec.terminationGracePeriodSeconds === 1) take('terminationGracePeriodSeconds')
  // Gates may be taken away; the scheduling of a gated pod may be narrowed with them.
  if (spec.schedulingGates !== old.schedulingGates) take('schedulingGates')
  if (old.schedulingGates?.length) for (const key of ['nodeSelector', 'affinity'] as const) take(key)
  return next
}

/** What an update of a pod may change (ValidatePodUpdate). */
export const validatePodUpdate = (pod: Pod, old: Pod): FieldError[] => {
  const [spec, before] = [pod.spec, old.spec]
  if (spec === before) return []
  if (spec.containers?.length !== before.containers.length) return [forbiddenField('spec.containers', 'pod updates may not add or remove containers')]
  if ((spec.initContainers?.length ?? 0) !== (before.initContainers?.length ?? 0))
    return [forbiddenField('spec.initContainers', 'pod updates may not add or remove containers')]
  const errors: FieldError[] = []
  const deadline = spec.activeDeadlineSeconds
  if (deadline !== before.activeDeadlineSeconds && before.activeDeadlineSeconds !== undefined) {
    if (deadline === undefined) errors.push(invalidValue('spec.activeDeadlineSeconds', null, 'must not update from a positive integer to nil value'))
    else if (deadline > before.activeDeadlineSeconds)
      errors.push(invalidValue('spec.activeDeadlineSeconds', deadline, 'must be less than or equal to previous value'))
  }
  const added = (spec.schedulingGates ?? []).filter(gate => !before.schedulingGates?.some(other => other.name === gate.name))
  for (const gate of added) errors.push(forbiddenField('spec.schedulingGates', `only deletion is allowed, but found new scheduling gate '${gate.name}'`))
  const kept = (before.tolerations ?? []).every(toleration =>
    spec.tolerations?.some(other => equalJson({ ...other, tolerationSeconds: 0 }, { ...toleration, tolerationSeconds: 0 })),
  )
  if (!kept) errors.push(forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'))
  if (errors.length > 0) return errors
  const fixed = withMutableOf(spec, before)
  if (equalJson(fixed, before)) return []
  const print = (value: PodSpec) => internalForm('io.k8s.api.core.v1.PodSpec', value)
  return [forbiddenField('spec', `${FIXED_FIELDS}\n${diffJson(print(before), print(fixed))}`)]
}

/** What an update of a pod's status may change (ValidatePodStatusUpdate). */
export const validatePodStatusUpdate = (pod: Pod, old: Pod): FieldError[] => {
  const errors: FieldError[] = []
  if (pod.spec.nodeName !== old.spec.nodeName) errors.push(forbiddenField('status.nodeName', 'may not be changed directly'))
  for (const [index, { ip }] of (pod.status.podIPs ?? []).entries()) errors.push(...messages(`status.podIPs[${index}]`, ip, address(ip ?? '')))
  // A container that ended for good does not come back.
  const final = (name: string) =>
    old.spec.restartPolicy === 'Never' ||
    (old.spec.restartPolicy === 'OnFailure' && old.status.containerStatuses?.find(status => status.name === name)?.state?.terminated?.exitCode === 0)
  for (const [index, status] of (pod.status.containerStatuses ?? []).entries()) {
    const before = old.status.containerStatuses?.find(other => other.name === status.name)
    if (before?.state?.terminated && !status.state?.terminated && final(status.name))
      errors.push(forbiddenField(`status.containerStatuses[${index}].state`, 'may not be transitioned to non-terminated state'))
  }
  return errors
}
