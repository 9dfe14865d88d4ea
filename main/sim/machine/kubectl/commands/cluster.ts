import { K3S } from '../../../k3s/version.ts'
import { resourcePath, apiVersionOf, type AnyObject } from '../client.ts'
import { since } from '../../../../../shared/kubernetes/duration.ts'
import type { KubectlCommand } from '../command.ts'
import { KubectlError, StatusError } from '../errors.ts'
import { quantity } from '../describe/quantity.ts'
import { toJson, toYaml } from '../print/output.ts'
import { alignRows } from '../print/table.ts'
import { allNamespacesFlag, selectorFlags } from '../targets.ts'

const KUSTOMIZE_VERSION = 'v5.8.1'

export const version: KubectlCommand = {
  name: 'version',
  summary: 'Print the client and server version information for the current context',
  usage: 'kubectl version [flags] [options]',
  flags: [
    { name: 'client', type: 'bool', usage: 'If true, shows client version only (no server required)' },
    { name: 'output', short: 'o', type: 'string', default: '', usage: "One of 'yaml' or 'json'" },
  ],
  run: async ({ client, flags, io }) => {
    // The kubectl on a K3s machine is the k3s binary itself, so both versions are one.
    const server = await client.json('GET', '/version').catch(error => (flags.bool('client') ? undefined : Promise.reject(error)))
    const clientVersion = server ?? { gitVersion: K3S.version, gitCommit: K3S.commit, goVersion: K3S.go, compiler: 'gc', platform: 'linux/amd64' }
    const output = flags.string('output')
    if (output) {
      const all = { clientVersion, kustomizeVersion: KUSTOMIZE_VERSION, ...(!flags.bool('client') && { serverVersion: server }) }
      io.stdout(output === 'json' ? toJson(all).replaceAll('    ', '  ') : toYaml(all))
    } else
      io.stdout(
        `Client Version: ${clientVersion.gitVersion}\nKustomize Version: ${KUSTOMIZE_VERSION}\n${flags.bool('client') ? '' : `Server Version: ${server.gitVersion}\n`}`,
      )
    return 0
  },
}

export const apiResources: KubectlCommand = {
  name: 'api-resources',
  summary: 'Print the supported API resources on the server',
  usage: 'kubectl api-resources [flags] [options]',
  flags: [
    { name: 'output', short: 'o', type: 'string', default: '', usage: 'Output format. One of: (wide, name)' },
    { name: 'no-headers', type: 'bool', usage: "When using the default or custom-column output format, don't print headers" },
    { name: 'namespaced', type: 'bool', default: true, usage: 'If false, non-namespaced resources will be returned' },
    { name: 'api-group', type: 'string', usage: 'Limit to resources in the specified API group' },
    { name: 'verbs', type: 'list', usage: 'Limit to resources that support the specified verbs' },
    { name: 'categories', type: 'list', usage: 'Limit to resources that belong to the specified categories' },
    { name: 'sort-by', type: 'string', usage: 'If non-empty, sort list of resources using specified field' },
  ],
  run: async ({ client, flags, io }) => {
    const group = flags.string('api-group')
    const found = (await client.discovery())
      .filter(
        resource =>
          (!flags.has('namespaced') || resource.namespaced === flags.bool('namespaced')) &&
          (group === undefined || resource.group === group) &&
          flags.list('verbs').every(verb => resource.verbs.includes(verb)) &&
          flags.list('categories').every(category => resource.categories.includes(category)),
      )
      .toSorted((a, b) => (a.group === b.group ? (a.resource < b.resource ? -1 : 1) : a.group < b.group ? -1 : 1))
    if (flags.string('output') === 'name') {
      io.stdout(found.map(resource => `${resource.group ? `${resource.resource}.${resource.group}` : resource.resource}\n`).join(''))
      return 0
    }
    const wide = flags.string('output') === 'wide'
    const rows = found.map(resource => [
      resource.resource,
      resource.shortNames.join(','),
      apiVersionOf(resource),
      String(resource.namespaced),
      resource.kind,
      ...(wide ? [resource.verbs.join(','), resource.categories.join(',')] : []),
    ])
    const header = ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND', ...(wide ? ['VERBS', 'CATEGORIES'] : [])]
    io.stdout(alignRows(flags.bool('no-headers') ? rows : [header, ...rows]))
    return 0
  },
}

