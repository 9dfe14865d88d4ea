import type { Wall } from '../time/pace.ts'
import { NoSpaceError } from '../store/store.ts'
import { ApiError } from './errors.ts'
import type { RequestContext, TraceRecord, TraceStage } from './request.ts'
import { unknownError } from './status.ts'
import type { Traces } from './traces.ts'

/** One step of every request. Adding one: a file in `stages/`, and a line in the list of `core.ts`. */
export interface Stage {
  readonly name: string
  /** Throws ApiError to refuse. A promise holds the request up; without one the request goes on at once. */
  run(context: RequestContext): void | Promise<void>
  /** One line for the trace, after the stage has passed. */
  detail?(context: RequestContext): string | undefined
}

export type Pipeline = (context: RequestContext) => unknown

/** Runs requests through the stages; the result is the answer, or a promise of it where a stage waits. */
export const createPipeline = (stages: readonly Stage[], traces: Traces, wall: Wall): Pipeline => {
  const goOn = (context: RequestContext, from: number): unknown => {
    for (let i = from; i < stages.length; i++) {
      const waiting = stages[i]!.run(context)
      if (waiting) return waiting.then(() => goOn(context, i + 1))
    }
    return context.answer
  }

  const plain: Pipeline = context => {
    try {
      const answer = goOn(context, 0)
      return answer instanceof Promise ? answer.catch(error => fail(context, error)) : answer
    } catch (error) {
      return fail(context, error)
    }
  }

  const traced: Pipeline = async context => {
    const passed: TraceStage[] = []
    for (const stage of stages) {
      const startedAt = wall.now()
      try {
        const waiting = stage.run(context)
        if (waiting) await waiting
        const detail = stage.detail?.(context)
        passed.push({ stage: stage.name, startedAt, verdict: 'passed', ...(detail !== undefined && { detail }) })
      } catch (error) {
        passed.push({ stage: stage.name, startedAt, verdict: 'refused', detail: error instanceof Error ? error.message : String(error) })
        traces.add(record(context, passed, error instanceof ApiError ? error.code : 500))
        fail(context, error)
      }
    }
    traces.add(record(context, passed, context.code))
    return context.answer
  }

  return context => (traces.wanted ? traced(context) : plain(context))
}

const fail = (context: RequestContext, error: unknown): never => {
  context.rollback?.()
  // etcd's own errors reach clients as they are, without a reason.
  throw error instanceof NoSpaceError ? unknownError(error.message) : error
}

const record = (context: RequestContext, stages: readonly TraceStage[], code: number): TraceRecord => {
  const { verb, path, resource, subresource, namespace, name } = context.attributes
  const written =
    code < 400 && context.plan.operation ? (context.answer as { metadata?: { resourceVersion?: string } } | undefined)?.metadata?.resourceVersion : undefined
  return {
    id: context.id,
    verb,
    path,
    resource,
    subresource,
    namespace,
    name,
    user: context.user?.name ?? '',
    stages,
    code,
    ...(written && { resourceVersion: written }),
  }
}
