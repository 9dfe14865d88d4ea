import { OS } from '../hardware/system.ts'
import type { SimulatedMachine } from '../machine.ts'
import { generatedFiles } from './generated.ts'
import type { Credentials, DirectoryInode, FileInode, FileTree } from './tree.ts'

const ROOT = { uid: 0, gid: 0 }

/** Only what differs from 0755 root. */
const DIRECTORY_MODES: Readonly<Record<string, number>> = {
  '/root': 0o700,
  '/tmp': 0o1777,
  '/var/tmp': 0o1777,
  '/lost+found': 0o700,
  '/etc/sudoers.d': 0o750,
  '/proc': 0o555,
  '/sys': 0o555,
}

const DIRECTORIES = [
  '/boot/efi',
  '/dev/pts',
  '/dev/shm',
  '/etc/apt/sources.list.d',
  '/etc/default',
  '/etc/netplan',
  '/etc/ssh',
  '/etc/sudoers.d',
  '/etc/systemd/system/multi-user.target.wants',
  '/home',
  '/lost+found',
  '/media',
  '/mnt',
  '/opt',
  '/root',
  '/run/systemd',
  '/run/user',
  '/srv',
  '/proc',
  '/sys',
  '/sys/class',
  '/tmp',
  '/usr/bin',
  '/usr/lib/systemd/system',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/sbin',
  '/usr/share/doc',
  '/usr/src',
  '/var/backups',
  '/var/cache/apt',
  '/var/lib/systemd',
  '/var/log/journal',
  '/var/mail',
  '/var/spool/cron',
  '/var/tmp',
]

const SYMLINKS: Readonly<Record<string, string>> = {
  '/bin': 'usr/bin',
  '/sbin': 'usr/sbin',
  '/lib': 'usr/lib',
  '/etc/os-release': '../usr/lib/os-release',
  '/etc/localtime': '/usr/share/zoneinfo/Etc/UTC',
  '/etc/resolv.conf': '../run/systemd/resolve/stub-resolv.conf',
  '/var/run': '/run',
  '/var/lock': '/run/lock',
  '/etc/mtab': '../proc/self/mounts',
  '/dev/stdin': '/proc/self/fd/0',
  '/dev/stdout': '/proc/self/fd/1',
  '/dev/stderr': '/proc/self/fd/2',
}

const BASHRC = `# ~/.bashrc: executed by bash(1) for non-login shells.

HISTSIZE=1000
HISTFILESIZE=2000

alias ll='ls -alF'
alias la='ls -A'
alias l='ls -CF'
`

const PROFILE = `# ~/.profile: executed by the command interpreter for login shells.

if [ -f "$HOME/.bashrc" ]; then
  . "$HOME/.bashrc"
fi
`

