import { FileError } from '../files/tree.ts'
import { type Command, readText } from './command.ts'
import { calendar, readOptions, refuse } from './options.ts'

/** One run of lines removed from `a` and put into `b`, by zero-based positions. */
interface Change {
  readonly a: number
  readonly removed: number
  readonly b: number
  readonly added: number
}

/** The shortest script of changes (E. Myers, An O(ND) Difference Algorithm, 1986). */
const changesOf = (a: readonly string[], b: readonly string[]): Change[] => {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let endA = a.length
  let endB = b.length
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--
    endB--
  }
  const n = endA - start
  const m = endB - start
  const trace: Map<number, number>[] = []
  let v = new Map<number, number>([[1, 0]])
  search: for (let d = 0; d <= n + m; d++) {
    trace.push(new Map(v))
    for (let k = -d; k <= d; k += 2) {
      let x = k === -d || (k !== d && (v.get(k - 1) ?? -1) < (v.get(k + 1) ?? -1)) ? (v.get(k + 1) ?? 0) : (v.get(k - 1) ?? 0) + 1
      while (x < n && x - k < m && a[start + x] === b[start + x - k]) x++
      v.set(k, x)
      if (x >= n && x - k >= m) break search
    }
    v = new Map(v)
  }
  const removed = new Set<number>()
  const added = new Set<number>()
  let x = n
  let y = m
  for (let d = trace.length - 1; d > 0; d--) {
    const previous = trace[d]!
    const k = x - y
    const down = k === -d || (k !== d && (previous.get(k - 1) ?? -1) < (previous.get(k + 1) ?? -1))
    const fromK = down ? k + 1 : k - 1
    const fromX = previous.get(fromK) ?? 0
    if (down) added.add(start + fromX - fromK)
    else removed.add(start + fromX)
    x = fromX
    y = fromX - fromK
  }
  const result: Change[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (!removed.has(i) && !added.has(j)) {
      i++
      j++
      continue
    }
    const from = { a: i, b: j }
    while (removed.has(i)) i++
    while (added.has(j)) j++
    result.push({ a: from.a, removed: i - from.a, b: from.b, added: j - from.b })
  }
  return result
}

const CONTEXT_LINES = 3
/** Beyond this many differing lines a comparison would hold everybody up. */
const MAX_LINES = 20_000

export const diff: Command = {
  name: 'diff',
  summary: 'compare files line by line',
  run: async (context, argv) => {
    const options = await readOptions(
      context,
      argv.map(word => word.replace(/^--color(=.*)?$/, '-N').replace(/^-U\d+$/, '-u')),
      ['u', 'q', 's', 'N', 'r', 'w', 'b', 'i', 'B', 'a', 'y', 'brief', 'unified', 'report-identical-files', 'ignore-all-space', 'recursive'],
      ['label', 'U'],
    )
    if (!options) return 2
    const [left, right] = options.operands
    if (left === undefined || right === undefined)
      return refuse(context, 'diff', `missing operand${left === undefined ? '' : ` after '${left}'`}\ndiff: Try 'diff --help' for more information.`, 2)
    const has = (...names: string[]) => names.some(name => options.flags.has(name))
    const texts: string[] = []
    for (const path of [left, right]) {
      try {
        texts.push(
          path === '-'
            ? await readText(context.stdin)
            : context.fs.readText(context.fs.stat(path).kind === 'directory' ? `${path}/${(path === left ? right : left).split('/').at(-1)}` : path),
        )
      } catch (error) {
        if (!(error instanceof FileError)) throw error
        return refuse(context, 'diff', `${path}: ${error.reason}`, 2)
      }
    }
    const linesOf = (text: string) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))
    const [a, b] = [linesOf(texts[0]!), linesOf(texts[1]!)]
    const key = (line: string) =>
      has('w', 'ignore-all-space') ? line.replace(/\s+/g, '') : has('b') ? line.replace(/\s+/g, ' ').trimEnd() : has('i') ? line.toLowerCase() : line
    if (a.length + b.length > MAX_LINES && texts[0] !== texts[1] && !has('q', 'brief')) return refuse(context, 'diff', 'memory exhausted', 2)
    const changes = texts[0] === texts[1] ? [] : has('q', 'brief') ? [{ a: 0, removed: 1, b: 0, added: 1 }] : changesOf(a.map(key), b.map(key))
    const missing = (text: string, at: number, lines: readonly string[]) =>
      at === lines.length - 1 && !text.endsWith('\n') ? '\n\\ No newline at end of file' : ''
    const noFinal = texts[0]!.endsWith('\n') !== texts[1]!.endsWith('\n') && changes.length === 0 && texts[0] !== texts[1]
    if (changes.length === 0 && !noFinal) {
      if (has('s', 'report-identical-files')) await context.stdout.write(`Files ${left} and ${right} are identical\n`)
      return 0
    }
    if (noFinal) changes.push({ a: a.length - 1, removed: 1, b: b.length - 1, added: 1 })
    if (has('q', 'brief')) {
      await context.stdout.write(`Files ${left} and ${right} differ\n`)
      return 1
    }
    let text = ''
    const range = (from: number, count: number) => (count <= 1 ? String(from + (count === 0 ? 0 : 1)) : `${from + 1},${from + count}`)
    if (has('u', 'unified', 'U')) {
      const stamp = (path: string) => {
        const mtime = path === '-' ? context.clock.now : context.fs.stat(path).mtime
        const time = calendar(mtime)
        return `${path}\t${time.date} ${time.clock}.${String(Math.floor(mtime % 1000)).padStart(3, '0')}000000 +0000`
      }
      text += `--- ${stamp(left)}\n+++ ${stamp(right)}\n`
      const around = Number(options.flags.get('U') ?? CONTEXT_LINES)
      for (let i = 0; i < changes.length;) {
        let last = i
        while (last + 1 < changes.length && changes[last + 1]!.a - (changes[last]!.a + changes[last]!.removed) <= around * 2) last++
        const fromA = Math.max(0, changes[i]!.a - around)
        const fromB = Math.max(0, changes[i]!.b - around)
        const toA = Math.min(a.length, changes[last]!.a + changes[last]!.removed + around)
        const toB = Math.min(b.length, changes[last]!.b + changes[last]!.added + around)
        const span = (from: number, to: number) => (to - from === 1 ? String(from + 1) : `${to === from ? from : from + 1},${to - from}`)
        text += `@@ -${span(fromA, toA)} +${span(fromB, toB)} @@\n`
        let at = fromA
        for (const change of changes.slice(i, last + 1)) {
          while (at < change.a) text += ` ${a[at++]}\n`
          for (let j = 0; j < change.removed; j++, at++) text += `-${a[at]}${missing(texts[0]!, at, a)}\n`
          for (let j = 0; j < change.added; j++) text += `+${b[change.b + j]}${missing(texts[1]!, change.b + j, b)}\n`
        }
        while (at < toA) text += ` ${a[at++]}\n`
        i = last + 1
      }
    } else
      for (const change of changes) {
        text += `${range(change.a, change.removed)}${change.removed === 0 ? 'a' : change.added === 0 ? 'd' : 'c'}${range(change.b, change.added)}\n`
        for (let j = 0; j < change.removed; j++) text += `< ${a[change.a + j]}${missing(texts[0]!, change.a + j, a)}\n`
        if (change.removed > 0 && change.added > 0) text += '---\n'
        for (let j = 0; j < change.added; j++) text += `> ${b[change.b + j]}${missing(texts[1]!, change.b + j, b)}\n`
      }
    await context.stdout.write(text)
    return 1
  },
}
