import type { ResourceDefinition } from './definition.ts'
import type { KubeObject } from './object.ts'
import { badRequest } from './status.ts'
import { labelValue, qualifiedName } from './resources/names.ts'

export type Predicate = (object: KubeObject) => boolean

type Requirement = { readonly key: string; readonly operator: '=' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'; readonly values: readonly string[] }

const failLabels = (detail: string): never => {
  throw badRequest(`unable to parse requirement: ${detail}`)
}

const failSelector = (detail: string): never => {
  throw badRequest(detail)
}

const BINARY = new Set(['in', 'notin', '=', '==', '!=', '>', '<'])

/** Cuts a label selector into requirements (k8s.io/apimachinery/pkg/labels, Parser). Throws 400. */
const parseLabelSelector = (selector: string): Requirement[] => {
  const tokens = selector.match(/\(|\)|,|==|!=|=|!|>|<|[^\s(),=!<>]+/g) ?? []
  let at = 0
  const isWord = (token: string | undefined) => token !== undefined && !/^(\(|\)|,|==|!=|=|!|>|<)$/.test(token)
  const requirements: Requirement[] = []
  /** What stands between parentheses; a comma without a neighbour has the empty value beside it. */
  const values = (): string[] => {
    if (tokens[at] !== '(') failLabels(`found '${tokens[at] ?? ''}' expected: '('`)
    const first = tokens[++at]
    if (first !== ')' && first !== ',' && !isWord(first)) failLabels(`found '${first ?? ''}', expected: ',', ')' or identifier`)
    const list: string[] = []
    while (tokens[at] !== ')') {
      const token = tokens[at++]
      const next = tokens[at]
      if (token === ',') {
        if (list.length === 0) list.push('')
        if (next === ')' || next === ',') list.push('')
        if (next === ',') at++
      } else if (isWord(token)) {
        list.push(token!)
        if (next !== ',' && next !== ')') failLabels(`found '${next ?? ''}', expected: ',' or ')'`)
        if (next === ',' && isWord(tokens[at + 1])) at++
      } else failLabels(`found '${token ?? ''}', expected: ',', or identifier`)
    }
    at++
    if (list.length === 0) failLabels("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty")
    return [...new Set(list)].sort()
  }
  while (at < tokens.length) {
    if (tokens[at] !== '!' && !isWord(tokens[at])) failSelector(`found '${tokens[at]}', expected: !, identifier, or 'end of string'`)
    const negated = tokens[at] === '!'
    if (negated) at++
    const key = tokens[at++]
    if (!isWord(key)) failLabels(`found '${key ?? ''}', expected: identifier`)
    const problems = qualifiedName(key!)
    if (problems.length > 0) failLabels(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problems.join('; ')}`)
    const operator = tokens[at]
    if (negated || operator === undefined || operator === ',') requirements.push({ key: key!, operator: negated ? '!' : 'exists', values: [] })
    else {
      if (!BINARY.has(operator)) failLabels(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`)
      at++
      let requirement: Requirement
      if (operator === 'in' || operator === 'notin') requirement = { key: key!, operator, values: values() }
      else {
        const value = isWord(tokens[at]) ? tokens[at++]! : ''
        const named = operator === '==' ? '=' : operator === '>' ? 'gt' : operator === '<' ? 'lt' : (operator as '=' | '!=')
        requirement = { key: key!, operator: named, values: [value] }
      }
      for (const value of requirement.values) {
        const wrong = labelValue(value)
        if (wrong.length > 0) failLabels(`values[0][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong.join('; ')}`)
        if ((requirement.operator === 'gt' || requirement.operator === 'lt') && !/^-?\d+$/.test(value))
          failLabels(`values[0]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`)
      }
      requirements.push(requirement)
    }
    if (at < tokens.length) {
      if (tokens[at] !== ',') failSelector(`found '${tokens[at]}', expected: ',' or 'end of string'`)
      at++
      if (tokens[at] !== '!' && !isWord(tokens[at])) failSelector(`found '${tokens[at] ?? ''}', expected: identifier after ','`)
    }
  }
  return requirements
}

const holds = ({ key, operator, values }: Requirement, labels: Record<string, string> | undefined): boolean => {
  const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case '=':
      return value === values[0]
    case '!=':
      return value !== values[0]
    case 'in':
      return value !== undefined && values.includes(value)
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'gt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) > Number(values[0])
    case 'lt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) < Number(values[0])
  }
}

/** What a label selector text selects; undefined when it selects everything. Throws 400 where it does not parse. */
const labelPredicate = (selector: string | undefined): Predicate | undefined => {
  if (!selector) return undefined
  const requirements = parseLabelSelector(selector)
  if (requirements.length === 0) return undefined
  return object => requirements.every(requirement => holds(requirement, object.metadata.labels))
}

/** What a field selector text selects (k8s.io/apimachinery/pkg/fields). Throws 400 for fields the kind does not offer. */
const fieldPredicate = (definition: ResourceDefinition, selector: string | undefined): Predicate | undefined => {
  if (!selector) return undefined
  const terms: ((object: KubeObject) => boolean)[] = []
  // A backslash keeps the separators from separating.
  for (const term of selector.match(/(?:\\.|[^,])+/g) ?? []) {
    const parts = /^((?:\\.|[^=!])*)(!=|==|=)(.*)$/s.exec(term)
    if (!parts) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`)
    const field = parts[1]!
    const wanted = parts[3]!.replace(/\\(.)/g, '$1')
    // A lone '=' asks for nothing.
    if (field === '' && wanted === '' && parts[2] !== '!=') continue
    const read = fieldReader(definition, field)
    terms.push(parts[2] === '!=' ? object => read(object) !== wanted : object => read(object) === wanted)
  }
  if (terms.length === 0) return undefined
  return terms.length === 1 ? terms[0] : object => terms.every(term => term(object))
}

const fieldReader = (definition: ResourceDefinition, field: string): ((object: KubeObject) => string) => {
  if (field === 'metadata.name') return object => object.metadata.name
  if (field === 'metadata.namespace' && definition.namespaced) return object => object.metadata.namespace ?? ''
  const own = definition.selectableFields?.[field]
  if (own) return own
  throw badRequest(
    definition.selectableFields
      ? `field label not supported: ${field}`
      : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
  )
}

/** Both selectors as one; undefined when everything is selected. */
export const selectorPredicate = (definition: ResourceDefinition, labels: string | undefined, fields: string | undefined): Predicate | undefined => {
  const byLabels = labelPredicate(labels)
  const byFields = fieldPredicate(definition, fields)
  return byLabels && byFields ? object => byLabels(object) && byFields(object) : (byLabels ?? byFields)
}

/** A LabelSelector object (matchLabels, matchExpressions) against labels. An empty one selects everything. */
export const selectorMatches = (
  selector: {
    readonly matchLabels?: Record<string, string>
    readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[]
  },
  labels: Record<string, string> | undefined,
): boolean => {
  for (const key in selector.matchLabels) if (labels?.[key] !== selector.matchLabels[key]) return false
  return (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labels?.[key]
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value)
      case 'NotIn':
        return value === undefined || !values.includes(value)
      case 'Exists':
        return value !== undefined
      default:
        return value === undefined
    }
  })
}
