import { deleteObject } from '../registry/delete.ts'
import { listObjects } from '../registry/list.ts'
import { storeKey } from '../../store/store.ts'
import type { Wall } from '../../time/pace.ts'
import { impersonationOf } from '../access/impersonation.ts'
import type { TokenSigner } from '../access/tokens.ts'
import type { ApiServerCore } from '../core.ts'
import type { ResourceDefinition } from '../definition.ts'
import { ApiError } from '../errors.ts'
import type { KubeletBackend, NodeProxy } from '../kubelet-backend.ts'
import type { KubeObject } from '../object.ts'
import type { Plan, RequestContext, WriteOptions } from '../request.ts'
import { parsePatch, patchTypes } from '../patch/index.ts'
import { applyPatch, type PatchInput } from '../registry/patch.ts'
import { decodeBody, mediaType, type Expected } from '../schema/index.ts'
import { selectorPredicate } from '../selectors.ts'
import { badRequest, internalError, methodNotAllowed, noSuchResource, notFound } from '../status.ts'
import { connectPlan } from '../subresources/connect.ts'
import { logPlan } from '../subresources/log.ts'
import { getScalePlan, SCALE_SCHEMA, scaleTable, updateScalePlan } from '../subresources/scale.ts'
import { tokenPlan } from '../subresources/token.ts'
import type { VirtualResource } from '../virtual/virtual.ts'
import { RawAnswer, textAnswer, type HttpAnswer, type HttpRequest } from './message.ts'
import { negotiate, wantsPretty, type Representation } from './negotiate.ts'
import { parsePath, type RequestInfo } from './paths.ts'
import { deleteQuery, listQuery, tooLargeResourceVersion, writeQuery } from './query.ts'
import { encode, includeObject, representList, representObject, type ObjectList } from './represent.ts'
import { ALL_VERBS } from './subresource-kinds.ts'
import { watchStream } from './watch-stream.ts'

export interface HandlerParts {
  readonly core: ApiServerCore
  readonly wall: Wall
  readonly signer: TokenSigner
  readonly virtual: readonly VirtualResource[]
  readonly nonResource: (info: RequestInfo, headers: HttpRequest['headers']) => RawAnswer | Promise<RawAnswer>
  readonly kubelet: () => KubeletBackend | undefined
  readonly nodeProxy: () => NodeProxy | undefined
  /** Told of errors that are no answer of Kubernetes but a fault of ours. */
  readonly onFault: (error: unknown) => void
}

/** Answers one request, whoever carried it here. Never rejects. */
export type Handler = (request: HttpRequest) => Promise<HttpAnswer>

const READ_ONLY: WriteOptions = { dryRun: false, fieldManager: '', fieldValidation: 'Ignore' }
const EMPTY = new Uint8Array()

/** A plan that refuses, once it is clear who asks and that they may. */
const refusal = (error: ApiError): Plan => ({
  commit: () => {
    throw error
  },
})

interface Route {
  readonly plan: Plan
  readonly options: WriteOptions
  /** How the result of the plan becomes a body. */
  readonly shape: 'object' | 'list'
}

