import { cpSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { labFolders } from './load.ts'
import { lintLab } from './lint.ts'

const course = join(import.meta.dirname, '../../../resources/labs')
let place: string
let folder: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'k3lab-lint-'))
  folder = join(place, 'L01')
  cpSync(join(course, 'L01'), folder, { recursive: true })
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

const change = (file: string, from: string, to: string) => {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replace(from, to))
}
/** Of the mistakes found, the one that speaks of it; a changed Korean section always tells of its translation too. */
const found = (about: RegExp) => lintLab(folder).find(problem => about.test(problem))

describe('the lint of labs', () => {
  it.each(labFolders(course))('finds no mistake in %s', name => expect(lintLab(join(course, name))).toEqual([]))

  it.each([
    ['lab.yaml', 'kind: quiz', 'kind: exam', /lab\.yaml: steps\.1\.kind: /],
    ['lab.yaml', 'hold: 5s', 'hold: soon', /lab\.yaml: steps\.2\.hold: seconds, as in 5s/],
    ['lab.yaml', 'expectEmpty: true', 'min: 0', /lab\.yaml: steps\.4\.check/],
    ['lab.yaml', 'hints: { count: 4 }', 'hints: { count: 4, often: yes }', /often/],
    ['lab.yaml', 'steps:', 'steps: [', /lab\.yaml: /],
    ['lab.yaml', 'expr: size(items)', 'expr: size(items', /lab\.yaml step nodes: the expression size\(items does not parse/],
    ['lab.yaml', 'msgMatch: Insufficient', 'msgMatch: "Insufficient("', /lab\.yaml step giant: msgMatch: /],
    ['lab.yaml', 'provenBy: [create]', 'provenBy: [made]', /objective ask is proven by made, which is no step/],
    ['lab.yaml', 'value: one-node', 'value: two-nodes', /step giant: quiz:why its answer two-nodes is no option/],
    ['lab.yaml', 'validate: control-plane', 'validate: cloud', /step sort: quiz:work has no bin cloud/],
    ['lab.yaml', '- id: bare-pod', '- id: lone-pod', /step create: wrong:lone-pod has no text/],
    ['ko.md', '## step:place', '## step:plaice', /ko\.md: step plaice is not in lab\.yaml/],
    ['en.md', '### hint:4', '### note:4', /en\.md step nodes: has 3 hints, lab\.yaml says 4/],
    ['en.md', 'kubectl get nodes -o wide\n```', 'kubectl get nodes\n```', /step nodes: ko and en differ: code blocks/],
    ['en.md', 'unit: nodes\n', 'unit: nodes\n- extra: Extra\n', /step nodes: ko and en differ: options/],
    ['ko.md', '한 줄이 노드(node)', '한 포드가 노드(node)', /ko\.md: 포드 should be 파드/],
    ['ko.md', '이 클러스터의 노드는 몇 대입니까?', '노드는 몇 대입니까?', /en\.md section step:nodes: the Korean source has changed/],
    [
      'ko.md',
      '### hint:1\n`kubectl get deployments`',
      '### hint:1\n`kubectl create deployment webserver --image=nginx --replicas=3` `kubectl get deployments`',
      /ko\.md step create: hint 1 or 2 gives the solution away/,
    ],
    ['en.md', 'Add the three up', 'See https://k3s.io. Add the three up', /en\.md step totals: links out/],
    ['truth/solve-1.cmds', '## totals', '## total', /truth\/solve-1\.cmds: has no part for step totals/],
  ] as const)('in %s, "%s" → "%s"', (file, from, to, about) => {
    change(file, from, to)
    expect(found(about)).toBeDefined()
  })

  it('wants every diagnosis proved', () => {
    unlinkSync(join(folder, 'truth/wrong-bare-pod.cmds'))
    expect(found(/no wrong-bare-pod\.cmds/)).toBeDefined()
  })
})
