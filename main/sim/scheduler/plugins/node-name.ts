import { rejection } from '../framework.ts'
import type { Plugin } from '../framework.ts'

const NAME = 'NodeName'
const other = rejection(NAME, "node(s) didn't match the requested node name", true)

/** A pod that names its node goes there or nowhere. */
export const nodeName: Plugin = {
  name: NAME,
  preFilter: ({ pod }) => {
    const wanted = pod.spec.nodeName
    return wanted ? { filter: node => (node.name === wanted ? undefined : other) } : undefined
  },
  mayHelp: event => event.kind === 'NodeAdded',
}
