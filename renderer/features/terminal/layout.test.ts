import { describe, expect, it } from 'vitest'
import { type Layout, panesOf, splitPane, withoutPane, withShare } from './layout.ts'

const pane = (id: string) => ({ kind: 'pane' as const, id, machineId: 'm' })
const ids = (layout: Layout) => panesOf(layout).map(({ id }) => id)

describe('the layout of a tab', () => {
  const two = splitPane(pane('a'), 'a', 'row', pane('b'), 's1')
  const three = splitPane(two, 'b', 'column', pane('c'), 's2')

  it('splits the named pane only', () => {
    expect(ids(three)).toEqual(['a', 'b', 'c'])
    expect(splitPane(two, 'x', 'row', pane('c'), 's')).toEqual(two)
  })

  it('gives the place of a closed pane to its neighbour', () => {
    expect(withoutPane(three, 'b')).toEqual({ ...two, second: pane('c') })
    expect(withoutPane(pane('a'), 'a')).toBeUndefined()
  })

  it('keeps both sides of a split in view', () => {
    expect(withShare(two, 's1', 0.01)).toMatchObject({ share: 0.1 })
    expect(withShare(two, 's1', 2)).toMatchObject({ share: 0.9 })
  })
})
