import type { ResourceDefinition } from '../definition.ts'
import { invalidValue } from '../fielderrors.ts'
import { dns1123Subdomain } from './names.ts'
import { column, nameColumn } from './print.ts'
import { since } from '../../../../shared/kubernetes/duration.ts'
import type { Event } from './types.ts'

const source = (event: Event): string => {
  const component = event.source?.component || event.source?.host ? (event.source.component ?? '') : (event.reportingComponent ?? '')
  const host = event.source?.component || event.source?.host ? event.source.host : event.reportingInstance
  return host ? `${component}, ${host}` : component
}

const eventTable: ResourceDefinition<Event>['table'] = {
  columns: [
    column('Last Seen', 'Time since the event last happened.'),
    column('Type', 'Normal or Warning.'),
    column('Reason', 'Short, machine-readable reason.'),
    column('Object', 'What the event is about.'),
    column('Subobject', 'Which part of the object the event is about.', { wide: true }),
    column('Source', 'Component that reports the event.', { wide: true }),
    column('Message', 'What happened, in words.'),
    column('First Seen', 'Time since the event first happened.', { wide: true }),
    column('Count', 'How often the event happened.', { wide: true }),
    { ...nameColumn, priority: 1 },
  ],
  cells: (event, now) => {
    const { involvedObject, series } = event
    const first = since(event.firstTimestamp ?? event.eventTime, now)
    const last = series ? since(series.lastObservedTime, now) : event.lastTimestamp ? since(event.lastTimestamp, now) : first
    const kind = (involvedObject.kind ?? '').toLowerCase()
    return [
      last,
      event.type ?? '',
      event.reason ?? '',
      involvedObject.name ? `${kind}/${involvedObject.name}` : kind,
      involvedObject.fieldPath ?? '',
      source(event),
      (event.message ?? '').trim(),
      first,
      series ? (series.count ?? 0) : event.count || 1,
      event.metadata.name,
    ]
  },
}

export const event: ResourceDefinition<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  resource: 'events',
  singular: 'event',
  shortNames: ['ev'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Event',
  storageVersionHash: 'r2yiGXH7wu8=',
  validateName: dns1123Subdomain,
  validate: ({ metadata, involvedObject }) => {
    // What is about an object without a namespace is kept in the default one.
    const matches = involvedObject.namespace ? involvedObject.namespace === metadata.namespace : !metadata.namespace || metadata.namespace === 'default'
    return matches ? [] : [invalidValue('involvedObject.namespace', involvedObject.namespace ?? '', 'does not match event.namespace')]
  },
  selectableFields: {
    'involvedObject.kind': object => object.involvedObject.kind ?? '',
    'involvedObject.namespace': object => object.involvedObject.namespace ?? '',
    'involvedObject.name': object => object.involvedObject.name ?? '',
    'involvedObject.uid': object => object.involvedObject.uid ?? '',
    'involvedObject.apiVersion': object => object.involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': object => object.involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': object => object.involvedObject.fieldPath ?? '',
    reason: object => object.reason ?? '',
    reportingComponent: object => object.reportingComponent ?? '',
    source: object => object.source?.component || (object.reportingComponent ?? ''),
    type: object => object.type ?? '',
  },
  table: eventTable,
}
