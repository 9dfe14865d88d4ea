import type { Clock, VirtualTime } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { filesFor, type Files } from './files/files.ts'
import type { MachinePersistence, StoredPath } from './files/persistence.ts'
import { layDown } from './files/rootfs.ts'
import { createTree, type Credentials, type DirectoryInode, type Inode } from './files/tree.ts'
import { createCounters } from './hardware/counters.ts'
import { BASE_CPU_MILLI, BASE_DISK_USED, BASE_MEMORY_USED, OS } from './hardware/system.ts'
import {
  type ContainerView,
  DialError,
  type Listener,
  type Logins,
  type MachineLoad,
  type MachineSpec,
  type NetworkLink,
  type SimulatedMachine,
} from './machine.ts'
import { commands } from './commands/index.ts'
import { conditionalPrograms, installedPrograms } from './shell/programs.ts'
import { createJournal } from './systemd/journal.ts'
import { systemUnits } from './systemd/system-units.ts'
import { createUnits } from './systemd/units.ts'

export interface MachineSurroundings {
  readonly clock: Clock
  /** A stream of this machine's own. */
  readonly random: Random
  readonly persistence: MachinePersistence
  /** All machines of the homelab; asked whenever one of them is reached by name or address. */
  readonly clusterMachines: () => readonly SimulatedMachine[]
  /** The person's account on it. */
  readonly user?: string
}

export const DEFAULT_USER = 'ubuntu'

/** From pressing the button to a login prompt. */
const BOOT_MS = 14_000

const NOTHING: MachineLoad = { cpuMilli: 0, memoryBytes: 0, diskBytes: 0, processes: [] }
const ROOT_USER: Credentials = { name: 'root', uid: 0, gid: 0, groups: [0] }

/**
 * A mini-PC as `persistence` left it. A new one is switched on at once; one that was running goes on running (same boot,
 * units that were stopped stay stopped); one that was switched off stays off until `powerOn`.
 */
