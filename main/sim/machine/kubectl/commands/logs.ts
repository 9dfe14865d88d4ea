import { resourcePath, type AnyObject } from '../client.ts'
import type { KubectlCommand, KubectlContext } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { selectorText } from '../describe/pod.ts'
import { fetchTargets } from '../targets.ts'

/** The pods whose logs are meant: the one named, the first of a workload's, or all that a selector finds. */
const podsFor = async (context: KubectlContext): Promise<AnyObject[]> => {
  const { client, flags, namespace } = context
  const list = async (labelSelector: string): Promise<AnyObject[]> =>
    (await client.json('GET', `/api/v1/namespaces/${namespace}/pods`, { query: { labelSelector, limit: '500' } })).items
  const selector = flags.string('selector')
  if (selector !== undefined) return list(selector)
  const name = flags.args[0]
  if (name === undefined)
    throw new KubectlError(
      "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command\nSee 'kubectl logs -h' for help and examples",
    )
  const [found] = await fetchTargets(context, [name.includes('/') ? name : `pods/${name}`])
  if (found!.resource.resource === 'pods') return [found!.object]
  const pods = await list(selectorText((found!.object as any).spec?.selector ?? { matchLabels: (found!.object as any).spec?.selector }))
  if (pods.length === 0) throw new KubectlError(`error: timed out waiting for the condition`)
  if (pods.length > 1) context.io.stderr(`Found ${pods.length} pods, using pod/${pods[0]!.metadata.name}\n`)
  return pods.slice(0, 1)
}

const containersFor = (context: KubectlContext, pod: any): string[] => {
  const { flags, io } = context
  const all: string[] = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((container: any) => container.name)
  if (flags.bool('all-containers')) return all
  const wanted = flags.string('container') ?? flags.args[1]
  if (wanted !== undefined) {
    if (!all.includes(wanted)) throw new KubectlError(`error: container ${wanted} is not valid for pod ${pod.metadata.name}`)
    return [wanted]
  }
  const chosen = pod.metadata.annotations?.['kubectl.kubernetes.io/default-container'] ?? pod.spec.containers[0].name
  if (pod.spec.containers.length + (pod.spec.initContainers?.length ?? 0) > 1)
    io.stderr(
      `Defaulted container "${chosen}" out of: ${[...pod.spec.containers.map((container: any) => container.name), ...(pod.spec.initContainers ?? []).map((container: any) => `${container.name} (init)`)].join(', ')}\n`,
    )
  return [chosen]
}

export const logs: KubectlCommand = {
  name: 'logs',
  aliases: ['log'],
  summary: 'Print the logs for a container in a pod',
  usage: 'kubectl logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER] [options]',
  flags: [
    { name: 'follow', short: 'f', type: 'bool', usage: 'Specify if the logs should be streamed' },
    { name: 'previous', short: 'p', type: 'bool', usage: 'If true, print the logs for the previous instance of the container in a pod if it exists' },
    { name: 'container', short: 'c', type: 'string', usage: 'Print the logs of this container' },
    { name: 'selector', short: 'l', type: 'string', usage: 'Selector (label query) to filter on' },
    { name: 'tail', type: 'int', default: -1, usage: 'Lines of recent log file to display' },
    { name: 'since', type: 'duration', default: '0s', usage: 'Only return logs newer than a relative duration like 5s, 2m, or 3h' },
    { name: 'since-time', type: 'string', usage: 'Only return logs after a specific date (RFC3339)' },
    { name: 'timestamps', type: 'bool', usage: 'Include timestamps on each line in the log output' },
    { name: 'all-containers', type: 'bool', usage: "Get all containers' logs in the pod(s)" },
    { name: 'limit-bytes', type: 'int', default: 0, usage: 'Maximum bytes of logs to return' },
    { name: 'prefix', type: 'bool', usage: 'Prefix each log line with the log source (pod name and container name)' },
  ],
  run: async context => {
    const { client, flags, io } = context
    const selecting = flags.string('selector') !== undefined
    const tail = flags.has('tail') ? flags.int('tail')! : selecting ? 10 : -1
    const since = flags.duration('since')!
    const sources = (await podsFor(context)).flatMap(pod => containersFor(context, pod).map(container => ({ pod, container })))
    if (sources.length === 0) io.stderr(`No resources found in ${context.namespace} namespace.\n`)
    const print = async ({ pod, container }: (typeof sources)[number]) => {
      const decoder = new TextDecoder()
      const query = {
        container,
        follow: flags.bool('follow') ? 'true' : undefined,
        previous: flags.bool('previous') ? 'true' : undefined,
        tailLines: tail >= 0 ? String(tail) : undefined,
        sinceSeconds: since > 0 ? String(Math.ceil(since / 1000)) : undefined,
        sinceTime: flags.string('since-time'),
        timestamps: flags.bool('timestamps') ? 'true' : undefined,
        limitBytes: flags.int('limit-bytes')! > 0 ? String(flags.int('limit-bytes')) : undefined,
      }
      for await (const chunk of client.stream(
        resourcePath({ group: '', version: 'v1', resource: 'pods', namespaced: true }, pod.metadata.namespace, pod.metadata.name, 'log'),
        query,
      )) {
        const text = decoder.decode(chunk, { stream: true })
        io.stdout(flags.bool('prefix') ? text.replace(/^(?=.)/gm, `[pod/${pod.metadata.name}/${container}] `) : text)
      }
    }
    if (flags.bool('follow')) await Promise.all(sources.map(print))
    else for (const source of sources) await print(source)
    return 0
  },
}
