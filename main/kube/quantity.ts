const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
} // prettier-ignore

const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/

/** A Kubernetes quantity (apimachinery's resource.Quantity) as a number of its base unit; 0 when it is none. */
export const parseQuantity = (text: string | number | undefined): number => {
  if (typeof text === 'number') return text
  const match = QUANTITY.exec(text ?? '')
  if (!match) return 0
  return Number(`${match[1]}${match[2] ?? ''}`) * FACTORS[match[3] ?? '']!
}

/** Millicores, rounded up as Kubernetes does (Quantity.MilliValue). */
export const milli = (text: string | number | undefined): number => Math.ceil(Number((parseQuantity(text) * 1000).toFixed(6)))

/** Whole units, rounded up (Quantity.Value). */
export const whole = (text: string | number | undefined): number => Math.ceil(Number(parseQuantity(text).toFixed(6)))
