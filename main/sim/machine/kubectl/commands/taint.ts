import type { KubectlCommand } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { fetchTargets, selectorFlags } from '../targets.ts'
import { allFlag, overwriteFlag, patchObject } from './patching.ts'
import { report, writeFlags } from './write.ts'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect?: string
}

const parseTaint = (text: string, removing: boolean): Taint => {
  const match = /^([^=:]+)(?:=([^:]*))?(?::([^:]+))?$/.exec(text)
  if (!match || (!removing && !match[3])) throw new KubectlError(`error: invalid taint spec: ${text}`)
  if (match[3] && !EFFECTS.includes(match[3])) throw new KubectlError(`error: invalid taint effect: ${match[3]}, unsupported taint effect`)
  return { key: match[1]!, ...(match[2] && { value: match[2] }), ...(match[3] && { effect: match[3] }) }
}

export const taint: KubectlCommand = {
  name: 'taint',
  summary: 'Update the taints on one or more nodes',
  usage: 'kubectl taint NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N [options]',
  flags: [...selectorFlags, ...writeFlags, allFlag, overwriteFlag],
  run: async context => {
    const { flags } = context
    const at = flags.args.findIndex((arg, index) => index > 0 && (/[=:]/.test(arg) || arg.endsWith('-')))
    if (at < 0) throw new KubectlError('error: at least one taint update is required')
    const changes = flags.args.slice(at)
    const removed = changes.filter(change => change.endsWith('-')).map(change => parseTaint(change.slice(0, -1), true))
    const added = changes.filter(change => !change.endsWith('-')).map(change => parseTaint(change, false))
    for (const found of await fetchTargets(context, flags.args.slice(0, at))) {
      const present: Taint[] = (found.object as any).spec.taints ?? []
      for (const gone of removed)
        if (!present.some(taintHere => taintHere.key === gone.key && (!gone.effect || taintHere.effect === gone.effect)))
          throw new KubectlError(`error: taint "${gone.key}${gone.effect ? `:${gone.effect}` : ''}" not found`)
      const clash = added.find(more => present.some(here => here.key === more.key && here.effect === more.effect))
      if (clash && !flags.bool('overwrite'))
        throw new KubectlError(`error: node ${found.object.metadata.name} already has ${clash.key} taint(s) with same effect(s) and --overwrite is false`)
      const kept = present.filter(
        here =>
          !removed.some(gone => gone.key === here.key && (!gone.effect || gone.effect === here.effect)) &&
          !added.some(more => more.key === here.key && more.effect === here.effect),
      )
      const taints = [...added, ...kept]
      const patched = await patchObject(context, found, { spec: { taints: taints.length > 0 ? taints : null } }, 'kubectl-taint')
      report(context, found.resource, patched, added.length > 0 ? (clash ? 'modified' : 'tainted') : 'untainted')
    }
    return 0
  },
}
