import type { Clock, VirtualTime } from '../../time/clock.ts'
import type { UnitBehaviour } from '../machine.ts'
import type { Journal } from './journal.ts'

export type ActiveState = 'active' | 'inactive' | 'activating' | 'deactivating' | 'failed'

/** One unit as systemd shows it. */
export interface Unit {
  readonly name: string
  readonly description: string
  readonly documentation: string
  /** Where its file lies. */
  readonly path: string
  readonly unitFile: string
  readonly command: string
  enabled: boolean
  /** `static` units have no install section and are neither enabled nor disabled. */
  readonly static: boolean
  active: ActiveState
  sub: string
  /** When it entered `active`, or left it. */
  since: VirtualTime
  pid: number
  /** Exit status of the last run, when it ended. */
  exitStatus: number | undefined
  restarts: number
  readonly behaviour: UnitBehaviour | undefined
  /** Runs only to the end (`Type=oneshot`), stays `active (exited)`. */
  readonly oneshot: boolean
}

/** A unit of the system itself, as plain data. */
export interface SystemUnit {
  readonly name: string
  readonly description: string
  readonly documentation?: string
  readonly command?: string
  readonly static?: boolean
  readonly sub?: string
  readonly memoryBytes?: number
  readonly tasks?: number
  readonly status?: string
}

/** systemd: the units of a machine and what happens to them. */
export interface Units {
  list(): readonly Unit[]
  /** Completes a name without suffix to `.service`. */
  get(name: string): Unit | undefined
  install(behaviour: UnitBehaviour): void
  /** Rejects with the text of the failure; resolves when the unit is active. Harmless when it is. */
  start(name: string): Promise<void>
  stop(name: string): Promise<void>
  enable(name: string, enabled: boolean): void
  exited(name: string, status: number): void
  /** Starts everything enabled, as at boot; `stopped` names units that stay as they were left. */
  boot(stopped: readonly string[]): void
  /** Stops what runs, in reverse order, as at shutdown. */
  shutdown(): Promise<void>
  /** Everything is gone at once: the plug was pulled. */
  powerLost(): void
  memoryOf(unit: Unit): { readonly memoryBytes: number; readonly cpuMs: number; readonly tasks: number } | undefined
}

const RESTART_DELAY_MS = 5000

