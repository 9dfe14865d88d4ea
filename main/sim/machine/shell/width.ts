/** Ranges of East Asian wide and fullwidth characters (UAX #11), and of characters that take no cell. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
]
const NONE: readonly (readonly [number, number])[] = [
  [0x0300, 0x036f],
  [0x1160, 0x11ff],
  [0x200b, 0x200f],
  [0x20d0, 0x20ff],
  [0xd7b0, 0xd7ff],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
]

const within = (ranges: readonly (readonly [number, number])[], code: number) => ranges.some(([from, to]) => code >= from && code <= to)

/** Terminal cells one character takes. */
export const cellsOf = (character: string): number => {
  const code = character.codePointAt(0)!
  if (code < 0x300) return code < 32 || code === 127 ? 0 : 1
  return within(NONE, code) ? 0 : within(WIDE, code) ? 2 : 1
}

/** Terminal cells a text takes, escape sequences not counted. */
export const cells = (text: string): number => {
  let sum = 0
  // oxlint-disable-next-line no-control-regex -- escape sequences begin with ESC
  for (const character of text.replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07/g, '')) sum += cellsOf(character)
  return sum
}
