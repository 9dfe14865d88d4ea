import { apiVersionOf, type AnyObject } from '../client.ts'
import type { KubectlCommand } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { fetchTargets, targetFlags } from '../targets.ts'
import { createObject, writeFlags } from './write.ts'

export const expose: KubectlCommand = {
  name: 'expose',
  summary: 'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  usage:
    'kubectl expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type] [options]',
  flags: [
    ...targetFlags,
    ...writeFlags,
    { name: 'port', type: 'string', usage: 'The port that the service should serve on' },
    { name: 'target-port', type: 'string', usage: 'Name or number for the port on the container that the service should direct traffic to' },
    { name: 'protocol', type: 'string', usage: 'The network protocol for the service to be created' },
    { name: 'name', type: 'string', usage: 'The name for the newly created object' },
    { name: 'type', type: 'string', usage: 'Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName' },
    { name: 'selector', short: 'l', type: 'string', usage: 'A label selector to use for this service' },
    { name: 'cluster-ip', type: 'string', usage: 'ClusterIP to be assigned to the service' },
  ],
  run: async context => {
    const { client, flags } = context
    const found = await fetchTargets(context, flags.args)
    if (found.length !== 1 || !found[0]) throw new KubectlError('error: expose requires exactly one resource')
    const { object, resource } = found[0]
    const spec = (object as any).spec ?? {}
    const selector: Record<string, string> | undefined = flags.string('selector')
      ? Object.fromEntries(
          flags
            .string('selector')!
            .split(',')
            .map(pair => pair.split('=') as [string, string]),
        )
      : resource.resource === 'pods'
        ? object.metadata.labels
        : resource.resource === 'services'
          ? spec.selector
          : spec.selector?.matchLabels
    if (!['pods', 'services', 'deployments', 'replicasets'].includes(resource.resource))
      throw new KubectlError(`error: cannot expose a ${apiVersionOf(resource)}, Kind=${resource.kind}`)
    if (!selector || Object.keys(selector).length === 0)
      throw new KubectlError("error: couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed")
    const declared: { containerPort?: number; port?: number; protocol?: string }[] =
      resource.resource === 'services'
        ? (spec.ports ?? [])
        : ((resource.resource === 'pods' ? spec : (spec.template?.spec ?? {})).containers?.flatMap((container: any) => container.ports ?? []) ?? [])
    const wanted = flags.string('port')?.split(',').map(Number) ?? declared.map(port => port.containerPort ?? port.port!)
    if (wanted.length === 0) throw new KubectlError("error: couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and examples")
    const target = flags.string('target-port')
    const ports = wanted.map((port, index) => ({
      ...(wanted.length > 1 && { name: `port-${index + 1}` }),
      port,
      protocol: flags.string('protocol') ?? declared.find(here => (here.containerPort ?? here.port) === port)?.protocol ?? 'TCP',
      targetPort: target === undefined ? port : /^\d+$/.test(target) ? Number(target) : target,
    }))
    const name = flags.string('name') ?? object.metadata.name
    const services = (await client.discovery()).find(candidate => candidate.group === '' && candidate.resource === 'services')!
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, ...(object.metadata.labels && { labels: object.metadata.labels }) },
      spec: {
        ports,
        selector,
        ...(flags.string('type') && { type: flags.string('type') }),
        ...(flags.string('cluster-ip') && { clusterIP: flags.string('cluster-ip') }),
      },
    }
    await createObject(context, services, context.namespace, service as unknown as AnyObject, 'kubectl-expose', 'exposed')
    return 0
  },
}
