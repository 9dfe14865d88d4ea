import type { AnyObject } from '../client.ts'
import type { KubectlCommand } from '../command.ts'
import { KubectlError, StatusError } from '../errors.ts'
import { fetchTargets } from '../targets.ts'
import { setUnschedulable } from './cordon.ts'
import { dryRunOf } from './write.ts'

const DRAIN_POLL_MS = 1000

export const drain: KubectlCommand = {
  name: 'drain',
  summary: 'Drain node in preparation for maintenance',
  usage: 'kubectl drain NODE [options]',
  flags: [
    { name: 'ignore-daemonsets', type: 'bool', usage: 'Ignore DaemonSet-managed pods' },
    { name: 'force', type: 'bool', usage: 'Continue even if there are pods that do not declare a controller' },
    { name: 'delete-emptydir-data', type: 'bool', usage: 'Continue even if there are pods using emptyDir' },
    { name: 'grace-period', type: 'int', default: -1, usage: 'Period of time in seconds given to each pod to terminate gracefully' },
    { name: 'timeout', type: 'duration', default: '0s', usage: 'The length of time to wait before giving up, zero means infinite' },
    { name: 'dry-run', type: 'string', default: 'none', bare: 'unchanged', usage: 'Must be "none", "server", or "client"' },
  ],
  run: async context => {
    const { client, flags, io } = context
    if (flags.args.length === 0) throw new KubectlError('error: USAGE: drain NODE [flags]')
    for (const found of await fetchTargets(context, ['nodes', ...flags.args.map(arg => arg.replace(/^nodes?\//, ''))])) {
      const node = found.object.metadata.name
      await setUnschedulable(context, found, true)
      const pods: AnyObject[] = (await client.json('GET', '/api/v1/pods', { query: { fieldSelector: `spec.nodeName=${node}`, limit: '500' } })).items
      const name = (pod: AnyObject) => `${pod.metadata.namespace}/${pod.metadata.name}`
      const owner = (pod: AnyObject) => pod.metadata.ownerReferences?.find(reference => reference.controller)
      const done = (pod: AnyObject) => ['Succeeded', 'Failed'].includes(pod.status?.phase)
      const mirror = (pod: AnyObject) => pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined
      const daemons = pods.filter(pod => owner(pod)?.kind === 'DaemonSet' && !done(pod))
      const bare = pods.filter(pod => !owner(pod) && !mirror(pod) && !done(pod))
      const local = pods.filter(pod => owner(pod)?.kind !== 'DaemonSet' && (pod as any).spec.volumes?.some((volume: any) => volume.emptyDir) && !done(pod))
      const blocked = [
        ...(daemons.length > 0 && !flags.bool('ignore-daemonsets')
          ? [`cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): ${daemons.map(name).join(', ')}`]
          : []),
        ...(local.length > 0 && !flags.bool('delete-emptydir-data')
          ? [`cannot delete Pods with local storage (use --delete-emptydir-data to override): ${local.map(name).join(', ')}`]
          : []),
        ...(bare.length > 0 && !flags.bool('force')
          ? [`cannot delete Pods that declare no controller (use --force to override): ${bare.map(name).join(', ')}`]
          : []),
      ]
      if (blocked.length > 0) {
        io.stderr(
          `error: unable to drain node "${node}" due to error: ${blocked.length > 1 ? `[${blocked.join(', ')}]` : blocked[0]}, continuing command...\nThere are pending nodes to be drained:\n ${node}\n${blocked.join('\n')}\n`,
        )
        return 1
      }
      const warnings = [
        ...(bare.length > 0 ? [`deleting Pods that declare no controller: ${bare.map(name).join(', ')}`] : []),
        ...(daemons.length > 0 ? [`ignoring DaemonSet-managed Pods: ${daemons.map(name).join(', ')}`] : []),
      ]
      if (warnings.length > 0) io.stderr(`Warning: ${warnings.join('; ')}\n`)
      const evicted = pods.filter(pod => !daemons.includes(pod) && !mirror(pod))
      for (const pod of evicted) {
        io.stdout(`evicting pod ${name(pod)}\n`)
        if (dryRunOf(context) === 'none')
          await client.json('POST', `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/eviction`, {
            body: {
              apiVersion: 'policy/v1',
              kind: 'Eviction',
              metadata: { name: pod.metadata.name, namespace: pod.metadata.namespace },
              ...(flags.int('grace-period')! >= 0 && { deleteOptions: { gracePeriodSeconds: flags.int('grace-period') } }),
            },
          })
      }
      for (const pod of evicted) {
        for (;;) {
          try {
            const live = await client.json<AnyObject>('GET', `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`)
            if (live.metadata.uid !== pod.metadata.uid) break
          } catch (error) {
            if (error instanceof StatusError && error.status.reason === 'NotFound') break
            throw error
          }
          await io.sleep(DRAIN_POLL_MS)
        }
        io.stdout(`pod/${pod.metadata.name} evicted\n`)
      }
      io.stdout(`node/${node} drained\n`)
    }
    return 0
  },
}
