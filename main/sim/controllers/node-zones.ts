/** How a zone does, as the node lifecycle controller judges it (ComputeZoneState). */
export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption'

/** --unhealthy-zone-threshold, --large-cluster-size-threshold, --node-eviction-rate, --secondary-node-eviction-rate. */
const UNHEALTHY_SHARE = 0.55
const LARGE_ZONE = 50
const INTERVAL_MS = 10_000
const SECONDARY_INTERVAL_MS = 100_000

/** `ready` holds the readiness of each node of the zone. */
export const zoneState = (ready: readonly boolean[]): ZoneState => {
  const bad = ready.filter(isReady => !isReady).length
  if (bad === ready.length && bad > 0) return 'FullDisruption'
  if (bad > 2 && bad / ready.length >= UNHEALTHY_SHARE) return 'PartialDisruption'
  return 'Normal'
}

/** Milliseconds between two evictions in a zone of that many nodes; undefined while nothing may be evicted. */
export const evictionInterval = (zones: ReadonlyMap<string, ZoneState>, zone: string, size: number): number | undefined => {
  // When every zone is down, it is the controller that is cut off.
  if ([...zones.values()].every(state => state === 'FullDisruption')) return undefined
  switch (zones.get(zone)) {
    case 'PartialDisruption':
      return size > LARGE_ZONE ? SECONDARY_INTERVAL_MS : undefined
    default:
      return INTERVAL_MS
  }
}
