import type { Node, Pod } from '../apiserver/resources/types.ts'
import { labelsSelector, selectorOf } from '../client/labels.ts'
import type { Labels, Requirement, Selector } from '../client/labels.ts'

/** A term of node affinity: selects by labels and by the node's name. */
export interface NodeTerm {
  readonly labels: Selector
  readonly fields: Selector
  /** A term that says nothing selects nothing. */
  readonly isEmpty: boolean
}

interface RawTerm {
  readonly matchExpressions?: readonly Requirement[]
  readonly matchFields?: readonly Requirement[]
}

export const nodeTerm = (term: RawTerm): NodeTerm => ({
  labels: selectorOf(term.matchExpressions ?? []),
  fields: selectorOf(term.matchFields ?? []),
  isEmpty: !term.matchExpressions?.length && !term.matchFields?.length,
})

export const termMatches = (term: NodeTerm, name: string, labels: Labels): boolean =>
  !term.isEmpty && term.labels.matches(labels) && term.fields.matches({ 'metadata.name': name })

/** What a pod demands of its node by nodeSelector and required node affinity (component-helpers/scheduling/corev1/nodeaffinity). */
export interface RequiredNodes {
  /** Nothing is demanded. */
  readonly any: boolean
  matches(name: string, labels: Labels): boolean
}

const ANY: RequiredNodes = { any: true, matches: () => true }

export const requiredTerms = (pod: Pod): readonly RawTerm[] | undefined =>
  pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms as readonly RawTerm[] | undefined

export const requiredNodes = (pod: Pod): RequiredNodes => {
  const { nodeSelector } = pod.spec
  const terms = requiredTerms(pod)?.map(nodeTerm)
  if (!terms && (!nodeSelector || Object.keys(nodeSelector).length === 0)) return ANY
  const selector = nodeSelector && labelsSelector(nodeSelector)
  return {
    any: false,
    matches: (name, labels) => (!selector || selector.matches(labels)) && (!terms || terms.some(term => termMatches(term, name, labels))),
  }
}

export const matchesNode = (required: RequiredNodes, node: Node): boolean => required.matches(node.metadata.name, node.metadata.labels ?? {})
