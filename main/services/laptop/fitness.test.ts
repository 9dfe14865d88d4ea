import { expect, it } from 'vitest'
import { fitness, type LaptopMeasures, SIZING } from './fitness.ts'

const GiB = 1024 ** 3
const laptop: LaptopMeasures = { cores: 8, memoryTotalBytes: 16 * GiB, diskFreeBytes: 200e9, architecture: 'x64', platform: 'linux', virtual: false }
const verdicts = (change: Partial<LaptopMeasures>, role: 'server' | 'agent' = 'server') =>
  Object.fromEntries(fitness({ ...laptop, ...change }, SIZING[role]).map(({ item, verdict }) => [item, verdict]))

it('finds a good laptop good', () => {
  expect(new Set(Object.values(verdicts({})))).toEqual(new Set(['recommended']))
})

it('tells minimum from below, forgiving the memory that firmware keeps', () => {
  expect(verdicts({ cores: 2, memoryTotalBytes: 1.9 * GiB, diskFreeBytes: 25e9 })).toMatchObject({ cores: 'minimum', memory: 'minimum', disk: 'minimum' })
  expect(verdicts({ cores: 1, memoryTotalBytes: 1 * GiB, diskFreeBytes: 5e9 })).toMatchObject({ cores: 'below', memory: 'below', disk: 'below' })
  expect(verdicts({ memoryTotalBytes: 7.5 * GiB })).toMatchObject({ memory: 'recommended' })
  expect(verdicts({ cores: 1, memoryTotalBytes: 1 * GiB }, 'agent')).toMatchObject({ cores: 'minimum', memory: 'recommended' })
})

it('knows where K3s does not run at all', () => {
  expect(verdicts({ platform: 'win32', architecture: 'ia32', virtual: true })).toMatchObject({
    os: 'unsuitable',
    architecture: 'unsuitable',
    virtualisation: 'minimum',
  })
  expect(verdicts({ virtual: null })).not.toHaveProperty('virtualisation')
})
