import { expect, it } from 'vitest'
import { stream, type StreamSource } from './stream.ts'

const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const values: T[] = []
  for await (const value of source) values.push(value)
  return values
}

it('gives what was pushed, in order, and ends with the source', async () => {
  let stopped = 0
  const values = stream<number>(undefined, ({ push, end }) => {
    push(1)
    queueMicrotask(() => {
      push(2)
      end()
      push(3)
    })
    return () => stopped++
  })
  expect(await collect(values)).toEqual([1, 2])
  expect(stopped).toBe(1)
})

it('ends with the signal while it waits, and unsubscribes', async () => {
  const controller = new AbortController()
  let stopped = false
  const values = stream<number>(controller.signal, () => () => (stopped = true))
  const first = values.next()
  controller.abort()
  expect(await first).toEqual({ done: true, value: undefined })
  expect(stopped).toBe(true)
  expect(await collect(stream(controller.signal, () => () => {}))).toEqual([])
})

it('folds what a slow reader has not taken', async () => {
  let source: StreamSource<number[]> | undefined
  const values = stream<number[]>(
    undefined,
    given => {
      source = given
      given.push([0])
      return () => {}
    },
    (waiting, next) => (waiting.length < 3 ? [...waiting, ...next] : undefined),
  )
  expect((await values.next()).value).toEqual([0])
  for (const number of [1, 2, 3, 4]) source!.push([number])
  source!.end()
  expect(await collect(values)).toEqual([[1, 2, 3], [4]])
})
