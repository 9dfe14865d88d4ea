import type { KubeObject, ObjectMeta } from '../object.ts'
import { parseQuantity } from '../schema/quantity.ts'
import { dns1123Label } from './names.ts'
import type { Pod, PodSpec, PodTemplateSpec } from './types.ts'

// pkg/api/pod/warnings.go: what is taken as it is, but hardly meant.

const OLD_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}

const NANO = 1_000_000_000n

const specWarnings = (spec: PodSpec, metadata: Partial<ObjectMeta> | undefined, field: string, metadataField: string): string[] => {
  const warnings: string[] = []
  for (const key in spec.nodeSelector) if (OLD_LABELS[key]) warnings.push(`${field}.nodeSelector[${key}]: ${OLD_LABELS[key]}`)
  for (const [index, constraint] of (spec.topologySpreadConstraints ?? []).entries())
    if (OLD_LABELS[constraint.topologyKey])
      warnings.push(`${field}.topologySpreadConstraints[${index}].topologyKey: ${constraint.topologyKey} is ${OLD_LABELS[constraint.topologyKey]}`)
  if (metadata?.annotations?.['seccomp.security.alpha.kubernetes.io/pod'] !== undefined)
    warnings.push(`${metadataField}.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in v1.27+; use the "seccompProfile" field instead`)
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0)
    warnings.push(`${field}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [index, container] of (spec[list] ?? []).entries()) {
      const at = `${field}.${list}[${index}]`
      for (const part of ['limits', 'requests'] as const) {
        for (const name of ['memory', 'ephemeral-storage']) {
          const value = container.resources?.[part]?.[name]
          if (value !== undefined && parseQuantity(String(value)).nano % NANO !== 0n)
            warnings.push(`${at}.resources.${part}[${name}]: fractional byte value ${JSON.stringify(String(value))} is invalid, must be an integer`)
        }
      }
      const names = new Set<string>()
      for (const [place, { name }] of (container.env ?? []).entries()) {
        if (names.has(name)) warnings.push(`${at}.env[${place}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`)
        names.add(name)
      }
      const ports = new Map<string, number>()
      for (const [place, port] of (container.ports ?? []).entries()) {
        const key = `${port.protocol ?? 'TCP'}/${port.containerPort}/${port.hostPort ?? 0}/${port.hostIP ?? ''}`
        const first = ports.get(key)
        if (first === undefined) ports.set(key, place)
        else warnings.push(`${at}.ports[${place}]: duplicate port definition with ${at}.ports[${first}]`)
      }
    }
  }
  return warnings
}

/** Names that pods get as their host name should be single labels. */
const nameWarnings = (name: string, use: string): string[] => {
  const wrong = dns1123Label(name)
  return wrong.length > 0
    ? [`metadata.name: this is used in ${use}, which can result in surprising behavior; a DNS label is recommended: [${wrong.join(' ')}]`]
    : []
}

export const podWarnings = (pod: Pod, old: Pod | undefined): string[] => {
  if (old && old.spec === pod.spec) return []
  return [...(old ? [] : nameWarnings(pod.metadata.name, "the Pod's hostname")), ...specWarnings(pod.spec, pod.metadata, 'spec', 'metadata')]
}

type Workload = KubeObject & { spec: { template?: PodTemplateSpec } }

export const workloadWarnings = (object: Workload, old: Workload | undefined): string[] => {
  const { template } = object.spec
  if (!template?.spec || (old && old.spec.template === template)) return []
  return [
    ...(old ? [] : nameWarnings(object.metadata.name, 'Pod names and hostnames')),
    ...specWarnings(template.spec, template.metadata as Partial<ObjectMeta>, 'spec.template.spec', 'spec.template.metadata'),
  ]
}
