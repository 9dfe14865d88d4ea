import type { FieldError, ResourceDefinition } from '../definition.ts'
import { duplicateValue, invalidValue, notSupported, required } from '../fielderrors.ts'
import { equalJson } from '../json.ts'
import { cidr, dns1123Subdomain, labelValue, qualifiedName } from './names.ts'
import { ageColumn, column, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { Node, Taint } from './types.ts'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** Taints stand in spec, but the real server reports them under metadata. */
const validateTaints = (taints: readonly Taint[]): FieldError[] => {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, taint] of taints.entries()) {
    const at = `metadata.taints[${index}]`
    for (const message of qualifiedName(taint.key)) errors.push(invalidValue(`${at}.key`, taint.key, message))
    for (const message of labelValue(taint.value ?? '')) errors.push(invalidValue(`${at}.value`, taint.value, message))
    if (!taint.effect) errors.push(required(`${at}.effect`, ''))
    else if (!EFFECTS.includes(taint.effect)) errors.push(notSupported(`${at}.effect`, taint.effect, EFFECTS))
    const identity = `${taint.effect}/${taint.key}`
    if (seen.has(identity))
      errors.push({
        ...duplicateValue(at, taint),
        message: `Duplicate value: ${JSON.stringify({ key: taint.key, value: taint.value ?? '', effect: taint.effect })}: taints must be unique by key and effect pair`,
      })
    seen.add(identity)
  }
  return errors
}

const validate = ({ spec }: Node): FieldError[] => {
  const errors: FieldError[] = []
  if (spec.taints) errors.push(...validateTaints(spec.taints))
  for (const [index, range] of (spec.podCIDRs ?? []).entries())
    for (const message of cidr(range)) errors.push(invalidValue(`spec.podCIDRs[${index}]`, range, message))
  if ((spec.podCIDRs?.length ?? 0) > 2) errors.push(invalidValue('spec.podCIDRs', spec.podCIDRs, 'may specify no more than one CIDR for each IP family'))
  return errors
}

const validateUpdate = (object: Node, old: Node): FieldError[] => {
  const errors: FieldError[] = []
  if (old.spec.podCIDRs?.length && !equalJson(object.spec.podCIDRs, old.spec.podCIDRs))
    errors.push({ reason: 'FieldValueForbidden', field: 'spec.podCIDRs', message: 'Forbidden: node updates may not change podCIDR except from "" to valid' })
  if (old.spec.providerID && object.spec.providerID !== old.spec.providerID)
    errors.push({
      reason: 'FieldValueForbidden',
      field: 'spec.providerID',
      message: 'Forbidden: node updates may not change providerID except from "" to valid',
    })
  return errors
}

const roles = (labels: Readonly<Record<string, string>> = {}): string => {
  const found = new Set<string>()
  for (const key in labels) {
    if (key.startsWith('node-role.kubernetes.io/') && key.length > 24) found.add(key.slice(24))
    else if (key === 'kubernetes.io/role' && labels[key] !== '') found.add(labels[key]!)
  }
  return found.size === 0 ? '<none>' : [...found].sort().join(',')
}

const status = ({ spec, status }: Node): string => {
  const ready = status.conditions?.find(condition => condition.type === 'Ready')
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady']
  if (spec.unschedulable) words.push('SchedulingDisabled')
  return words.join(',')
}

const addressOf = ({ status }: Node, type: string): string => status.addresses?.find(address => address.type === type)?.address ?? '<none>'

export const node: ResourceDefinition<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  resource: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.Node',
  storageVersionHash: 'XwShjMxG9Fs=',
  validateName: dns1123Subdomain,
  subresources: ['proxy', 'status'],
  defaults: ({ spec, status }) => {
    if (spec.podCIDR && !spec.podCIDRs?.length) spec.podCIDRs = [spec.podCIDR]
    if (spec.podCIDRs?.length && !spec.podCIDR) spec.podCIDR = spec.podCIDRs[0]
    if (!status) return
    // What a node does not say to keep back, it gives.
    for (const name in status.capacity) {
      status.allocatable ??= {}
      status.allocatable[name] ??= status.capacity[name]!
    }
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status
  },
  validate,
  validateUpdate,
  selectableFields: { 'spec.unschedulable': object => String(object.spec.unschedulable ?? false) },
  table: {
    columns: [
      nameColumn,
      column('Status', 'Whether the node is ready, and whether pods may be placed on it.'),
      column('Roles', 'Roles of the node.'),
      ageColumn,
      column('Version', 'Version of the kubelet.'),
      column('Internal-IP', 'Address within the cluster.', { wide: true }),
      column('External-IP', 'Address from outside the cluster.', { wide: true }),
      column('OS-Image', 'Operating system.', { wide: true }),
      column('Kernel-Version', 'Kernel, and the architecture it runs on.', { wide: true }),
      column('Container-Runtime', 'Container runtime, with its version.', { wide: true }),
    ],
    cells: (object, now) => {
      const { metadata } = object
      const info = object.status.nodeInfo
      const kernel = info?.kernelVersion ? (info.architecture ? `${info.kernelVersion} (${info.architecture})` : info.kernelVersion) : '<unknown>'
      return [
        metadata.name,
        status(object),
        roles(metadata.labels),
        since(metadata.creationTimestamp, now),
        info?.kubeletVersion ?? '',
        addressOf(object, 'InternalIP'),
        addressOf(object, 'ExternalIP'),
        info?.osImage || '<unknown>',
        kernel,
        info?.containerRuntimeVersion || '<unknown>',
      ]
    },
  },
}
