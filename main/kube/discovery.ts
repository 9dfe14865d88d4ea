import type { ObjectQuery, ObjectType } from './connection.ts'
import { answerFailure, type Requests } from './requests.ts'

interface ServedResource {
  readonly name: string
  readonly kind: string
  readonly namespaced: boolean
}

/** How long "not served" is believed: a CustomResourceDefinition may appear. */
const ABSENT_MS = 10_000

/** Finds the paths of object types through the API server's discovery documents, asking for each group version once. */
export interface Discovery {
  /** The collection's path without query; undefined when the type is not served. */
  collection(type: ObjectType, namespace?: string): Promise<string | undefined>
}

export const groupVersionPath = (apiVersion: string): string => (apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`)

export const discovery = (requests: Pick<Requests, 'send'>, server: string): Discovery => {
  const known = new Map<string, Promise<readonly ServedResource[]>>()

  const read = async (apiVersion: string): Promise<readonly ServedResource[]> => {
    const answer = await requests.send('GET', groupVersionPath(apiVersion))
    if (answer.status === 200) return (JSON.parse(answer.body) as { resources: readonly ServedResource[] }).resources
    if (answer.status !== 404) throw answerFailure(server, apiVersion, answer.status, answer.body)
    setTimeout(() => known.delete(apiVersion), ABSENT_MS).unref()
    return []
  }

  const resources = (apiVersion: string) => {
    let pending = known.get(apiVersion)
    if (!pending) {
      pending = read(apiVersion)
      known.set(apiVersion, pending)
      pending.catch(() => known.delete(apiVersion))
    }
    return pending
  }

  return {
    collection: async ({ apiVersion, kind }, namespace) => {
      const resource = (await resources(apiVersion)).find(entry => entry.kind === kind && !entry.name.includes('/'))
      if (!resource) return undefined
      const scope = resource.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : ''
      return `${groupVersionPath(apiVersion)}${scope}/${resource.name}`
    },
  }
}

/** The query string of a list, with `?`; empty when nothing is asked for. */
export const queryString = (query: Readonly<Record<string, string | number | undefined>>): string => {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') parameters.set(name, String(value))
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}

export const selectors = ({ labelSelector, fieldSelector }: ObjectQuery) => ({ labelSelector, fieldSelector })
