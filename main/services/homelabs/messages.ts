import { z } from 'zod'

/** What crosses between the service and the simulation's worker thread; parsed on both sides. */

const power = z.enum(['on', 'off'])

export const workerData = z.object({ dataDir: z.string().min(1), preset: z.enum(['class3', 'solo', 'none']), seed: z.number().int().min(0).max(0xffff_ffff) })
export type WorkerData = z.infer<typeof workerData>

export const request = z.discriminatedUnion('type', [
  z.object({ type: z.literal('power'), id: z.number().int(), name: z.string(), power }),
  z.object({ type: z.literal('dispose') }),
])
export type Request = z.infer<typeof request>

const machine = z.object({ name: z.string(), role: z.enum(['server', 'agent']), host: z.string(), port: z.number().int(), user: z.string(), power })

const facts = z.object({
  preset: z.enum(['class3', 'solo', 'none']),
  seed: z.number(),
  kubernetesVersion: z.string(),
  kubeconfigPath: z.string(),
  sshConfigPath: z.string(),
  identityPath: z.string(),
  knownHostsPath: z.string(),
})

export const report = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), facts, machines: z.array(machine) }),
  /** It could not start; `message` says why, and nothing runs. */
  z.object({ type: z.literal('failed'), message: z.string() }),
  z.object({ type: z.literal('machines'), machines: z.array(machine) }),
  z.object({ type: z.literal('answer'), id: z.number().int(), error: z.string().optional() }),
  z.object({ type: z.literal('log'), message: z.string() }),
  z.object({ type: z.literal('disposed') }),
])
export type Report = z.infer<typeof report>
export type ReportedMachine = z.infer<typeof machine>
