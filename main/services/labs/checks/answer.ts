import { outcome } from '../text.ts'
import { closeTo, parseNumber, sameText, truthValues } from './quiz.ts'
import type { Leaf } from './check.ts'

/** The student's answer to one field is this value: how a diagnosis recognises a known misunderstanding. */
export const answer: Leaf<'answer'> = {
  name: 'answer',
  evaluate: async (spec, context) => {
    const given = context.answers[spec.field]
    if (given === undefined || given === '') return outcome('fail', '답이 아직 없습니다.', 'No answer yet.')
    const values = await truthValues('from' in spec ? { from: spec.from, expr: spec.expr } : { value: spec.value }, context)
    const same = values.some(value => (typeof value === 'number' ? closeTo(parseNumber(given), value, spec.tolerance ?? 0) : sameText(given, String(value))))
    return outcome(same ? 'pass' : 'fail', `답: ${given}`, `Answer: ${given}`)
  },
  expressions: spec => ('from' in spec ? [spec.expr] : []),
}