/** `journal` gets systemd's own lines; `changed` is called when something durable changed. */
export const createUnits = (clock: Clock, journal: Journal, system: readonly SystemUnit[], nextPid: () => number, changed: () => void): Units => {
  const units = new Map<string, Unit>()
  const systemUsage = new Map(system.map(unit => [unit.name, unit]))
  /** Counts starts and stops of a unit, so that a start that was overtaken by a stop is recognised. */
  const generation = new Map<string, number>()
  const next = (name: string) => {
    const value = (generation.get(name) ?? 0) + 1
    generation.set(name, value)
    return value
  }
  const systemd = (message: string, unit: string, priority = 6) => journal.append({ identifier: 'systemd', unit, pid: 1, message, priority })
  const title = (unit: Unit) => (unit.description ? `${unit.name} - ${unit.description}` : unit.name)

  for (const unit of system) {
    const isService = unit.name.endsWith('.service')
    units.set(unit.name, {
      name: unit.name,
      description: unit.description,
      documentation: unit.documentation ?? '',
      path: `/usr/lib/systemd/system/${unit.name}`,
      unitFile: unitFileOf(unit.description, unit.documentation ?? '', unit.command ?? '', isService),
      command: unit.command ?? '',
      enabled: true,
      static: unit.static ?? false,
      active: 'inactive',
      sub: 'dead',
      since: clock.now,
      pid: 0,
      exitStatus: undefined,
      restarts: 0,
      behaviour: undefined,
      oneshot: unit.sub === 'exited',
    })
  }

  const settle = (unit: Unit, active: ActiveState, sub: string) => {
    unit.active = active
    unit.sub = sub
    unit.since = clock.now
    changed()
  }
  const failed = (unit: Unit, status: number) => {
    unit.exitStatus = status
    systemd(`${unit.name}: Main process exited, code=exited, status=${status}/${status === 1 ? 'FAILURE' : 'n/a'}`, unit.name, 5)
    systemd(`${unit.name}: Failed with result 'exit-code'.`, unit.name, 4)
    const restart = unit.behaviour?.restart ?? 'always'
    unit.pid = 0
    settle(unit, restart === 'no' ? 'failed' : 'activating', restart === 'no' ? 'failed' : 'auto-restart')
    if (restart === 'no') return
    const mine = next(unit.name)
    clock.after(RESTART_DELAY_MS, () => {
      if (generation.get(unit.name) !== mine) return
      unit.restarts++
      systemd(`${unit.name}: Scheduled restart job, restart counter is at ${unit.restarts}.`, unit.name)
      unit.active = 'inactive'
      void self.start(unit.name).catch(() => undefined)
    })
  }
  const starting = new Map<string, Promise<void>>()

  const self: Units = {
    list: () => [...units.values()],
    get: name => units.get(name) ?? units.get(`${name}.service`),
    install: behaviour => {
      const previous = units.get(behaviour.name)
      units.set(behaviour.name, {
        name: behaviour.name,
        description: behaviour.description,
        documentation: behaviour.documentation,
        path: `/etc/systemd/system/${behaviour.name}`,
        unitFile: behaviour.unitFile ?? unitFileOf(behaviour.description, behaviour.documentation, behaviour.command, true),
        command: behaviour.command,
        enabled: previous?.enabled ?? true,
        static: false,
        active: previous?.active ?? 'inactive',
        sub: previous?.sub ?? 'dead',
        since: clock.now,
        pid: previous?.pid ?? 0,
        exitStatus: undefined,
        restarts: 0,
        behaviour,
        oneshot: false,
      })
    },
    start: name => {
      const unit = self.get(name)!
      if (unit.active === 'active') return Promise.resolve()
      const running = starting.get(unit.name)
      if (running && unit.active === 'activating') return running
      const mine = next(unit.name)
      const isService = unit.name.endsWith('.service')
      systemd(isService ? `Starting ${title(unit)}...` : `Reached target ${title(unit)}.`, unit.name)
      settle(unit, 'activating', 'start')
      unit.exitStatus = undefined
      if (isService) unit.pid = nextPid()
      const begin = async () => {
        try {
          await unit.behaviour?.start()
        } catch (error) {
          if (generation.get(unit.name) === mine) {
            failed(unit, 1)
            systemd(`Failed to start ${title(unit)}.`, unit.name, 3)
          }
          throw error
        }
        if (generation.get(unit.name) !== mine) return
        settle(unit, 'active', unit.oneshot ? 'exited' : isService ? 'running' : (systemUsage.get(unit.name)?.sub ?? 'active'))
        if (isService) systemd(unit.oneshot ? `Finished ${title(unit)}.` : `Started ${title(unit)}.`, unit.name)
      }
      if (!unit.behaviour) {
        settle(unit, 'active', unit.oneshot ? 'exited' : isService ? 'running' : (systemUsage.get(unit.name)?.sub ?? 'active'))
        if (isService) systemd(unit.oneshot ? `Finished ${title(unit)}.` : `Started ${title(unit)}.`, unit.name)
        if (unit.oneshot) unit.pid = 0
        return Promise.resolve()
      }
      const promise = begin().finally(() => {
        if (starting.get(unit.name) === promise) starting.delete(unit.name)
      })
      starting.set(unit.name, promise)
      return promise
    },
    stop: async name => {
      const unit = self.get(name)!
      if (unit.active === 'inactive') return
      next(unit.name)
      if (unit.active === 'failed' || unit.sub === 'auto-restart') return settle(unit, 'inactive', 'dead')
      systemd(`Stopping ${title(unit)}...`, unit.name)
      settle(unit, 'deactivating', 'stop-sigterm')
      await unit.behaviour?.stop()
      if (unit.active !== 'deactivating') return
      const cpu = self.memoryOf(unit)?.cpuMs
      unit.exitStatus = 0
      unit.pid = 0
      settle(unit, 'inactive', 'dead')
      systemd(`${unit.name}: Deactivated successfully.`, unit.name)
      systemd(`Stopped ${title(unit)}.`, unit.name)
      if (cpu) systemd(`${unit.name}: Consumed ${(cpu / 1000).toFixed(3)}s CPU time.`, unit.name)
    },
    enable: (name, enabled) => {
      self.get(name)!.enabled = enabled
      changed()
    },
    exited: (name, status) => {
      const unit = self.get(name)
      if (!unit || (unit.active !== 'active' && unit.active !== 'activating')) return
      next(unit.name)
      if (status !== 0 || unit.behaviour?.restart !== 'no') return failed(unit, status)
      unit.pid = 0
      settle(unit, 'inactive', 'dead')
      systemd(`${unit.name}: Deactivated successfully.`, unit.name)
    },
    boot: stopped => {
      for (const unit of units.values()) {
        if ((unit.enabled || unit.static) && !stopped.includes(unit.name)) void self.start(unit.name).catch(() => undefined)
      }
    },
    shutdown: async () => {
      for (const unit of [...units.values()].toReversed()) if (unit.behaviour && unit.active !== 'inactive') await self.stop(unit.name)
    },
    powerLost: () => {
      for (const unit of units.values()) {
        next(unit.name)
        if (unit.behaviour && (unit.active === 'active' || unit.active === 'activating')) void unit.behaviour.stop()
        unit.active = 'inactive'
        unit.sub = 'dead'
        unit.pid = 0
        unit.since = clock.now
      }
    },
    memoryOf: unit => {
      if (unit.active !== 'active' && unit.active !== 'deactivating') return undefined
      if (unit.behaviour) return unit.behaviour.usage()
      const own = systemUsage.get(unit.name)
      if (!own?.memoryBytes) return undefined
      return { memoryBytes: own.memoryBytes, cpuMs: 40 + (clock.now - unit.since) / 20_000, tasks: own.tasks ?? 1 }
    },
  }
  return self
}

const unitFileOf = (description: string, documentation: string, command: string, isService: boolean) =>
  `[Unit]\nDescription=${description}\n${documentation ? `Documentation=${documentation}\n` : ''}${isService ? `\n[Service]\nType=notify\nExecStart=${command}\n` : ''}\n[Install]\nWantedBy=multi-user.target\n`
