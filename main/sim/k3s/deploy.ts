import { hasReason } from '../apiserver/errors.ts'
import type { Draft, KubeObject } from '../apiserver/object.ts'
import { definitions } from '../apiserver/resources/index.ts'
import type { ApiClient } from '../client/client.ts'
import type { EventRecorder } from '../client/recorder.ts'
import { fnv1a32 } from '../time/random.ts'
import { type Addon, type Manifest, SYSTEM, typeOf } from './addons/addon.ts'

const DIRECTORY = '/var/lib/rancher/k3s/server/manifests'

/** The marks that wrangler's apply leaves on what it made. */
const marked = (manifest: Manifest, addon: string): Manifest => ({
  ...manifest,
  metadata: {
    ...manifest.metadata,
    labels: {
      'objectset.rio.cattle.io/hash': `${fnv1a32(addon).toString(16).padStart(8, '0')}${fnv1a32(`${addon}#`).toString(16).padStart(8, '0')}`,
      ...manifest.metadata.labels,
    },
    annotations: {
      'objectset.rio.cattle.io/id': '',
      'objectset.rio.cattle.io/owner-gvk': 'k3s.cattle.io/v1, Kind=Addon',
      'objectset.rio.cattle.io/owner-name': addon,
      'objectset.rio.cattle.io/owner-namespace': SYSTEM,
      ...manifest.metadata.annotations,
    },
  },
})

/** Creates what is absent and leaves alone what is there; kinds that the API server does not serve are passed over. */
export const ensure = async (client: ApiClient, manifest: Manifest): Promise<void> => {
  const type = typeOf(manifest)
  if (!definitions.some(({ group, resource }) => group === type.group && resource === type.resource)) return
  try {
    await client.create(type, manifest as unknown as Draft<KubeObject>)
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error
  }
}

/**
 * K3s' deploy controller (pkg/deploy/controller.go): applies every addon whenever the server starts, so that what was
 * deleted comes back then; what somebody changed stays.
 */
export const deployAddons = async (client: ApiClient, recorder: EventRecorder, addons: readonly Addon[]): Promise<void> => {
  for (const { name, file, manifests } of addons) {
    const reference = { apiVersion: 'k3s.cattle.io/v1', kind: 'Addon', name, namespace: SYSTEM }
    recorder.event(reference, 'Normal', 'ApplyingManifest', `Applying manifest at "${DIRECTORY}/${file}"`)
    for (const manifest of manifests) await ensure(client, marked(manifest, name))
    recorder.event(reference, 'Normal', 'AppliedManifest', `Applied manifest at "${DIRECTORY}/${file}"`)
  }
}
