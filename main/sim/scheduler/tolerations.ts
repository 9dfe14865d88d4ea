import type { Taint, Toleration } from '../apiserver/resources/types.ts'

/** As core/v1 Toleration.ToleratesTaint. */
export const toleratesTaint = (toleration: Toleration, taint: Pick<Taint, 'key' | 'value' | 'effect'>): boolean => {
  if (toleration.effect && toleration.effect !== taint.effect) return false
  if (toleration.key && toleration.key !== taint.key) return false
  return (
    toleration.operator === 'Exists' ||
    ((toleration.operator === undefined || toleration.operator === 'Equal') && (toleration.value ?? '') === (taint.value ?? ''))
  )
}

/** The first taint of one of these effects that no toleration covers. */
export const untoleratedTaint = (taints: readonly Taint[], tolerations: readonly Toleration[] | undefined, effects: readonly string[]): Taint | undefined => {
  for (const taint of taints) {
    if (!effects.includes(taint.effect)) continue
    if (!tolerations?.some(toleration => toleratesTaint(toleration, taint))) return taint
  }
  return undefined
}

/** Taints that keep new pods off a node. */
export const SCHEDULING_EFFECTS: readonly string[] = ['NoSchedule', 'NoExecute']
