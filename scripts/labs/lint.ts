import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { labFolders } from '../../main/services/labs/load.ts'
import { lintLab, stampOf } from '../../main/services/labs/lint.ts'
import { sourceSections } from '../../main/services/labs/prose.ts'

/** `lint.ts [--stamp]`: every mistake of every lab, one a line. With --stamp, declares the translations to be up to date first. */

const course = join(import.meta.dirname, '../../resources/labs')

const stamp = (folder: string): void => {
  const source = new Map(sourceSections(readFileSync(join(folder, 'ko.md'), 'utf8')).map(({ name, text }) => [name, stampOf(text)]))
  const bare = readFileSync(join(folder, 'en.md'), 'utf8').replaceAll(/^<!-- source: [0-9a-f]+ -->\n/gm, '')
  const stamped = bare.replaceAll(/^## (\S+).*\n/gm, (heading, name: string) => `${heading}<!-- source: ${source.get(name)} -->\n`)
  writeFileSync(join(folder, 'en.md'), `<!-- source: ${source.get('')} -->\n${stamped}`)
}

let problems = 0
for (const name of labFolders(course)) {
  const folder = join(course, name)
  if (process.argv.includes('--stamp')) stamp(folder)
  for (const problem of lintLab(folder)) {
    process.stdout.write(`${name} ${problem}\n`)
    problems++
  }
}
process.stdout.write(problems === 0 ? 'labs: no mistakes\n' : `labs: ${problems} mistakes\n`)
process.exitCode = problems === 0 ? 0 : 1
