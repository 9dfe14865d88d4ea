import type { ResourceDefinition } from '../definition.ts'
import type { Plan, RequestContext, User } from '../request.ts'

/** A kind that is computed when asked for, and never stored. Adding one: a file here, and a line in `index.ts`. */
export interface VirtualResource {
  readonly definition: ResourceDefinition
  /** POST: the plan for the decoded body. */
  readonly create?: (decode: (context: RequestContext) => object, namespace: string) => Plan
  /** GET on the collection and on one object; undefined when there is nothing of that name. */
  readonly list?: (namespace: string | undefined) => readonly object[]
}

/** Definition of a virtual kind: no strategy, no storage. */
export const virtualDefinition = (
  group: string,
  kind: string,
  names: {
    readonly resource: string
    readonly singular: string
    readonly namespaced?: boolean
    readonly verbs: readonly string[]
    readonly schema?: string
    readonly version?: string
  },
  table?: ResourceDefinition['table'],
): ResourceDefinition => ({
  group,
  version: names.version ?? 'v1',
  kind,
  resource: names.resource,
  singular: names.singular,
  namespaced: names.namespaced ?? false,
  schema: names.schema ?? '',
  verbs: names.verbs,
  validateName: () => [],
  table: table ?? { columns: [], cells: () => [] },
})

/** A plan for a review: decodes, answers 201, stores nothing. */
export const reviewPlan = (decode: (context: RequestContext) => object, answer: (request: object, user: User) => object): Plan => {
  let request: object = {}
  return {
    operation: 'CREATE',
    draft: context => {
      request = decode(context)
    },
    commit: context => {
      context.code = 201
      return answer(request, context.user!)
    },
  }
}
