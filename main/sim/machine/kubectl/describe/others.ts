import type { AnyObject, Client } from '../client.ts'
import { annotations, rfc1123, type DescribeWriter } from './writer.ts'

const head = (writer: DescribeWriter, object: AnyObject, namespaced = true): void => {
  writer.line(0, `Name:\t${object.metadata.name}`)
  if (namespaced) writer.line(0, `Namespace:\t${object.metadata.namespace}`)
  writer.map(0, 'Labels', object.metadata.labels)
  annotations(writer, 0, object.metadata.annotations)
}

export const describeService = async (writer: DescribeWriter, service: AnyObject, client: Client): Promise<void> => {
  const { spec, status, metadata } = service as any
  head(writer, service)
  writer.line(
    0,
    `Selector:\t${
      Object.keys(spec.selector ?? {})
        .toSorted()
        .map(key => `${key}=${spec.selector[key]}`)
        .join(',') || '<none>'
    }`,
  )
  writer.line(0, `Type:\t${spec.type}`)
  if (spec.ipFamilyPolicy) writer.line(0, `IP Family Policy:\t${spec.ipFamilyPolicy}`)
  if (spec.ipFamilies?.length) writer.line(0, `IP Families:\t${spec.ipFamilies.join(',')}`)
  else writer.line(0, 'IP Families:\t<none>')
  writer.line(0, `IP:\t${spec.clusterIP ?? ''}`)
  writer.line(0, `IPs:\t${spec.clusterIPs?.length ? spec.clusterIPs.join(',') : '<none>'}`)
  if (spec.externalIPs?.length) writer.line(0, `External IPs:\t${spec.externalIPs.join(',')}`)
  if (spec.loadBalancerIP) writer.line(0, `Desired LoadBalancer IP:\t${spec.loadBalancerIP}`)
  if (spec.externalName) writer.line(0, `External Name:\t${spec.externalName}`)
  if (status?.loadBalancer?.ingress?.length)
    writer.line(
      0,
      `LoadBalancer Ingress:\t${status.loadBalancer.ingress.map((entry: any) => (entry.ip ? `${entry.ip}${entry.ipMode ? ` (${entry.ipMode})` : ''}` : entry.hostname)).join(', ')}`,
    )
  const slices: AnyObject[] = (
    await client.json('GET', `/apis/discovery.k8s.io/v1/namespaces/${metadata.namespace}/endpointslices`, {
      query: { labelSelector: `kubernetes.io/service-name=${metadata.name}` },
    })
  ).items
  for (const port of spec.ports ?? []) {
    const name = port.name || '<unset>'
    writer.line(0, `Port:\t${name}\t${port.port}/${port.protocol}`)
    writer.line(0, `TargetPort:\t${port.targetPort}/${port.protocol}`)
    if (port.nodePort) writer.line(0, `NodePort:\t${name}\t${port.nodePort}/${port.protocol}`)
    writer.line(0, `Endpoints:\t${endpointsText(slices, port.name ?? '')}`)
  }
  writer.line(0, `Session Affinity:\t${spec.sessionAffinity}`)
  if (spec.externalTrafficPolicy) writer.line(0, `External Traffic Policy:\t${spec.externalTrafficPolicy}`)
  if (spec.internalTrafficPolicy) writer.line(0, `Internal Traffic Policy:\t${spec.internalTrafficPolicy}`)
  if (spec.healthCheckNodePort) writer.line(0, `HealthCheck NodePort:\t${spec.healthCheckNodePort}`)
}

const MAX_ENDPOINTS = 3

const endpointsText = (slices: readonly AnyObject[], portName: string): string => {
  const found: string[] = []
  for (const slice of slices as any[])
    for (const port of slice.ports ?? [])
      if ((port.name ?? '') === portName)
        for (const endpoint of slice.endpoints ?? [])
          if (endpoint.conditions?.ready ?? true)
            for (const address of endpoint.addresses) found.push(`${address.includes(':') ? `[${address}]` : address}:${port.port}`)
  const more = found.length - MAX_ENDPOINTS
  return more > 0 ? `${found.slice(0, MAX_ENDPOINTS).join(',')} + ${more} more...` : found.join(',')
}

export const describeNamespace = async (writer: DescribeWriter, namespace: AnyObject, client: Client): Promise<void> => {
  head(writer, namespace, false)
  writer.line(0, `Status:\t${(namespace as any).status?.phase}`)
  const conditions = (namespace as any).status?.conditions ?? []
  if (conditions.length > 0) {
    writer.line(0, 'Conditions:')
    writer.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage')
    writer.line(1, '----\t------\t------------------\t------\t-------')
    for (const condition of conditions)
      writer.line(1, `${condition.type} \t${condition.status} \t${rfc1123(condition.lastTransitionTime)} \t${condition.reason} \t${condition.message}`)
  }
  const kinds = new Set((await client.discovery()).map(({ kind }) => kind))
  if (kinds.has('ResourceQuota')) writer.line(0, '\nNo resource quota.')
  if (kinds.has('LimitRange')) writer.line(0, '\nNo LimitRange resource.')
}

