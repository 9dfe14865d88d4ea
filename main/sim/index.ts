/** The simulation's public face: all that the rest of the program may import of it. */
export { createHomelab, type Homelab } from './homelab.ts'
export type { Wall } from './time/pace.ts'
