import type { SimulatedMachine } from '../machine.ts'
import { BASE_MEMORY_CACHE, memoryTotal, OS, SECTOR } from '../hardware/system.ts'

const HZ = 100
const jiffies = (ms: number) => Math.floor((ms * HZ) / 1000)

const FLAGS =
  'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush dts acpi mmx fxsr sse sse2 ss ht tm pbe syscall nx pdpe1gb rdtscp lm constant_tsc art arch_perfmon pebs bts rep_good nopl xtopology nonstop_tsc cpuid aperfmperf tsc_known_freq pni pclmulqdq dtes64 monitor ds_cpl vmx est tm2 ssse3 sdbg fma cx16 xtpr pdcm sse4_1 sse4_2 x2apic movbe popcnt tsc_deadline_timer aes xsave avx f16c rdrand lahf_lm abm 3dnowprefetch epb ssbd ibrs ibpb stibp ibrs_enhanced tpr_shadow flexpriority ept vpid fsgsbase tsc_adjust bmi1 avx2 smep bmi2 erms invpcid rdseed adx smap clflushopt clwb sha_ni xsaveopt xsavec xgetbv1 xsaves avx_vnni dtherm ida arat pln pts hwp gfni vaes vpclmulqdq rdpid fsrm md_clear serialize arch_capabilities'
export const cpuFlags = FLAGS

/** Memory as the kernel accounts for it, in bytes. */
export const memoryOf = (machine: SimulatedMachine) => {
  const total = memoryTotal(machine.spec.memoryBytes)
  const used = Math.min(machine.load.memoryBytes, total - 64 * 1024 * 1024)
  const cache = Math.min(BASE_MEMORY_CACHE + machine.load.diskBytes * 0.02, (total - used) * 0.8)
  const free = total - used - cache
  return { total, used, free, cache, buffers: cache * 0.06, shared: 3.2 * 1024 * 1024, available: Math.min(total, free + cache * 0.93) }
}

/** Current speed of each core: near idle speed when idle. */
export const coreMHz = (machine: SimulatedMachine) => 700 + (machine.spec.maxMHz - 700) * Math.min(1, machine.counters.read().usage * 1.6)

const kB = (bytes: number) => `${Math.round(bytes / 1024)} kB`.padStart(14)

