import type { NodeInfo } from './node-info.ts'
import type { Rejection } from './framework.ts'

/** "10 x" sorts before "2 y": parts are sorted as the strings they are (framework/types.go, FitError). */
export const histogram = (total: number, rejections: ReadonlyMap<NodeInfo, Rejection>, absent: Rejection | undefined): string => {
  const counts = new Map<string, number>()
  const count = (rejection: Rejection, nodes: number) => {
    for (const reason of rejection.reasons) counts.set(reason, (counts.get(reason) ?? 0) + nodes)
  }
  for (const rejection of rejections.values()) count(rejection, 1)
  if (absent && rejections.size < total) count(absent, total - rejections.size)
  const parts = [...counts].map(([reason, nodes]) => `${nodes} ${reason}`).sort()
  return `0/${total} nodes are available:${parts.length > 0 ? ` ${parts.join(', ')}.` : ''}`
}

/** The text of a FailedScheduling event and of the PodScheduled condition. */
export const failureMessage = (failure: {
  readonly total: number
  readonly preFilter?: string
  readonly rejections: ReadonlyMap<NodeInfo, Rejection>
  readonly absent: Rejection | undefined
  readonly postFilter?: string
}): string => {
  const why =
    failure.preFilter === undefined
      ? histogram(failure.total, failure.rejections, failure.absent)
      : `0/${failure.total} nodes are available: ${failure.preFilter}.`
  return failure.postFilter ? `${why} ${failure.postFilter}` : why
}

export const NO_NODES = 'no nodes available to schedule pods'

/** Events carry at most 1024 bytes. */
const MAX_NOTE = 1024

export const cutNote = (text: string): string => (text.length <= MAX_NOTE ? text : `${text.slice(0, MAX_NOTE - 4)} ...`)
