import type { KubectlCommand } from '../command.ts'
import { KubectlError } from '../errors.ts'
import { fetchTargets, selectorFlags, targetFlags } from '../targets.ts'
import { allFlag, patchObject, splitChanges } from './patching.ts'
import { report, writeFlags } from './write.ts'

const setImage: KubectlCommand = {
  name: 'image',
  summary: 'Update the image of a pod template',
  usage: 'kubectl set image (-f FILENAME | TYPE NAME) CONTAINER_NAME_1=CONTAINER_IMAGE_1 ... CONTAINER_NAME_N=CONTAINER_IMAGE_N [options]',
  flags: [...targetFlags, ...selectorFlags, ...writeFlags, allFlag],
  run: async context => {
    const { targets, changes } = splitChanges(context.flags.args)
    if (changes.length === 0) throw new KubectlError('error: at least one image update is required')
    for (const found of await fetchTargets(context, targets)) {
      const spec = found.resource.resource === 'pods' ? (found.object as any).spec : (found.object as any).spec.template?.spec
      const containers: { name: string; image: string }[] = spec?.containers ?? []
      const images = new Map(changes.map(change => [change.slice(0, change.indexOf('=')), change.slice(change.indexOf('=') + 1)]))
      for (const name of images.keys())
        if (name !== '*' && !containers.some(container => container.name === name)) throw new KubectlError(`error: unable to find container named "${name}"`)
      const changed = containers.flatMap(container => {
        const image = images.get(container.name) ?? images.get('*')
        return image !== undefined && image !== container.image ? [{ name: container.name, image }] : []
      })
      if (changed.length === 0) continue
      const containersPatch = { spec: { containers: changed } }
      report(
        context,
        found.resource,
        await patchObject(context, found, found.resource.resource === 'pods' ? containersPatch : { spec: { template: containersPatch } }, 'kubectl-set'),
        'image updated',
      )
    }
    return 0
  },
}

export const set: KubectlCommand = {
  name: 'set',
  summary: 'Set specific features on objects',
  usage: 'kubectl set SUBCOMMAND [options]',
  flags: [],
  subcommands: [setImage],
}