export const createHandler = ({ core, wall, signer, virtual, nonResource, kubelet, nodeProxy, onFault }: HandlerParts): Handler => {
  const { registry } = core
  const virtualOf = new Map(virtual.map(resource => [resource.definition, resource]))
  const virtualDefinitions = new Map(virtual.map(({ definition }) => [`${definition.group}/${definition.version}/${definition.resource}`, definition]))
  const groups = new Set([...core.definitions, ...virtual.map(({ definition }) => definition)].map(({ group }) => group))
  const findDefinition = ({ group, version, resource }: RequestInfo) =>
    core.definition(group, version, resource) ?? virtualDefinitions.get(`${group}/${version}/${resource}`)

  /** Decodes a body as `expected`; what is unknown in it is refused, warned of or ignored, as the client asks. */
  const decode = (request: HttpRequest, expected: Expected, context: RequestContext): object => {
    const { object, strict } = decodeBody(request.body ?? EMPTY, request.headers['content-type'], expected)
    if (strict.length === 0) return object
    const { fieldValidation } = context.options
    if (fieldValidation === 'Strict')
      throw badRequest(
        `${expected.kind} in version ${JSON.stringify(expected.version)} cannot be handled as a ${expected.kind}: strict decoding error: ${strict.join(', ')}`,
      )
    if (fieldValidation === 'Warn') context.warnings.push(...strict)
    return object
  }

  const patchOf = (request: HttpRequest): PatchInput => {
    const type = patchTypes[mediaType(request.headers['content-type'])]
    if (!type || type === 'apply') throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
    const { value, strict } = parsePatch(type, request.body ?? EMPTY)
    return { type, patch: value, strict }
  }

  const listRoute = (definition: ResourceDefinition, info: RequestInfo, request: HttpRequest, representation: Representation): Route => {
    const namespace = definition.namespaced && info.namespace ? info.namespace : undefined
    const watch = info.verb === 'watch'
    const generated = virtualOf.get(definition)?.list
    return {
      shape: 'list',
      options: READ_ONLY,
      plan: {
        commit: () => {
          const query = listQuery(info.query, watch)
          if (generated) {
            const selects = selectorPredicate(definition, query.labelSelector, query.fieldSelector)
            const items = generated(namespace) as readonly KubeObject[]
            return { items: selects ? items.filter(selects) : items, resourceVersion: '' }
          }
          // The old form `/watch/…/name` is about one object.
          if (watch)
            return watchStream(core, wall, {
              definition,
              namespace,
              ...(info.name && { name: info.name }),
              query,
              search: info.query,
              representation,
              signal: request.signal,
            })
          return listObjects(registry, definition, namespace, query)
        },
      },
    }
  }

  const getRoute = (definition: ResourceDefinition, info: RequestInfo): Route => {
    const generated = virtualOf.get(definition)?.list
    const plan: Plan = generated
      ? {
          commit: () => {
            const found = (generated(definition.namespaced ? info.namespace : undefined) as readonly KubeObject[]).find(
              ({ metadata }) => metadata.name === info.name,
            )
            if (!found) throw notFound(definition, info.name)
            return found
          },
        }
      : core.plans.get(definition, info.namespace, info.name)
    const version = info.query.get('resourceVersion')
    if (!version || version === '0') return { shape: 'object', options: READ_ONLY, plan }
    return {
      shape: 'object',
      options: READ_ONLY,
      plan: {
        commit: context => {
          if (!/^\d+$/.test(version))
            throw badRequest(
              `invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(version)}: strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`,
            )
          if (Number(version) > registry.store.revision) throw tooLargeResourceVersion(version, registry.store.revision)
          return plan.commit(context)
        },
      },
    }
  }

  const deleteBody = (request: HttpRequest): unknown => {
    if (!request.body?.length) return undefined
    return decodeBody(request.body, request.headers['content-type'], {
      group: '',
      version: 'v1',
      kind: 'DeleteOptions',
      schema: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
    }).object
  }

  const deleteRoute = (definition: ResourceDefinition, info: RequestInfo, request: HttpRequest): Route => {
    const body = deleteBody(request)
    const { options, dryRun } = deleteQuery(info.query, body)
    return { shape: 'object', options: { ...READ_ONLY, dryRun }, plan: core.plans.delete(definition, info.namespace, info.name, options) }
  }

  const deleteCollectionRoute = (definition: ResourceDefinition, info: RequestInfo, request: HttpRequest): Route => {
    const { options, dryRun } = deleteQuery(info.query, deleteBody(request))
    const namespace = definition.namespaced ? info.namespace : undefined
    return {
      shape: 'list',
      options: { ...READ_ONLY, dryRun },
      plan: {
        operation: 'DELETE',
        commit: context => {
          const list = listObjects(registry, definition, namespace, listQuery(info.query, false))
          const bucket = registry.bucketOf(definition)
          for (const { metadata } of list.items) {
            const key = storeKey(metadata.namespace, metadata.name)
            if (bucket.get(key)) deleteObject(registry, bucket, definition, key, options, context)
          }
          return list
        },
      },
    }
  }

  const objectRoute = (definition: ResourceDefinition, info: RequestInfo, request: HttpRequest, representation: Representation): Route => {
    const { namespace, name } = info
    const userAgent = request.headers['user-agent']
    switch (info.verb) {
      case 'list':
      case 'watch':
        return listRoute(definition, info, request, representation)
      case 'get':
        return getRoute(definition, info)
      case 'create': {
        const make = virtualOf.get(definition)?.create
        const body = (context: RequestContext) => decode(request, definition, context)
        return {
          shape: 'object',
          options: writeQuery(info.query, 'CreateOptions', userAgent),
          plan: make ? make(body, namespace) : core.plans.create(definition, namespace, body),
        }
      }
      case 'update':
        return {
          shape: 'object',
          options: writeQuery(info.query, 'UpdateOptions', userAgent),
          plan: core.plans.update({
            definition,
            namespace,
            name,
            scope: 'object',
            whole: true,
            change: (_old, context) => decode(request, definition, context),
          }),
        }
      case 'patch': {
        const options = writeQuery(info.query, 'PatchOptions', userAgent)
        return { shape: 'object', options, plan: core.plans.patch(definition, namespace, name, patchOf(request), '') }
      }
      case 'delete':
        return deleteRoute(definition, info, request)
      default:
        return deleteCollectionRoute(definition, info, request)
    }
  }

  const subresourceRoute = (definition: ResourceDefinition, info: RequestInfo, request: HttpRequest): Route => {
    const { namespace, name, subresource } = info
    const [head, ...rest] = subresource.split('/')
    if (!definition.subresources?.includes(head!) || (rest.length > 0 && head !== 'proxy'))
      return { shape: 'object', options: READ_ONLY, plan: refusal(noSuchResource()) }
    const userAgent = request.headers['user-agent']
    const route = (plan: Plan, options: WriteOptions = READ_ONLY): Route => ({ shape: 'object', options, plan })
    const change = info.verb === 'update' ? ('UpdateOptions' as const) : ('PatchOptions' as const)
    const key = `${head} ${info.verb}`
    const posted = (expected: Expected) => {
      const options = writeQuery(info.query, 'CreateOptions', userAgent)
      let body: object = {}
      return { options, decodeWith: (context: RequestContext) => (body = decode(request, expected, context)), body: () => body }
    }
    switch (key) {
      case 'status get':
        return getRoute(definition, info)
      case 'status update':
      case 'finalize update':
        return route(
          core.plans.update({
            definition,
            namespace,
            name,
            scope: head as 'status' | 'finalize',
            whole: true,
            change: (_old, context) => decode(request, definition, context),
          }),
          writeQuery(info.query, change, userAgent),
        )
      case 'status patch': {
        const options = writeQuery(info.query, change, userAgent)
        return route(core.plans.patch(definition, namespace, name, patchOf(request), head!), options)
      }
      case 'scale get':
        return route(getScalePlan(registry, definition, namespace, name))
      case 'scale update':
        return route(
          updateScalePlan(registry, definition, namespace, name, (_present, context) =>
            decode(request, { group: 'autoscaling', version: 'v1', kind: 'Scale', schema: SCALE_SCHEMA }, context),
          ),
          writeQuery(info.query, change, userAgent),
        )
      case 'scale patch': {
        const options = writeQuery(info.query, change, userAgent)
        const patch = patchOf(request)
        return route(
          updateScalePlan(registry, definition, namespace, name, (present, context) =>
            applyPatch(SCALE_SCHEMA, patch, present as unknown as KubeObject, context),
          ),
          options,
        )
      }
      case 'binding create':
      case 'eviction create': {
        const expected: Expected =
          head === 'binding'
            ? { group: '', version: 'v1', kind: 'Binding', schema: 'io.k8s.api.core.v1.Binding' }
            : { group: 'policy', version: 'v1', kind: 'Eviction', schema: 'io.k8s.api.policy.v1.Eviction' }
        const { options, decodeWith } = posted(expected)
        return route(
          lazy(context => core.plans.post(definition, namespace, name, head!, decodeWith(context))),
          options,
        )
      }
      case 'token create': {
        const expected: Expected = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', schema: 'io.k8s.api.authentication.v1.TokenRequest' }
        const { options, decodeWith } = posted(expected)
        return route(
          lazy(context => tokenPlan(registry, signer, definition, namespace, name, () => decodeWith(context))),
          options,
        )
      }
      case 'log get':
        return route(logPlan(registry, definition, namespace, name, info.query, kubelet, request.signal ?? new AbortController().signal))
      case 'exec get':
      case 'exec create':
      case 'attach get':
      case 'attach create':
      case 'portforward get':
      case 'portforward create':
        return route(connectPlan(registry, definition, namespace, name, head as 'exec' | 'attach' | 'portforward', info.query, kubelet))
      case 'proxy get':
        return route({ commit: () => proxied(definition, name, rest.join('/')) })
      default:
        return route({
          commit: () => {
            // Whether the object is there comes before what may be done with it.
            core.plans.get(definition, namespace, name).commit(undefined as never)
            throw methodNotAllowed()
          },
        })
    }
  }

  const proxied = (definition: ResourceDefinition, name: string, path: string): RawAnswer => {
    if (definition.resource !== 'nodes' || !registry.bucketOf(definition).get(name)) throw notFound(definition, name)
    const answer = nodeProxy()?.(name, `/${path}`)
    if (!answer) return new RawAnswer({ status: 404, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: '404 page not found\n' })
    return new RawAnswer({ status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(answer) })
  }

  const resourceRoute = (info: RequestInfo, request: HttpRequest, definition: ResourceDefinition | undefined, representation: Representation): Route => {
    const refuse = (error: ApiError): Route => ({ shape: 'object', options: READ_ONLY, plan: refusal(error) })
    // POST /namespaces/<ns>/bindings names the pod in its body.
    if (info.group === '' && info.resource === 'bindings' && info.verb === 'create' && info.namespace && !info.name) {
      const pods = core.definition('', 'v1', 'pods')!
      const expected: Expected = { group: '', version: 'v1', kind: 'Binding', schema: 'io.k8s.api.core.v1.Binding' }
      return {
        shape: 'object',
        options: writeQuery(info.query, 'CreateOptions', request.headers['user-agent']),
        plan: lazy(context => {
          const body = decode(request, expected, context) as { metadata?: { name?: string } }
          return core.plans.post(pods, info.namespace, body.metadata?.name ?? '', 'binding', body)
        }),
      }
    }
    // A group that is not served at all is a path that is not served.
    if (!definition && !groups.has(info.group)) return { shape: 'object', options: READ_ONLY, plan: { commit: () => textAnswer('404 page not found\n', 404) } }
    if (!definition) return refuse(noSuchResource())
    const misplaced = definition.namespaced
      ? !info.namespace && info.name !== '' && info.verb !== 'watch'
      : info.namespace !== '' && definition.resource !== 'namespaces'
    if (misplaced) return refuse(noSuchResource())
    if (info.subresource) return subresourceRoute(definition, info, request)
    if (request.method === 'HEAD') return refuse(methodNotAllowed())
    const verbs = definition.verbs ?? ALL_VERBS
    const wantsName = ['get', 'update', 'patch', 'delete'].includes(info.verb)
    const everywhere = definition.namespaced && !info.namespace && !['list', 'watch'].includes(info.verb)
    if (!verbs.includes(info.verb) || (wantsName !== (info.name !== '') && info.verb !== 'watch') || everywhere) return refuse(methodNotAllowed())
    return objectRoute(definition, info, request, representation)
  }

  const answerOf = async (request: HttpRequest): Promise<HttpAnswer> => {
    const info = parsePath(request.method, request.path)
    const definition = info.isResource ? findDefinition(info) : undefined
    let representation: Representation = { format: 'json', as: 'object', metaVersion: 'v1', pretty: false }
    let context: RequestContext | undefined
    try {
      let route: Route
      if (info.isResource) {
        const raw = info.subresource === 'log' || info.subresource.startsWith('proxy')
        const pretty = wantsPretty(info.query, request.headers['user-agent'])
        // Until it is known how the client wants its answers, it gets them readable.
        representation = { ...representation, pretty: true }
        // What is wrong with a request is only told to those who may make it.
        try {
          if (!raw) representation = negotiate(request.headers['accept'], { pretty, watchable: info.verb === 'list' || info.verb === 'watch' })
          else representation = { ...representation, pretty }
          route = resourceRoute(info, request, definition, representation)
        } catch (error) {
          if (!(error instanceof ApiError)) throw error
          route = { shape: 'object', options: READ_ONLY, plan: refusal(error) }
        }
      } else route = { shape: 'object', options: READ_ONLY, plan: { commit: () => nonResource(info, request.headers) } }
      context = core.context({
        attributes: info,
        credentials: request.credentials,
        user: undefined,
        impersonation: impersonationOf(request.headers),
        definition,
        plan: route.plan,
        options: route.options,
      })
      if (definition?.deprecation) context.warnings.push(definition.deprecation)
      const result = await core.run(context)
      // What is acknowledged is durable.
      if (route.plan.operation && !route.options.dryRun) await registry.store.durable()
      if (result instanceof RawAnswer) return withWarnings(result.answer, context)
      const body = bodyOf(result, route.shape, definition, representation, info.query)
      const status = route.shape === 'list' ? 200 : context.code
      return withWarnings({ status, headers: { 'Content-Type': representation.format === 'yaml' ? 'application/yaml' : 'application/json' }, body }, context)
    } catch (error) {
      return withWarnings(errorAnswer(error, representation), context)
    }
  }

  const bodyOf = (
    result: unknown,
    shape: Route['shape'],
    definition: ResourceDefinition | undefined,
    representation: Representation,
    query: URLSearchParams,
  ): string => {
    if (!definition || representation.as === 'object') {
      return encode(
        shape === 'list' && definition ? representList(definition, result as ObjectList, representation, 'Metadata', registry.clock.now) : result,
        representation,
      )
    }
    const include = representation.as === 'Table' ? includeObject(query) : 'Metadata'
    if (shape === 'list') return encode(representList(definition, result as ObjectList, representation, include, registry.clock.now), representation)
    // A Status is never drawn as a table.
    const { kind } = result as { kind?: string }
    if (kind !== definition.kind && kind !== 'Scale') return encode(result, representation)
    const shown = kind === 'Scale' ? { ...definition, table: scaleTable } : definition
    return encode(representObject(shown, result as KubeObject, representation, include, registry.clock.now), representation)
  }

  const errorAnswer = (error: unknown, representation: Representation): HttpAnswer => {
    let status: ApiError
    if (error instanceof ApiError) status = error
    else if (error instanceof Error && error.name === 'NoSpaceError') status = new ApiError(500, undefined, error.message)
    else {
      onFault(error)
      status = internalError('the server could not handle the request')
    }
    const retry = status.status.details?.retryAfterSeconds
    // Errors of requests for tables and parts come indented, as the real server has it.
    const pretty = representation.pretty || representation.as !== 'object'
    return {
      status: status.code,
      headers: { 'Content-Type': representation.format === 'yaml' ? 'application/yaml' : 'application/json', ...(retry && { 'Retry-After': String(retry) }) },
      body: encode(status.status, { format: representation.format, pretty }),
    }
  }

  return request => answerOf(request)
}

/** A plan that is only made when the body has been decoded. */
const lazy = (make: (context: RequestContext) => Plan): Plan => {
  let plan: Plan | undefined
  return {
    operation: 'CREATE',
    draft: context => {
      plan = make(context)
      plan.draft?.(context)
    },
    prepare: context => plan!.prepare?.(context),
    validate: context => plan!.validate?.(context),
    commit: context => plan!.commit(context),
  }
}

const withWarnings = (answer: HttpAnswer, context: RequestContext | undefined): HttpAnswer => {
  const headers: Record<string, string | readonly string[]> = { 'Cache-Control': 'no-cache, private', ...answer.headers }
  if (context?.warnings.length) headers['Warning'] = [...new Set(context.warnings)].map(text => `299 - ${JSON.stringify(text)}`)
  return { ...answer, headers }
}
