import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../apiserver/object.ts'
import { VirtualClock } from '../time/clock.ts'
import type { Change } from './history.ts'
import { openSqliteLog, type SqliteLog } from './sqlite-log.ts'
import { createStore, NoSpaceError, type Store } from './store.ts'

const dirs: string[] = []
const newFile = () => {
  const dir = mkdtempSync(join(tmpdir(), 'store-'))
  dirs.push(dir)
  return join(dir, 'state.db')
}
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

/** Runs deferred work at once when told to: a turn of the event loop without waiting for one. */
const manualWall = () => {
  let deferred: (() => void)[] = []
  const later: (() => void)[] = []
  return {
    wall: {
      now: () => 0,
      after: (_ms: number, callback: () => void) => {
        later.push(callback)
        return () => {}
      },
      defer: (callback: () => void) => void deferred.push(callback),
    },
    turn: () => {
      const run = deferred
      deferred = []
      for (const callback of run) callback()
    },
    retry: () => later.splice(0).forEach(callback => callback()),
  }
}

const object = (name: string, value = ''): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'ns', uid: name, resourceVersion: '', creationTimestamp: '' },
    data: { value },
  }) as unknown as KubeObject

const open = (file: string, host = manualWall(), wrap = (log: SqliteLog) => log) => {
  const clock = new VirtualClock(0)
  return { clock, host, store: createStore({ log: wrap(openSqliteLog(file)), clock, wall: host.wall }) }
}

const apply = (store: Store, operations: readonly (readonly [name: number, remove: boolean])[]) => {
  const bucket = store.bucket('/configmaps')
  for (const [name, remove] of operations) {
    const key = `ns/o${name}`
    if (!remove) store.put(bucket, key, object(`o${name}`, String(store.revision)))
    else if (bucket.get(key)) store.remove(bucket, key)
  }
}

/** A process that writes until it is killed, and says on stdout which revision is durable. */
const WRITER = `
  const [{ VirtualClock }, { openSqliteLog }, { createStore }] = await Promise.all(['../time/clock.ts', './sqlite-log.ts', './store.ts'].map(name => import(new URL(name, process.argv[1]).href)))
  const wall = { now: () => 0, after: () => () => {}, defer: callback => void setImmediate(callback) }
  const store = createStore({ log: openSqliteLog(process.argv[2]), clock: new VirtualClock(0), wall })
  const bucket = store.bucket('/configmaps')
  for (let number = 0; ; number++) {
    const name = 'object-' + (number % 50)
    store.put(bucket, 'default/' + name, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', uid: String(number), resourceVersion: '', creationTimestamp: '' } })
    if (number % 7 === 0) store.remove(bucket, 'default/' + name)
    const { revision } = store
    void store.durable().then(() => process.stdout.write(revision + '\\n'))
    if (number % 20 === 0) await new Promise(resolve => setImmediate(resolve))
  }`

const operations = fc.array(fc.tuple(fc.integer({ min: 0, max: 6 }), fc.boolean()), { maxLength: 60 })

