import { expect, test } from 'vitest'
import { formats } from './format.ts'

const { ko, en } = formats

test('bytes in binary units, as Kubernetes counts', () => {
  expect([0, 512, 1024, 1536 * 1024, 15.6 * 1024 ** 3, 238 * 1024 ** 3].map(ko.bytes)).toEqual(['0 B', '512 B', '1 KiB', '1.5 MiB', '15.6 GiB', '238 GiB'])
})

test('disks in decimal units, as they are sold', () => expect(en.diskBytes(20e9)).toBe('20 GB'))

test('millicores as cores', () => expect([250, 4000, 1234].map(en.cores)).toEqual(['0.25', '4', '1.23']))

test('durations show their two largest units', () => {
  const day = 86_400_000
  expect([0, 59_000, 61_000, 3_600_000, 3 * day + 2 * 3_600_000 + 5].map(en.duration)).toEqual(['0s', '59s', '1m 1s', '1h', '3d 2h'])
  expect(ko.duration(3 * day + 2 * 3_600_000)).toBe('3일 2시간')
})
