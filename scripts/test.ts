/**
 * Everything CI runs, in order: build, checks, unit, integration and browser tests, and every lab's solution. Goes on after a failure, so that
 * one run shows all of them, and closes with one plain line: `N passed, N failed, N skipped`.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const totals = { passed: 0, failed: 0, skipped: 0 }

const command = (title: string, args: readonly string[]): boolean => {
  process.stdout.write(`\n— ${title}\n`)
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}

const step = (title: string, args: readonly string[]): boolean => {
  const ok = command(title, args)
  totals[ok ? 'passed' : 'failed']++
  return ok
}

interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly success: boolean
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

const suite = (project: string): void => {
  const report = join(root, '.cache', 'reports', `${project}.json`)
  rmSync(report, { force: true })
  const ok = command(`${project} tests`, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ])
  let result: VitestReport
  try {
    result = JSON.parse(readFileSync(report, 'utf8')) as VitestReport
  } catch {
    totals.failed++
    return
  }
  totals.passed += result.numPassedTests
  totals.failed += result.numFailedTests
  totals.skipped += result.numPendingTests + result.numTodoTests
  // A file that fails to load fails no test of its own, and yet the run failed.
  if (!ok && result.numFailedTests === 0) totals.failed++
  for (const file of result.testResults)
    for (const test of file.assertionResults) if (test.status === 'pending' || test.status === 'skipped') process.stdout.write(`  skipped: ${test.fullName}\n`)
}

mkdirSync(join(root, '.cache', 'reports'), { recursive: true })
if (step('build', ['scripts/build.ts'])) {
  step('check', ['scripts/check.ts'])
  for (const project of ['unit', 'integration', 'e2e']) suite(project)
  step('labs', ['scripts/labs/play.ts'])
}
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`)
process.exitCode = totals.failed === 0 ? 0 : 1
