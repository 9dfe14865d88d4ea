/** The simulation's public face: all that the rest of the program may import of it. */
export { createHomelab, type Homelab, type HomelabMachine, type HomelabOptions } from './homelab.ts'
export { K3S } from './k3s/version.ts'
export { presets, type PresetName } from './presets.ts'
export type { Wall } from './time/pace.ts'
