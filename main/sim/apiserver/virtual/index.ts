import type { TokenSigner } from '../access/tokens.ts'
import type { ApiServerCore } from '../core.ts'
import type { MetricsSource } from '../kubelet-backend.ts'
import { accessReviews } from './access-reviews.ts'
import { authenticationReviews } from './authentication-reviews.ts'
import { metrics } from './metrics.ts'
import type { VirtualResource } from './virtual.ts'

/** Kinds that are computed when asked for. */
export const virtualResources = (core: ApiServerCore, signer: TokenSigner, metricsSource: () => MetricsSource | undefined): readonly VirtualResource[] => [
  ...authenticationReviews(core.registry.clock, signer),
  ...accessReviews(core.authorizer),
  ...metrics(core.registry.clock, metricsSource),
]
