import { z } from 'zod'

/** `lab.yaml`: the structure of a lab, without a word of prose (that stands in `ko.md` and `en.md`). */

const id = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and dashes')
/** `v1/Pod`, `apps/v1/Deployment`. */
const gvk = z.string().regex(/^([a-z0-9.-]+\/)?v[0-9][a-z0-9]*\/[A-Z][A-Za-z]+$/, 'group/version/Kind, as in v1/Pod or apps/v1/Deployment')
const seconds = z
  .string()
  .regex(/^[0-9]+s$/, 'seconds, as in 5s')
  .transform(text => Number.parseInt(text, 10))

/** A selection of live objects that expressions see as `items`. */
const from = z.strictObject({ gvk, ns: z.string().optional(), selector: z.string().optional() })
/** Where an answer comes from: said by the author, or computed from live objects (a list means: any of these). */
const truth = z.union([
  z.strictObject({ value: z.union([z.string(), z.number(), z.array(z.string()), z.record(z.string(), z.string())]) }),
  z.strictObject({ from, expr: z.string() }),
])

const field = z.discriminatedUnion('type', [
  z.strictObject({ key: id, type: z.literal('number'), answer: truth, tolerance: z.number().nonnegative().default(0) }),
  z.strictObject({ key: id, type: z.literal('text'), answer: truth }),
  z.strictObject({ key: id, type: z.literal('choice'), answer: z.strictObject({ value: z.string() }) }),
  z.strictObject({ key: id, type: z.literal('order'), answer: z.strictObject({ value: z.array(z.string()).min(2) }) }),
  z.strictObject({ key: id, type: z.literal('sort'), answer: z.strictObject({ value: z.record(z.string(), z.string()) }) }),
  /** Rows and options are live names; `expr` gives a map from row to option. */
  z.strictObject({
    key: id,
    type: z.literal('table'),
    answer: z.strictObject({ from, rows: z.string(), row: z.string(), options: z.strictObject({ from, expr: z.string() }) }),
  }),
])
export type QuizFieldSpec = z.infer<typeof field>

export type CheckSpec =
  | { readonly all: readonly CheckSpec[] }
  | { readonly any: readonly CheckSpec[] }
  | { readonly none: readonly CheckSpec[] }
  | {
      readonly k8s: {
        readonly gvk: string
        readonly ns?: string
        readonly name: string
        readonly expr?: string
        readonly moving?: string
        readonly show?: readonly string[]
      }
    }
  | {
      readonly list: {
        readonly gvk: string
        readonly ns?: string
        readonly selector?: string
        readonly where?: string
        readonly min?: number
        readonly expectEmpty?: true
      }
    }
  | { readonly event: { readonly reason: string; readonly involved: string; readonly ns?: string; readonly msgMatch?: string } }
  | { readonly hist: { readonly command: string } }
  | { readonly quiz: { readonly fields: readonly QuizFieldSpec[] } }
  | {
      readonly answer: { readonly field: string; readonly tolerance?: number } & (
        | { readonly value: string | number }
        | { readonly from: z.infer<typeof from>; readonly expr: string }
      )
    }
  | {
      readonly outage: {
        readonly where: string
        readonly silence: number
        readonly keep: { readonly gvk: string; readonly ns?: string; readonly selector?: string; readonly where: string; readonly min: number }
      }
    }

export const checkSpec: z.ZodType<CheckSpec> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(checkSpec).min(1) }),
    z.strictObject({ any: z.array(checkSpec).min(1) }),
    z.strictObject({ none: z.array(checkSpec).min(1) }),
    z.strictObject({
      k8s: z.strictObject({
        gvk,
        ns: z.string().optional(),
        name: z.string(),
        expr: z.string().optional(),
        moving: z.string().optional(),
        show: z.array(z.string()).optional(),
      }),
    }),
    z.strictObject({
      list: z
        .strictObject({
          gvk,
          ns: z.string().optional(),
          selector: z.string().optional(),
          where: z.string().optional(),
          min: z.number().int().min(1).optional(),
          expectEmpty: z.literal(true).optional(),
        })
        .refine(
          list => (list.min === undefined) !== (list.expectEmpty === undefined),
          'exactly one of min (1 or more) and expectEmpty: an empty selection must never pass by accident',
        ),
    }),
    z.strictObject({
      event: z.strictObject({
        reason: z.string(),
        involved: z.string().regex(/^[A-Z][A-Za-z]+\/.+$/, 'Kind/name'),
        ns: z.string().optional(),
        msgMatch: z.string().optional(),
      }),
    }),
    z.strictObject({ hist: z.strictObject({ command: z.string() }) }),
    z.strictObject({ quiz: z.strictObject({ fields: z.array(field).min(1) }) }),
    z.strictObject({
      answer: z.union([
        z.strictObject({ field: id, tolerance: z.number().optional(), value: z.union([z.string(), z.number()]) }),
        z.strictObject({ field: id, tolerance: z.number().optional(), from, expr: z.string() }),
      ]),
    }),
    z.strictObject({
      outage: z.strictObject({
        where: z.string(),
        silence: seconds,
        keep: z.strictObject({ gvk, ns: z.string().optional(), selector: z.string().optional(), where: z.string(), min: z.number().int().min(1) }),
      }),
    }),
  ]),
) as z.ZodType<CheckSpec>

const step = z.strictObject({
  id,
  kind: z.enum(['do', 'observe', 'predict', 'quiz']),
  check: checkSpec,
  /** The check must stay true this long before the step passes. */
  hold: seconds.optional(),
  hints: z.strictObject({ count: z.number().int().min(0).max(4) }).default({ count: 0 }),
  /** May the page offer to put a command into the terminal, or only to copy it? */
  runHint: z.enum(['none', 'copy', 'insert']).default('copy'),
  /** Wrong turns in order; the first that is true speaks while the step has not passed. */
  diagnose: z.array(z.strictObject({ id, when: checkSpec })).default([]),
})
export type StepSpec = z.infer<typeof step>

export const labSpec = z.strictObject({
  apiVersion: z.literal('k3lab/v1'),
  kind: z.literal('Lab'),
  id: z.string().regex(/^[A-Z][0-9]{2}$/, 'a capital letter and two digits, as in L01'),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'major.minor.patch'),
  status: z.enum(['draft', 'beta', 'active', 'retired']),
  covers: z.array(z.string()),
  statements: z.array(z.string()).default([]),
  objectives: z
    .array(z.strictObject({ id, verb: z.string(), provenBy: z.array(id).min(1) }))
    .min(2)
    .max(4),
  requires: z.strictObject({ labs: z.array(z.string()) }).default({ labs: [] }),
  minutes: z.strictObject({ estimate: z.number().int().positive() }),
  targets: z.array(z.enum(['sim', 'real'])).min(1),
  k8s: z.strictObject({ min: z.string() }),
  world: z.strictObject({ preset: z.enum(['class3', 'solo']) }),
  /** What a student makes in this lab; reset deletes exactly these. */
  makes: z.array(z.strictObject({ gvk, ns: z.string(), name: z.string() })),
  steps: z.array(step).min(1),
})
export type LabSpec = z.infer<typeof labSpec>
