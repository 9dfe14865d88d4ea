import type { Plugin } from '../framework.ts'

/** Higher priority first, then who has waited longer. */
export const prioritySort: Plugin = {
  name: 'PrioritySort',
  queueSort: (a, b) => b.pod.priority - a.pod.priority || a.queuedAt - b.queuedAt,
}
