import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { celProblem } from './cel.ts'
import type { Leaf, LeafName } from './checks/check.ts'
import { leaves } from './checks/index.ts'
import { type Lab, LabFormatError, leavesOf, loadLab, quizFields } from './load.ts'
import { codeBlocks, type QuizProse, sourceSections, type StepProse } from './prose.ts'
import type { QuizFieldSpec, StepSpec } from './schema.ts'
import { locales } from './text.ts'

/** Every mistake in a lab's folder that can be seen without running it: one sentence each, saying where and what to do. */
export const lintLab = (folder: string): readonly string[] => {
  let lab: Lab
  try {
    lab = loadLab(folder)
  } catch (error) {
    return error instanceof LabFormatError ? error.problems : [(error as Error).message]
  }
  const { spec, prose } = lab
  const problems: string[] = []
  const wrong = (where: string, what: string) => problems.push(`${where}: ${what}`)
  if (!basename(folder).startsWith(spec.id)) wrong('lab.yaml', `id ${spec.id} does not match the folder ${basename(folder)}`)
  const ids = spec.steps.map(step => step.id)
  for (const id of new Set(ids.filter((one, index) => ids.indexOf(one) !== index))) wrong('lab.yaml', `two steps have the id ${id}`)
  for (const objective of spec.objectives) {
    for (const step of objective.provenBy) if (!ids.includes(step)) wrong('lab.yaml', `objective ${objective.id} is proven by ${step}, which is no step`)
    for (const locale of locales) if (!prose[locale].objectives[objective.id]) wrong(`${locale}.md`, `objective ${objective.id} has no text`)
  }
  for (const locale of locales) {
    const { title, summary, debrief, steps } = prose[locale]
    if (!title || !summary || !debrief) wrong(`${locale}.md`, 'title, summary and debrief must all be there')
    for (const id of Object.keys(steps)) if (!ids.includes(id)) wrong(`${locale}.md`, `step ${id} is not in lab.yaml`)
    if (Object.keys(steps).join() !== ids.filter(id => id in steps).join()) wrong(`${locale}.md`, 'the steps stand in another order than in lab.yaml')
  }
  for (const step of spec.steps) {
    problems.push(...lintChecks(step).map(problem => `lab.yaml step ${step.id}: ${problem}`))
    for (const locale of locales) {
      const words = prose[locale].steps[step.id]
      problems.push(...(words ? lintWords(step, words) : ['has no text']).map(problem => `${locale}.md step ${step.id}: ${problem}`))
    }
    const [ko, en] = [prose.ko.steps[step.id], prose.en.steps[step.id]]
    if (ko && en) problems.push(...lintPair(step, ko, en).map(problem => `step ${step.id}: ko and en differ: ${problem}`))
  }
  return [...problems, ...lintTerms(folder), ...lintStamps(folder), ...lintTruth(folder, lab)]
}

const lintChecks = (step: StepSpec): readonly string[] => {
  const problems: string[] = []
  for (const leaf of [step.check, ...step.diagnose.map(rule => rule.when)].flatMap(leavesOf)) {
    const [name, spec] = Object.entries(leaf)[0] as [LeafName, never]
    for (const expression of (leaves[name] as Leaf<LeafName>).expressions?.(spec) ?? []) {
      const problem = celProblem(expression)
      if (problem) problems.push(`the expression ${expression} does not parse: ${problem}`)
    }
    if ('event' in leaf && leaf.event.msgMatch !== undefined) {
      try {
        new RegExp(leaf.event.msgMatch)
      } catch (error) {
        problems.push(`msgMatch: ${(error as Error).message}`)
      }
    }
    if ('answer' in leaf && !quizFields(step.check).some(field => field.key === leaf.answer.field))
      problems.push(`diagnoses the answer ${leaf.answer.field}, which the step does not ask for`)
  }
  if (step.kind === 'do' && leavesOf(step.check).every(leaf => 'hist' in leaf))
    problems.push('having typed a command proves nothing: a do step needs a check of what it changed')
  return problems
}

/** Steps that open with a wall of text are not read; hints too long are not either. */
const WORDS_BEFORE_ACTION = 120
const WORDS_OF_HINT = 160
const words = (text: string) => text.split(/\s+/).filter(Boolean).length

