import { rfc3339 } from '../../time/clock.ts'
import { storeKey } from '../../store/store.ts'
import { API_AUDIENCES, type BoundObject, type TokenSigner } from '../access/tokens.ts'
import type { ResourceDefinition } from '../definition.ts'
import { invalidValue } from '../fielderrors.ts'
import type { Registry } from '../registry/environment.ts'
import type { Plan } from '../request.ts'
import { conflict, invalid, notFound } from '../status.ts'

interface TokenRequest {
  readonly spec?: {
    readonly audiences?: readonly string[] | null
    readonly expirationSeconds?: number | null
    readonly boundObjectRef?: { readonly kind: BoundObject['kind']; readonly name: string; readonly uid?: string } | null
  }
}

const DEFAULT_SECONDS = 3600
const MIN_SECONDS = 600
const MAX_SECONDS = 2 ** 32

/** POST serviceaccounts/token (pkg/registry/core/serviceaccount/storage/token.go). `decode` gives the TokenRequest. */
export const tokenPlan = (
  registry: Registry,
  signer: TokenSigner,
  definition: ResourceDefinition,
  namespace: string,
  name: string,
  decode: () => object,
): Plan => {
  const bucket = registry.bucketOf(definition)
  let request: TokenRequest = {}
  return {
    operation: 'CREATE',
    draft: () => {
      request = decode()
    },
    validate: () => {
      const seconds = request.spec?.expirationSeconds
      const kind = { group: 'authentication.k8s.io', kind: 'TokenRequest' }
      if (!bucket.get(storeKey(namespace, name))) throw notFound(definition, name)
      if (seconds != null && seconds < MIN_SECONDS)
        throw invalid(kind, '', [invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes')])
      if (seconds != null && seconds > MAX_SECONDS)
        throw invalid(kind, '', [invalidValue('spec.expirationSeconds', seconds, 'may not specify a duration larger than 2^32 seconds')])
    },
    commit: context => {
      const account = bucket.get(storeKey(namespace, name))
      if (!account) throw notFound(definition, name)
      const audiences = request.spec?.audiences?.length ? request.spec.audiences : API_AUDIENCES
      const expirationSeconds = request.spec?.expirationSeconds ?? DEFAULT_SECONDS
      const reference = request.spec?.boundObjectRef ?? undefined
      context.code = 201
      const token = signer.issue(
        { namespace, name, uid: account.metadata.uid },
        audiences,
        expirationSeconds,
        reference && boundTo(registry, namespace, name, reference),
      )
      return {
        kind: 'TokenRequest',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: { name, namespace, uid: account.metadata.uid, creationTimestamp: rfc3339(registry.clock.now) },
        spec: { audiences, expirationSeconds, boundObjectRef: reference ?? null },
        status: { token, expirationTimestamp: rfc3339(registry.clock.now + expirationSeconds * 1000) },
      }
    },
  }
}

const boundTo = (
  registry: Registry,
  namespace: string,
  account: string,
  { kind, name, uid }: { kind: BoundObject['kind']; name: string; uid?: string },
): BoundObject => {
  const types = { Pod: ['/pods', true], Secret: ['/secrets', true], Node: ['/nodes', false] } as const
  const [bucket, namespaced] = types[kind]
  const object = registry.store.bucket(bucket).get(storeKey(namespaced ? namespace : undefined, name))
  if (!object) throw notFound({ group: '', resource: bucket.slice(1) }, name)
  if (uid && uid !== object.metadata.uid)
    throw conflict(
      { group: '', resource: 'serviceaccounts/token' },
      account,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  return { kind, name, uid: object.metadata.uid }
}
