import type { DeleteOptions } from '../client/client.ts'
import type { Store } from '../store/store.ts'
import type { Clock } from '../time/clock.ts'
import type { Wall } from '../time/pace.ts'
import type { Random } from '../time/random.ts'
import type { Authenticator } from './access/authenticator.ts'
import { createNodeAuthorizer } from './access/node-authorizer.ts'
import { createRbacAuthorizer, type Authorizer } from './access/rbac.ts'
import { admissionPlugins } from './admission/index.ts'
import type { Impersonation } from './access/impersonation.ts'
import type { ResourceDefinition } from './definition.ts'
import { createPipeline } from './pipeline.ts'
import { createAllocations } from './registry/allocations.ts'
import { createPlan } from './registry/create.ts'
import { deletePlan } from './registry/delete.ts'
import type { Registry } from './registry/environment.ts'
import { patchPlan, type PatchInput } from './registry/patch.ts'
import { getPlan } from './registry/read.ts'
import { postPlan } from './registry/subresources.ts'
import { updatePlan, type UpdateRequest } from './registry/update.ts'
import type { Attributes, Credentials, Plan, RequestContext, User, WriteOptions } from './request.ts'
import { admission } from './stages/admission.ts'
import { authentication } from './stages/authentication.ts'
import { authorization } from './stages/authorization.ts'
import { mutating } from './stages/mutating.ts'
import { store as storeStage } from './stages/store.ts'
import { validation } from './stages/validation.ts'
import { createTraces, type Traces } from './traces.ts'

interface RequestInput {
  readonly attributes: Attributes
  readonly credentials: Credentials | undefined
  readonly user: User | undefined
  readonly impersonation?: Impersonation | undefined
  readonly definition: ResourceDefinition | undefined
  readonly plan: Plan
  readonly options: WriteOptions
}

/** The API server without its listener: definitions, store, pipeline. Both kinds of clients stand on it. */
export interface ApiServerCore {
  readonly registry: Registry
  readonly definitions: readonly ResourceDefinition[]
  readonly authorizer: Authorizer
  readonly traces: Traces
  /** False while k3s is stopped: clients are refused. */
  readonly running: boolean
  /** History at or before this revision is gone. */
  readonly compacted: number
  definition(group: string, version: string, resource: string): ResourceDefinition | undefined
  context(input: RequestInput): RequestContext
  /** Runs a context through the pipeline. */
  run(context: RequestContext): unknown
  /** Both in one, for who does not look at the context afterwards. */
  handle(input: RequestInput): unknown
  /** Called when the server stops; returns how to stop being called. */
  onStop(listener: () => void): () => void
  setRunning(running: boolean): void
  readonly plans: {
    get(definition: ResourceDefinition, namespace: string, name: string): Plan
    create(definition: ResourceDefinition, namespace: string, body: object | ((context: RequestContext) => object)): Plan
    update(request: UpdateRequest): Plan
    patch(definition: ResourceDefinition, namespace: string, name: string, input: PatchInput, subresource: string): Plan
    delete(definition: ResourceDefinition, namespace: string, name: string, options: DeleteOptions): Plan
    post(definition: ResourceDefinition, namespace: string, name: string, subresource: string, body: object): Plan
  }
}

export interface CoreParts {
  readonly clock: Clock
  readonly wall: Wall
  readonly random: Random
  readonly store: Store
  readonly definitions: readonly ResourceDefinition[]
  readonly authenticate: Authenticator
  readonly compacted: () => number
}

const EVERYTHING_ALLOWED: Authorizer = { allows: () => true, reason: () => undefined, rulesFor: () => [] }

/** --authorization-mode=Node,RBAC. */
const withNodes = (rbac: Authorizer, allowsNode: (user: User, attributes: Attributes) => boolean): Authorizer => ({
  ...rbac,
  allows: (user, attributes) => allowsNode(user, attributes) || rbac.allows(user, attributes),
})

export const createCore = ({ clock, wall, random, store, definitions, authenticate, compacted }: CoreParts): ApiServerCore => {
  const byType = new Map(definitions.map(definition => [`${definition.group}/${definition.version}/${definition.resource}`, definition]))
  const byResource = new Map(definitions.map(definition => [`${definition.group}/${definition.resource}`, definition]))
  const buckets = new Map(definitions.map(definition => [definition, store.bucket(`${definition.group}/${definition.resource}`)]))
  const allocations = createAllocations(random.stream('allocations'))
  for (const service of store.bucket('/services').list()) allocations.adopt(service)
  const registry: Registry = {
    clock,
    random: random.stream('registry'),
    store,
    allocations,
    bucketOf: definition => buckets.get(definition as ResourceDefinition) ?? store.bucket(`${definition.group}/${definition.resource}`),
    definitionOf: (group, resource) => byResource.get(`${group}/${resource}`),
  }
  // Without roles to evaluate there is nothing to authorize by (--authorization-mode=AlwaysAllow).
  const authorizer = byResource.has('rbac.authorization.k8s.io/clusterroles')
    ? withNodes(createRbacAuthorizer(store), createNodeAuthorizer(store))
    : EVERYTHING_ALLOWED
  const plugins = admissionPlugins(registry)
  const traces = createTraces()
  const pipeline = createPipeline(
    [authentication(authenticate), authorization(authorizer), mutating(plugins), validation, admission(plugins), storeStage],
    traces,
    wall,
  )
  const stopListeners = new Set<() => void>()
  let running = false
  let nextId = 1

  const core: ApiServerCore = {
    registry,
    definitions,
    authorizer,
    traces,
    get running() {
      return running
    },
    get compacted() {
      return compacted()
    },
    definition: (group, version, resource) => byType.get(`${group}/${version}/${resource}`),
    context: ({ attributes, credentials, user, impersonation, definition, plan, options }) => ({
      id: nextId++,
      attributes,
      credentials,
      user,
      impersonation,
      definition,
      plan,
      options,
      warnings: [],
      old: undefined,
      candidate: undefined,
      code: 200,
      answer: undefined,
      rollback: undefined,
    }),
    run: pipeline,
    handle: input => pipeline(core.context(input)),
    onStop: listener => {
      stopListeners.add(listener)
      return () => stopListeners.delete(listener)
    },
    setRunning: next => {
      running = next
      if (!next) for (const listener of stopListeners) listener()
    },
    plans: {
      get: (definition, namespace, name) => getPlan(registry, definition, namespace, name),
      create: (definition, namespace, body) => createPlan(registry, definition, namespace, body),
      update: request => updatePlan(registry, request),
      patch: (definition, namespace, name, input, subresource) => patchPlan(registry, definition, namespace, name, input, subresource),
      delete: (definition, namespace, name, options) => deletePlan(registry, definition, namespace, name, options),
      post: (definition, namespace, name, subresource, body) => postPlan(registry, definition, namespace, name, subresource, body),
    },
  }
  return core
}
