import { Failure, failure } from '../../shared/domain/errors.ts'
import type { Log } from '../log/log.ts'
import type { ConnectionState, KubeObject, WritableClusterConnection } from './connection.ts'
import { discovery, groupVersionPath, queryString } from './discovery.ts'
import type { ParsedKubeconfig } from './kubeconfig.ts'
import { listAll, reflect } from './reflection.ts'
import { answerFailure, openRequests, type Requests } from './requests.ts'
import { followSummaries, type Summaries } from './summaries.ts'

/** How long summaries are still followed when nobody looks any more: longer than it takes to go to another page and back. */
const LINGER_MS = 20_000

/** How often a type that is not served (yet) is looked for again. */
const ABSENT_TYPE_MS = 10_000

const isSame = (a: ConnectionState, b: ConnectionState): boolean =>
  a.state === b.state && (a.state !== 'failed' || b.state !== 'failed' || (a.error.code === b.error.code && a.error.detail === b.error.detail))

/** Connects on first use, and again by itself whenever the connection is lost. */
export const connectCluster = (kubeconfig: ParsedKubeconfig, log: Log): WritableClusterConnection => {
  const { server } = kubeconfig
  let state: ConnectionState = { state: 'connecting' }
  const stateListeners = new Set<(state: ConnectionState) => void>()
  let opened: Promise<Requests> | undefined
  let summaries: Promise<Summaries> | undefined
  let followers = 0
  let lingering: NodeJS.Timeout | undefined
  let disposed = false

  const setState = (next: ConnectionState) => {
    // Each collection finds out for itself that the cluster is gone; that is told once.
    if (disposed || isSame(state, next)) return
    state = next
    for (const listener of stateListeners) listener(next)
  }
  const connected = () => setState({ state: 'connected' })
  const failed = (error: Failure) => setState({ state: 'failed', error })

  const open = () => {
    opened ??= openRequests(kubeconfig)
    return opened
  }
  /** One request; tells the state whether the cluster could be reached at all. */
  const send: Requests['send'] = async (...request) => {
    try {
      const answer = await (await open()).send(...request)
      if (answer.status === 401) failed(answerFailure(server, request[1], 401, answer.body))
      else connected()
      return answer
    } catch (error) {
      if (error instanceof Failure) failed(error)
      throw error
    }
  }
  const types = discovery({ send }, server)

  const stopFollowing = () => {
    const stopped = summaries
    summaries = undefined
    void stopped?.then(summary => summary.dispose())
  }

  return {
    server,
    get state() {
      return state
    },
    onState: listener => {
      stateListeners.add(listener)
      return () => stateListeners.delete(listener)
    },
    follow: listener => {
      followers++
      clearTimeout(lingering)
      summaries ??= open().then(requests => followSummaries(requests, server, { connected, failed }, log))
      let stop: (() => void) | undefined
      let stopped = false
      summaries.then(
        summary => {
          if (!stopped) stop = summary.add(listener)
        },
        (error: unknown) => {
          summaries = undefined
          opened = undefined
          failed(error instanceof Failure ? error : failure('clusterUnreachable', { server }, { detail: (error as Error).message, retryable: true }))
        },
      )
      return () => {
        if (stopped) return
        stopped = true
        stop?.()
        if (--followers === 0) {
          lingering = setTimeout(stopFollowing, LINGER_MS)
          lingering.unref()
        }
      }
    },
    watch: (type, query, onChange, onSynced) => {
      let stop: (() => void) | undefined
      let stopped = false
      let timer: NodeJS.Timeout | undefined
      let synced = false
      const once = () => {
        if (!synced) onSynced?.()
        synced = true
      }
      const begin = async () => {
        const path = await types.collection(type, query.namespace).catch(() => null)
        if (stopped) return
        if (!path) {
          // Not served is the same as none there; not reachable says nothing yet.
          if (path === undefined) once()
          timer = setTimeout(() => void begin(), ABSENT_TYPE_MS)
          timer.unref()
          return
        }
        const reflection = await reflect(await open(), server, path, query, {
          change: ({ type: change, object }) => onChange({ type: change, object: { apiVersion: type.apiVersion, kind: type.kind, ...object } }),
          live: () => {
            connected()
            once()
          },
          error: failed,
        })
        if (stopped) reflection()
        else stop = reflection
      }
      void begin()
      return () => {
        stopped = true
        clearTimeout(timer)
        stop?.()
      }
    },

    get: async (type, name, namespace) => {
      const path = await types.collection(type, namespace)
      if (!path) return undefined
      const answer = await send('GET', `${path}/${encodeURIComponent(name)}`)
      if (answer.status === 404) return undefined
      if (answer.status !== 200) throw answerFailure(server, path, answer.status, answer.body)
      return JSON.parse(answer.body) as KubeObject
    },
    list: async (type, query = {}) => {
      const path = await types.collection(type, query.namespace)
      if (!path) return []
      const { items } = await listAll({ send }, server, path, query)
      return items.map(item => ({ apiVersion: type.apiVersion, kind: type.kind, ...item }))
    },
    logs: async (namespace, pod, options = {}) => {
      const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`
      const answer = await send(
        'GET',
        path + queryString({ container: options.container, tailLines: options.tailLines, previous: options.previous ? 'true' : undefined }),
      )
      if (answer.status !== 200) throw answerFailure(server, path, answer.status, answer.body)
      return answer.body
    },
    create: async object => {
      const type = { apiVersion: object.apiVersion ?? '', kind: object.kind ?? '' }
      const path = await types.collection(type, object.metadata.namespace)
      if (!path) throw failure('clusterAnswer', { server, status: '404' }, { detail: `${groupVersionPath(type.apiVersion)} does not serve ${type.kind}` })
      const answer = await send('POST', path, object)
      if (answer.status >= 300) throw answerFailure(server, path, answer.status, answer.body)
      return JSON.parse(answer.body) as KubeObject
    },
    delete: async (type, name, namespace) => {
      const path = await types.collection(type, namespace)
      if (!path) return
      const answer = await send('DELETE', `${path}/${encodeURIComponent(name)}`, { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' })
      if (answer.status >= 300 && answer.status !== 404) throw answerFailure(server, path, answer.status, answer.body)
    },
    dispose: () => {
      disposed = true
      clearTimeout(lingering)
      stopFollowing()
      stateListeners.clear()
      void opened?.then(requests => requests.dispose())
    },
  }
}
