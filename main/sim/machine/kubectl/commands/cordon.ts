import { displayName, type Found, type KubectlCommand, type KubectlContext } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { fetchTargets, selectorFlags } from '../targets.ts'
import { patchObject } from './patching.ts'

const cordonCommand = (name: 'cordon' | 'uncordon', unschedulable: boolean): KubectlCommand => ({
  name,
  summary: unschedulable ? 'Mark node as unschedulable' : 'Mark node as schedulable',
  usage: `kubectl ${name} NODE [options]`,
  flags: [...selectorFlags, { name: 'dry-run', type: 'string', default: 'none', bare: 'unchanged', usage: 'Must be "none", "server", or "client"' }],
  run: async context => {
    if (context.flags.args.length === 0 && !context.flags.string('selector')) throw new KubectlError(`error: USAGE: ${name} NODE [flags]`)
    for (const found of await fetchTargets(context, ['nodes', ...context.flags.args.map(arg => arg.replace(/^nodes?\//, ''))]))
      await setUnschedulable(context, found, unschedulable)
    return 0
  },
})

/** Cordons or uncordons one node and says so. */
export const setUnschedulable = async (context: KubectlContext, found: Found, unschedulable: boolean): Promise<void> => {
  const word = unschedulable ? 'cordoned' : 'uncordoned'
  const already = Boolean((found.object as any).spec.unschedulable) === unschedulable
  if (!already) await patchObject(context, found, { spec: { unschedulable: unschedulable ? true : null } }, 'kubectl-cordon')
  context.io.stdout(`${displayName(found.resource, found.object.metadata.name)} ${already ? 'already ' : ''}${word}\n`)
}

export const cordon = cordonCommand('cordon', true)
export const uncordon = cordonCommand('uncordon', false)
