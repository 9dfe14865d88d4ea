import type { ResourceDefinition } from '../apiserver/definition.ts'
import { ApiError } from '../apiserver/errors.ts'
import type { KubeObject } from '../apiserver/object.ts'
import type { ApiServerCore } from '../apiserver/core.ts'
import { eventOf, changesAfter, type WatchScope } from '../apiserver/registry/watch.ts'
import type { Plan, User } from '../apiserver/request.ts'
import { selectorPredicate } from '../apiserver/selectors.ts'
import { badRequest, noSuchResource } from '../apiserver/status.ts'
import type { ApiClient, ListOptions, ListResult, ResourceType, WatchEvent } from './client.ts'

const refused = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

const NO_OPTIONS = { dryRun: false, fieldManager: '', fieldValidation: 'Ignore' } as const

/** A client inside the worker: the same pipeline as over HTTPS, without bytes in between. */
export const directClient = (server: ApiServerCore, user: User): ApiClient => {
  // `kube-controller-manager` and the like; what kubectl would send as its field manager.
  const options = { ...NO_OPTIONS, fieldManager: user.name.replace(/^system:(node:)?/, '') }

  const definitionOf = ({ group, version, resource }: ResourceType): ResourceDefinition => {
    const definition = server.definition(group, version, resource)
    if (!definition) throw noSuchResource()
    return definition
  }

  const run = async (
    verb: string,
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    subresource: string,
    makePlan: (definition: ResourceDefinition) => Plan,
  ): Promise<unknown> => {
    if (!server.running) throw refused()
    const definition = definitionOf(type)
    return server.handle({
      attributes: { verb, group: type.group, version: type.version, resource: type.resource, subresource, namespace: namespace ?? '', name, path: '' },
      credentials: undefined,
      user,
      definition,
      plan: makePlan(definition),
      options,
    })
  }

  return {
    get: <T extends KubeObject>(type: ResourceType<T>, namespace: string | undefined, name: string) =>
      run('get', type, namespace, name, '', definition => server.plans.get(definition, namespace ?? '', name)) as Promise<T>,

    list: <T extends KubeObject>(type: ResourceType<T>, { namespace, labelSelector, fieldSelector }: ListOptions = {}) =>
      run('list', type, namespace, '', '', definition => ({
        commit: () => {
          const selects = selectorPredicate(definition, labelSelector, fieldSelector)
          const all = server.registry.bucketOf(definition).list(namespace)
          return { items: selects ? all.filter(selects) : all, resourceVersion: String(server.registry.store.revision) }
        },
      })) as Promise<ListResult<T>>,

    create: <T extends KubeObject>(type: ResourceType<T>, object: { metadata: Partial<T['metadata']> }) =>
      run('create', type, object.metadata.namespace, object.metadata.name ?? '', '', definition =>
        server.plans.create(definition, object.metadata.namespace ?? '', object),
      ) as Promise<T>,

    update: <T extends KubeObject>(type: ResourceType<T>, object: T, subresource?: 'status' | 'finalize') =>
      run('update', type, object.metadata.namespace, object.metadata.name, subresource ?? '', definition =>
        server.plans.update({
          definition,
          namespace: object.metadata.namespace ?? '',
          name: object.metadata.name,
          scope: subresource ?? 'object',
          whole: true,
          change: () => object,
        }),
      ) as Promise<T>,

    patch: <T extends KubeObject>(
      type: ResourceType<T>,
      namespace: string | undefined,
      name: string,
      patchType: 'json' | 'merge' | 'strategic' | 'apply',
      patch: unknown,
      subresource = '',
    ) =>
      run('patch', type, namespace, name, subresource, definition =>
        server.plans.patch(definition, namespace ?? '', name, { type: patchType, patch }, subresource),
      ) as Promise<T>,

    delete: async (type, namespace, name, deletion = {}) => {
      await run('delete', type, namespace, name, '', definition => server.plans.delete(definition, namespace ?? '', name, deletion))
    },

    post: (type, namespace, name, subresource, body) =>
      run('create', type, namespace, name, subresource, definition => server.plans.post(definition, namespace ?? '', name, subresource, body)),

    watch: (type, options, onEvent, onClosed) => openWatch(server, user, type, definitionOf(type), options, onEvent, onClosed),
  }
}

const openWatch = <T extends KubeObject>(
  server: ApiServerCore,
  user: User,
  type: ResourceType<T>,
  definition: ResourceDefinition,
  { namespace, labelSelector, fieldSelector, resourceVersion }: ListOptions & { readonly resourceVersion: string },
  onEvent: (event: WatchEvent<T>) => void,
  onClosed: (reason: Error) => void,
): (() => void) => {
  const { clock, store } = server.registry
  let open = true
  let queue: WatchEvent<T>[] = []
  const stops: (() => void)[] = []
  const stop = () => {
    open = false
    for (const end of stops.splice(0)) end()
  }
  const close = (reason: Error) => {
    if (!open) return
    stop()
    clock.soon(() => onClosed(reason))
  }
  const deliver = () => {
    const events = queue
    queue = []
    for (const event of events) {
      if (!open) return
      onEvent(event)
    }
  }
  const push = (event: WatchEvent<T>) => {
    if (queue.push(event) === 1) clock.soon(deliver)
  }

  void (async () => {
    try {
      if (!server.running) throw refused()
      const since = Number(resourceVersion)
      if (!Number.isInteger(since)) throw badRequest(`invalid resource version: ${resourceVersion}`)
      await server.handle({
        attributes: {
          verb: 'watch',
          group: type.group,
          version: type.version,
          resource: type.resource,
          subresource: '',
          namespace: namespace ?? '',
          name: '',
          path: '',
        },
        credentials: undefined,
        user,
        definition,
        options: NO_OPTIONS,
        plan: {
          commit: () => {
            if (!open) return
            const bucket = server.registry.bucketOf(definition)
            const scope: WatchScope = { namespace, selects: selectorPredicate(definition, labelSelector, fieldSelector) }
            for (const change of changesAfter(store, bucket, server.compacted, since)) {
              const event = eventOf(scope, change)
              if (event) push(event as unknown as WatchEvent<T>)
            }
            stops.push(
              bucket.subscribe(change => {
                const event = eventOf(scope, change)
                if (event) push(event as unknown as WatchEvent<T>)
              }),
              server.onStop(() => close(refused())),
            )
          },
        },
      })
    } catch (error) {
      close(error instanceof ApiError ? error : (error as Error))
    }
  })()
  return stop
}
