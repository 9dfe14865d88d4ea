import type { SimulatedMachine } from '../machine.ts'

export interface Process {
  readonly pid: number
  readonly ppid: number
  readonly user: string
  readonly cpuPercent: number
  readonly memoryBytes: number
  readonly tty: string
  readonly state: string
  readonly startedAt: number
  readonly cpuMs: number
  readonly command: string
}

const KERNEL_THREADS = [
  'kthreadd',
  'rcu_preempt',
  'migration/0',
  'ksoftirqd/0',
  'kworker/0:1-events',
  'kcompactd0',
  'kswapd0',
  'nvme-wq',
  'jbd2/nvme0n1p2-8',
  'ext4-rsv-conver',
]

/** Everything that runs: init, kernel threads, services, logins, and what the load source tells. */
export const processesOf = (machine: SimulatedMachine): Process[] => {
  const boot = machine.bootedAt
  const row = (pid: number, ppid: number, user: string, command: string, memoryBytes: number, more: Partial<Process> = {}): Process => ({
    pid,
    ppid,
    user,
    cpuPercent: 0,
    memoryBytes,
    tty: '?',
    state: 'Ss',
    startedAt: boot,
    cpuMs: 0,
    command,
    ...more,
  })
  const list: Process[] = [row(1, 0, 'root', '/sbin/init', 13_500_000, { cpuMs: 1800 })]
  KERNEL_THREADS.forEach((name, i) => list.push(row(i === 0 ? 2 : 12 + i * 3, i === 0 ? 0 : 2, 'root', `[${name}]`, 0, { state: i === 0 ? 'S' : 'I' })))
  for (const unit of machine.units.list()) {
    const usage = machine.units.memoryOf(unit)
    if (!unit.pid || !usage || unit.oneshot) continue
    list.push(
      row(
        unit.pid,
        1,
        unit.name.startsWith('systemd-') && /network|resolve|timesync/.test(unit.name)
          ? unit.name.replace('.service', '').replace('resolved', 'resolve').replace('networkd', 'network').replace('timesyncd', 'timesync')
          : unit.name === 'dbus.service'
            ? 'messagebus'
            : unit.name === 'rsyslog.service'
              ? 'syslog'
              : 'root',
        unit.command,
        usage.memoryBytes,
        {
          state: 'Ssl',
          startedAt: unit.since,
          cpuMs: usage.cpuMs,
          cpuPercent: Math.min(machine.spec.cores * 100, (usage.cpuMs / Math.max(60_000, machine.clock.now - unit.since)) * 100),
        },
      ),
    )
  }
  for (const process of machine.load.processes)
    list.push(
      row(process.pid, 1, process.user, process.command, process.memoryBytes, {
        state: 'Sl',
        cpuPercent: process.cpuMilli / 10,
        cpuMs: (process.cpuMilli / 1000) * Math.max(0, machine.clock.now - boot),
      }),
    )
  machine.logins.sessions.forEach((session, i) => {
    const pid = 5000 + i * 40
    list.push(row(pid, 1, session.user, `sshd: ${session.user}@${session.tty}`, 8_000_000, { state: 'S', startedAt: session.since }))
    list.push(row(pid + 1, pid, session.user, '-bash', 5_400_000, { tty: session.tty, state: 'Ss', startedAt: session.since }))
    if (session.command !== '-bash')
      list.push(row(pid + 9, pid + 1, session.user, session.command, 4_200_000, { tty: session.tty, state: 'R+', startedAt: machine.clock.now }))
  })
  return list.toSorted((a, b) => a.pid - b.pid)
}
