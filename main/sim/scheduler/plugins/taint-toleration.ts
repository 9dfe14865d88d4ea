import { defaultNormalize, rejection } from '../framework.ts'
import type { Plugin } from '../framework.ts'
import { SCHEDULING_EFFECTS, toleratesTaint, untoleratedTaint } from '../tolerations.ts'

const NAME = 'TaintToleration'
const tainted = rejection(NAME, 'node(s) had untolerated taint(s)', true)

/** Keeps pods off nodes with taints they do not tolerate, and prefers nodes with fewer PreferNoSchedule taints. */
export const taintToleration: Plugin = {
  name: NAME,
  weight: 3,
  preFilter: ({ pod }) => {
    const { tolerations } = pod.spec
    return { filter: ({ taints }) => (taints.length > 0 && untoleratedTaint(taints, tolerations, SCHEDULING_EFFECTS) ? tainted : undefined) }
  },
  preScore: ({ pod }) => {
    const tolerations = pod.spec.tolerations?.filter(toleration => !toleration.effect || toleration.effect === 'PreferNoSchedule') ?? []
    return {
      score: ({ taints }) => {
        let count = 0
        for (const taint of taints) if (taint.effect === 'PreferNoSchedule' && !tolerations.some(toleration => toleratesTaint(toleration, taint))) count++
        return count
      },
      normalize: scores => defaultNormalize(scores, true),
    }
  },
  mayHelp: (event, { pod }) =>
    event.kind === 'SelfUpdated' ||
    ((event.kind === 'NodeAdded' || (event.kind === 'NodeUpdated' && event.node.spec.taints !== event.old.spec.taints)) &&
      untoleratedTaint(event.node.spec.taints ?? [], pod.spec.tolerations, SCHEDULING_EFFECTS) === undefined),
}
