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

test('no text has loose ends, and every particle is one we can write', () => {
  for (const [key, text] of [...flatten(ko), ...flatten(en)]) {
    expect(text, key).toBe(text.trim())
    for (const { format } of placeholders(text)) if (format !== undefined) expect(PARTICLES, key).toContain(format)
  }
  for (const [key, text] of flatten(en)) for (const { format } of placeholders(text)) expect(format, `${key} has a Korean particle`).toBeUndefined()
})

/** Made by the renderer itself: the transport is down. */
const OURS = ['disconnected']

test.each([
  ['ko', ko],
  ['en', en],
] as const)('every error has its three sentences in %s, with no argument that does not come', (_, texts) => {
  expect(Object.keys(texts.errors).sort()).toEqual([...Object.keys(errorArguments), ...OURS].sort())
  for (const [code, words] of Object.entries(texts.errors)) {
    expect(Object.keys(words).sort()).toEqual(['todo', 'what', 'why'])
    const given: readonly string[] = code in errorArguments ? errorArguments[code as keyof typeof errorArguments] : []
    for (const text of Object.values(words)) for (const { name } of placeholders(text)) expect(given, `${code}: ${text}`).toContain(name)
  }
})

test('a particle is written with the value it follows', async () => {
  await startTexts('ko')
  expect(i18n.t('machines.remove.title', { name: 'mini-3' })).toBe('mini-3을 책상에서 뺄까요?')
  expect(i18n.t('nodes.cores', { count: 1, value: '1' })).toBe('1코어')
})
