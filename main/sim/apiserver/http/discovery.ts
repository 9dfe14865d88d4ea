import { createHash } from 'node:crypto'
import type { ResourceDefinition } from '../definition.ts'
import { RawAnswer } from './message.ts'
import { mediaRanges } from './negotiate.ts'
import { ALL_VERBS, subresourceKind } from './subresource-kinds.ts'

const AGGREGATED = {
  v2: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  v2beta1: 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
}

/** Answers of `/api`, `/apis` and below: what is served, in the order of the definitions. */
export interface Discovery {
  /** Undefined when the path names nothing. `headers` decide between the aggregated and the old form. */
  answer(path: string, headers: Readonly<Record<string, string | undefined>>, serverAddress: string): RawAnswer | undefined
  readonly groupVersions: readonly string[]
  hasGroup(group: string): boolean
}

const json = (value: unknown, more: Record<string, string> = {}) =>
  new RawAnswer({ status: 200, headers: { 'Content-Type': 'application/json', ...more }, body: `${JSON.stringify(value)}\n` })

export const createDiscovery = (definitions: readonly ResourceDefinition[]): Discovery => {
  const groups = new Map<string, Map<string, ResourceDefinition[]>>()
  for (const definition of definitions) {
    const versions = groups.get(definition.group) ?? new Map<string, ResourceDefinition[]>()
    groups.set(definition.group, versions)
    versions.set(definition.version, [...(versions.get(definition.version) ?? []), definition])
  }
  const byName = (a: ResourceDefinition, b: ResourceDefinition) => (a.resource < b.resource ? -1 : 1)
  for (const versions of groups.values()) for (const list of versions.values()) list.sort(byName)

  const aggregatedResource = (definition: ResourceDefinition) => ({
    resource: definition.resource,
    responseKind: { group: '', version: '', kind: definition.kind },
    scope: definition.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: definition.singular,
    verbs: definition.verbs ?? ALL_VERBS,
    ...(definition.shortNames?.length && { shortNames: definition.shortNames }),
    ...(definition.categories?.length && { categories: definition.categories }),
    ...(definition.subresources?.length && {
      subresources: definition.subresources.map(name => {
        const { kind, verbs } = subresourceKind(definition, name)
        return { subresource: name, responseKind: kind ?? { group: '', version: '', kind: definition.kind }, verbs }
      }),
    }),
  })

  const aggregate = (legacy: boolean, apiVersion: string) => ({
    kind: 'APIGroupDiscoveryList',
    apiVersion,
    metadata: {},
    items: [...groups]
      .filter(([group]) => (group === '') === legacy)
      .map(([group, versions]) => ({
        metadata: group ? { name: group } : {},
        versions: [...versions].map(([version, list]) => ({ version, resources: list.map(aggregatedResource), freshness: 'Current' })),
      })),
  })

  const groupOf = (group: string, versions: Map<string, unknown>) => {
    const all = [...versions.keys()].map(version => ({ groupVersion: `${group}/${version}`, version }))
    return { name: group, versions: all, preferredVersion: all[0] }
  }

  const resourceList = (group: string, version: string, list: readonly ResourceDefinition[]) => ({
    kind: 'APIResourceList',
    // The core group's answer has none, for the sake of clients from before 1.0.
    ...(group && { apiVersion: 'v1' }),
    groupVersion: group ? `${group}/${version}` : version,
    resources: list.flatMap(definition => [
      {
        name: definition.resource,
        singularName: definition.singular,
        namespaced: definition.namespaced,
        kind: definition.kind,
        verbs: definition.verbs ?? ALL_VERBS,
        ...(definition.shortNames?.length && { shortNames: definition.shortNames }),
        ...(definition.categories?.length && { categories: definition.categories }),
        ...(definition.storageVersionHash && { storageVersionHash: definition.storageVersionHash }),
      },
      ...(definition.subresources ?? []).map(name => {
        const { kind, verbs } = subresourceKind(definition, name)
        return {
          name: `${definition.resource}/${name}`,
          singularName: '',
          namespaced: definition.namespaced,
          ...(kind?.group && { group: kind.group, version: kind.version }),
          kind: kind?.kind ?? definition.kind,
          verbs,
        }
      }),
    ]),
  })

  const etags = new Map<string, { readonly body: string; readonly etag: string }>()
  const aggregatedAnswer = (legacy: boolean, version: 'v2' | 'v2beta1', ifNoneMatch: string | undefined) => {
    const key = `${legacy}${version}`
    let made = etags.get(key)
    if (!made) {
      const body = `${JSON.stringify(aggregate(legacy, `apidiscovery.k8s.io/${version}`))}\n`
      made = { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` }
      etags.set(key, made)
    }
    const headers = { ETag: made.etag, Vary: 'Accept', 'Cache-Control': 'public' }
    if (ifNoneMatch === made.etag) return new RawAnswer({ status: 304, headers, body: '' })
    return new RawAnswer({ status: 200, headers: { 'Content-Type': AGGREGATED[version], ...headers }, body: made.body })
  }

  return {
    groupVersions: [...groups].flatMap(([group, versions]) => [...versions.keys()].map(version => (group ? `${group}/${version}` : version))),
    hasGroup: group => groups.has(group),
    answer: (path, headers, serverAddress) => {
      const parts = path.replace(/^\/|\/$/g, '').split('/')
      const legacy = parts[0] === 'api'
      if (!legacy && parts[0] !== 'apis') return undefined
      if (parts.length === 1) {
        for (const { type, parameters } of mediaRanges(headers['accept'])) {
          if (type !== 'application/json') continue
          const version = parameters['v']
          if (parameters['as'] === 'APIGroupDiscoveryList' && parameters['g'] === 'apidiscovery.k8s.io' && (version === 'v2' || version === 'v2beta1'))
            return aggregatedAnswer(legacy, version, headers['if-none-match'])
          if (!parameters['as']) break
        }
        const vary = { Vary: 'Accept' }
        if (legacy)
          return json(
            { kind: 'APIVersions', versions: [...(groups.get('')?.keys() ?? [])], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }] },
            vary,
          )
        return json(
          { kind: 'APIGroupList', apiVersion: 'v1', groups: [...groups].filter(([group]) => group).map(([group, versions]) => groupOf(group, versions)) },
          vary,
        )
      }
      if (legacy) {
        const list = parts.length === 2 ? groups.get('')?.get(parts[1]!) : undefined
        return list && json(resourceList('', parts[1]!, list))
      }
      const versions = groups.get(parts[1]!)
      if (!parts[1] || !versions) return undefined
      if (parts.length === 2) return json({ kind: 'APIGroup', apiVersion: 'v1', ...groupOf(parts[1], versions) })
      const list = parts.length === 3 ? versions.get(parts[2]!) : undefined
      return list && json(resourceList(parts[1], parts[2]!, list))
    },
  }
}
