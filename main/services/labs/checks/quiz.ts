import { z } from 'zod'
import { cel } from '../cel.ts'
import type { QuizFieldSpec } from '../schema.ts'
import { locales, type Outcome, outcome, type Text } from '../text.ts'
import type { CheckContext, Leaf } from './check.ts'

/** The answers to a step's questions, held against what the author said or what the live objects say at this moment. */
export const quiz: Leaf<'quiz'> = {
  name: 'quiz',
  evaluate: async (spec, context) => {
    const given = spec.fields.filter(field => (context.answers[field.key] ?? '').trim() !== '')
    if (given.length === 0) return outcome('fail', '아직 답하지 않았습니다.', 'Not answered yet.')
    const marks: Record<string, { right: boolean; why?: Text }> = {}
    for (const field of given) {
      const right = await isRight(field, context.answers[field.key]!, context)
      const why = right ? undefined : explain(field, context)
      marks[field.key] = { right, ...(why ? { why } : {}) }
    }
    const right = spec.fields.filter(field => marks[field.key]?.right).length
    const all = spec.fields.length
    const found: Outcome =
      right === all
        ? outcome('pass', '답이 모두 맞습니다.', 'Every answer is right.')
        : outcome('fail', `맞은 답 ${right}개, 전체 ${all}개.`, `${right} of ${all} answers are right.`)
    return { ...found, marks }
  },
  expressions: spec =>
    spec.fields.flatMap(field =>
      field.type === 'table' ? [field.answer.rows, field.answer.row, field.answer.options.expr] : 'expr' in field.answer ? [field.answer.expr] : [],
    ),
}

type Truth = { readonly value: unknown } | { readonly from: { readonly gvk: string; readonly ns?: string; readonly selector?: string }; readonly expr: string }

/** The accepted values. An expression over nothing (no object yet) gives none, so that an empty cluster accepts no answer. */
export const truthValues = async (answer: Truth, { truth }: Pick<CheckContext, 'truth'>): Promise<readonly unknown[]> => {
  const value = 'value' in answer ? answer.value : await over(answer, truth)
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}

const over = async ({ from, expr }: Extract<Truth, { readonly expr: string }>, truth: CheckContext['truth']): Promise<unknown> => {
  const items = await truth.list(from)
  return items.length === 0 ? undefined : cel(expr, { items })
}

const isRight = async (field: QuizFieldSpec, given: string, context: CheckContext): Promise<boolean> => {
  switch (field.type) {
    case 'number':
      return (await truthValues(field.answer, context)).some(value => closeTo(parseNumber(given), Number(value), field.tolerance))
    case 'text':
      return (await truthValues(field.answer, context)).some(value => sameText(given, String(value)))
    case 'choice':
      return given === field.answer.value
    case 'order':
      return JSON.stringify(parsed(z.array(z.string()), given)) === JSON.stringify(field.answer.value)
    case 'sort': {
      const bins = parsed(z.record(z.string(), z.string()), given) ?? {}
      return Object.entries(field.answer.value).every(([item, bin]) => bins[item] === bin)
    }
    case 'table': {
      const cells = parsed(z.record(z.string(), z.string()), given) ?? {}
      const rows = (await tableRows(field, context)).rows
      return rows.length > 0 && rows.every(({ id, option }) => cells[id] === option)
    }
  }
}

/** The live rows and options of a table field; `option` is the right one and stays in here. */
export const tableRows = async (field: Extract<QuizFieldSpec, { type: 'table' }>, { truth }: Pick<CheckContext, 'truth'>) => {
  const items = await truth.list(field.answer.from)
  const options = (await over(field.answer.options, truth)) ?? []
  return {
    rows: items
      .map(item => ({ id: String(cel(field.answer.rows, item)), option: cel(field.answer.row, item) }))
      .filter(row => typeof row.option === 'string' && row.option !== '')
      .sort((a, b) => a.id.localeCompare(b.id)),
    options: (Array.isArray(options) ? options : [options]).map(String).sort(),
  }
}

/** Why the given option is wrong, in the author's words: of the chosen option, or of the first item in a wrong bin. */
const explain = (field: QuizFieldSpec, { answers, quizProse }: CheckContext): Text | undefined => {
  const given = answers[field.key]!
  let option: string | undefined
  if (field.type === 'choice') option = given
  if (field.type === 'sort') {
    const bins = parsed(z.record(z.string(), z.string()), given) ?? {}
    option = Object.keys(field.answer.value).find(item => bins[item] !== undefined && bins[item] !== field.answer.value[item])
  }
  if (option === undefined) return undefined
  const [ko, en] = locales.map(locale => quizProse[locale][field.key]?.options.find(one => one.id === option)?.why)
  return ko && en ? { ko, en } : undefined
}

const parsed = <T>(schema: z.ZodType<T>, text: string): T | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Reads `12`, `46.8`, `1,024` and full-width digits that a Korean keyboard may give. */
export const parseNumber = (text: string): number => {
  const plain = text.normalize('NFKC').replaceAll(',', '').trim()
  return plain === '' ? Number.NaN : Number(plain)
}

export const closeTo = (given: number, wanted: number, tolerance: number): boolean => Math.abs(given - wanted) <= tolerance + 1e-9

/** Case, width and surrounding space do not matter. */
export const sameText = (a: string, b: string): boolean => a.normalize('NFKC').trim().toLowerCase() === b.normalize('NFKC').trim().toLowerCase()