export const createMachine = (
  spec: MachineSpec,
  { clock, random, persistence, clusterMachines, user = DEFAULT_USER }: MachineSurroundings,
): SimulatedMachine => {
  const hex32 = () => random.uuid().replaceAll('-', '')
  const savedId = persistence.fact('machine-id')
  const machineId = savedId ?? hex32()
  let bootId = persistence.fact('boot-id') ?? random.uuid()
  let bootedAt: VirtualTime = Math.min(clock.now, Number(persistence.fact('booted-at') ?? clock.now))
  let power = (persistence.fact('power') ?? 'on') as 'on' | 'off'
  const resumed = savedId !== undefined && power === 'on'
  let hostname = persistence.fact('hostname') ?? spec.name
  let stopped: readonly string[] = JSON.parse(persistence.fact('stopped') ?? '[]')
  const disabled: readonly string[] = JSON.parse(persistence.fact('disabled') ?? '[]')
  let loadSource: () => MachineLoad = () => NOTHING
  let containers: ContainerView | undefined
  let networkLinks: () => readonly NetworkLink[] = () => []
  let listeners: Listener[] = []
  let powered = new AbortController()
  let disposed = false
  let pid = 900
  const powerListeners = new Set<(power: 'on' | 'off') => void>()

  const login: Credentials = { name: user, uid: 1000, gid: 1000, groups: [1000, 4, 27] }
  const home = (name: string) => (name === 'root' ? '/root' : `/home/${name}`)
  const users = [
    { ...ROOT_USER, home: '/root', shell: '/bin/bash', comment: 'root' },
    ...(
      [
        ['daemon', 1, '/usr/sbin'],
        ['bin', 2, '/bin'],
        ['sys', 3, '/dev'],
        ['syslog', 102, '/nonexistent'],
        ['systemd-network', 998, '/'],
        ['systemd-timesync', 997, '/'],
        ['messagebus', 101, '/nonexistent'],
        ['sshd', 109, '/run/sshd'],
        ['nobody', 65534, '/nonexistent'],
      ] as const
    ).map(([name, id, dir]) => ({ name, uid: id, gid: id, groups: [id], home: dir, shell: '/usr/sbin/nologin', comment: name })),
    { ...login, home: home(user), shell: '/bin/bash', comment: user },
  ]
  const groups = [
    ...(
      [
        ['root', 0],
        ['daemon', 1],
        ['bin', 2],
        ['sys', 3],
      ] as const
    ).map(([name, gid]) => ({ name, gid, members: [] as string[] })),
    { name: 'adm', gid: 4, members: ['syslog', user] },
    { name: 'sudo', gid: 27, members: [user] },
    ...(
      [
        ['messagebus', 101],
        ['syslog', 102],
        ['sshd', 109],
        ['systemd-timesync', 997],
        ['systemd-network', 998],
      ] as const
    ).map(([name, gid]) => ({ name, gid, members: [] as string[] })),
    { name: user, gid: 1000, members: [] },
    { name: 'nogroup', gid: 65534, members: [] },
  ]

  const journal = createJournal(clock, () => bootId, persistence.fact('journal'))
  let saveArranged = false
  const saveFacts = () => {
    saveArranged = false
    if (disposed) return
    persistence.saveFacts({
      'machine-id': machineId,
      'boot-id': bootId,
      'booted-at': String(bootedAt),
      hostname,
      power,
      stopped: JSON.stringify(
        power === 'on'
          ? units
              .list()
              .filter(unit => unit.behaviour && unit.active === 'inactive')
              .map(unit => unit.name)
          : [],
      ),
      disabled: JSON.stringify(
        units
          .list()
          .filter(unit => !unit.enabled)
          .map(unit => unit.name),
      ),
      'last-login': JSON.stringify(lastLogin ?? null),
      journal: journal.tail(),
    })
  }
  /** Facts change in bursts (units starting one after another): saved once an instant. */
  const changed = () => {
    if (saveArranged || disposed) return
    saveArranged = true
    clock.soon(saveFacts)
  }
  const units = createUnits(clock, journal, systemUnits, () => (pid += 1 + random.below(9)), changed)
  for (const name of disabled) if (units.get(name)) units.enable(name, false)

  const tree = createTree(() => clock.now)
  const logged: { tty: string; user: string; from: string; since: VirtualTime; command: string }[] = []
  let lastLogin: Logins['last'] = JSON.parse(persistence.fact('last-login') ?? 'null') ?? undefined
  const logins: Logins = {
    sessions: logged,
    get last() {
      return lastLogin
    },
    enter: (name, from) => {
      let number = 0
      while (logged.some(session => session.tty === `pts/${number}`)) number++
      const session = { tty: `pts/${number}`, user: name, from, since: clock.now, command: '-bash' }
      logged.push(session)
      lastLogin = { time: clock.now, from, tty: session.tty }
      changed()
      return {
        tty: session.tty,
        setCommand: line => {
          session.command = line
        },
        leave: () => {
          const index = logged.indexOf(session)
          if (index >= 0) logged.splice(index, 1)
        },
      }
    },
  }

  const randomBytes = (length: number) => Uint8Array.from({ length }, () => random.below(256))
  const rootFiles = () => filesFor(tree, ROOT_USER, randomBytes)

  const boot = () => {
    power = 'on'
    stopped = []
    powered = new AbortController()
    journal.append({ identifier: 'kernel', message: `Linux version ${OS.kernel} ${OS.compiler} ${OS.kernelBuild}`, priority: 5 })
    for (const message of [
      `Command line: BOOT_IMAGE=/boot/vmlinuz-${OS.kernel} ro`,
      `DMI: ${spec.vendor} ${spec.product}/${spec.product}`,
      `smpboot: CPU0: ${spec.cpuModel} (family: 0x6, model: 0xbe, stepping: 0x0)`,
      `Memory: ${Math.round(spec.memoryBytes / 1024)}K/${Math.round(spec.memoryBytes / 1024)}K available`,
      'nvme nvme0: pci function 0000:02:00.0',
      'EXT4-fs (nvme0n1p2): mounted filesystem ro with ordered data mode. Quota mode: none.',
      'r8169 0000:01:00.0 enp1s0: Link is Up - 1Gbps/Full - flow control rx/tx',
    ])
      journal.append({ identifier: 'kernel', message })
    journal.append({ identifier: 'systemd', pid: 1, message: `systemd ${OS.systemd} running in system mode (+PAM +AUDIT +SELINUX +APPARMOR)` })
    journal.append({ identifier: 'systemd', pid: 1, message: `Hostname set to <${hostname}>.` })
    openOwnPorts()
    units.boot([])
    changed()
    for (const listener of powerListeners) listener('on')
  }
  const goDark = () => {
    power = 'off'
    units.powerLost()
    listeners = []
    logged.length = 0
    powered.abort(new Error('power lost'))
    changed()
    for (const listener of powerListeners) listener('off')
  }
  const openOwnPorts = () => {
    listeners = [
      { port: 22, process: 'sshd', pid: 871 },
      { port: 53, process: 'systemd-resolve', pid: 640, address: '127.0.0.53%lo' },
    ]
  }

  const machine: SimulatedMachine = {
    spec,
    clock,
    random,
    machineId,
    programs: commands,
    journal,
    units,
    login,
    users,
    groups,
    logins,
    get power() {
      return power
    },
    get bootedAt() {
      return bootedAt
    },
    get bootId() {
      return bootId
    },
    get hostname() {
      return hostname
    },
    get containers() {
      return containers
    },
    get networkLinks() {
      return power === 'on' ? networkLinks() : []
    },
    get powered() {
      return powered.signal
    },
    get listeners() {
      return listeners
    },
    get neighbours() {
      return clusterMachines()
    },
    get load() {
      if (power === 'off') return NOTHING
      const source = loadSource()
      return {
        cpuMilli: BASE_CPU_MILLI + source.cpuMilli,
        memoryBytes: BASE_MEMORY_USED + source.memoryBytes,
        diskBytes: BASE_DISK_USED + source.diskBytes + tree.storedBytes,
        processes: source.processes,
      }
    },
    counters: createCounters(
      clock,
      spec,
      () => bootedAt,
      () => machine.load,
    ),
    onPower: listener => {
      powerListeners.add(listener)
      return () => powerListeners.delete(listener)
    },
    powerOn: () => {
      if (power === 'on' || disposed) return
      bootedAt = clock.now
      bootId = random.uuid()
      boot()
    },
    powerOff: () => {
      if (power === 'on') goDark()
    },
    shutdown: async how => {
      journal.append({
        identifier: 'systemd-logind',
        unit: 'systemd-logind.service',
        pid: 702,
        message: how === 'reboot' ? 'System is rebooting.' : 'System is powering down.',
      })
      await units.shutdown()
      if (power === 'off') return
      journal.append({
        identifier: 'systemd',
        pid: 1,
        message: how === 'reboot' ? 'Reached target reboot.target - System Reboot.' : 'Reached target poweroff.target - System Power Off.',
      })
      journal.append({ identifier: 'systemd', pid: 1, message: 'Shutting down.' })
      machine.flush()
      goDark()
      if (how === 'reboot') clock.after(BOOT_MS, machine.powerOn)
    },
    install: behaviour => {
      units.install(behaviour)
      const unit = units.get(behaviour.name)!
      if (disabled.includes(behaviour.name)) unit.enabled = false
      const disk = rootFiles()
      if (!disk.exists(unit.path)) disk.writeFile(unit.path, unit.unitFile)
      for (const path of conditionalPrograms(machine)) if (!disk.exists(path)) disk.writeFile(path, '', 0o755)
      // A machine that goes on running goes on with what ran, enabled for the next boot or not.
      if (power === 'on' && (unit.enabled || resumed) && !stopped.includes(behaviour.name)) void units.start(behaviour.name).catch(() => undefined)
    },
    unitExited: (name, status) => units.exited(name, status),
    listen: listener => {
      listeners = [...listeners, listener]
      return () => {
        listeners = listeners.filter(other => other !== listener)
      }
    },
    setNetworkLinks: source => {
      networkLinks = source
    },
    setContainerView: view => {
      containers = view
    },
    log: entry => journal.append(entry),
    setLoadSource: source => {
      machine.counters.read()
      loadSource = source
    },
    writeFile: (path, content, mode = 0o644) => {
      const disk = rootFiles()
      const parent = path.slice(0, path.lastIndexOf('/'))
      if (parent) disk.mkdir(parent, { recursive: true })
      disk.writeFile(path, content, mode)
      disk.chmod(path, mode)
      machine.flush()
    },
    readFile: path => {
      try {
        return rootFiles().readText(path)
      } catch {
        return undefined
      }
    },
    files: (who: Credentials): Files => filesFor(tree, who, randomBytes),
    setHostname: name => {
      hostname = name
      rootFiles().writeFile('/etc/hostname', `${name}\n`)
      changed()
      machine.flush()
    },
    resolve: name => {
      if (name === 'localhost' || name === 'ip6-localhost') return '127.0.0.1'
      if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return name
      for (const line of (machine.readFile('/etc/hosts') ?? '').split('\n')) {
        const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
        if (address && names.includes(name) && !address.includes(':')) return address
      }
      const bare = name.replace(/\.(lan|local)$/, '')
      return clusterMachines().find(other => other.hostname === bare)?.spec.address
    },
    dial: (host, port) => {
      const address = machine.resolve(host)
      if (address === undefined) throw new DialError('ENOTFOUND', `Could not resolve host: ${host}`)
      const local = address.startsWith('127.') || address === spec.address
      const target = local ? machine : clusterMachines().find(other => other.spec.address === address)
      if (!target) {
        // The homelab's router has no way out: it answers what is for elsewhere with "host unreachable".
        throw address === spec.gateway ? new DialError('ECONNREFUSED', 'Connection refused') : new DialError('EHOSTUNREACH', 'No route to host')
      }
      if (target.power === 'off') throw new DialError('EHOSTUNREACH', 'No route to host')
      const listener = target.listeners.find(candidate => candidate.port === port && (local || !candidate.address?.startsWith('127.')))
      if (!listener) throw new DialError('ECONNREFUSED', 'Connection refused')
      return listener
    },
    flush: () => {
      if (tree.dirty.size === 0 || disposed) return
      const changes = [...tree.dirty].toSorted().map(path => stored(path, lookUp(tree.root, path)))
      tree.dirty.clear()
      persistence.savePaths(changes)
    },
    dispose: () => {
      machine.flush()
      saveFacts()
      disposed = true
      powered.abort(new Error('the simulation ended'))
    },
  }

  layDown(tree, machine, installedPrograms(machine))
  tree.dirty.clear()
  restore(tree.root, persistence.paths(), tree)
  openOwnPorts()
  if (savedId === undefined) boot()
  else if (power === 'on') {
    stopped = stopped.filter(name => name.endsWith('.service'))
    units.boot(stopped)
  } else powered.abort(new Error('power lost'))
  return machine
}

