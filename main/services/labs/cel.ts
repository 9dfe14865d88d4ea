import { Environment, EvaluationError } from '@marcbachmann/cel-js'

/** Expressions of labs: CEL, as in Kubernetes' own validation rules, with `quantity()` and `sum()` added. */

const suffixes: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
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

/** A Kubernetes quantity (`3800m`, `16Gi`, `12e6`) in its base unit; NaN when it is none. */
export const quantity = (text: string): number => {
  const match = /^([+-]?[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)(|n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)$/.exec(text)
  return match ? Number(match[1]) * suffixes[match[2] ?? '']! : Number.NaN
}

const environment = new Environment({ unlistedVariablesAreDyn: true })
  .registerFunction('quantity(string): double', quantity)
  .registerFunction('sum(list): double', (list: Iterable<unknown>) => [...list].reduce<number>((total, value) => total + Number(value), 0))

/** Why an expression of a lab does not parse, or undefined. */
export const celProblem = (expression: string): string | undefined => {
  try {
    environment.parse(expression)
    return undefined
  } catch (error) {
    return (error as Error).message.split('\n')[0]
  }
}

/** The value of an expression; undefined where it asks for a field that is not there (status not yet written). Throws on a bad expression. */
export const cel = (expression: string, variables: Readonly<Record<string, unknown>>): unknown => {
  try {
    return plain(environment.evaluate(expression, { ...variables }))
  } catch (error) {
    if (error instanceof EvaluationError && error.code === 'no_such_key') return undefined
    throw error
  }
}

/** CEL's 64-bit integers come as bigint; labs compare and show numbers. */
const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : Array.isArray(value) ? value.map(plain) : value)
