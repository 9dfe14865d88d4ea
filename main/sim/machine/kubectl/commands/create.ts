import { findResource, type AnyObject } from '../client.ts'
import type { KubectlCommand, KubectlContext } from '../command.ts'
import { errorText, KubectlError, StatusError } from '../errors.ts'
import type { FlagSpec } from '../flags.ts'
import { namespaceFor, readObjects, resourceOf, targetFlags } from '../targets.ts'
import { createObject, writeFlags } from './write.ts'

const oneName = (context: KubectlContext): string => {
  const { args } = context.flags
  if (args.length !== 1) throw new KubectlError(`error: exactly one NAME is required, got ${args.length}\nSee 'kubectl create -h' for help and examples`)
  return args[0]!
}

/** Each `key=value`, file or file with key of `--from-literal` and `--from-file`. */
const readSources = async (context: KubectlContext): Promise<Record<string, string>> => {
  const data: Record<string, string> = {}
  for (const literal of context.flags.list('from-literal')) {
    const at = literal.indexOf('=')
    if (at < 1) throw new KubectlError(`error: invalid literal source ${literal}, expected key=value`)
    data[literal.slice(0, at)] = literal.slice(at + 1).replace(/^(['"])(.*)\1$/s, '$2')
  }
  for (const source of context.flags.list('from-file')) {
    const at = source.indexOf('=')
    const path = at < 0 ? source : source.slice(at + 1)
    for (const file of await context.io.readFiles(path)) data[at < 0 ? file.path.slice(file.path.lastIndexOf('/') + 1) : source.slice(0, at)] = file.text
  }
  return data
}

const sourceFlags: readonly FlagSpec[] = [
  { name: 'from-literal', type: 'list', usage: 'Specify a key and literal value to insert (i.e. mykey=somevalue)' },
  { name: 'from-file', type: 'list', usage: 'Key files can be specified using their file path' },
]

type Maker = (context: KubectlContext) => AnyObject | Promise<AnyObject>

const maker = (
  name: string,
  aliases: readonly string[],
  type: string,
  usage: string,
  flags: readonly FlagSpec[],
  make: Maker,
  failure = name,
): KubectlCommand => ({
  name,
  aliases,
  summary: `Create a ${name} with the specified name`,
  usage: `kubectl create ${usage} [options]`,
  flags: [...writeFlags, ...flags],
  run: async context => {
    const object = await make(context)
    const resource = await findResource(context.client, type)
    try {
      await createObject(context, resource, resource.namespaced ? context.namespace : undefined, object)
    } catch (error) {
      // Only `create namespace` hands the server's error on as it is.
      if (!(error instanceof StatusError) || failure === '') throw error
      throw new KubectlError(`error: failed to create ${failure}: ${error.message}`)
    }
    return 0
  },
})

const object = (apiVersion: string, kind: string, name: string, rest: object): AnyObject =>
  ({ apiVersion, kind, metadata: { name }, ...rest }) as unknown as AnyObject

/** Container name from an image: the last path part without tag, digest and what a name may not have. */
const containerName = (image: string): string =>
  image
    .slice(image.lastIndexOf('/') + 1)
    .split(/[:@]/)[0]!
    .replaceAll('_', '-')

const deployment = maker(
  'deployment',
  ['deploy'],
  'deployments',
  'deployment NAME --image=image -- [COMMAND] [args...]',
  [
    { name: 'image', type: 'list', usage: 'Image names to run' },
    { name: 'replicas', short: 'r', type: 'int', default: 1, usage: 'Number of replicas to create' },
    { name: 'port', type: 'int', usage: 'The containerPort that this deployment exposes' },
  ],
  context => {
    const images = context.flags.list('image')
    if (images.length === 0) throw new KubectlError('error: required flag(s) "image" not set')
    const name = oneName(context)
    if (images.length > 1 && context.flags.rest?.length) throw new KubectlError('error: cannot specify multiple --image options and command')
    const port = context.flags.int('port')
    const labels = { app: name }
    return object('apps/v1', 'Deployment', name, {
      metadata: { name, labels },
      spec: {
        replicas: context.flags.int('replicas'),
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: images.map(image => ({
              name: containerName(image),
              image,
              ...(context.flags.rest?.length && { command: context.flags.rest }),
              ...(port !== undefined && { ports: [{ containerPort: port }] }),
            })),
          },
        },
      },
    })
  },
)

const namespace = maker('namespace', ['ns'], 'namespaces', 'namespace NAME', [], context => object('v1', 'Namespace', oneName(context), {}), '')

const configmap = maker(
  'configmap',
  ['cm'],
  'configmaps',
  'configmap NAME [--from-file=[key=]source] [--from-literal=key1=value1]',
  sourceFlags,
  async context => object('v1', 'ConfigMap', oneName(context), { data: await readSources(context) }),
)

const genericSecret = maker(
  'generic',
  [],
  'secrets',
  'secret generic NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1]',
  [...sourceFlags, { name: 'type', type: 'string', usage: 'The type of secret to create' }],
  async context =>
    object('v1', 'Secret', oneName(context), {
      type: context.flags.string('type') ?? 'Opaque',
      data: Object.fromEntries(Object.entries(await readSources(context)).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
    }),
  'secret',
)

const secret: KubectlCommand = {
  name: 'secret',
  summary: 'Create a secret using a specified subcommand',
  usage: 'kubectl create secret (generic) [options]',
  flags: [],
  subcommands: [genericSecret],
}

const serviceaccount = maker('serviceaccount', ['sa'], 'serviceaccounts', 'serviceaccount NAME', [], context =>
  object('v1', 'ServiceAccount', oneName(context), {}),
)

const service = (type: 'clusterip' | 'nodeport' | 'loadbalancer', kind: string): KubectlCommand =>
  maker(
    type,
    [],
    'services',
    `service ${type} NAME [--tcp=<port>:<targetPort>]`,
    [
      { name: 'tcp', type: 'list', usage: "Port pairs can be specified as '<port>:<targetPort>'" },
      { name: 'node-port', type: 'int', usage: 'Port used to expose the service on each node' },
    ],
    context => {
      const name = oneName(context)
      const pairs = context.flags.list('tcp')
      if (pairs.length === 0) throw new KubectlError('error: at least one tcp port specifier must be provided')
      const ports = pairs.map(pair => {
        const [port, target] = pair.split(':')
        const number = (text: string) => {
          if (!/^\d+$/.test(text)) throw new KubectlError(`error: strconv.Atoi: parsing "${text}": invalid syntax`)
          return Number(text)
        }
        return {
          name: pair.replace(':', '-'),
          port: number(port!),
          protocol: 'TCP',
          targetPort: target === undefined || /^\d+$/.test(target) ? number(target ?? port!) : target,
          ...(context.flags.int('node-port') && { nodePort: context.flags.int('node-port') }),
        }
      })
      return object('v1', 'Service', name, { metadata: { name, labels: { app: name } }, spec: { type: kind, selector: { app: name }, ports } })
    },
  )

const services: KubectlCommand = {
  name: 'service',
  aliases: ['svc'],
  summary: 'Create a service using a specified subcommand',
  usage: 'kubectl create service [flags] [options]',
  flags: [],
  subcommands: [service('clusterip', 'ClusterIP'), service('nodeport', 'NodePort'), service('loadbalancer', 'LoadBalancer')],
}

const job = maker(
  'job',
  [],
  'jobs.v1.batch',
  'job NAME --image=image -- [COMMAND] [args...]',
  [{ name: 'image', type: 'string', usage: 'Image name to run' }],
  context => {
    const name = oneName(context)
    const image = context.flags.string('image')
    if (!image) throw new KubectlError('error: either --image or --from must be specified')
    return object('batch/v1', 'Job', name, {
      spec: {
        template: { spec: { containers: [{ name, image, ...(context.flags.rest?.length && { command: context.flags.rest }) }], restartPolicy: 'Never' } },
      },
    })
  },
)

export const create: KubectlCommand = {
  name: 'create',
  summary: 'Create a resource from a file or from stdin',
  usage: 'kubectl create -f FILENAME [options]',
  flags: [...targetFlags, ...writeFlags],
  subcommands: [configmap, deployment, job, namespace, secret, services, serviceaccount],
  run: async context => {
    const files = context.flags.list('filename')
    if (files.length === 0) throw new KubectlError('error: must specify one of -f and -k')
    let exit = 0
    for (const draft of await readObjects(context, files)) {
      try {
        const resource = await resourceOf(context, draft, files[0]!)
        await createObject(context, resource, namespaceFor(context, resource, draft), draft)
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        context.io.stderr(
          `${errorText(error)
            .replace(/^Error from server/, `Error from server`)
            .replace(/: /, `: error when creating "${files[0] === '-' ? 'STDIN' : files[0]}": `)}\n`,
        )
        exit = 1
      }
    }
    return exit
  },
}
