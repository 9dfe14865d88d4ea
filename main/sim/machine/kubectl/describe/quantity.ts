import { quantityMilli } from '../../../client/quantity.ts'

/** The value of a quantity text in base units (cores, bytes); 0 where there is none. */
export const quantity = (text: string | number | undefined): number => (text === undefined ? 0 : quantityMilli(text) / 1000)

const BINARY: readonly [string, number][] = [
  ['Ti', 2 ** 40],
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
]

/** The text of a sum of quantities: cores in milli when not whole, bytes with the largest binary suffix that leaves a whole number. */
export const quantityText = (resource: string, value: number): string => {
  if (resource === 'cpu') {
    const milli = Math.ceil(value * 1000 - 1e-9)
    return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`
  }
  const [suffix, size] = BINARY.find(([, unit]) => value >= unit && value % unit === 0) ?? ['', 1]
  return `${value / size}${suffix}`
}