const lookUp = (root: DirectoryInode, path: string): Inode | undefined => {
  let at: Inode | undefined = root
  for (const part of path.split('/').slice(1)) at = at?.kind === 'directory' ? at.entries.get(part) : undefined
  return at
}

const stored = (path: string, inode: Inode | undefined): StoredPath => {
  if (!inode) return { path, kind: 'absent' }
  const content = inode.kind === 'file' ? inode.data.subarray(0, inode.size) : new TextEncoder().encode(inode.kind === 'symlink' ? inode.target : '')
  return { path, kind: inode.kind, mode: inode.mode, uid: inode.uid, gid: inode.gid, mtime: inode.mtime, content }
}

/** Puts saved changes over a fresh disk; paths come parents first. */
const restore = (root: DirectoryInode, paths: readonly StoredPath[], tree: ReturnType<typeof createTree>) => {
  for (const entry of paths) {
    const slash = entry.path.lastIndexOf('/')
    const parent = slash === 0 ? root : lookUp(root, entry.path.slice(0, slash))
    const name = entry.path.slice(slash + 1)
    if (entry.path === '/' || parent?.kind !== 'directory') continue
    const existing = parent.entries.get(name)
    if (entry.kind === 'absent') {
      if (existing?.kind === 'file') tree.storedBytes -= existing.size
      parent.entries.delete(name)
      continue
    }
    if (existing?.kind === 'file') {
      if (existing.generate || existing.device) {
        existing.mode = entry.mode
        continue
      }
      tree.storedBytes -= existing.size
    }
    const inode: Inode =
      entry.kind === 'directory'
        ? existing?.kind === 'directory'
          ? existing
          : tree.directory(entry.mode, entry)
        : entry.kind === 'symlink'
          ? tree.symlink(new TextDecoder().decode(entry.content), entry)
          : tree.file(entry.mode, entry, entry.content)
    inode.mode = entry.mode
    inode.uid = entry.uid
    inode.gid = entry.gid
    inode.mtime = entry.mtime
    parent.entries.set(name, inode)
  }
}
