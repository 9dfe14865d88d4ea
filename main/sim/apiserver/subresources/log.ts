import { storeKey } from '../../store/store.ts'
import type { ResourceDefinition } from '../definition.ts'
import { RawAnswer } from '../http/message.ts'
import { flag } from '../http/paths.ts'
import type { KubeletBackend, LogOptions } from '../kubelet-backend.ts'
import type { Registry } from '../registry/environment.ts'
import type { Plan } from '../request.ts'
import type { Pod } from '../resources/types.ts'
import { badRequest, internalError, notFound } from '../status.ts'

const DEFAULT_CONTAINER = 'kubectl.kubernetes.io/default-container'

/** GET pods/log: the container's output, as its kubelet has it (pkg/registry/core/pod/strategy.go LogLocation). */
export const logPlan = (
  registry: Registry,
  definition: ResourceDefinition,
  namespace: string,
  name: string,
  query: URLSearchParams,
  backend: () => KubeletBackend | undefined,
  signal: AbortSignal,
): Plan => ({
  commit: () => {
    const pod = registry.bucketOf(definition).get(storeKey(namespace, name)) as Pod | undefined
    if (!pod) throw notFound(definition, name)
    const options = logOptions(pod, query)
    if (!pod.spec.nodeName) return new RawAnswer({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: '' })
    const kubelet = backend()
    if (!kubelet) throw internalError(`no kubelet answers for node ${JSON.stringify(pod.spec.nodeName)}`)
    return open(kubelet.logs(pod, options, signal))
  },
})

/** The first chunk decides between an answer and an error. */
const open = async (chunks: AsyncIterable<Uint8Array>): Promise<RawAnswer> => {
  const iterator = chunks[Symbol.asyncIterator]()
  const first = await iterator.next()
  const body = async function* () {
    try {
      for (let next = first; !next.done; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return new RawAnswer({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: body() })
}

/** The container that is meant; throws 400 where that is not clear. */
export const containerOf = (pod: Pod, asked: string): string => {
  const containers = pod.spec.containers.map(({ name }) => name)
  const init = (pod.spec.initContainers ?? []).map(({ name }) => name)
  const ephemeral = (pod.spec.ephemeralContainers ?? []).map(({ name }) => name)
  if (asked) {
    if ([...containers, ...init, ...ephemeral].includes(asked)) return asked
    throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`)
  }
  if (containers.length === 1) return containers[0]!
  const preset = pod.metadata.annotations?.[DEFAULT_CONTAINER]
  if (preset && containers.includes(preset)) return preset
  const others = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : ''
  throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, choose one of: [${containers.join(' ')}]${others}`)
}

const logOptions = (pod: Pod, query: URLSearchParams): LogOptions => {
  const number = (name: string) => {
    const text = query.get(name)
    if (text === null || text === '') return undefined
    if (!/^-?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
    return Number(text)
  }
  const [tailLines, sinceSeconds, limitBytes] = [number('tailLines'), number('sinceSeconds'), number('limitBytes')]
  const sinceTime = query.get('sinceTime')
  return {
    container: containerOf(pod, query.get('container') ?? ''),
    follow: flag(query.get('follow')),
    previous: flag(query.get('previous')),
    timestamps: flag(query.get('timestamps')),
    ...(tailLines !== undefined && { tailLines }),
    ...(sinceSeconds !== undefined && { sinceSeconds }),
    ...(limitBytes !== undefined && { limitBytes }),
    ...(sinceTime && { sinceTime }),
  }
}
