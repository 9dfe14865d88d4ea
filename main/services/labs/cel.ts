import { Environment, EvaluationError } from '@marcbachmann/cel-js'
import { parseQuantity } from '../../kube/quantity.ts'

/** Expressions of labs: CEL, as in Kubernetes' own validation rules, with `quantity()` and `sum()` added. */

const environment = new Environment({ unlistedVariablesAreDyn: true })
  .registerFunction('quantity(string): double', parseQuantity)
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
