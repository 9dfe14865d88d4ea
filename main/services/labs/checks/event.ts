import { outcome } from '../text.ts'
import type { Leaf } from './check.ts'

/** Kubernetes reported an event about an object since the lab began. */
export const event: Leaf<'event'> = {
  name: 'event',
  evaluate: async (spec, { truth, since }) => {
    const [kind, name] = spec.involved.split('/') as [string, string]
    const match = spec.msgMatch === undefined ? undefined : new RegExp(spec.msgMatch)
    const events = await truth.list({ gvk: 'v1/Event', ...(spec.ns === undefined ? {} : { ns: spec.ns }) })
    const found = events.find(object => {
      const { involvedObject, reason, message, lastTimestamp, eventTime } = object as {
        involvedObject?: { kind?: string; name?: string }
        reason?: string
        message?: string
        lastTimestamp?: string | Date
        eventTime?: string | Date
      }
      const at = lastTimestamp ?? eventTime ?? object.metadata?.creationTimestamp
      return (
        involvedObject?.kind === kind &&
        involvedObject.name === name &&
        reason === spec.reason &&
        (!match || match.test(message ?? '')) &&
        at !== undefined &&
        Date.parse(String(at)) >= Math.floor(Date.parse(since) / 1000) * 1000
      )
    })
    if (found) return outcome('pass', `이벤트 ${spec.reason}: ${String(found['message'])}`, `Event ${spec.reason}: ${String(found['message'])}`)
    return outcome('fail', `${kind} ${name}에 대한 이벤트 ${spec.reason} — 아직 없습니다.`, `No event ${spec.reason} about ${kind} ${name} yet.`)
  },
}
