// k8s.io/apimachinery/pkg/api/resource: quantities are exact decimal numbers with a suffix. Numbers are kept in nano
// units as BigInt, which is the precision that the real type keeps.

const binary: Record<string, bigint> = { Ki: 1n << 10n, Mi: 1n << 20n, Gi: 1n << 30n, Ti: 1n << 40n, Pi: 1n << 50n, Ei: 1n << 60n }
const decimalExponents: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const NANO = 1_000_000_000n
/** Longer texts are refused before any arithmetic. */
const MAX_LENGTH = 256
const MAX = ((1n << 63n) - 1n) * NANO

export interface Quantity {
  /** In 10^-9. */
  readonly nano: bigint
  readonly format: 'BinarySI' | 'DecimalSI' | 'DecimalExponent'
}

const QUANTITY_PATTERN_ERROR = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const QUANTITY_SUFFIX_ERROR = "unable to parse quantity's suffix"

/** Quantities of requests are few and come again and again. */
const MAX_CACHED = 10_000
const parsed = new Map<string, Quantity>()

/** Parses a quantity; throws an Error with Kubernetes' text when it is none. */
export const parseQuantity = (text: string): Quantity => {
  const known = parsed.get(text)
  if (known) return known
  const quantity = parse(text)
  if (parsed.size >= MAX_CACHED) parsed.clear()
  parsed.set(text, quantity)
  return quantity
}

const parse = (text: string): Quantity => {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(.*)$/s.exec(text)
  if (text === '' || text.length > MAX_LENGTH || !match || (match[2] === '' && !match[3])) throw new Error(QUANTITY_PATTERN_ERROR)
  const [, sign, whole, fraction = '', suffix] = match as unknown as [string, string, string, string | undefined, string]
  if (!/^[eEinumkKMGTP]*[-+]?[0-9]*$/.test(suffix)) throw new Error(QUANTITY_PATTERN_ERROR)
  let format: Quantity['format']
  let scale = NANO
  let shift = 0
  const exponent = /^[eE]([-+]?\d+)$/.exec(suffix)
  if (binary[suffix] !== undefined) {
    format = 'BinarySI'
    scale *= binary[suffix]
  } else if (decimalExponents[suffix] !== undefined) {
    format = 'DecimalSI'
    shift = decimalExponents[suffix]
  } else if (exponent && Math.abs(Number(exponent[1])) < 1000) {
    format = 'DecimalExponent'
    shift = Number(exponent[1])
  } else throw new Error(QUANTITY_SUFFIX_ERROR)
  let value = BigInt(whole + fraction || '0') * scale
  const power = shift - fraction.length
  if (power >= 0) value *= 10n ** BigInt(power)
  else {
    const divisor = 10n ** BigInt(-power)
    // Rounded up, away from zero, to the smallest unit there is.
    value = (value + divisor - 1n) / divisor
  }
  if (value > MAX) value = MAX
  return { nano: sign === '-' ? -value : value, format }
}

/** The canonical text: no fraction, the largest suffix that leaves none (Quantity.CanonicalizeBytes). */
const formatQuantity = ({ nano, format }: Quantity): string => {
  if (nano === 0n) return '0'
  const sign = nano < 0n ? '-' : ''
  const value = nano < 0n ? -nano : nano
  if (format === 'BinarySI' && value >= 1024n * NANO && value % NANO === 0n) {
    let whole = value / NANO
    let suffix = ''
    for (const next of ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']) {
      if (whole % 1024n !== 0n) break
      whole /= 1024n
      suffix = next
    }
    return `${sign}${whole}${suffix}`
  }
  let digits = value
  let exponent = -9
  while (digits % 1000n === 0n && exponent < 18) {
    digits /= 1000n
    exponent += 3
  }
  if (format === 'DecimalExponent') return `${sign}${digits}${exponent === 0 ? '' : `e${exponent}`}`
  return `${sign}${digits}${Object.keys(decimalExponents).find(key => decimalExponents[key] === exponent)}`
}

const canonical = new Map<string, string>()
const MILLI = 1_000_000n

/** The canonical text of a quantity in a request; throws an Error with Kubernetes' text when it is none. */
export const canonicalQuantity = (value: string | number): string => {
  const text = String(value)
  const known = canonical.get(text)
  if (known !== undefined) return known
  const formatted = formatQuantity(parseQuantity(text))
  if (canonical.size >= MAX_CACHED) canonical.clear()
  canonical.set(text, formatted)
  return formatted
}

/** The canonical text of an amount of a resource: what is finer than a thousandth is rounded up (SetDefaults_ResourceList). */
export const canonicalAmount = (value: string | number): string => {
  const { nano, format } = parseQuantity(String(value))
  if (nano % MILLI === 0n) return canonicalQuantity(value)
  return formatQuantity({ nano: nano > 0n ? (nano / MILLI + 1n) * MILLI : (nano / MILLI - 1n) * MILLI, format })
}

/** Negative, zero or positive, as `a` compares with `b`. */
export const compareQuantities = (a: string | number, b: string | number): number => {
  const [left, right] = [parseQuantity(String(a)).nano, parseQuantity(String(b)).nano]
  return left < right ? -1 : left > right ? 1 : 0
}

/** In milli-units (`100m` is 100), rounded up: Quantity.MilliValue. */
export const milliValue = (value: string | number): number => Number(ceilDiv(parseQuantity(String(value)).nano, 1_000_000n))

const ceilDiv = (a: bigint, b: bigint): bigint => (a > 0n ? (a + b - 1n) / b : a / b)
