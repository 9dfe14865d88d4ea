import type { ConfigMap, Container, Pod, Secret } from '../apiserver/resources/types.ts'

/** The objects that pods of this node refer to, by name. */
export interface PodReferences {
  configMap(namespace: string, name: string): ConfigMap | undefined
  secret(namespace: string, name: string): Secret | undefined
}

/** A volume that cannot be set up: the kubelet's FailedMount text. */
export const missingVolume = (pod: Pod, references: PodReferences): string | undefined => {
  const namespace = pod.metadata.namespace!
  for (const volume of pod.spec.volumes ?? []) {
    const fail = (what: string) => `MountVolume.SetUp failed for volume "${volume.name}" : ${what}`
    const items = (name: string, wanted: readonly { key: string }[] | undefined, data: Record<string, unknown>): string | undefined => {
      const absent = wanted?.find(({ key }) => !(key in data))
      return absent && `references non-existent ${name} key: ${absent.key}`
    }
    const { configMap, secret, projected } = volume
    const sources = projected
      ? (projected.sources ?? [])
      : [
          {
            configMap: configMap && { ...configMap, name: configMap.name },
            secret: secret && { name: secret.secretName, items: secret.items, optional: secret.optional },
          },
        ]
    for (const source of sources) {
      if (source.configMap && !source.configMap.optional) {
        const found = references.configMap(namespace, source.configMap.name!)
        if (!found) return fail(`configmap "${source.configMap.name}" not found`)
        const absent = items('config', source.configMap.items, { ...found.data, ...found.binaryData })
        if (absent) return fail(absent)
      }
      if (source.secret && !source.secret.optional) {
        const found = references.secret(namespace, source.secret.name!)
        if (!found) return fail(`secret "${source.secret.name}" not found`)
        const absent = items('secret', source.secret.items, found.data ?? {})
        if (absent) return fail(absent)
      }
    }
  }
  return undefined
}

const decode = (base64: string) => Buffer.from(base64, 'base64').toString()

/** A pod's environment variables, or the text of CreateContainerConfigError. */
export const environmentOf = (
  pod: Pod,
  container: Container,
  references: PodReferences,
  facts: { readonly podIP: string; readonly nodeName: string; readonly nodeIP: string },
): { readonly env: Record<string, string> } | { readonly error: string } => {
  const namespace = pod.metadata.namespace!
  const env: Record<string, string> = {}
  if (pod.spec.enableServiceLinks !== false) Object.assign(env, { KUBERNETES_SERVICE_HOST: '10.43.0.1', KUBERNETES_SERVICE_PORT: '443' })
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef) {
      const found = references.configMap(namespace, configMapRef.name!)
      if (!found && !configMapRef.optional) return { error: `configmap "${configMapRef.name}" not found` }
      for (const [key, value] of Object.entries(found?.data ?? {})) env[prefix + key] = value
    }
    if (secretRef) {
      const found = references.secret(namespace, secretRef.name!)
      if (!found && !secretRef.optional) return { error: `secret "${secretRef.name}" not found` }
      for (const [key, value] of Object.entries(found?.data ?? {})) env[prefix + key] = decode(value)
    }
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (!valueFrom) {
      env[name] = (value ?? '').replace(/\$\(([A-Za-z_][\w.-]*)\)/g, (all, key: string) => env[key] ?? all)
      continue
    }
    const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom
    if (configMapKeyRef) {
      const found = references.configMap(namespace, configMapKeyRef.name!)
      const text = found?.data?.[configMapKeyRef.key]
      if (text !== undefined) env[name] = text
      else if (!configMapKeyRef.optional)
        return {
          error: found
            ? `couldn't find key ${configMapKeyRef.key} in ConfigMap ${namespace}/${configMapKeyRef.name}`
            : `configmap "${configMapKeyRef.name}" not found`,
        }
    } else if (secretKeyRef) {
      const found = references.secret(namespace, secretKeyRef.name!)
      const text = found?.data?.[secretKeyRef.key]
      if (text !== undefined) env[name] = decode(text)
      else if (!secretKeyRef.optional)
        return {
          error: found ? `couldn't find key ${secretKeyRef.key} in Secret ${namespace}/${secretKeyRef.name}` : `secret "${secretKeyRef.name}" not found`,
        }
    } else if (fieldRef) {
      const path = fieldRef.fieldPath
      const map = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path)
      const fields: Record<string, string | undefined> = {
        'metadata.name': pod.metadata.name,
        'metadata.namespace': namespace,
        'metadata.uid': pod.metadata.uid,
        'spec.nodeName': facts.nodeName,
        'spec.serviceAccountName': pod.spec.serviceAccountName,
        'status.hostIP': facts.nodeIP,
        'status.podIP': facts.podIP,
      }
      env[name] = (map ? pod.metadata[map[1] as 'labels']?.[map[2]!] : fields[path]) ?? ''
    }
  }
  return { env }
}
