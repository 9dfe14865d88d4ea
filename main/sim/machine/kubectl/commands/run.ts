import { findResource, type AnyObject } from '../client.ts'
import type { KubectlCommand } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { createObject, writeFlags } from './write.ts'

export const run: KubectlCommand = {
  name: 'run',
  summary: 'Run a particular image on the cluster',
  usage:
    'kubectl run NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [--overrides=inline-json] [--command] -- [COMMAND] [args...] [options]',
  flags: [
    ...writeFlags,
    { name: 'image', type: 'string', usage: 'The image for the container to run' },
    { name: 'port', type: 'int', usage: 'The port that this container exposes' },
    { name: 'env', type: 'list', usage: 'Environment variables to set in the container' },
    { name: 'labels', short: 'l', type: 'list', usage: 'Comma separated labels to apply to the pod' },
    { name: 'restart', type: 'string', default: 'Always', usage: 'The restart policy for this Pod. Legal values [Always, OnFailure, Never]' },
    { name: 'command', type: 'bool', usage: "If true and extra arguments are present, use them as the 'command' field in the container" },
    { name: 'image-pull-policy', type: 'string', usage: 'The image pull policy for the container' },
    { name: 'annotations', type: 'list', usage: 'Annotations to apply to the pod' },
  ],
  run: async context => {
    const { flags } = context
    const name = flags.args[0]
    if (!name) throw new KubectlError("error: NAME is required for run\nSee 'kubectl run -h' for help and examples")
    if (flags.args.length > 1 && !flags.rest)
      throw new KubectlError(`error: exactly one NAME is required, got ${flags.args.length}\nSee 'kubectl run -h' for help and examples`)
    const image = flags.string('image')
    if (!image) throw new KubectlError('error: required flag(s) "image" not set')
    const restartPolicy = flags.string('restart')!
    if (!['Always', 'OnFailure', 'Never'].includes(restartPolicy)) throw new KubectlError(`error: invalid restart policy: ${restartPolicy}`)
    const pairs = (list: readonly string[], what: string) =>
      Object.fromEntries(
        list.map(pair => {
          const at = pair.indexOf('=')
          if (at < 1) throw new KubectlError(`error: invalid ${what}: ${pair}`)
          return [pair.slice(0, at), pair.slice(at + 1)] as const
        }),
      )
    const labels = flags.list('labels').length > 0 ? pairs(flags.list('labels'), 'label') : { run: name }
    const command = flags.rest ?? []
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels, ...(flags.list('annotations').length > 0 && { annotations: pairs(flags.list('annotations'), 'annotation') }) },
      spec: {
        containers: [
          {
            name,
            image,
            ...(flags.string('image-pull-policy') && { imagePullPolicy: flags.string('image-pull-policy') }),
            ...(command.length > 0 && (flags.bool('command') ? { command } : { args: command })),
            ...(flags.list('env').length > 0 && { env: Object.entries(pairs(flags.list('env'), 'env')).map(([key, value]) => ({ name: key, value })) }),
            ...(flags.int('port') !== undefined && { ports: [{ containerPort: flags.int('port') }] }),
            resources: {},
          },
        ],
        restartPolicy,
        dnsPolicy: 'ClusterFirst',
      },
    }
    await createObject(context, await findResource(context.client, 'pods'), context.namespace, pod as unknown as AnyObject, 'kubectl-run')
    return 0
  },
}
