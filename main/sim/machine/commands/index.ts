import { kubectlCommand } from '../kubectl/program.ts'
import { dd, getent, last, lsbRelease, lsmod, mount, ssh, swap, sysctl, truncate, ufw } from './administration.ts'
import { apt } from './apt.ts'
import { bash } from './bash.ts'
import { builtinPrograms } from './builtin-programs.ts'
import { cat } from './cat.ts'
import type { Command } from './command.ts'
import { curl, wget } from './curl.ts'
import { df } from './df.ts'
import { diff } from './diff.ts'
import { env, nohup } from './env.ts'
import { cp, ln, mkdir, mktemp, mv, readlink, rm, rmdir, touch } from './file-operations.ts'
import { free } from './free.ts'
import { grep } from './grep.ts'
import { head } from './head.ts'
import { groups, id, uptime, w, who, whoami } from './identity.ts'
import { ip } from './ip.ts'
import { dmesg, journalctl } from './journalctl.ts'
import { crictl, hasK3s, k3s } from './k3s.ts'
import { ls } from './ls.ts'
import { lsblk } from './lsblk.ts'
import { lscpu, nproc } from './lscpu.ts'
import { nano } from './nano.ts'
import { chmod, chown, stat } from './permissions.ts'
import { ping } from './ping.ts'
import { power } from './power.ts'
import { pgrep, ps } from './ps.ts'
import { seq, yes } from './seq.ts'
import { sleep, timeout } from './sleep.ts'
import { ss } from './ss.ts'
import { su, sudo } from './sudo.ts'
import { systemctl } from './systemctl.ts'
import { arch, date, hostname, hostnamectl, timedatectl, uname } from './system-facts.ts'
import { tail } from './tail.ts'
import { tee } from './tee.ts'
import { clear, less, stty, tput, tty, vi, which } from './terminal-tools.ts'
import { top } from './top.ts'
import { uniq } from './uniq.ts'
import { watch } from './watch.ts'
import { xargs } from './xargs.ts'

/** Every program of a simulated machine that is not one of just-bash's text tools. */
export const commands: readonly Command[] = [
  apt,
  arch,
  bash,
  cat,
  chmod,
  chown,
  clear,
  cp,
  crictl,
  curl,
  date,
  df,
  diff,
  dmesg,
  env,
  free,
  grep,
  groups,
  head,
  hostname,
  hostnamectl,
  id,
  ip,
  journalctl,
  k3s,
  less,
  ln,
  ls,
  lsblk,
  lscpu,
  mkdir,
  mktemp,
  mv,
  nano,
  nohup,
  nproc,
  pgrep,
  ping,
  power,
  ps,
  readlink,
  rm,
  rmdir,
  seq,
  sleep,
  ss,
  stat,
  stty,
  su,
  sudo,
  systemctl,
  tail,
  tee,
  timedatectl,
  timeout,
  top,
  touch,
  tput,
  tty,
  uname,
  uniq,
  uptime,
  vi,
  w,
  watch,
  wget,
  which,
  who,
  whoami,
  xargs,
  yes,
  ...builtinPrograms,
  dd,
  getent,
  last,
  lsbRelease,
  lsmod,
  mount,
  ssh,
  swap,
  sysctl,
  truncate,
  ufw,
  { ...kubectlCommand, path: '/usr/local/bin/kubectl', installed: hasK3s },
]
