const SUFFIXES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  n: [1n, 1_000_000_000n],
  u: [1n, 1_000_000n],
  m: [1n, 1000n],
  '': [1n, 1n],
  k: [10n ** 3n, 1n],
  M: [10n ** 6n, 1n],
  G: [10n ** 9n, 1n],
  T: [10n ** 12n, 1n],
  P: [10n ** 15n, 1n],
  E: [10n ** 18n, 1n],
  Ki: [2n ** 10n, 1n],
  Mi: [2n ** 20n, 1n],
  Gi: [2n ** 30n, 1n],
  Ti: [2n ** 40n, 1n],
  Pi: [2n ** 50n, 1n],
  Ei: [2n ** 60n, 1n],
}

const SYNTAX = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/

/** Quantities repeat (`100m`, `128Mi`), so what was computed once is kept, up to this many texts. */
const KEPT = 4096

const scaled = (scale: bigint) => {
  const known = new Map<string, number>()
  const parse = (text: string): number => {
    const match = SYNTAX.exec(text)
    if (!match) throw new Error(`unable to parse quantity ${JSON.stringify(text)}`)
    const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match
    let [numerator, denominator] = SUFFIXES[suffix]!
    const power = Number(exponent ?? 0)
    if (power > 0) numerator *= 10n ** BigInt(power)
    else denominator *= 10n ** BigInt(-power)
    numerator *= BigInt(whole + fraction || '0') * scale
    denominator *= 10n ** BigInt(fraction.length)
    // Rounded away from zero, as Quantity.Value and MilliValue round up.
    const rounded = Number((numerator + denominator - 1n) / denominator)
    return sign === '-' ? -rounded : rounded
  }
  return (quantity: string | number): number => {
    if (typeof quantity === 'number') return Math.ceil(quantity * Number(scale))
    let value = known.get(quantity)
    if (value === undefined) {
      value = parse(quantity)
      if (known.size >= KEPT) known.clear()
      known.set(quantity, value)
    }
    return value
  }
}

/** A Kubernetes quantity as a whole number, rounded up (apimachinery resource.Quantity.Value). */
export const quantityValue: (quantity: string | number) => number = scaled(1n)

/** A Kubernetes quantity in thousandths, rounded up (resource.Quantity.MilliValue). */
export const quantityMilli: (quantity: string | number) => number = scaled(1000n)
