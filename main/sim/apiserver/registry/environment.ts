import type { StrategyContext } from '../definition.ts'
import type { ResourceDefinition } from '../definition.ts'
import type { Clock } from '../../time/clock.ts'
import type { Random } from '../../time/random.ts'
import type { Bucket, Store } from '../../store/store.ts'
import type { Allocations } from './allocations.ts'

/** What the plans of the registry work on. */
export interface Registry {
  readonly clock: Clock
  readonly random: Random
  readonly store: Store
  readonly allocations: Allocations
  bucketOf(definition: Pick<ResourceDefinition, 'group' | 'resource'>): Bucket
  /** The definition served under this group and plural, in any version. */
  definitionOf(group: string, resource: string): ResourceDefinition | undefined
}

/** The context that a strategy gets; what it allocates stays only when `keep` is called. */
export const strategyContext = (registry: Registry): { readonly context: StrategyContext; readonly rollback: () => void } => {
  let transaction: ReturnType<Allocations['begin']> | undefined
  const begun = () => (transaction ??= registry.allocations.begin())
  return {
    context: {
      now: registry.clock.now,
      allocate: {
        clusterIP: (wanted, owner) => begun().clusterIP(wanted, owner),
        nodePort: (wanted, owner) => begun().nodePort(wanted, owner),
        release: owner => begun().release(owner),
      },
    },
    rollback: () => transaction?.rollback(),
  }
}
