import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cloneJson } from './json.ts'

describe('cloneJson', () => {
  it('copies what JSON would carry, in its order, and shares nothing', () => {
    fc.assert(
      fc.property(
        fc.object({ values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.constant(undefined)], withNullPrototype: false }),
        value => {
          // In JSON an array holds null where a member is undefined; our data has no such arrays.
          const plain = JSON.parse(JSON.stringify(value)) as Record<string, unknown>
          const copy = cloneJson(plain)
          expect(JSON.stringify(copy)).toBe(JSON.stringify(plain))
          const shared = Object.keys(plain).filter(key => typeof plain[key] === 'object' && plain[key] !== null && copy[key] === plain[key])
          expect(shared).toEqual([])
        },
      ),
    )
  })

  it('leaves out members that are undefined, and keeps a member called __proto__', () => {
    expect(JSON.stringify(cloneJson({ a: undefined, b: { c: undefined, d: 1 } }))).toBe('{"b":{"d":1}}')
    const hostile = JSON.parse('{"__proto__":{"polluted":{}},"x":[{"__proto__":1}]}') as object
    const copy = cloneJson(hostile)
    expect(JSON.stringify(copy)).toBe(JSON.stringify(hostile))
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
  })
})
