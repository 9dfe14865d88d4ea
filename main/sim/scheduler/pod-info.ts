import type { Container, LabelSelector, Pod } from '../apiserver/resources/types.ts'
import { keyOf } from '../client/informer.ts'
import { labelSelector } from '../client/labels.ts'
import type { Labels, Selector } from '../client/labels.ts'
import { nonZeroRequests, podRequests, resourcesOf } from './resources.ts'
import type { Resources } from './resources.ts'

export interface HostPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

/** One (anti-)affinity term, compiled. */
export interface AffinityTerm {
  readonly namespaces: ReadonlySet<string>
  /** Selects by the namespace's labels; undefined when only `namespaces` count. */
  readonly namespaceSelector: Selector | undefined
  readonly selector: Selector
  readonly topologyKey: string
  readonly weight: number
}

/** A pod with what the scheduler needs of it worked out once. */
export interface PodInfo {
  pod: Pod
  readonly uid: string
  readonly key: string
  readonly priority: number
  /** As the pod counts on a node it is on; the pod's fit is tested with the same, unless it is resized in place. */
  readonly requests: Resources
  readonly nonZeroCpu: number
  readonly nonZeroMemory: number
  readonly ports: readonly HostPort[]
  readonly affinity: readonly AffinityTerm[]
  readonly antiAffinity: readonly AffinityTerm[]
  readonly preferredAffinity: readonly AffinityTerm[]
  readonly preferredAntiAffinity: readonly AffinityTerm[]
}

const NO_PORTS: readonly HostPort[] = []
const NO_TERMS: readonly AffinityTerm[] = []

interface PodAffinityTerm {
  readonly labelSelector?: LabelSelector
  readonly namespaces?: readonly string[]
  readonly namespaceSelector?: LabelSelector
  readonly topologyKey: string
}

const compileTerm = (pod: Pod, term: PodAffinityTerm, weight: number): AffinityTerm => ({
  namespaces: new Set(term.namespaces?.length || term.namespaceSelector ? term.namespaces : [pod.metadata.namespace!]),
  namespaceSelector: term.namespaceSelector && labelSelector(term.namespaceSelector),
  selector: labelSelector(term.labelSelector),
  topologyKey: term.topologyKey,
  weight,
})

const required = (pod: Pod, terms: readonly unknown[] | undefined): readonly AffinityTerm[] =>
  terms?.length ? (terms as PodAffinityTerm[]).map(term => compileTerm(pod, term, 0)) : NO_TERMS

const preferred = (pod: Pod, terms: readonly unknown[] | undefined): readonly AffinityTerm[] =>
  terms?.length ? (terms as { weight: number; podAffinityTerm: PodAffinityTerm }[]).map(term => compileTerm(pod, term.podAffinityTerm, term.weight)) : NO_TERMS

const hostPortsOf = (pod: Pod): readonly HostPort[] => {
  let found: HostPort[] | undefined
  const collect = (container: Container) => {
    for (const { hostPort, hostIP, protocol } of container.ports ?? [])
      if (hostPort) (found ??= []).push({ ip: hostIP || '0.0.0.0', protocol: protocol || 'TCP', port: hostPort })
  }
  for (const container of pod.spec.containers) collect(container)
  for (const container of pod.spec.initContainers ?? []) if (container.restartPolicy === 'Always') collect(container)
  return found ?? NO_PORTS
}

/** `incoming`: the pod is to be placed, so its scores leave its pod-level requests out. */
export const podInfo = (pod: Pod, incoming: boolean): PodInfo => {
  const amounts = podRequests(pod, { useStatus: !incoming })
  const nonZero = nonZeroRequests(pod, amounts, incoming)
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  return {
    pod,
    uid: pod.metadata.uid,
    key: keyOf(pod),
    priority: pod.spec.priority ?? 0,
    requests: resourcesOf(amounts),
    nonZeroCpu: nonZero.cpu,
    nonZeroMemory: nonZero.memory,
    ports: hostPortsOf(pod),
    affinity: required(pod, podAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    antiAffinity: required(pod, podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution),
    preferredAffinity: preferred(pod, podAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
    preferredAntiAffinity: preferred(pod, podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution),
  }
}

/** Does an (anti-)affinity term select this pod? `namespaceLabels` are those of the pod's namespace. */
export const termSelects = (term: AffinityTerm, pod: Pod, namespaceLabels: Labels | undefined): boolean =>
  (term.namespaces.has(pod.metadata.namespace!) || term.namespaceSelector?.matches(namespaceLabels) === true) && term.selector.matches(pod.metadata.labels)
