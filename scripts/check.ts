/** Everything that can be judged without running the product. Each check is a row; all of them run, then the verdict. */
import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { checkLayers } from './layers.ts'

const root = join(import.meta.dirname, '..')

const program =
  (path: string, ...args: string[]) =>
  (): string[] => {
    const result = spawnSync(process.execPath, [join(root, 'node_modules', path), ...args], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
    return result.status === 0 ? [] : [`${result.stdout}${result.stderr}`.trim() || `exit ${result.status ?? result.signal}`]
  }

const files = (dir: string, accept: (name: string) => boolean): string[] =>
  readdirSync(join(root, dir), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && accept(entry.name))
    .map(entry => relative(root, join(entry.parentPath, entry.name)))

const isSource = (name: string): boolean => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name)

/** The simulation replays from a seed only if it takes time and chance from nowhere but its Clock and Random. */
const OUTSIDE_WORLD = /\b(Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|process\.hrtime|setTimeout\(|setInterval\(|setImmediate\(|randomUUID\()/
const determinism = (): string[] =>
  files('main/sim', isSource).flatMap(file =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, index) => (OUTSIDE_WORLD.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])),
  )

type Texts = { readonly [key: string]: string | Texts }
const flatten = (texts: Texts, prefix = ''): [string, string][] =>
  Object.entries(texts).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[prefix + key, value]] : flatten(value, `${prefix}${key}.`),
  )
const placeholders = (text: string): string =>
  [...text.matchAll(/{{\s*([\w.]+)/g)]
    .map(match => match[1])
    .toSorted()
    .filter((name, i, all) => name !== all[i - 1])
    .join(',')

/** Both languages say everything, with the same placeholders. Plural forms of English fold into one key. */
const translations = (): string[] => {
  const fold = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '')
  const read = (locale: string) => {
    const texts = new Map<string, string>()
    for (const file of files(`renderer/i18n/${locale}`, name => name.endsWith('.json')))
      for (const [key, text] of flatten(JSON.parse(readFileSync(join(root, file), 'utf8')) as Texts)) texts.set(`${file.split('/').at(-1)}:${fold(key)}`, text)
    return texts
  }
  const [ko, en] = [read('ko'), read('en')]
  const problems: string[] = []
  if (ko.size === 0) problems.push('renderer/i18n/ko: no texts found')
  for (const [key, text] of ko) {
    const other = en.get(key)
    if (other === undefined) problems.push(`${key}: missing in en`)
    else if (placeholders(text) !== placeholders(other)) problems.push(`${key}: placeholders differ (${placeholders(text)} / ${placeholders(other)})`)
  }
  for (const key of en.keys()) if (!ko.has(key)) problems.push(`${key}: missing in ko`)
  return problems
}

const checks: readonly (readonly [name: string, run: () => string[]])[] = [
  ['types', program('typescript/bin/tsc', '-b')],
  ['lint', program('oxlint/bin/oxlint', '--deny-warnings')],
  ['format', program('oxfmt/bin/oxfmt', '--check', '.')],
  ['layers', checkLayers],
  ['dead code', program('knip/bin/knip.js')],
  ['determinism of the simulation', determinism],
  ['translations', translations],
  ['labs', program('../scripts/labs/lint.ts')],
]

let failed = 0
for (const [name, run] of checks) {
  const problems = run()
  process.stdout.write(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}\n`)
  if (problems.length > 0) {
    failed++
    process.stdout.write(`${problems.join('\n')}\n`)
  }
}
process.exitCode = failed === 0 ? 0 : 1
