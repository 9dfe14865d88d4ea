import type { Authorizer } from '../access/rbac.ts'
import type { FieldError } from '../definition.ts'
import { invalidValue } from '../fielderrors.ts'
import type { Attributes, User } from '../request.ts'
import type { PolicyRule } from '../resources/types.ts'
import { badRequest, invalid } from '../status.ts'
import { reviewPlan, virtualDefinition, type VirtualResource } from './virtual.ts'

const GROUP = 'authorization.k8s.io'

interface ReviewSpec {
  readonly resourceAttributes?: {
    readonly namespace?: string
    readonly verb?: string
    readonly group?: string
    readonly version?: string
    readonly resource?: string
    readonly subresource?: string
    readonly name?: string
  }
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string }
  readonly user?: string
  readonly groups?: readonly string[]
  readonly uid?: string
  readonly namespace?: string
}

interface Review {
  readonly metadata?: { readonly namespace?: string }
  readonly spec?: ReviewSpec
}

const attributesOf = ({ resourceAttributes: asked, nonResourceAttributes: path }: ReviewSpec): Attributes => ({
  verb: asked?.verb ?? path?.verb ?? '',
  group: asked?.group ?? '',
  version: asked?.version ?? '',
  resource: asked?.resource ?? '',
  subresource: asked?.subresource ?? '',
  namespace: asked?.namespace ?? '',
  name: asked?.name ?? '',
  path: path?.path ?? '',
})

/** SubjectAccessReview and its kin (pkg/registry/authorization): asks the same authorizer as the pipeline does. */
export const accessReviews = (authorizer: Authorizer): readonly VirtualResource[] => {
  const decide = (user: User, spec: ReviewSpec) => {
    const attributes = attributesOf(spec)
    const allowed = authorizer.allows(user, attributes)
    const reason = authorizer.reason(user, attributes)
    return { allowed, ...(reason && { reason }) }
  }
  const check = (spec: ReviewSpec | undefined, subject: boolean, namespace?: string) => {
    const errors: FieldError[] = []
    if (!spec?.resourceAttributes === !spec?.nonResourceAttributes)
      errors.push(
        spec?.resourceAttributes
          ? invalidValue('spec.nonResourceAttributes', spec.nonResourceAttributes, 'cannot be specified in combination with resourceAttributes')
          : invalidValue('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'),
      )
    if (subject && !spec?.user && !spec?.groups?.length) errors.push(invalidValue('spec.user', '', 'at least one of user or group must be specified'))
    const named = spec?.resourceAttributes?.namespace
    if (namespace !== undefined && named !== namespace)
      errors.push(invalidValue('spec.resourceAttributes.namespace', named ?? '', 'must match metadata.namespace'))
    if (errors.length > 0) throw withoutKind(invalid({ group: GROUP, kind: '' }, '', errors))
  }
  const subject = (spec: ReviewSpec): User => ({ name: spec.user ?? '', groups: spec.groups ?? [], ...(spec.uid && { uid: spec.uid }) })
  const review = (kind: string, resource: string, answer: (request: Review, user: User, namespace: string) => object, namespaced = false): VirtualResource => ({
    definition: virtualDefinition(GROUP, kind, {
      resource,
      singular: kind.toLowerCase(),
      namespaced,
      verbs: ['create'],
      schema: `io.k8s.api.authorization.v1.${kind}`,
    }),
    create: (decode, namespace) =>
      reviewPlan(decode, (request, user) => ({ kind, apiVersion: `${GROUP}/v1`, metadata: {}, ...request, ...answer(request as Review, user, namespace) })),
  })

  return [
    review(
      'LocalSubjectAccessReview',
      'localsubjectaccessreviews',
      ({ spec }, _user, namespace) => {
        check(spec, true, namespace)
        return { status: decide(subject(spec!), spec!) }
      },
      true,
    ),
    review('SelfSubjectAccessReview', 'selfsubjectaccessreviews', ({ spec }, user) => {
      check(spec, false)
      return { status: decide(user, spec!) }
    }),
    review('SelfSubjectRulesReview', 'selfsubjectrulesreviews', ({ spec }, user) => {
      if (!spec?.namespace) throw badRequest('no namespace on request')
      return { spec: {}, status: rulesStatus(authorizer, user, spec.namespace) }
    }),
    review('SubjectAccessReview', 'subjectaccessreviews', ({ spec }) => {
      check(spec, true)
      return { status: decide(subject(spec!), spec!) }
    }),
  ]
}

/** The real server names no kind in these errors, only the group. */
const withoutKind = (error: ReturnType<typeof invalid>) => {
  delete error.status.details?.kind
  return error
}

const rulesStatus = (authorizer: Authorizer, user: User, namespace: string) => {
  const rules: PolicyRule[] = authorizer.rulesFor(user, namespace).map(({ rule }) => rule)
  if (user.groups.includes('system:masters') && rules.length === 0)
    rules.push({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] })
  return {
    resourceRules: rules
      .filter(({ resources }) => resources?.length)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({ verbs, apiGroups, resources, ...(resourceNames?.length && { resourceNames }) })),
    nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs?.length).map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  }
}