describe('the store', () => {
  it('shows every revision to a watcher, in order and once, and those changes rebuild the state', () => {
    fc.assert(
      fc.property(operations, steps => {
        const { store } = open(':memory:')
        const bucket = store.bucket('/configmaps')
        const seen: Change[] = []
        bucket.subscribe(change => seen.push(change))
        apply(store, steps)
        expect(seen.map(({ revision }) => revision)).toEqual(seen.map((_, index) => index + 1))
        expect(bucket.history.after(0)).toEqual(seen)
        const rebuilt = new Map<string, KubeObject>()
        for (const { type, object: one } of seen) {
          if (type === 'DELETED') rebuilt.delete(one.metadata.name)
          else rebuilt.set(one.metadata.name, one)
        }
        expect([...rebuilt.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))).toEqual(bucket.list())
        store.close()
      }),
    )
  })

  it('lists the past as it was, as long as history reaches', () => {
    fc.assert(
      fc.property(operations, steps => {
        const { store } = open(':memory:')
        const bucket = store.bucket('/configmaps')
        const then: (readonly KubeObject[])[] = [[]]
        bucket.subscribe(({ revision }) => {
          then[revision] = bucket.list()
        })
        apply(store, steps)
        for (let revision = 0; revision <= store.revision; revision++) expect(bucket.listAt(revision)).toEqual(then[revision])
        const middle = store.revision >> 1
        store.compact(middle)
        for (let revision = 0; revision < middle; revision++) expect(bucket.listAt(revision)).toBeUndefined()
        expect(bucket.listAt(middle)).toEqual(then[middle])
        store.close()
      }),
    )
  })

  it('comes back from disk with the same objects, revision and history, compacted or not', () => {
    fc.assert(
      fc.property(operations, operations, fc.boolean(), (first, second, compact) => {
        const file = newFile()
        const one = open(file)
        apply(one.store, first)
        const middle = one.store.revision
        apply(one.store, second)
        if (compact) one.store.compact(middle)
        const bucket = one.store.bucket('/configmaps')
        const before = { list: bucket.list(), revision: one.store.revision, history: bucket.history.after(0) }
        one.store.close()
        const two = open(file)
        const again = two.store.bucket('/configmaps')
        expect(again.list()).toEqual(before.list)
        expect(two.store.revision).toBe(before.revision)
        expect(again.history.after(0)).toEqual(before.history)
        expect(two.store.boot).toBe(2)
        two.store.close()
      }),
      { numRuns: 25 },
    )
  })

  it('compacts what is older than five minutes', () => {
    const { store, clock } = open(':memory:')
    const bucket = store.bucket('/configmaps')
    for (let i = 0; i < 5; i++) store.put(bucket, 'ns/a', object('a', String(i)))
    const advance = (ms: number) => {
      const target = clock.now + ms
      while (clock.step(target));
      clock.moveTo(target)
    }
    advance(5 * 60_000)
    store.put(bucket, 'ns/a', object('a', 'last'))
    advance(5 * 60_000)
    expect(bucket.listAt(4)).toBeUndefined()
    expect(bucket.listAt(5)).toHaveLength(1)
    expect(bucket.get('ns/a')?.metadata.resourceVersion).toBe('6')
    store.close()
  })

  it('refuses writes while the disk is full, keeps what was acknowledged, and goes on when there is space', async () => {
    const file = newFile()
    let full = false
    const { store, host } = open(file, manualWall(), log => ({
      ...log,
      get waiting() {
        return log.waiting
      },
      get compacted() {
        return log.compacted
      },
      flush: () => {
        if (full) throw new Error('database or disk is full')
        log.flush()
      },
    }))
    const bucket = store.bucket('/configmaps')
    store.put(bucket, 'ns/a', object('a'))
    const kept = store.durable()
    host.turn()
    await kept
    full = true
    store.put(bucket, 'ns/b', object('b'))
    const lost = store.durable()
    host.turn()
    await expect(lost).rejects.toThrow('etcdserver: mvcc: database space exceeded')
    expect(() => store.put(bucket, 'ns/c', object('c'))).toThrow(NoSpaceError)
    expect(store.writable).toBe(false)
    expect(bucket.get('ns/a')).toBeDefined()
    full = false
    host.retry()
    expect(store.writable).toBe(true)
    store.put(bucket, 'ns/c', object('c'))
    store.close()
    const again = open(file)
    expect(
      again.store
        .bucket('/configmaps')
        .list()
        .map(({ metadata }) => metadata.name),
    ).toEqual(['a', 'b', 'c'])
    again.store.close()
  })

  it('loses nothing acknowledged when the process is killed in the middle of writing', async () => {
    const file = newFile()
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', WRITER, import.meta.url, file], { stdio: ['ignore', 'pipe', 'inherit'] })
      let output = ''
      await new Promise<void>(resolve => {
        child.stdout.on('data', (chunk: Buffer) => {
          output += chunk.toString()
          if (output.split('\n').length > 3000 * (round + 1)) child.kill('SIGKILL')
        })
        child.on('exit', () => resolve())
      })
      const acknowledged = Number(output.split('\n').filter(Boolean).at(-1))
      const { store } = open(file)
      expect(store.revision).toBeGreaterThanOrEqual(acknowledged)
      for (const item of store.bucket('/configmaps').list()) expect(Number(item.metadata.resourceVersion)).toBeLessThanOrEqual(store.revision)
      store.close()
    }
  })
})