export const apiVersions: KubectlCommand = {
  name: 'api-versions',
  summary: 'Print the supported API versions on the server, in the form of "group/version"',
  usage: 'kubectl api-versions [options]',
  flags: [],
  run: async ({ client, io }) => {
    io.stdout(
      [...new Set((await client.discovery()).map(apiVersionOf))]
        .toSorted()
        .map(text => `${text}\n`)
        .join(''),
    )
    return 0
  },
}

export const clusterInfo: KubectlCommand = {
  name: 'cluster-info',
  summary: 'Display cluster information',
  usage: 'kubectl cluster-info [flags] [options]',
  flags: [],
  run: async ({ client, io }) => {
    const services: AnyObject[] = (
      await client.json('GET', '/api/v1/namespaces/kube-system/services', { query: { labelSelector: 'kubernetes.io/cluster-service=true' } })
    ).items
    const base = `https://${io.server}`
    const say = (what: string, where: string) =>
      io.stdout(io.isTty ? `\x1b[0;32m${what}\x1b[0m is running at \x1b[0;33m${where}\x1b[0m\n` : `${what} is running at ${where}\n`)
    say('Kubernetes control plane', base)
    for (const service of services as any[]) {
      const ports = service.spec.ports ?? []
      const name = service.metadata.labels?.['kubernetes.io/name'] ?? service.metadata.name
      const link = `${base}/api/v1/namespaces/kube-system/services/${service.metadata.name.startsWith('metrics') ? 'https:' : ''}${service.metadata.name}:${ports[0]?.name ?? ''}/proxy`
      say(name, link)
    }
    io.stdout("\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.\n")
    return 0
  },
}

/** `top` ends every cell with a tab, the last one too. */
const alignTop = (rows: readonly (readonly string[])[]): string => alignRows(rows.map(row => [...row, '']))

const NOT_AVAILABLE = 'error: Metrics API not available'

const metricsOf = async (list: () => Promise<{ items: any[] }>): Promise<any[]> => {
  try {
    return (await list()).items
  } catch (error) {
    if (error instanceof StatusError && (error.status.code === 404 || error.status.code === 503)) throw new KubectlError(NOT_AVAILABLE)
    throw error
  }
}

const topNodes: KubectlCommand = {
  name: 'node',
  aliases: ['nodes', 'no'],
  summary: 'Display resource (CPU/memory) usage of nodes',
  usage: 'kubectl top node [NAME | -l label] [options]',
  flags: [...selectorFlags, { name: 'no-headers', type: 'bool', usage: 'If present, print output without headers' }],
  run: async ({ client, flags, io }) => {
    const metrics = await metricsOf(() => client.json('GET', '/apis/metrics.k8s.io/v1beta1/nodes'))
    const nodes: any[] = (await client.json('GET', '/api/v1/nodes', { query: { labelSelector: flags.string('selector') } })).items
    const rows = nodes
      .filter(node => flags.args.length === 0 || flags.args.includes(node.metadata.name))
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .map(node => {
        const usage = metrics.find(metric => metric.metadata.name === node.metadata.name)?.usage
        if (!usage) return [node.metadata.name, '<unknown>', '<unknown>', '<unknown>', '<unknown>']
        const [cpu, memory] = [quantity(usage.cpu), quantity(usage.memory)]
        const percent = (value: number, of: string) => `${Math.trunc((value / quantity(of)) * 100)}%`
        return [
          node.metadata.name,
          `${Math.ceil(cpu * 1000)}m`,
          percent(cpu, node.status.allocatable.cpu),
          `${Math.trunc(memory / 2 ** 20)}Mi`,
          percent(memory, node.status.allocatable.memory),
        ]
      })
    io.stdout(alignTop(flags.bool('no-headers') ? rows : [['NAME', 'CPU(cores)', 'CPU(%)', 'MEMORY(bytes)', 'MEMORY(%)'], ...rows]))
    return 0
  },
}

