import type { Registry } from '../registry/environment.ts'
import type { Container, Pod, ServiceAccount } from '../resources/types.ts'
import { forbidden } from '../status.ts'
import type { AdmissionPlugin } from './admission.ts'

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'
/** One hour, and seven seconds by which its makers tell the default apart. */
const TOKEN_SECONDS = 3607
/** Mirror pods carry what their kubelet read from disk. */
const MIRROR = 'kubernetes.io/config.mirror'

/** Gives pods their service account and its token (plugin/serviceaccount). */
export const serviceAccount = ({ store, random }: Registry): AdmissionPlugin => {
  const accounts = store.bucket('/serviceaccounts')
  return {
    name: 'ServiceAccount',
    mutate: ({ definition, plan, attributes, candidate }) => {
      if (definition?.resource !== 'pods' || definition.group !== '' || plan.operation !== 'CREATE' || attributes.subresource) return
      const pod = candidate as Pod
      const { spec } = pod
      if (!spec || pod.metadata.annotations?.[MIRROR] !== undefined) return
      const name = spec.serviceAccountName || 'default'
      spec.serviceAccountName = name
      spec.serviceAccount = name
      const account = accounts.get(`${attributes.namespace}/${name}`) as ServiceAccount | undefined
      if (!account)
        throw forbidden(
          definition,
          pod.metadata.name || (pod.metadata.generateName ?? ''),
          `error looking up service account ${attributes.namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
        )
      if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
        spec.imagePullSecrets = account.imagePullSecrets.map(({ name: secret }) => ({ name: secret ?? '' }))
      if ((spec.automountServiceAccountToken ?? account.automountServiceAccountToken) !== false) mountToken(pod, random.suffix(5))
    },
  }
}

const mountToken = ({ spec }: Pod, suffix: string) => {
  const present = spec.volumes?.find(({ name, projected }) => name.startsWith('kube-api-access-') && projected)
  const name = present?.name ?? `kube-api-access-${suffix}`
  const lacks = (container: Container) => !container.volumeMounts?.some(({ mountPath }) => mountPath === MOUNT_PATH)
  const without = [...(spec.initContainers ?? []), ...(spec.containers ?? [])].filter(lacks)
  for (const container of without) (container.volumeMounts ??= []).push({ name, readOnly: true, mountPath: MOUNT_PATH })
  if (present || without.length === 0) return
  spec.volumes ??= []
  spec.volumes.push({
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  })
}