const lintWords = (step: StepSpec, prose: StepProse): readonly string[] => {
  const problems: string[] = []
  if (!prose.title) problems.push('has no title')
  if (prose.hints.length !== step.hints.count) problems.push(`has ${prose.hints.length} hints, lab.yaml says ${step.hints.count}`)
  if (words(prose.body.split('```')[0]!) > WORDS_BEFORE_ACTION) problems.push(`more than ${WORDS_BEFORE_ACTION} words before the first thing to do`)
  for (const [index, hint] of prose.hints.entries()) if (words(hint) > WORDS_OF_HINT) problems.push(`hint ${index + 1} has more than ${WORDS_OF_HINT} words`)
  const diagnosed = step.diagnose.map(rule => rule.id)
  for (const id of diagnosed) if (!prose.wrong[id]) problems.push(`wrong:${id} has no text`)
  for (const id of Object.keys(prose.wrong)) if (!diagnosed.includes(id)) problems.push(`wrong:${id} is not in lab.yaml`)
  const fields = quizFields(step.check)
  for (const key of Object.keys(prose.quiz)) if (!fields.some(field => field.key === key)) problems.push(`quiz:${key} is not in lab.yaml`)
  for (const field of fields) {
    const asked = prose.quiz[field.key]
    problems.push(...(asked ? lintQuestion(field, asked) : ['has no text']).map(problem => `quiz:${field.key} ${problem}`))
  }
  if (/https?:\/\//.test([prose.body, ...prose.hints, ...Object.values(prose.wrong)].join('\n'))) problems.push('links out: a lab must work without a network')
  return problems
}

const lintQuestion = (field: QuizFieldSpec, asked: QuizProse): readonly string[] => {
  const problems: string[] = []
  const ids = asked.options.map(option => option.id)
  const unexplained = asked.options.filter(option => !option.why && !(field.type === 'choice' && option.id === field.answer.value)).map(option => option.id)
  if (!asked.label) problems.push('asks nothing')
  if (field.type === 'choice') {
    if (!ids.includes(field.answer.value)) problems.push(`its answer ${field.answer.value} is no option`)
    if (unexplained.length > 0) problems.push(`does not say why ${unexplained.join(', ')} is wrong`)
  }
  if (field.type === 'sort') {
    if ([...ids].sort().join() !== Object.keys(field.answer.value).sort().join()) problems.push('its items are not those of the answer')
    for (const bin of new Set(Object.values(field.answer.value))) if (!asked.bins.some(one => one.id === bin)) problems.push(`has no bin ${bin}`)
    if (unexplained.length > 0) problems.push(`does not explain ${unexplained.join(', ')}`)
  }
  if (field.type === 'order') {
    if ([...ids].sort().join() !== [...field.answer.value].sort().join()) problems.push('its items are not those of the answer')
    else if (ids.join() === field.answer.value.join()) problems.push('shows its items in the order of the answer')
  }
  return problems
}

const lintPair = (step: StepSpec, ko: StepProse, en: StepProse): readonly string[] => {
  const code = (prose: StepProse) => JSON.stringify([prose.body, ...prose.hints].map(text => codeBlocks(text)))
  const options = (prose: StepProse) =>
    JSON.stringify(
      quizFields(step.check).map(field => [prose.quiz[field.key]?.options.map(option => option.id), prose.quiz[field.key]?.bins.map(bin => bin.id)]),
    )
  return [...(code(ko) === code(en) ? [] : ['code blocks']), ...(options(ko) === options(en) ? [] : ['options or bins of a question'])]
}

/** Words that are not the Kubernetes glossary's, and what stands there. */
const terms: readonly (readonly [RegExp, string])[] = [
  [/(?<![가-힣])포드/, '파드'],
  [/디플로이먼츠|배포\(Deployment\)/, '디플로이먼트'],
  [/쿠블릿|큐블릿|쿠벨렛/, 'kubelet'],
  [/스케쥴러/, '스케줄러'],
  [/콘테이너/, '컨테이너'],
  [/레플리카 셋/, '레플리카셋'],
  [/콘트롤|컨트롤플레인/, '컨트롤 플레인'],
  [/네임 스페이스/, '네임스페이스'],
  [/간단히|쉽게/, 'nothing: what is easy is for the student to say'],
]

const lintTerms = (folder: string): readonly string[] => {
  const text = readFileSync(join(folder, 'ko.md'), 'utf8')
  return terms.flatMap(([pattern, better]) => (pattern.test(text) ? [`ko.md: ${pattern.exec(text)![0]} should be ${better}`] : []))
}

/** The stamp of a source section. */
export const stampOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)

const lintStamps = (folder: string): readonly string[] => {
  const [ko, en] = ['ko.md', 'en.md'].map(name => sourceSections(readFileSync(join(folder, name), 'utf8')))
  return en!.flatMap(section => {
    const source = ko!.find(one => one.name === section.name)
    if (!source || section.stamp === stampOf(source.text)) return []
    return [
      `en.md section ${section.name || '(head)'}: the Korean source has changed since it was translated; update it, then run scripts/labs/lint.ts --stamp`,
    ]
  })
}

const lintTruth = (folder: string, { spec, prose }: Lab): readonly string[] => {
  const truth = join(folder, 'truth')
  const files = existsSync(truth) ? readdirSync(truth) : []
  const problems: string[] = []
  const solutions = files.filter(name => /^solve-.+\.cmds$/.test(name))
  if (solutions.length === 0) problems.push('truth: no solve-*.cmds, so nothing proves that the lab can be solved')
  const diagnoses = spec.steps.flatMap(step => step.diagnose.map(rule => rule.id))
  for (const id of diagnoses) if (!files.includes(`wrong-${id}.cmds`)) problems.push(`truth: no wrong-${id}.cmds, so nothing proves that the diagnosis fires`)
  for (const name of files.filter(file => file.startsWith('wrong-')))
    if (!diagnoses.includes(name.slice(6, -5))) problems.push(`truth: ${name} is for no diagnosis`)
  for (const name of solutions) {
    const blocks = readFileSync(join(truth, name), 'utf8').split(/^## /m).slice(1)
    for (const step of spec.steps) {
      const block = blocks.find(one => one.split('\n')[0] === step.id)
      if (block === undefined) {
        problems.push(`truth/${name}: has no part for step ${step.id}`)
        continue
      }
      // A command that the step's own text gives away is no secret.
      for (const [, command] of block.matchAll(/^\$ (.+)$/gm))
        for (const locale of locales) {
          const text = prose[locale].steps[step.id]
          if (text && !text.body.includes(command!) && text.hints.slice(0, 2).some(hint => hint.includes(command!)))
            problems.push(`${locale}.md step ${step.id}: hint 1 or 2 gives the solution away: ${command}`)
        }
    }
  }
  return problems
}
