import type { Taint } from '../../apiserver/resources/types.ts'
import { rejection } from '../framework.ts'
import type { Plugin } from '../framework.ts'
import { toleratesTaint } from '../tolerations.ts'

const NAME = 'NodeUnschedulable'
const cordoned = rejection(NAME, 'node(s) were unschedulable', true)
const taint: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** Keeps pods off cordoned nodes, unless they tolerate the taint of cordoned nodes. */
export const nodeUnschedulable: Plugin = {
  name: NAME,
  preFilter: ({ pod }) => {
    const tolerated = pod.spec.tolerations?.some(toleration => toleratesTaint(toleration, taint))
    return { filter: ({ node }) => (node.spec.unschedulable && !tolerated ? cordoned : undefined) }
  },
  mayHelp: event =>
    (event.kind === 'NodeAdded' && !event.node.spec.unschedulable) ||
    (event.kind === 'NodeUpdated' && Boolean(event.old.spec.unschedulable) && !event.node.spec.unschedulable) ||
    event.kind === 'SelfUpdated',
}
