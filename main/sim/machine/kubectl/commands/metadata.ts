import type { KubectlCommand } from '../command.ts'
import { errorText, KubectlError, StatusError } from '../errors.ts'
import { allNamespacesFlag, fetchTargets, selectorFlags, targetFlags } from '../targets.ts'
import { allFlag, overwriteFlag, patchObject, splitChanges } from './patching.ts'
import { report, writeFlags } from './write.ts'

const mapCommand = (name: 'label' | 'annotate', field: 'labels' | 'annotations', word: string): KubectlCommand => ({
  name,
  summary: name === 'label' ? 'Update the labels on a resource' : 'Update the annotations on a resource',
  usage: `kubectl ${name} [--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N [--resource-version=version] [options]`,
  flags: [
    ...targetFlags,
    ...selectorFlags,
    ...writeFlags,
    allNamespacesFlag,
    allFlag,
    overwriteFlag,
    { name: 'list', type: 'bool', usage: `If true, display the ${field} for a given resource` },
  ],
  run: async context => {
    const { flags, io } = context
    const { targets, changes } = splitChanges(flags.list('filename').length > 0 ? ['', ...flags.args] : flags.args)
    if (changes.length === 0 && !flags.bool('list')) throw new KubectlError(`error: at least one ${word} update is required`)
    const set: Record<string, string | null> = {}
    for (const change of changes) {
      const at = change.indexOf('=')
      if (at > 0) set[change.slice(0, at)] = change.slice(at + 1)
      else set[change.slice(0, -1)] = null
    }
    let exit = 0
    const names = targets.filter(Boolean)
    if (names.length === 1 && !names[0]!.includes('/') && !flags.bool('all') && !flags.string('selector') && !flags.bool('all-namespaces'))
      throw new KubectlError('error: resource(s) were provided, but no name was specified')
    for (const found of await fetchTargets(context, names)) {
      const present = (found.object.metadata[field] ?? {}) as Record<string, string>
      if (flags.bool('list')) {
        io.stdout(
          Object.keys(present)
            .toSorted()
            .map(key => `${key}=${present[key]}\n`)
            .join(''),
        )
        continue
      }
      const clash = Object.keys(set).find(key => set[key] !== null && key in present && present[key] !== set[key])
      if (clash && !flags.bool('overwrite')) {
        io.stderr(
          `error: ${name === 'label' ? `'${clash}' already has a value (${present[clash]}), and --overwrite is false` : `--overwrite is false but found the following declared annotation(s): '${clash}' already has a value (${present[clash]})`}\n`,
        )
        exit = 1
        continue
      }
      for (const key of Object.keys(set)) if (set[key] === null && !(key in present)) io.stdout(`${word} "${key}" not found.\n`)
      const changed = Object.keys(set).some(key => (set[key] === null ? key in present : present[key] !== set[key]))
      const removing = Object.values(set).every(value => value === null)
      try {
        const patched = changed ? await patchObject(context, found, { metadata: { [field]: set } }, `kubectl-${name}`, 'merge') : found.object
        report(context, found.resource, patched, name === 'annotate' ? 'annotated' : changed ? (removing ? 'unlabeled' : 'labeled') : 'not labeled')
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        io.stderr(`${errorText(error)}\n`)
        exit = 1
      }
    }
    return exit
  },
})

export const label = mapCommand('label', 'labels', 'label')
export const annotate = mapCommand('annotate', 'annotations', 'annotation')
