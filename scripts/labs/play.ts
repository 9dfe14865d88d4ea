import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Lab, loadCourse } from '../../main/services/labs/load.ts'
import { openClassroom } from './classroom.ts'
import { readTranscript } from './transcript.ts'

/**
 * `play.ts [lab]`: proves every lab on a simulated homelab of its own. No step passes before anything was done; each
 * solution passes every step in order; each wrong turn gets its diagnosis and no other.
 */

const course = join(import.meta.dirname, '../../resources/labs')
const say = (text: string) => void process.stdout.write(`${text}\n`)
let failed = 0

const judge = async (what: string, play: () => Promise<void>) => {
  const began = Date.now()
  try {
    await play()
    say(`ok      ${what} (${((Date.now() - began) / 1000).toFixed(1)} s)`)
  } catch (error) {
    failed++
    say(`FAILED  ${what}: ${(error as Error).message}`)
  }
}

const playLab = async (lab: Lab, seed: number) => {
  const { id, steps, makes } = lab.spec
  const room = await openClassroom(course, seed)
  const truth = (name: string) => readTranscript(readFileSync(join(course, id, 'truth', name), 'utf8'), room.server)
  const files = readdirSync(join(course, id, 'truth')).sort()
  const begin = async () => {
    await room.labs.reset({ labId: id })
    await room.settle(makes.map(({ name }) => name))
    await room.labs.start({ labId: id })
  }
  /** The parts of a solution up to, not including, a step; each step must have passed before the next begins. */
  const solve = async (name: string, before?: string) => {
    for (const part of truth(name)) {
      if (part.step === before) return
      for (const action of part.actions) await room.act(id, part.step, action)
      await room.see(id, state => state.steps.find(step => step.id === part.step)!.passed)
    }
  }
  try {
    await judge(`${id} seed ${seed}: no step passes on entry`, async () => {
      await begin()
      for (const step of steps) await room.labs.check({ labId: id, stepId: step.id })
      await room.see(id, state => {
        const early = state.steps.find(step => step.passed)
        if (early) throw new Error(`${early.id} has passed: ${early.result.seen}`)
        return state.steps.every(step => step.result.value !== 'error')
      })
    })
    for (const name of files.filter(file => file.startsWith('solve-')))
      await judge(`${id} seed ${seed}: ${name}`, async () => {
        await begin()
        await solve(name)
        await room.see(id, state => state.status === 'finished')
      })
    for (const name of files.filter(file => file.startsWith('wrong-')))
      await judge(`${id} seed ${seed}: ${name}`, async () => {
        const wanted = name.slice(6, -5)
        const [part] = truth(name)
        await begin()
        await solve(
          files.find(file => file.startsWith('solve-'))!,
          part!.step,
        )
        for (const action of part!.actions) if (action.do !== 'undo') await room.act(id, part!.step, action)
        await room.see(id, state => {
          const step = state.steps.find(one => one.id === part!.step)!
          const fired = Object.entries(lab.prose.en.steps[part!.step]!.wrong).find(([, text]) => text === step.diagnosis)?.[0]
          if (fired !== undefined && fired !== wanted) throw new Error(`the diagnosis was ${fired}`)
          return fired === wanted
        })
        for (const action of part!.actions) if (action.do === 'undo') await room.act(id, part!.step, action)
      })
  } finally {
    await room.dispose()
  }
}

for (const lab of loadCourse(course)) if (process.argv[2] === undefined || process.argv[2] === lab.spec.id) await playLab(lab, Number(process.argv[3] ?? 7))
say(failed === 0 ? 'labs: every play went as written' : `labs: ${failed} plays failed`)
process.exit(failed === 0 ? 0 : 1)
