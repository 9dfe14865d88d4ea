import type { Pod } from '../../apiserver/resources/types.ts'
import { rejection } from '../framework.ts'
import type { Plugin } from '../framework.ts'

const NAME = 'VolumeBinding'

/** The cluster serves no PersistentVolumeClaims, so every claim that a pod names is missing. */
const missingClaim = ({ metadata, spec }: Pod): string | undefined => {
  for (const { name, persistentVolumeClaim, ephemeral } of spec.volumes ?? []) {
    if (persistentVolumeClaim) return `persistentvolumeclaim "${persistentVolumeClaim.claimName}" not found`
    if (ephemeral) return `waiting for ephemeral volume controller to create the persistentvolumeclaim "${metadata.name}-${name}"`
  }
  return undefined
}

/** Keeps pods waiting for the volumes they claim. */
export const volumeBinding: Plugin = {
  name: NAME,
  preFilter: ({ pod }) => {
    const reason = missingClaim(pod)
    return reason === undefined ? undefined : rejection(NAME, reason, true)
  },
}
