import { expect, test } from 'vitest'
import { errorArguments } from '../../shared/domain/errors.ts'
import en from './en/index.ts'
import { i18n, startTexts } from './i18n.ts'
import ko from './ko/index.ts'
import { PARTICLES } from './particles.ts'

type Tree = { readonly [key: string]: string | Tree }
const PLURAL = /_(zero|one|two|few|many|other)$/

const flatten = (tree: Tree, prefix = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' ? [[prefix + key, value] as [string, string]] : flatten(value, `${prefix}${key}.`)))

const placeholders = (text: string) => [...text.matchAll(/\{\{\s*(\w+)\s*(?:,\s*([^}]+?)\s*)?\}\}/g)].map(([, name = '', format]) => ({ name, format }))

test('both languages say the same things', () => {
  const names = (tree: Tree) => [...new Set(flatten(tree).map(([key]) => key.replace(PLURAL, '')))].sort()
  expect(names(en)).toEqual(names(ko))
})

test('no text has loose ends', () => {
  const loose = [...flatten(ko), ...flatten(en)].filter(([, text]) => text !== text.trim())
  expect(loose).toEqual([])
})

test('Korean particles are ones we can write, and English has none', () => {
  const formats = (tree: Tree) => flatten(tree).flatMap(([, text]) => placeholders(text).flatMap(({ format }) => format ?? []))
  expect(formats(ko).filter(format => !(PARTICLES as readonly string[]).includes(format))).toEqual([])
  expect(formats(en)).toEqual([])
})

/** Made by the renderer itself: the transport is down. */
const OURS = ['disconnected']

test.each([
  ['ko', ko],
  ['en', en],
] as const)('every error has its three sentences in %s, with no argument that does not come', (_, texts) => {
  expect(Object.keys(texts.errors).sort()).toEqual([...Object.keys(errorArguments), ...OURS].sort())
  const wrong = Object.entries(texts.errors).flatMap(([code, words]) => {
    const given: readonly string[] = code in errorArguments ? errorArguments[code as keyof typeof errorArguments] : []
    const unknown = Object.values(words).flatMap(text => placeholders(text).filter(({ name }) => !given.includes(name)))
    return Object.keys(words).sort().join() === 'todo,what,why' && unknown.length === 0 ? [] : [{ code, unknown }]
  })
  expect(wrong).toEqual([])
})

test('a particle is written with the value it follows', async () => {
  await startTexts('ko')
  expect(i18n.t('machines.remove.title', { name: 'mini-3' })).toBe('mini-3을 책상에서 뺄까요?')
  expect(i18n.t('nodes.cores', { count: 1, value: '1' })).toBe('1코어')
})
