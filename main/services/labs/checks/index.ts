import { answer } from './answer.ts'
import type { Leaf, LeafName } from './check.ts'
import { event } from './event.ts'
import { hist } from './hist.ts'
import { k8s } from './k8s.ts'
import { list } from './list.ts'
import { outage } from './outage.ts'
import { quiz } from './quiz.ts'

/** Every kind of look a lab may take. */
export const leaves: { readonly [Name in LeafName]: Leaf<Name> } = { k8s, list, event, hist, quiz, answer, outage }