/** Builds the disk of a freshly installed Ubuntu 24.04 server. `programs` are absolute paths of what can be run. */
export const layDown = (tree: FileTree, machine: SimulatedMachine, programs: readonly string[]): void => {
  const directory = (path: string, owner: Pick<Credentials, 'uid' | 'gid'> = ROOT): DirectoryInode => {
    let at = tree.root
    let walked = ''
    for (const part of path.split('/').slice(1)) {
      if (part === '') continue
      walked += `/${part}`
      let next = at.entries.get(part)
      if (!next) at.entries.set(part, (next = tree.directory(DIRECTORY_MODES[walked] ?? 0o755, walked === path ? owner : ROOT)))
      if (next.kind !== 'directory') throw new Error(`${walked} is not a directory`)
      at = next
    }
    return at
  }
  const place = (
    path: string,
    content: FileInode['generate'] | string,
    mode = 0o644,
    owner: Pick<Credentials, 'uid' | 'gid'> = ROOT,
    device?: FileInode['device'],
  ) => {
    const slash = path.lastIndexOf('/')
    directory(path.slice(0, slash)).entries.set(path.slice(slash + 1), tree.file(mode, owner, content, device))
  }

  for (const path of DIRECTORIES) directory(path)
  const { spec, login } = machine
  const files: Readonly<Record<string, string>> = {
    '/usr/lib/os-release': `PRETTY_NAME="${OS.pretty}"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nVERSION="${OS.version}"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\nHOME_URL="https://www.ubuntu.com/"\nSUPPORT_URL="https://help.ubuntu.com/"\nBUG_REPORT_URL="https://bugs.launchpad.net/ubuntu/"\nPRIVACY_POLICY_URL="https://www.ubuntu.com/legal/terms-and-policies/privacy-policy"\nUBUNTU_CODENAME=noble\nLOGO=ubuntu-logo\n`,
    '/etc/lsb-release': `DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=24.04\nDISTRIB_CODENAME=noble\nDISTRIB_DESCRIPTION="${OS.pretty}"\n`,
    '/etc/debian_version': 'trixie/sid\n',
    '/etc/issue': `${OS.pretty} \\n \\l\n\n`,
    '/etc/hostname': `${spec.name}\n`,
    '/etc/hosts': `127.0.0.1 localhost\n127.0.1.1 ${spec.name}\n\n# The following lines are desirable for IPv6 capable hosts\n::1     ip6-localhost ip6-loopback\nfe00::0 ip6-localnet\nff00::0 ip6-mcastprefix\nff02::1 ip6-allnodes\nff02::2 ip6-allrouters\n`,
    '/etc/machine-id': `${machine.machineId}\n`,
    '/etc/timezone': 'Etc/UTC\n',
    '/etc/shells': '# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n',
    '/etc/fstab':
      '# /etc/fstab: static file system information.\n# <file system> <mount point>   <type>  <options>       <dump>  <pass>\n/dev/nvme0n1p2 / ext4 defaults 0 1\n/dev/nvme0n1p1 /boot/efi vfat defaults 0 1\n',
    '/etc/netplan/50-cloud-init.yaml': `network:\n  version: 2\n  ethernets:\n    enp1s0:\n      addresses:\n        - "${spec.address}/24"\n      nameservers:\n        addresses:\n          - ${spec.gateway}\n      routes:\n        - to: "default"\n          via: "${spec.gateway}"\n`,
    '/etc/ssh/sshd_config':
      'Include /etc/ssh/sshd_config.d/*.conf\n\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM yes\nX11Forwarding no\nPrintMotd no\nAcceptEnv LANG LC_*\nSubsystem sftp /usr/lib/openssh/sftp-server\n',
    '/run/systemd/resolve/stub-resolv.conf': 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n',
    '/etc/passwd': machine.users.map(user => `${user.name}:x:${user.uid}:${user.gid}:${user.comment}:${user.home}:${user.shell}\n`).join(''),
    '/etc/group': machine.groups.map(group => `${group.name}:x:${group.gid}:${group.members.join(',')}\n`).join(''),
    '/etc/bash.bashrc': '# System-wide .bashrc file for interactive bash(1) shells.\n',
    '/etc/profile': '# /etc/profile: system-wide .profile file for the Bourne shell (sh(1))\n',
    '/etc/apt/sources.list.d/ubuntu.sources':
      'Types: deb\nURIs: http://archive.ubuntu.com/ubuntu/\nSuites: noble noble-updates noble-backports\nComponents: main restricted universe multiverse\nSigned-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg\n',
    '/usr/share/zoneinfo/Etc/UTC': 'TZif2\n',
    '/var/log/dpkg.log': '',
  }
  for (const [path, content] of Object.entries(files)) place(path, content)
  place(
    '/etc/sudoers',
    'Defaults\tenv_reset\nDefaults\tsecure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin"\nroot\tALL=(ALL:ALL) ALL\n%sudo\tALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n',
    0o440,
  )
  place('/etc/sudoers.d/90-lab', `${login.name} ALL=(ALL) NOPASSWD:ALL\n`, 0o440)
  place('/etc/shadow', machine.users.map(user => `${user.name}:${user.uid === login.uid ? '!' : '*'}:20500:0:99999:7:::\n`).join(''), 0o640)
  for (const unit of machine.units.list()) place(unit.path, unit.unitFile)
  for (const path of programs) place(path, '', 0o755)
  for (const [path, target] of Object.entries(SYMLINKS)) {
    const slash = path.lastIndexOf('/')
    directory(path.slice(0, slash)).entries.set(path.slice(slash + 1), tree.symlink(target, ROOT))
  }
  for (const device of ['null', 'zero', 'full', 'tty'] as const) place(`/dev/${device}`, '', 0o666, ROOT, device)
  for (const name of ['random', 'urandom']) place(`/dev/${name}`, '', 0o666, ROOT, 'random')
  for (const [path, generate] of Object.entries(generatedFiles(machine)))
    place(path, generate, path.includes('product_serial') || path.includes('product_uuid') ? 0o400 : 0o444)
  place('/proc/self/mounts', generatedFiles(machine)['/proc/mounts']!, 0o444)

  const homes = machine.users.filter(user => user.home.startsWith('/home/') || user.uid === 0)
  for (const user of homes) {
    const home = directory(user.home, user)
    home.mode = user.uid === 0 ? 0o700 : 0o750
    place(`${user.home}/.bashrc`, BASHRC, 0o644, user)
    place(`${user.home}/.profile`, PROFILE, 0o644, user)
    directory(`${user.home}/.ssh`, user).mode = 0o700
  }
}
