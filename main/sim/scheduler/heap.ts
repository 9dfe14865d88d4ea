/** A binary heap; `compare` is negative when its first argument comes out first. */
export interface Heap<T> {
  readonly size: number
  peek(): T | undefined
  push(item: T): void
  pop(): T | undefined
}

export const heap = <T>(compare: (a: T, b: T) => number): Heap<T> => {
  const items: T[] = []
  return {
    get size() {
      return items.length
    },
    peek: () => items[0],
    push: item => {
      let i = items.push(item) - 1
      while (i > 0) {
        const parent = (i - 1) >> 1
        if (compare(item, items[parent]!) >= 0) break
        items[i] = items[parent]!
        i = parent
      }
      items[i] = item
    },
    pop: () => {
      const top = items[0]
      const last = items.pop()
      if (items.length === 0 || last === undefined) return top
      let i = 0
      for (;;) {
        let child = 2 * i + 1
        if (child >= items.length) break
        if (child + 1 < items.length && compare(items[child + 1]!, items[child]!) < 0) child++
        if (compare(items[child]!, last) >= 0) break
        items[i] = items[child]!
        i = child
      }
      items[i] = last
      return top
    },
  }
}
