import { stringify } from 'yaml'
import type { ResourceDefinition } from '../definition.ts'
import { badRequest } from '../status.ts'
import type { KubeObject } from '../object.ts'
import type { VirtualTime } from '../../time/clock.ts'
import type { Representation } from './negotiate.ts'

/** A list answer before it is represented. */
export interface ObjectList {
  readonly items: readonly KubeObject[]
  readonly resourceVersion: string
  readonly continueToken?: string | undefined
  readonly remaining?: number | undefined
}

/** Text of a JSON value in the asked format, with the final newline that kube-apiserver sends. */
export const encode = (value: unknown, { format, pretty }: Pick<Representation, 'format' | 'pretty'>): string => {
  if (format === 'yaml') return stringify(value, { sortMapEntries: true, aliasDuplicateObjects: false, lineWidth: 0 })
  return pretty ? JSON.stringify(value, null, 2) : `${JSON.stringify(value)}\n`
}

const partial = (object: KubeObject, version: string) => ({ kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata })

type IncludeObject = 'Metadata' | 'Object' | 'None'

/** Reads `includeObject`; throws 400. */
export const includeObject = (query: URLSearchParams): IncludeObject => {
  const value = query.get('includeObject') || 'Metadata'
  if (value === 'Metadata' || value === 'Object' || value === 'None') return value
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  )
}

/** A Table (meta/v1) of these objects. `columns` false leaves the definitions out, as in later events of a watch. */
const tableOf = (definition: ResourceDefinition, items: readonly KubeObject[], now: VirtualTime, include: IncludeObject, version: string, columns = true) => ({
  columnDefinitions: columns
    ? definition.table.columns.map(({ name, type, format = '', description, priority }) => ({ name, type, format, description, priority }))
    : null,
  rows: items.map(item => ({
    cells: definition.table.cells(item, now),
    object: include === 'None' ? null : include === 'Object' ? item : partial(item, version),
  })),
})

const listMeta = ({ resourceVersion, continueToken, remaining }: ObjectList) => ({
  resourceVersion,
  ...(continueToken && { continue: continueToken }),
  ...(remaining !== undefined && { remainingItemCount: remaining }),
})

/** The JSON value of one object as the client asked for it. */
export const representObject = (
  definition: ResourceDefinition,
  object: KubeObject,
  to: Representation,
  include: IncludeObject,
  now: VirtualTime,
  columns = true,
): unknown => {
  switch (to.as) {
    case 'Table':
      return {
        kind: 'Table',
        apiVersion: `meta.k8s.io/${to.metaVersion}`,
        metadata: { resourceVersion: object.metadata.resourceVersion },
        ...tableOf(definition, [object], now, include, to.metaVersion, columns),
      }
    case 'PartialObjectMetadata':
      return partial(object, to.metaVersion)
    default:
      return object
  }
}

/** The JSON value of a list. Items of typed lists carry no kind and apiVersion of their own. */
export const representList = (definition: ResourceDefinition, list: ObjectList, to: Representation, include: IncludeObject, now: VirtualTime): unknown => {
  const metadata = listMeta(list)
  const group = definition.group ? `${definition.group}/${definition.version}` : definition.version
  switch (to.as) {
    case 'Table':
      return { kind: 'Table', apiVersion: `meta.k8s.io/${to.metaVersion}`, metadata, ...tableOf(definition, list.items, now, include, to.metaVersion) }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return {
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${to.metaVersion}`,
        metadata,
        items: list.items.map(item => partial(item, to.metaVersion)),
      }
    default:
      return {
        kind: `${definition.kind}List`,
        apiVersion: group,
        metadata,
        items: list.items.map(item => ({ ...item, kind: undefined, apiVersion: undefined })),
      }
  }
}
