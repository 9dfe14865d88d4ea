/** Quantities as k8s.io/apimachinery/pkg/api/resource sums and prints them, for the tables of `describe node` and `top`. */
const SUFFIX: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** The value of a quantity text in base units (cores, bytes); 0 for what is none. */
export const quantity = (text: string | number | undefined): number => {
  if (text === undefined) return 0
  const match = /^([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(String(text))
  return match ? Number(match[1]) * (SUFFIX[match[2]!] ?? 1) : 0
}

const scaled = (value: number, units: readonly [string, number][]): string => {
  for (const [suffix, size] of units) if (value >= size && value % size === 0) return `${value / size}${suffix}`
  return String(value)
}

/** A quantity as Go prints it after parsing: the largest suffix of its own kind that leaves a whole number. */
export const canonicalQuantity = (text: string | number): string => {
  const match = /^([+-]?\d+)(Ki|Mi|Gi|Ti|Pi|Ei|m|k|M|G|T|P|E)?$/.exec(String(text))
  if (!match) return String(text)
  const [, digits, suffix = ''] = match
  const value = Number(digits)
  const chain = suffix.endsWith('i') ? ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] : ['m', '', 'k', 'M', 'G', 'T', 'P', 'E']
  const base = suffix.endsWith('i') ? 1024 : 1000
  let at = chain.indexOf(suffix)
  let left = value
  while (left !== 0 && left % base === 0 && at + 1 < chain.length) {
    left /= base
    at++
  }
  return `${left}${chain[at]}`
}

/** The canonical text of a sum of quantities: cores in milli when not whole; bytes in the form the parts had. */
export const quantityText = (resource: string, value: number, like: 'binary' | 'decimal' = 'binary'): string => {
  if (resource === 'cpu') {
    const milli = Math.ceil(value * 1000 - 1e-9)
    return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`
  }
  return scaled(
    value,
    like === 'binary'
      ? [
          ['Ti', 2 ** 40],
          ['Gi', 2 ** 30],
          ['Mi', 2 ** 20],
          ['Ki', 2 ** 10],
        ]
      : [
          ['T', 1e12],
          ['G', 1e9],
          ['M', 1e6],
          ['k', 1e3],
        ],
  )
}
