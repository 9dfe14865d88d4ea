import { cel } from '../cel.ts'
import { outcome } from '../text.ts'
import type { Leaf } from './check.ts'

/** At least `min` objects of a selection make `where` true, or, with `expectEmpty`, none does. */
export const list: Leaf<'list'> = {
  name: 'list',
  evaluate: async (spec, { truth }) => {
    const objects = await truth.list(spec)
    const found = spec.where === undefined ? objects : objects.filter(object => cel(spec.where!, object) === true)
    const kind = spec.gvk.split('/').at(-1)
    const names = found
      .slice(0, 5)
      .map(object => object.metadata?.name)
      .join(', ')
    if (spec.expectEmpty)
      return found.length === 0
        ? outcome('pass', `${kind}: 남은 것이 없습니다.`, `${kind}: none left.`)
        : outcome('fail', `${kind}: 아직 있습니다 (${names}).`, `${kind}: still there (${names}).`)
    const enough = found.length >= spec.min!
    return outcome(
      enough ? 'pass' : 'fail',
      `${kind}: 조건에 맞는 것 ${found.length}개 (바라는 수 ${spec.min}).`,
      `${kind}: ${found.length} match (${spec.min} wanted).`,
    )
  },
  expressions: spec => (spec.where === undefined ? [] : [spec.where]),
}
