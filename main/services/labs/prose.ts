/** The words of a lab in one language: `ko.md` or `en.md`, cut into its sections. */

export interface QuizProse {
  readonly label: string
  readonly unit?: string
  readonly options: readonly { readonly id: string; readonly label: string; readonly why?: string }[]
  readonly bins: readonly { readonly id: string; readonly label: string }[]
}

export interface StepProse {
  readonly title: string
  readonly body: string
  readonly hints: readonly string[]
  readonly wrong: Readonly<Record<string, string>>
  readonly quiz: Readonly<Record<string, QuizProse>>
}

export interface LabProse {
  readonly title: string
  readonly summary: string
  readonly objectives: Readonly<Record<string, string>>
  readonly steps: Readonly<Record<string, StepProse>>
  readonly debrief: string
}

/** In a translation: which state of the source section it translates (`scripts/labs/lint.ts --stamp` writes it). */
const STAMP = /^<!-- source: ([0-9a-f]+) -->\n?/m

interface Section {
  readonly name: string
  readonly title: string
  readonly text: string
}

/**
 * `# Title`, summary; `## objectives` with `- id: text`; `## step:<id> Title` with `### hint:<n>`, `### wrong:<id>` and
 * `### quiz:<key>`; `## debrief`. Headings inside code fences are left alone.
 */
export const readProse = (stamped: string): LabProse => {
  const markdown = stamped.replaceAll(new RegExp(STAMP, 'gm'), '')
  const [head, ...sections] = cut(markdown, '## ')
  const steps: Record<string, StepProse> = {}
  let objectives = ''
  let debrief = ''
  for (const section of sections) {
    if (section.name === 'objectives') objectives = section.text
    else if (section.name === 'debrief') debrief = section.text
    else if (section.name.startsWith('step:')) steps[section.name.slice(5)] = readStep(section)
  }
  const [, title] = cut(head!.text, '# ')
  return {
    title: title ? `${title.name} ${title.title}`.trim() : '',
    summary: title?.text ?? '',
    objectives: Object.fromEntries([...objectives.matchAll(/^- ([a-z0-9-]+): (.+)$/gm)].map(match => [match[1]!, match[2]!])),
    steps,
    debrief,
  }
}

/** The top sections of a file (the head under an empty name) as they are written, with the source they were translated from. */
export const sourceSections = (markdown: string): readonly { readonly name: string; readonly text: string; readonly stamp: string | undefined }[] =>
  cut(markdown, '## ').map(({ name, title, text }) => ({ name, text: `${title}\n${text.replace(STAMP, '').trim()}`, stamp: STAMP.exec(text)?.[1] }))

const readStep = (section: Section): StepProse => {
  const [body, ...parts] = cut(section.text, '### ')
  const named = (prefix: string) => parts.filter(part => part.name.startsWith(prefix)).map(part => [part.name.slice(prefix.length), part.text] as const)
  return {
    title: section.title,
    body: body!.text,
    hints: named('hint:').map(([, text]) => text),
    wrong: Object.fromEntries(named('wrong:')),
    quiz: Object.fromEntries(named('quiz:').map(([key, text]) => [key, readQuiz(text)])),
  }
}

/** First paragraph: the label. Then `unit: …`, `bin <id>: label`, `- <id>: label`, and under an option `> why it is wrong`. */
const readQuiz = (text: string): QuizProse => {
  const label: string[] = []
  const options: { id: string; label: string; why?: string }[] = []
  const bins: { id: string; label: string }[] = []
  let unit: string | undefined
  for (const line of text.split('\n')) {
    const option = /^- ([a-z0-9-]+): (.+)$/.exec(line)
    const bin = /^bin ([a-z0-9-]+): (.+)$/.exec(line)
    const why = /^ +> (.+)$/.exec(line)
    if (option) options.push({ id: option[1]!, label: option[2]! })
    else if (bin) bins.push({ id: bin[1]!, label: bin[2]! })
    else if (why && options.length > 0) options.at(-1)!.why = [options.at(-1)!.why, why[1]].filter(Boolean).join(' ')
    else if (line.startsWith('unit: ')) unit = line.slice(6).trim()
    else if (line.trim() !== '') label.push(line.trim())
  }
  return { label: label.join(' '), ...(unit ? { unit } : {}), options, bins }
}

/** Cuts at lines that begin with `marker`, outside code fences; the first section is what stands before the first marker. */
const cut = (markdown: string, marker: string): readonly Section[] => {
  const sections: { name: string; title: string; lines: string[] }[] = [{ name: '', title: '', lines: [] }]
  let fenced = false
  for (const line of markdown.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced
    if (!fenced && line.startsWith(marker)) {
      const heading = line.slice(marker.length).trim()
      const space = heading.indexOf(' ')
      sections.push({ name: space < 0 ? heading : heading.slice(0, space), title: space < 0 ? '' : heading.slice(space + 1), lines: [] })
    } else sections.at(-1)!.lines.push(line)
  }
  return sections.map(({ name, title, lines }) => ({ name, title, text: lines.join('\n').trim() }))
}

/** The code blocks of a text, in order: their info string and content. */
export const codeBlocks = (markdown: string): readonly { readonly language: string; readonly code: string }[] =>
  [...markdown.matchAll(/^(?:```|~~~)([^\n]*)\n([\s\S]*?)^(?:```|~~~)\s*$/gm)].map(match => ({ language: match[1]!.trim(), code: match[2]! }))