const topPods: KubectlCommand = {
  name: 'pod',
  aliases: ['pods', 'po'],
  summary: 'Display resource (CPU/memory) usage of pods',
  usage: 'kubectl top pod [NAME | -l label] [options]',
  flags: [...selectorFlags, allNamespacesFlag, { name: 'no-headers', type: 'bool', usage: 'If present, print output without headers' }],
  run: async ({ client, flags, io, namespace }) => {
    const everywhere = flags.bool('all-namespaces')
    const metrics = await metricsOf(() =>
      client.json('GET', everywhere ? '/apis/metrics.k8s.io/v1beta1/pods' : `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods`, {
        query: { labelSelector: flags.string('selector') },
      }),
    )
    const rows = metrics
      .filter(metric => flags.args.length === 0 || flags.args.includes(metric.metadata.name))
      .toSorted((a, b) => (`${a.metadata.namespace}/${a.metadata.name}` < `${b.metadata.namespace}/${b.metadata.name}` ? -1 : 1))
      .map(metric => {
        const sum = (name: string) => metric.containers.reduce((total: number, container: any) => total + quantity(container.usage[name]), 0)
        return [
          ...(everywhere ? [metric.metadata.namespace] : []),
          metric.metadata.name,
          `${Math.ceil(sum('cpu') * 1000)}m`,
          `${Math.trunc(sum('memory') / 2 ** 20)}Mi`,
        ]
      })
    if (rows.length === 0) {
      io.stderr(everywhere ? 'No resources found\n' : `No resources found in ${namespace} namespace.\n`)
      return 0
    }
    io.stdout(alignTop(flags.bool('no-headers') ? rows : [[...(everywhere ? ['NAMESPACE'] : []), 'NAME', 'CPU(cores)', 'MEMORY(bytes)'], ...rows]))
    return 0
  },
}

export const top: KubectlCommand = {
  name: 'top',
  summary: 'Display resource (CPU/memory) usage',
  usage: 'kubectl top [flags] [options]',
  flags: [],
  subcommands: [topNodes, topPods],
}

export const events: KubectlCommand = {
  name: 'events',
  summary: 'List events',
  usage: 'kubectl events [(-o|--output=)json|yaml|name|...] [--for TYPE/NAME] [--watch] [--types=Normal,Warning] [options]',
  flags: [
    allNamespacesFlag,
    { name: 'for', type: 'string', usage: 'Filter events to only those pertaining to the specified resource' },
    { name: 'types', type: 'list', usage: 'Output only events of given types' },
    { name: 'no-headers', type: 'bool', usage: "Don't print headers" },
  ],
  run: async ({ client, flags, io, namespace }) => {
    const everywhere = flags.bool('all-namespaces')
    const [kind, name] = (flags.string('for') ?? '').split('/')
    const resource = kind
      ? (await client.discovery()).find(candidate => [candidate.resource, candidate.singular, ...candidate.shortNames].includes(kind.toLowerCase()))
      : undefined
    const fieldSelector = resource ? `involvedObject.kind=${resource.kind},involvedObject.name=${name}` : undefined
    const items: any[] = (
      await client.json('GET', resourcePath({ group: '', version: 'v1', resource: 'events', namespaced: true }, everywhere ? undefined : namespace), {
        query: { fieldSelector, limit: '500' },
      })
    ).items
    const time = (event: any) => event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp
    const rows = items
      .filter(event => flags.list('types').length === 0 || flags.list('types').includes(event.type))
      .toSorted((a, b) => Date.parse(time(a)) - Date.parse(time(b)))
      .map(event => {
        const count = event.series?.count ?? event.count ?? 1
        const age =
          count > 1
            ? `${since(time(event), io.now())} (x${count} over ${since(event.firstTimestamp ?? event.eventTime, io.now())})`
            : since(event.firstTimestamp ?? time(event), io.now())
        return [
          ...(everywhere ? [event.metadata.namespace] : []),
          age,
          event.type,
          event.reason,
          `${event.involvedObject.kind}/${event.involvedObject.name}`,
          String(event.message).trim(),
        ]
      })
    if (rows.length === 0) {
      io.stderr(everywhere ? 'No events found.\n' : `No events found in ${namespace} namespace.\n`)
      return 0
    }
    io.stdout(
      alignRows(flags.bool('no-headers') ? rows : [[...(everywhere ? ['NAMESPACE'] : []), 'LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'], ...rows]),
    )
    return 0
  },
}
