import { expect, test } from 'vitest'
import { VirtualClock } from './clock.ts'
import { pace, type Wall } from './pace.ts'

/** A wall clock that stands until it is told to go on. */
const heldWall = () => {
  let time = 0
  let alarm: { readonly at: number; readonly callback: () => void } | undefined
  const wall: Wall = {
    now: () => time,
    after: (ms, callback) => {
      const mine = { at: time + ms, callback }
      alarm = mine
      return () => {
        if (alarm === mine) alarm = undefined
      }
    },
    defer: callback => void setImmediate(callback),
  }
  const settle = async () => {
    for (let i = 0; i < 20; i++) await new Promise<void>(resolve => void setImmediate(resolve))
  }
  return {
    wall,
    settle,
    goOn: async (ms: number) => {
      time += ms
      if (alarm && alarm.at <= time) {
        const { callback } = alarm
        alarm = undefined
        callback()
      }
      await settle()
    },
  }
}

test('what comes in from outside while nothing runs happens at the present time', async () => {
  const { wall, settle, goOn } = heldWall()
  const clock = new VirtualClock(1000)
  const pacer = pace(clock, wall)
  clock.after(10_000, () => undefined)
  await settle()
  await goOn(4000)
  expect(clock.now).toBe(5000)
  let rested = false
  void clock.sleep(2000).then(() => (rested = true))
  await settle()
  expect(rested).toBe(false)
  await goOn(1900)
  expect(rested).toBe(false)
  await goOn(100)
  expect(rested).toBe(true)
  expect(clock.now).toBe(7000)
  pacer.dispose()
})

test('time does not pass what is due', async () => {
  const { wall, settle, goOn } = heldWall()
  const clock = new VirtualClock(0)
  const pacer = pace(clock, wall)
  const seen: number[] = []
  clock.after(100, () => seen.push(clock.now))
  await settle()
  await goOn(250)
  expect(seen).toEqual([100])
  expect(clock.now).toBe(250)
  pacer.dispose()
})
