import { since } from '../../../../../shared/kubernetes/duration.ts'
import type { AnyObject, Client } from '../client.ts'
import type { DescribeWriter } from './writer.ts'

/** Events about one object, oldest first. */
export const eventsOf = async (
  client: Client,
  object: { readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid?: string } },
  uid = object.metadata.uid,
): Promise<AnyObject[]> => {
  const path = object.metadata.namespace ? `/api/v1/namespaces/${object.metadata.namespace}/events` : '/api/v1/events'
  const selector = [
    `involvedObject.name=${object.metadata.name}`,
    ...(object.metadata.namespace ? [`involvedObject.namespace=${object.metadata.namespace}`] : []),
    ...(uid ? [`involvedObject.uid=${uid}`] : []),
  ].join(',')
  return (await client.json('GET', path, { query: { fieldSelector: selector, limit: '500' } })).items
}

const lastSeen = (event: AnyObject): string => event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp

export const writeEvents = (writer: DescribeWriter, events: readonly AnyObject[], now: number): void => {
  if (events.length === 0) return writer.line(0, 'Events:\t<none>')
  writer.line(0, 'Events:')
  writer.line(1, 'Type\tReason\tAge\tFrom\tMessage')
  writer.line(1, '----\t------\t----\t----\t-------')
  const ordered = events.toSorted((a, b) => Date.parse(lastSeen(a)) - Date.parse(lastSeen(b)))
  for (const event of ordered) {
    const count: number = event.series?.count ?? event.count ?? 1
    const first = event.firstTimestamp ?? event.eventTime
    const age = count > 1 ? `${since(lastSeen(event), now)} (x${count} over ${since(first, now)})` : since(first ?? lastSeen(event), now)
    const source = event.source?.component || event.reportingComponent || ''
    writer.line(1, `${event.type}\t${event.reason}\t${age}\t${source}\t${String(event.message ?? '').trim()}`)
  }
}
