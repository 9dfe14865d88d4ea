import { expect, test } from 'vitest'
import { hrefOf, parseRoute } from './router.ts'

test.each([[['nodes', 'mini-1']], [['nodes', '이름 / 물음?']], [['workloads', 'pods']], [[]]])('%j survives the address', path =>
  expect(parseRoute(hrefOf(path)).path).toEqual(path),
)

test('the query goes along, without what is empty', () => {
  expect(parseRoute(hrefOf(['nodes'], { sort: 'cpu', text: '' })).query.toString()).toBe('sort=cpu')
})

test('what cannot be decoded is taken as it stands', () => expect(parseRoute('#/nodes/%E0%A4%A').path).toEqual(['nodes', '%E0%A4%A']))
