export { type RunningHomelab, startHomelab } from './homelab.ts'
