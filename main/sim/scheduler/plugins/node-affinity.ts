import type { Pod } from '../../apiserver/resources/types.ts'
import { defaultNormalize, intersection, rejection } from '../framework.ts'
import type { Plugin } from '../framework.ts'
import { matchesNode, nodeTerm, requiredNodes, requiredTerms, termMatches } from '../node-selection.ts'

const NAME = 'NodeAffinity'
const other = rejection(NAME, "node(s) didn't match Pod's node affinity/selector", true)
const conflict = rejection(NAME, 'pod affinity terms conflict', true)

/** The nodes that a pod names through `metadata.name` in every term of its required affinity; undefined when it does not. */
const namedNodes = (pod: Pod): Set<string> | undefined => {
  const terms = requiredTerms(pod)
  if (!terms?.length) return undefined
  const names = new Set<string>()
  for (const term of terms) {
    let ofTerm: Set<string> | undefined
    for (const { key, operator, values } of term.matchFields ?? []) {
      if (key !== 'metadata.name' || operator !== 'In') continue
      const wanted = new Set(values)
      ofTerm = ofTerm ? intersection(ofTerm, wanted) : wanted
    }
    if (!ofTerm) return undefined
    for (const name of ofTerm) names.add(name)
  }
  return names
}

/** nodeSelector and node affinity: required terms filter, preferred terms score. */
export const nodeAffinity: Plugin = {
  name: NAME,
  weight: 2,
  preFilter: ({ pod }) => {
    const required = requiredNodes(pod)
    if (required.any) return undefined
    const nodeNames = namedNodes(pod)
    if (nodeNames?.size === 0) return conflict
    return { nodeNames, filter: node => (required.matches(node.name, node.labels) ? undefined : other) }
  },
  preScore: ({ pod }) => {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution
    if (!preferred?.length) return undefined
    const terms = preferred.map(({ weight, preference }) => ({ weight, term: nodeTerm(preference as never) }))
    return {
      score: node => {
        let sum = 0
        for (const { weight, term } of terms) if (termMatches(term, node.name, node.labels)) sum += weight
        return sum
      },
      normalize: scores => defaultNormalize(scores, false),
    }
  },
  mayHelp: (event, { pod }) =>
    (event.kind === 'NodeAdded' && matchesNode(requiredNodes(pod), event.node)) ||
    (event.kind === 'NodeUpdated' && matchesNode(requiredNodes(pod), event.node) && !matchesNode(requiredNodes(pod), event.old)),
}
