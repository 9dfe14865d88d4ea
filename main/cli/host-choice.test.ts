import { expect, it } from 'vitest'
import { chooseHost } from './host-choice.ts'

const here = { wanted: undefined, electron: '/opt/electron', platform: 'linux', env: { DISPLAY: ':0' } } as const

it('takes Electron where it can run', () => {
  expect(chooseHost(here)).toEqual({ host: 'electron' })
  expect(chooseHost({ ...here, env: { WAYLAND_DISPLAY: 'wayland-0' } })).toEqual({ host: 'electron' })
  expect(chooseHost({ ...here, platform: 'darwin', env: {} })).toEqual({ host: 'electron' })
})

it('takes the browser where it cannot, and says why', () => {
  expect(chooseHost({ ...here, electron: undefined })).toMatchObject({ host: 'browser', why: expect.stringContaining('not installed') as string })
  expect(chooseHost({ ...here, env: {} })).toMatchObject({ host: 'browser', why: expect.stringContaining('display') as string })
  expect(chooseHost({ ...here, wanted: 'electron', electron: undefined })).toMatchObject({ host: 'browser' })
})

it('does as it is told without a word', () => {
  expect(chooseHost({ ...here, wanted: 'browser', electron: undefined })).toEqual({ host: 'browser' })
})
