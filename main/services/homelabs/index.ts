export { type HomelabStart, type RunningHomelab, type SimulatedMachineFacts, startHomelab, workerEntry } from './homelab.ts'
