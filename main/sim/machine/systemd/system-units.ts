import type { SystemUnit } from './units.ts'

const MiB = 1024 * 1024

/** What runs on a freshly installed Ubuntu 24.04 server, in the order it starts. */
export const systemUnits: readonly SystemUnit[] = [
  { name: 'systemd-journald.service', description: 'Journal Service', documentation: 'man:systemd-journald.service(8)', command: '/usr/lib/systemd/systemd-journald', static: true, memoryBytes: 15 * MiB, status: 'Processing requests...' },
  { name: 'systemd-udevd.service', description: 'Rule-based Manager for Device Events and Files', documentation: 'man:systemd-udevd.service(8)', command: '/usr/lib/systemd/systemd-udevd', static: true, memoryBytes: 10 * MiB },
  { name: 'ufw.service', description: 'Uncomplicated firewall', documentation: 'man:ufw(8)', command: '/usr/lib/ufw/ufw-init start quiet', sub: 'exited' },
  { name: 'systemd-networkd.service', description: 'Network Configuration', documentation: 'man:systemd-networkd.service(8)', command: '/usr/lib/systemd/systemd-networkd', memoryBytes: 4 * MiB },
  { name: 'systemd-resolved.service', description: 'Network Name Resolution', documentation: 'man:systemd-resolved.service(8)', command: '/usr/lib/systemd/systemd-resolved', memoryBytes: 6 * MiB },
  { name: 'systemd-timesyncd.service', description: 'Network Time Synchronization', documentation: 'man:systemd-timesyncd.service(8)', command: '/usr/lib/systemd/systemd-timesyncd', memoryBytes: 1.5 * MiB, tasks: 2 },
  { name: 'dbus.service', description: 'D-Bus System Message Bus', documentation: 'man:dbus-daemon(1)', command: '/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only', static: true, memoryBytes: 3 * MiB },
  { name: 'systemd-logind.service', description: 'User Login Management', documentation: 'man:sd-login(3)', command: '/usr/lib/systemd/systemd-logind', static: true, memoryBytes: 2 * MiB },
  { name: 'cron.service', description: 'Regular background program processing daemon', documentation: 'man:cron(8)', command: '/usr/sbin/cron -f -P', memoryBytes: 0.5 * MiB },
  { name: 'rsyslog.service', description: 'System Logging Service', documentation: 'man:rsyslogd(8)', command: '/usr/sbin/rsyslogd -n -iNONE', memoryBytes: 3 * MiB, tasks: 4 },
  { name: 'polkit.service', description: 'Authorization Manager', documentation: 'man:polkit(8)', command: '/usr/lib/polkit-1/polkitd --no-debug', static: true, memoryBytes: 5 * MiB, tasks: 4 },
  { name: 'unattended-upgrades.service', description: 'Unattended Upgrades Shutdown', documentation: 'man:unattended-upgrade(8)', command: '/usr/bin/python3 /usr/share/unattended-upgrades/unattended-upgrade-shutdown --wait-for-signal', memoryBytes: 12 * MiB, tasks: 2 },
  { name: 'getty@tty1.service', description: 'Getty on tty1', documentation: 'man:agetty(8)', command: '/sbin/agetty -o "-p -- \\\\u" --noclear - linux', memoryBytes: 0.3 * MiB },
  { name: 'ssh.service', description: 'OpenBSD Secure Shell server', documentation: 'man:sshd(8)', command: '/usr/sbin/sshd -D', memoryBytes: 6 * MiB },
  { name: 'network-online.target', description: 'Network is Online', static: true, sub: 'active' },
  { name: 'multi-user.target', description: 'Multi-User System', static: true, sub: 'active' },
  { name: 'graphical.target', description: 'Graphical Interface', static: true, sub: 'active' },
]
