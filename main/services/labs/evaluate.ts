import type { CheckValue } from '../../../shared/domain/lab.ts'
import type { CheckContext, Leaf, LeafName } from './checks/check.ts'
import { leaves } from './checks/index.ts'
import type { CheckSpec } from './schema.ts'
import { type Outcome, outcome } from './text.ts'

/**
 * Evaluates a check tree. `all`: could not look beats contradicted beats moving, because without a look nothing is known
 * and the student must not hunt for a mistake. `any`: the nearest to done counts. `none`: no child may be true.
 */
export const evaluate = async (spec: CheckSpec, context: CheckContext): Promise<Outcome> => {
  if ('all' in spec) return worst(await each(spec.all, context))
  if ('any' in spec) return nearest(await each(spec.any, context))
  if ('none' in spec) {
    const found = await each(spec.none, context)
    const blind = found.find(one => one.value === 'error')
    const there = found.find(one => one.value === 'pass')
    return blind ?? (there ? { ...there, value: 'fail' } : outcome('pass', '바라지 않던 것이 보이지 않습니다.', 'What should be gone is gone.'))
  }
  const [name, leaf] = Object.entries(spec)[0] as [LeafName, never]
  try {
    return await (leaves[name] as Leaf<LeafName>).evaluate(leaf, context)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return outcome('error', `지금은 확인할 수 없습니다: ${reason}`, `Cannot be checked right now: ${reason}`)
  }
}

const each = (specs: readonly CheckSpec[], context: CheckContext) => Promise.all(specs.map(spec => evaluate(spec, context)))

const marksOf = (outcomes: readonly Outcome[]) => {
  const marks = Object.assign({}, ...outcomes.map(one => one.marks)) as NonNullable<Outcome['marks']>
  return Object.keys(marks).length > 0 ? { marks } : {}
}

const pick = (outcomes: readonly Outcome[], order: readonly CheckValue[]): Outcome => {
  const value = order.find(wanted => outcomes.some(one => one.value === wanted))!
  const shown = outcomes.filter(one => one.value === value)
  const joined = (locale: 'ko' | 'en') => [...new Set(shown.map(one => one.seen[locale]))].join(' ')
  return { value, seen: { ko: joined('ko'), en: joined('en') }, ...marksOf(outcomes) }
}

const worst = (outcomes: readonly Outcome[]) => pick(outcomes, ['error', 'fail', 'wait', 'pass'])
const nearest = (outcomes: readonly Outcome[]) => pick(outcomes, ['pass', 'wait', 'error', 'fail'])
