import { implement } from '@orpc/server'
import { contract } from '../../shared/contract/contract.ts'
import type { AppFacts } from '../../shared/contract/contract.ts'
import type { Log } from '../log/log.ts'
import type { ClustersService } from './clusters/clusters.ts'
import { asContractError } from './contract-error.ts'
import type { RunningHomelab } from './homelabs/index.ts'
import type { LabsService } from './labs/labs.ts'
import type { MachinesService } from './machines/machines.ts'
import type { SettingsService } from './settings/settings.ts'
import type { TerminalsService } from './terminals/terminals.ts'

/** What a call knows of who makes it: `client` is aborted when that window's connection ends. */
export interface CallContext {
  readonly client: AbortSignal
}

export interface RouterParts {
  readonly facts: Omit<AppFacts, 'kubernetesVersion'>
  /** Rejects when there is none. */
  readonly homelab: Promise<RunningHomelab>
  readonly dataDir: string
  readonly settings: SettingsService
  readonly clusters: ClustersService
  readonly machines: MachinesService
  readonly terminals: TerminalsService
  readonly labs: () => LabsService
  readonly log: Log
}

/** The contract, procedure by procedure, on the services. */
export const createRouter = ({ facts, homelab, dataDir, settings, clusters, machines, terminals, labs, log }: RouterParts) => {
  /** A stream's own errors come after the call has been answered, so that they are worded here. */
  const worded = async function* <T>(source: AsyncIterable<T>): AsyncGenerator<T, void, void> {
    try {
      yield* source
    } catch (error) {
      throw asContractError(error, log)
    }
  }
  const settled = homelab.catch(() => undefined)
  const on = implement(contract).$context<CallContext>()
  return on.router({
    app: {
      facts: on.app.facts.handler(async () => ({ ...facts, kubernetesVersion: (await settled)?.kubernetesVersion ?? '' })),
      settings: on.app.settings.handler(() => settings.read()),
      saveSettings: on.app.saveSettings.handler(({ input }) => settings.save(input)),
      laptop: on.app.laptop.handler(async () => (await import('./laptop/laptop.ts')).readLaptop(dataDir)),
    },
    homelab: {
      facts: on.homelab.facts.handler(async () => (await homelab).facts),
      power: on.homelab.power.handler(({ input }) => machines.power(input.machineId, input.power)),
    },
    clusters: {
      list: on.clusters.list.handler(async () => {
        // The first page is often there before the homelab is.
        await settled
        return clusters.list()
      }),
      add: on.clusters.add.handler(({ input }) => clusters.add(input)),
      remove: on.clusters.remove.handler(({ input }) => clusters.remove(input.id)),
      watch: on.clusters.watch.handler(({ input, signal }) => worded(clusters.watch(input.id, signal))),
    },
    machines: {
      list: on.machines.list.handler(() => machines.list()),
      watch: on.machines.watch.handler(({ signal }) => worded(machines.watch(signal))),
      hostKey: on.machines.hostKey.handler(({ input }) => machines.hostKey(input)),
      trustHostKey: on.machines.trustHostKey.handler(({ input }) => machines.trustHostKey(input)),
      add: on.machines.add.handler(({ input }) => machines.add(input)),
      remove: on.machines.remove.handler(({ input }) => machines.remove(input.id)),
      watchCapacity: on.machines.watchCapacity.handler(({ input, signal }) => worded(machines.watchCapacity(input.id, signal))),
    },
    terminals: {
      open: on.terminals.open.handler(({ input, context }) => terminals.open(input, context.client)),
      output: on.terminals.output.handler(({ input, signal }) => worded(terminals.output(input.terminalId, signal))),
      acknowledge: on.terminals.acknowledge.handler(({ input }) => terminals.acknowledge(input.terminalId, input.characters)),
      write: on.terminals.write.handler(({ input }) => terminals.write(input.terminalId, input.text)),
      resize: on.terminals.resize.handler(({ input }) => terminals.resize(input.terminalId, input)),
      close: on.terminals.close.handler(({ input }) => terminals.close(input.terminalId)),
    },
    labs: {
      list: on.labs.list.handler(({ input }) => labs().list(input)),
      get: on.labs.get.handler(({ input }) => labs().get(input)),
      watch: on.labs.watch.handler(({ input, signal }) => worded(labs().watch(input, signal))),
      start: on.labs.start.handler(({ input }) => labs().start(input)),
      reset: on.labs.reset.handler(({ input }) => labs().reset(input)),
      answer: on.labs.answer.handler(({ input }) => labs().answer(input)),
      hint: on.labs.hint.handler(({ input }) => labs().hint(input)),
      check: on.labs.check.handler(({ input }) => labs().check(input)),
    },
  })
}