export const describeConfigMap = (writer: DescribeWriter, map: AnyObject): void => {
  head(writer, map)
  writer.line(0, '\nData\n====')
  for (const key of Object.keys(map.data ?? {}).toSorted()) writer.line(0, `${key}:\n----\n${map.data[key]}\n`)
  writer.line(0, '\nBinaryData\n====')
  for (const key of Object.keys(map.binaryData ?? {}).toSorted()) writer.line(0, `${key}: ${Buffer.from(map.binaryData[key], 'base64').length} bytes`)
  writer.line(0, '')
}

export const describeSecret = (writer: DescribeWriter, secret: AnyObject): void => {
  head(writer, secret)
  writer.line(0, `\nType:\t${secret.type}`)
  writer.line(0, '\nData\n====')
  for (const key of Object.keys(secret.data ?? {}).toSorted()) {
    const value = Buffer.from(secret.data[key], 'base64')
    writer.line(0, key === 'token' && secret.type === 'kubernetes.io/service-account-token' ? `${key}:\t${value.toString()}` : `${key}:\t${value.length} bytes`)
  }
}

export const describeServiceAccount = (writer: DescribeWriter, account: AnyObject): void => {
  head(writer, account)
  writer.list(
    0,
    'Image pull secrets',
    (account.imagePullSecrets ?? []).map((reference: any) => reference.name),
  )
  writer.list(
    0,
    'Mountable secrets',
    (account.secrets ?? []).map((reference: any) => reference.name),
  )
  writer.list(0, 'Tokens', [])
}

export const describeRules = (writer: DescribeWriter, role: AnyObject): void => {
  writer.line(0, `Name:\t${role.metadata.name}`)
  writer.map(0, 'Labels', role.metadata.labels)
  annotations(writer, 0, role.metadata.annotations)
  writer.line(0, 'PolicyRule:')
  writer.line(1, 'Resources\tNon-Resource URLs\tResource Names\tVerbs')
  writer.line(1, '---------\t-----------------\t--------------\t-----')
  const rows = (role.rules ?? []).flatMap((rule: any) => {
    const verbs = `[${rule.verbs.join(' ')}]`
    return [
      ...(rule.apiGroups ?? []).flatMap((group: string) =>
        (rule.resources ?? []).map((resource: string) => ({
          order: `${group}]${resource}]`,
          text: `${group ? resource.replace(/^([^/]+)/, `$1.${group}`) : resource}\t[]\t[${(rule.resourceNames ?? []).join(' ')}]\t${verbs}`,
        })),
      ),
      ...(rule.nonResourceURLs ?? []).map((url: string) => ({ order: `]${url}`, text: `\t[${url}]\t[]\t${verbs}` })),
    ]
  })
  for (const { text } of rows.toSorted((a: any, b: any) => (a.order < b.order ? -1 : 1))) writer.line(1, text)
}

export const describeStorageClass = (writer: DescribeWriter, storage: AnyObject): void => {
  const annotated = storage.metadata.annotations ?? {}
  const pairs = (map: Readonly<Record<string, string>> | undefined) =>
    map && Object.keys(map).length > 0
      ? Object.keys(map)
          .toSorted()
          .map(key => `${key}=${map[key]}`)
          .join(',')
      : '<none>'
  writer.line(0, `Name:\t${storage.metadata.name}`)
  writer.line(0, `IsDefaultClass:\t${annotated['storageclass.kubernetes.io/is-default-class'] === 'true' ? 'Yes' : 'No'}`)
  writer.line(0, `Annotations:\t${pairs(annotated)}`)
  writer.line(0, `Provisioner:\t${storage.provisioner}`)
  writer.line(0, `Parameters:\t${pairs(storage.parameters)}`)
  writer.line(0, `AllowVolumeExpansion:\t${storage.allowVolumeExpansion === undefined ? '<unset>' : storage.allowVolumeExpansion ? 'True' : 'False'}`)
  if (!storage.mountOptions?.length) writer.line(0, 'MountOptions:\t<none>')
  else for (const [index, option] of storage.mountOptions.entries()) writer.line(index === 0 ? 0 : 1, index === 0 ? `MountOptions:\n  ${option}` : option)
  if (storage.reclaimPolicy) writer.line(0, `ReclaimPolicy:\t${storage.reclaimPolicy}`)
  if (storage.volumeBindingMode) writer.line(0, `VolumeBindingMode:\t${storage.volumeBindingMode}`)
}

