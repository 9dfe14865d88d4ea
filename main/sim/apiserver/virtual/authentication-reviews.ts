import { rfc3339, type Clock } from '../../time/clock.ts'
import type { TokenSigner } from '../access/tokens.ts'
import type { User } from '../request.ts'
import { reviewPlan, virtualDefinition, type VirtualResource } from './virtual.ts'

const GROUP = 'authentication.k8s.io'

const userInfo = ({ name, uid, groups, extra }: User) => ({ username: name, ...(uid && { uid }), groups, ...(extra && { extra }) })

/** SelfSubjectReview (`kubectl auth whoami`) and TokenReview. */
export const authenticationReviews = (clock: Clock, signer: TokenSigner): readonly VirtualResource[] => [
  {
    definition: virtualDefinition(GROUP, 'SelfSubjectReview', {
      resource: 'selfsubjectreviews',
      singular: 'selfsubjectreview',
      verbs: ['create'],
      schema: 'io.k8s.api.authentication.v1.SelfSubjectReview',
    }),
    create: decode =>
      reviewPlan(decode, (_request, user) => ({
        kind: 'SelfSubjectReview',
        apiVersion: `${GROUP}/v1`,
        metadata: { creationTimestamp: rfc3339(clock.now) },
        status: { userInfo: userInfo(user) },
      })),
  },
  {
    definition: virtualDefinition(GROUP, 'TokenReview', {
      resource: 'tokenreviews',
      singular: 'tokenreview',
      verbs: ['create'],
      schema: 'io.k8s.api.authentication.v1.TokenReview',
    }),
    create: decode =>
      reviewPlan(decode, request => {
        const { spec } = request as { spec?: { token?: string; audiences?: readonly string[] } }
        const verdict = signer.check(spec?.token ?? '', spec?.audiences?.length ? spec.audiences : undefined)
        const status =
          'error' in verdict ? { user: {}, error: verdict.error } : { authenticated: true, user: userInfo(verdict.user), audiences: verdict.audiences }
        return { kind: 'TokenReview', apiVersion: `${GROUP}/v1`, metadata: {}, ...request, status }
      }),
  },
]