/** Every file under /proc and /sys whose content is made from the machine's live state when it is read. */
export const generatedFiles = (machine: SimulatedMachine): Readonly<Record<string, () => string>> => {
  const { spec } = machine
  const bare = spec.mac.replaceAll(':', '')
  const net = '/sys/class/net/enp1s0'
  const block = '/sys/block/nvme0n1'
  return {
    '/proc/version': () => `Linux version ${OS.kernel} ${OS.compiler} ${OS.kernelBuild}\n`,
    '/proc/sys/kernel/hostname': () => `${machine.hostname}\n`,
    '/proc/sys/kernel/osrelease': () => `${OS.kernel}\n`,
    '/proc/sys/kernel/ostype': () => 'Linux\n',
    '/proc/sys/kernel/version': () => `${OS.kernelBuild}\n`,
    '/proc/sys/kernel/random/boot_id': () => `${machine.bootId}\n`,
    '/proc/sys/kernel/random/uuid': () => `${machine.random.uuid()}\n`,
    '/proc/sys/kernel/pid_max': () => '4194304\n',
    '/proc/sys/net/ipv4/ip_forward': () => '1\n',
    '/proc/sys/net/bridge/bridge-nf-call-iptables': () => '1\n',
    '/proc/sys/vm/swappiness': () => '60\n',
    '/proc/sys/vm/overcommit_memory': () => '1\n',
    '/proc/cmdline': () => 'BOOT_IMAGE=/boot/vmlinuz-' + OS.kernel + ` root=UUID=${rootUuid(machine)} ro\n`,
    '/proc/swaps': () => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n',
    '/proc/filesystems': () =>
      'nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup2\nnodev\tdevtmpfs\nnodev\tbpf\nnodev\toverlay\n\text4\n\tvfat\n\tsquashfs\n',
    '/proc/modules': () =>
      'overlay 212992 0 - Live 0x0000000000000000\nbr_netfilter 32768 0 - Live 0x0000000000000000\nvxlan 147456 0 - Live 0x0000000000000000\nxt_comment 12288 0 - Live 0x0000000000000000\nnf_conntrack 196608 0 - Live 0x0000000000000000\n',
    '/proc/cgroups': () =>
      '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t0\t92\t1\ncpu\t0\t92\t1\ncpuacct\t0\t92\t1\nblkio\t0\t92\t1\nmemory\t0\t92\t1\ndevices\t0\t92\t1\npids\t0\t92\t1\n',
    '/proc/mounts': () =>
      [
        'sysfs /sys sysfs rw,nosuid,nodev,noexec,relatime 0 0',
        'proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0',
        'udev /dev devtmpfs rw,nosuid,relatime,mode=755 0 0',
        '/dev/nvme0n1p2 / ext4 rw,relatime 0 0',
        'tmpfs /run tmpfs rw,nosuid,nodev,noexec,relatime,mode=755 0 0',
        'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot 0 0',
        '/dev/nvme0n1p1 /boot/efi vfat rw,relatime,fmask=0022,dmask=0022 0 0',
        '',
      ].join('\n'),
    '/proc/cpuinfo': () =>
      Array.from({ length: spec.cores }, (_, i) =>
        [
          `processor\t: ${i}`,
          'vendor_id\t: GenuineIntel',
          'cpu family\t: 6',
          'model\t\t: 190',
          `model name\t: ${spec.cpuModel}`,
          'stepping\t: 0',
          'microcode\t: 0x1d',
          `cpu MHz\t\t: ${coreMHz(machine).toFixed(3)}`,
          'cache size\t: 6144 KB',
          'physical id\t: 0',
          `siblings\t: ${spec.cores}`,
          `core id\t\t: ${i}`,
          `cpu cores\t: ${spec.cores}`,
          `apicid\t\t: ${i * 2}`,
          `initial apicid\t: ${i * 2}`,
          'fpu\t\t: yes',
          'fpu_exception\t: yes',
          'cpuid level\t: 32',
          'wp\t\t: yes',
          `flags\t\t: ${FLAGS}`,
          'bogomips\t: 1612.80',
          'clflush size\t: 64',
          'cache_alignment\t: 64',
          'address sizes\t: 39 bits physical, 48 bits virtual',
          'power management:',
          '',
          '',
        ].join('\n'),
      ).join(''),
    '/proc/meminfo': () => {
      const memory = memoryOf(machine)
      const rows: readonly (readonly [string, number])[] = [
        ['MemTotal', memory.total],
        ['MemFree', memory.free],
        ['MemAvailable', memory.available],
        ['Buffers', memory.buffers],
        ['Cached', memory.cache - memory.buffers],
        ['SwapCached', 0],
        ['Active', memory.used * 0.7 + memory.cache * 0.4],
        ['Inactive', memory.used * 0.2 + memory.cache * 0.5],
        ['SwapTotal', 0],
        ['SwapFree', 0],
        ['Dirty', 220 * 1024],
        ['Writeback', 0],
        ['AnonPages', memory.used * 0.8],
        ['Mapped', memory.used * 0.3],
        ['Shmem', memory.shared],
        ['Slab', memory.cache * 0.12],
        ['SReclaimable', memory.cache * 0.07],
        ['SUnreclaim', memory.cache * 0.05],
        ['KernelStack', 5 * 1024 * 1024],
        ['PageTables', 9 * 1024 * 1024],
        ['CommitLimit', memory.total / 2],
        ['Committed_AS', memory.used * 1.6],
      ]
      return (
        rows.map(([name, bytes]) => `${`${name}:`.padEnd(14)}${kB(bytes)}\n`).join('') +
        'HugePages_Total:       0\nHugePages_Free:        0\nHugepagesize:       2048 kB\n'
      )
    },
    '/proc/stat': () => {
      const c = machine.counters.read()
      const line = (name: string, busyShare: number, coreCount: number) => {
        const busy = (c.userMs + c.systemMs) * busyShare
        const wait = c.iowaitMs * busyShare
        const idle = Math.max(0, c.uptimeMs * coreCount - busy - wait)
        return `${name} ${jiffies(busy * 0.7)} 0 ${jiffies(busy * 0.28)} ${jiffies(idle)} ${jiffies(wait)} 0 ${jiffies(busy * 0.02)} 0 0 0`
      }
      return [
        line('cpu ', 1, spec.cores),
        ...c.coreShare.map((share, i) => line(`cpu${i}`, share, 1)),
        `intr ${Math.round(c.contextSwitches * 0.7)}`,
        `ctxt ${c.contextSwitches}`,
        `btime ${Math.floor(machine.bootedAt / 1000)}`,
        `processes ${Math.floor(1400 + c.uptimeMs / 4000)}`,
        'procs_running 1',
        'procs_blocked 0',
        '',
      ].join('\n')
    },
    '/proc/loadavg': () => {
      const c = machine.counters.read()
      const tasks = 140 + machine.load.processes.length * 9
      return `${c.load.map(value => value.toFixed(2)).join(' ')} 1/${tasks} ${Math.floor(1400 + c.uptimeMs / 4000)}\n`
    },
    '/proc/uptime': () => {
      const c = machine.counters.read()
      return `${(c.uptimeMs / 1000).toFixed(2)} ${(c.idleMs / 1000).toFixed(2)}\n`
    },
    '/proc/net/dev': () => {
      const c = machine.counters.read()
      const row = (name: string, rx: number, tx: number) =>
        `${name.padStart(6)}: ${String(rx).padStart(7)} ${String(Math.round(rx / 410)).padStart(7)}    0    0    0     0          0         0 ${String(tx).padStart(8)} ${String(Math.round(tx / 380)).padStart(7)}    0    0    0     0       0          0`
      return [
        'Inter-|   Receive                                                |  Transmit',
        ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
        row('lo', Math.round(c.rxBytes * 1.7), Math.round(c.rxBytes * 1.7)),
        row('enp1s0', c.rxBytes, c.txBytes),
        '',
      ].join('\n')
    },
    '/proc/net/route': () =>
      `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\nenp1s0\t00000000\t${hexAddress(spec.gateway)}\t0003\t0\t0\t100\t00000000\t0\t0\t0\n`,
    '/proc/diskstats': () => {
      const c = machine.counters.read()
      const row = (minor: number, name: string, share: number) =>
        ` 259       ${minor} ${name} ${Math.round((c.readBytes * share) / 24_000)} 0 ${Math.round((c.readBytes * share) / SECTOR)} ${Math.round((c.readBytes * share) / 900_000)} ${Math.round((c.writtenBytes * share) / 16_000)} 0 ${Math.round((c.writtenBytes * share) / SECTOR)} ${Math.round((c.writtenBytes * share) / 400_000)} 0 ${Math.round((c.writtenBytes * share) / 500_000)} ${Math.round((c.writtenBytes * share) / 300_000)} 0 0 0 0 0 0`
      return [row(0, 'nvme0n1', 1), row(1, 'nvme0n1p1', 0.004), row(2, 'nvme0n1p2', 0.996), ''].join('\n')
    },
    [`${net}/address`]: () => `${spec.mac}\n`,
    [`${net}/mtu`]: () => '1500\n',
    [`${net}/operstate`]: () => 'up\n',
    [`${net}/carrier`]: () => '1\n',
    [`${net}/speed`]: () => '1000\n',
    [`${net}/duplex`]: () => 'full\n',
    [`${net}/type`]: () => '1\n',
    [`${net}/ifindex`]: () => '2\n',
    [`${net}/flags`]: () => '0x1003\n',
    [`${net}/device/vendor`]: () => '0x10ec\n',
    [`${net}/statistics/rx_bytes`]: () => `${machine.counters.read().rxBytes}\n`,
    [`${net}/statistics/tx_bytes`]: () => `${machine.counters.read().txBytes}\n`,
    '/sys/class/net/lo/address': () => '00:00:00:00:00:00\n',
    '/sys/class/net/lo/mtu': () => '65536\n',
    '/sys/class/net/lo/operstate': () => 'unknown\n',
    '/sys/class/net/lo/type': () => '772\n',
    '/sys/class/net/lo/ifindex': () => '1\n',
    '/sys/class/net/lo/flags': () => '0x9\n',
    '/sys/class/thermal/thermal_zone0/temp': () => `${Math.round(machine.counters.read().temperature) * 1000}\n`,
    '/sys/class/thermal/thermal_zone0/type': () => 'x86_pkg_temp\n',
    '/sys/class/dmi/id/sys_vendor': () => `${spec.vendor}\n`,
    '/sys/class/dmi/id/product_name': () => `${spec.product}\n`,
    '/sys/class/dmi/id/board_vendor': () => `${spec.vendor}\n`,
    '/sys/class/dmi/id/board_name': () => `${spec.product}\n`,
    '/sys/class/dmi/id/bios_vendor': () => 'American Megatrends International, LLC.\n',
    '/sys/class/dmi/id/chassis_type': () => '35\n',
    '/sys/class/dmi/id/product_serial': () => `${bare.toUpperCase()}\n`,
    '/sys/class/dmi/id/product_uuid': () => `03000200-0400-0500-0006-${bare}\n`,
    [`${block}/size`]: () => `${spec.diskBytes / SECTOR}\n`,
    [`${block}/queue/rotational`]: () => '0\n',
    [`${block}/device/model`]: () => `${spec.diskModel}\n`,
    '/sys/devices/system/cpu/online': () => `0-${spec.cores - 1}\n`,
    '/sys/devices/system/cpu/present': () => `0-${spec.cores - 1}\n`,
    '/sys/fs/cgroup/cgroup.controllers': () => 'cpuset cpu io memory hugetlb pids rdma misc\n',
  }
}

/** The kernel writes IPv4 addresses there as little-endian hex. */
const hexAddress = (address: string) =>
  address
    .split('.')
    .toReversed()
    .map(part => Number(part).toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase()

/** Of the root file system: one per installation, so derived from the machine id. */
export const rootUuid = (machine: SimulatedMachine): string => {
  const id = machine.machineId
  return `${id.slice(8, 16)}-${id.slice(16, 20)}-4${id.slice(21, 24)}-9${id.slice(25, 28)}-${id.slice(0, 12)}`
}