export const describeIngressClass = (writer: DescribeWriter, ingressClass: AnyObject): void => {
  head(writer, ingressClass, false)
  const { spec } = ingressClass as any
  writer.line(0, `Controller:\t${spec.controller}`)
  if (!spec.parameters) return
  writer.line(0, 'Parameters:')
  if (spec.parameters.apiGroup) writer.line(1, `APIGroup:\t${spec.parameters.apiGroup}`)
  writer.line(1, `Kind:\t${spec.parameters.kind}`)
  writer.line(1, `Name:\t${spec.parameters.name}`)
}

export const describeEndpointSlice = (writer: DescribeWriter, slice: AnyObject): void => {
  head(writer, slice)
  writer.line(0, `AddressType:\t${slice.addressType}`)
  if (!slice.ports?.length) writer.line(0, 'Ports: <unset>')
  else {
    writer.line(0, 'Ports:')
    writer.line(1, 'Name\tPort\tProtocol')
    writer.line(1, '----\t----\t--------')
    for (const port of slice.ports) writer.line(1, `${port.name || '<unset>'}\t${port.port ?? '<unset>'}\t${port.protocol ?? '<unset>'}`)
  }
  if (!slice.endpoints?.length) return writer.line(0, 'Endpoints: <none>')
  writer.line(0, 'Endpoints:')
  for (const endpoint of slice.endpoints) {
    writer.line(1, `- Addresses:\t${endpoint.addresses.join(', ') || '<none>'}`)
    writer.line(2, 'Conditions:')
    writer.line(3, `Ready:\t${endpoint.conditions?.ready ?? '<unset>'}`)
    writer.line(2, `Hostname:\t${endpoint.hostname ?? '<unset>'}`)
    if (endpoint.targetRef) writer.line(2, `TargetRef:\t${endpoint.targetRef.kind}/${endpoint.targetRef.name}`)
    writer.line(2, `NodeName:\t${endpoint.nodeName ?? '<unset>'}`)
    writer.line(2, `Zone:\t${endpoint.zone ?? '<unset>'}`)
  }
}

export const describeBinding = (writer: DescribeWriter, binding: AnyObject): void => {
  writer.line(0, `Name:\t${binding.metadata.name}`)
  writer.map(0, 'Labels', binding.metadata.labels)
  annotations(writer, 0, binding.metadata.annotations)
  writer.line(0, 'Role:')
  writer.line(1, `Kind:\t${binding.roleRef.kind}`)
  writer.line(1, `Name:\t${binding.roleRef.name}`)
  writer.line(0, 'Subjects:')
  writer.line(1, 'Kind\tName\tNamespace')
  writer.line(1, '----\t----\t---------')
  for (const subject of binding.subjects ?? []) writer.line(1, `${subject.kind}\t${subject.name}\t${subject.namespace ?? ''}`)
}

const HIDDEN = new Set(['managedFields', 'selfLink', 'name', 'namespace', 'labels', 'annotations'])

/** kubectl's GenericDescriber: every field below its title, words split as in `Creation Timestamp`. */
export const describeGeneric = (writer: DescribeWriter, object: AnyObject): void => {
  writer.line(0, `Name:\t${object.metadata.name}`)
  writer.line(0, `Namespace:\t${object.metadata.namespace ?? ''}`)
  writer.map(0, 'Labels', object.metadata.labels)
  annotations(writer, 0, object.metadata.annotations)
  writer.line(0, `API Version:\t${object.apiVersion}`)
  writer.line(0, `Kind:\t${object.kind}`)
  const { metadata, apiVersion: _, kind: __, ...rest } = object
  fields(writer, 0, { metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !HIDDEN.has(key))), ...rest })
}

/** `apiVersion` → `API Version`; words that are acronyms stay in capitals. */
const title = (key: string): string =>
  key
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .replace(/(^|\s)([a-z])/g, (_, space: string, letter: string) => space + letter.toUpperCase())
    .replace(/\b(Api|Uid|Url|Osb|Guid)\b/g, word => word.toUpperCase())

const fields = (writer: DescribeWriter, level: number, value: Readonly<Record<string, unknown>>): void => {
  for (const key of Object.keys(value).toSorted()) {
    const found = value[key]
    if (Array.isArray(found)) {
      writer.line(level, `${title(key)}:`)
      for (const item of found) {
        if (item !== null && typeof item === 'object') fields(writer, level + 1, item as Record<string, unknown>)
        else writer.line(level + 1, String(item))
      }
      if (found.length === 0) continue
    } else if (found !== null && typeof found === 'object') {
      writer.line(level, `${title(key)}:`)
      fields(writer, level + 1, found as Record<string, unknown>)
    } else writer.line(level, `${title(key)}:\t${found === null ? '<nil>' : String(found)}`)
  }
}
