import type { Store } from '../../store/store.ts'
import type { Clock } from '../../time/clock.ts'

/** --event-ttl: an event lives an hour from its last change. */
const EVENT_TTL_MS = 60 * 60_000
const SWEEP_MS = 60_000

/** Removes events when their time is over, as etcd's leases do. Returns how to stop. */
export const expireEvents = (store: Store, clock: Clock): (() => void) => {
  const bucket = store.bucket('/events')
  /** When each event was written last; oldest first, for every write moves its event to the end. */
  const written = new Map<string, number>()
  const keyOf = ({ metadata }: { metadata: { namespace?: string; name: string } }) => `${metadata.namespace}/${metadata.name}`
  // What came from disk begins anew: a little too long is harmless.
  for (const key of bucket.keys()) written.set(key, clock.now)
  const unsubscribe = bucket.subscribe(({ type, object }) => {
    const key = keyOf(object)
    written.delete(key)
    if (type !== 'DELETED') written.set(key, clock.now)
  })
  let cancel = () => {}
  const sweep = () => {
    for (const [key, at] of written) {
      if (at + EVENT_TTL_MS > clock.now || !store.writable) break
      store.remove(bucket, key)
    }
    cancel = clock.after(SWEEP_MS, sweep)
  }
  cancel = clock.after(SWEEP_MS, sweep)
  return () => {
    cancel()
    unsubscribe()
  }
}
