import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDataDir, running } from './data-dir.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'k3lab-data-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

/** Another process that takes the directory and keeps it. */
const holder = async (path: string) => {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `import(${JSON.stringify(join(import.meta.dirname, 'data-dir.ts'))}).then(({ openDataDir }) => { openDataDir(${JSON.stringify(path)}).announce({ pid: process.pid, url: 'http://127.0.0.1:1/' }); console.log('held'); setInterval(() => {}, 1000) })`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await new Promise(resolve => child.stdout.once('data', resolve))
  return { pid: child.pid!, kill: () => new Promise(resolve => void child.once('exit', resolve).kill('SIGKILL')) }
}

it('belongs to one process at a time, and to nobody once that was killed', async () => {
  const path = join(dir, 'data')
  const other = await holder(path)
  expect(running(path)).toEqual({ pid: other.pid, url: 'http://127.0.0.1:1/' })
  expect(() => openDataDir(path)).toThrow(
    expect.objectContaining({ code: 'busy', message: expect.stringMatching(new RegExp(`process ${other.pid}, http://127.0.0.1:1/.*--data-dir`)) as string }),
  )
  await other.kill()
  expect(running(path)).toBeUndefined()
  const mine = openDataDir(path)
  mine.announce({ pid: process.pid })
  expect(statSync(path).mode & 0o777).toBe(0o700)
  mine.dispose()
  expect(readdirSync(path)).toEqual(['instance.lock'])
})

it('is not made by looking', () => {
  expect(running(join(dir, 'never'))).toBeUndefined()
  expect(readdirSync(dir)).toEqual([])
})

it('says when it cannot be written', () => {
  writeFileSync(join(dir, 'file'), '')
  expect(() => openDataDir(join(dir, 'file', 'below'))).toThrow(
    expect.objectContaining({ code: 'unwritable', message: expect.stringContaining('--data-dir') as string }),
  )
})

/** A file system too small for anything; only root can mount one. */
const tiny = (path: string): boolean => {
  mkdirSync(path)
  return spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path], { stdio: 'ignore' }).status === 0
}

it('says when its disk is full', context => {
  const path = join(dir, 'tiny')
  if (!tiny(path)) return context.skip('only root can mount a small file system')
  try {
    expect(() => openDataDir(path)).toThrow(expect.objectContaining({ code: 'full', message: expect.stringContaining('--data-dir') as string }))
    expect(readdirSync(path)).toEqual([])
  } finally {
    spawnSync('/bin/umount', [path])
  }
})
