import type { Disk, MachineCapacity, Nic } from '../../shared/domain/machine.ts'

/** Short files, one value a line or a few: read with one `head`, which names each and goes on where one is not there. */
const FILES = [
  '/proc/sys/kernel/hostname', '/proc/sys/kernel/random/boot_id', '/proc/loadavg', '/proc/uptime', '/etc/machine-id', '/etc/os-release',
  '/sys/class/dmi/id/sys_vendor', '/sys/class/dmi/id/product_name', '/sys/class/dmi/id/product_version',
  '/sys/class/net/*/operstate', '/sys/class/net/*/address', '/sys/class/net/*/mtu', '/sys/class/net/*/speed',
  '/sys/class/thermal/thermal_zone*/type', '/sys/class/thermal/thermal_zone*/temp', '/sys/class/hwmon/hwmon*/name', '/sys/class/hwmon/hwmon*/temp*_input',
] // prettier-ignore

const MARK = '@@k3lab '

/**
 * Reads everything with what every Linux has (busybox included), as an ordinary user, leaving nothing behind. Each
 * part stands alone: a missing program or file leaves its part empty. No single quotes: it travels inside them, so
 * that any login shell hands it to sh untouched.
 */
const SCRIPT = `export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
p() { printf "\\n${MARK}%s\\n" "$1"; }
p files; head -n 20 ${FILES.join(' ')}
p stat; head -n 1 /proc/stat
p meminfo; cat /proc/meminfo
p uname; uname -srm
p cores; nproc --all || nproc || grep -c ^processor /proc/cpuinfo
p lscpu; lscpu
p cpuinfo; grep -E "^(model name|Hardware|Model)" /proc/cpuinfo
p model; tr -d "\\000" < /proc/device-tree/model
p df; df -PTk || df -Pk
p addr; ip -o addr
p end`

/** The one command that reads a machine's capacity. Its errors are expected and thrown away. */
export const CAPACITY_COMMAND = `/bin/sh -c '{ ${SCRIPT}\n} 2>/dev/null'`

/** Jiffies since boot, from the first line of /proc/stat. */
export interface CpuTimes {
  readonly busy: number
  readonly total: number
}

export interface CapacityReading {
  readonly capacity: MachineCapacity
  /** For the next reading's `cpuUsage`. */
  readonly cpuTimes: CpuTimes | undefined
}

const sections = (output: string): ReadonlyMap<string, string> =>
  new Map(
    output
      .split(`\n${MARK}`)
      .slice(1)
      .map(section => {
        const end = section.indexOf('\n')
        return end < 0 ? [section.trim(), ''] : [section.slice(0, end).trim(), section.slice(end + 1)]
      }),
  )

/** `==> path <==` and the file's lines, as head prints several files. */
const fileContents = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(/^==> (?=\/)/m)
      .slice(1)
      .flatMap(entry => {
        const [, path, content = ''] = /^(\S+) <==\n?([^]*)$/.exec(entry) ?? []
        // A file that could not be read is named too, with nothing below.
        return path === undefined || content.trim() === '' ? [] : [[path, content.trim()] as const]
      }),
  )

/** busy = everything but idle and iowait; guest time is already part of user time (proc_stat(5)). */
export const parseCpuTimes = (stat: string): CpuTimes | undefined => {
  const fields = /^cpu\s+(.*)/.exec(stat.trim())?.[1]?.trim().split(/\s+/).slice(0, 8).map(Number)
  if (!fields || fields.length < 4 || fields.some(Number.isNaN)) return undefined
  const total = fields.reduce((sum, field) => sum + field, 0)
  return { busy: total - fields[3]! - (fields[4] ?? 0), total }
}

/** Between 0 and 1; null when there is nothing to compare with, or the machine was started anew meanwhile. */
export const cpuUsage = (before: CpuTimes | undefined, now: CpuTimes | undefined): number | null => {
  if (!before || !now || now.total <= before.total) return null
  return Math.min(1, Math.max(0, (now.busy - before.busy) / (now.total - before.total)))
}

/** Kibibytes of /proc/meminfo as bytes; 0 when the line is missing. */
const meminfo = (text: string) => (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024

/** Kernels before 3.14 have no MemAvailable: free memory and caches come near. */
const available = (read: (name: string) => number, text: string): number =>
  /^MemAvailable:/m.test(text) ? read('MemAvailable') : read('MemFree') + read('Buffers') + read('Cached')

/** File systems that take no disk space of their own, or that Kubernetes mounts over others. */
const NOT_DISKS = /^(tmpfs|devtmpfs|overlay|squashfs|efivarfs|ramfs|shm|none|udev|cgroup2?|nsfs|fuse\..*|iso9660)$/
const NOT_MOUNTS = /^\/(run|proc|sys|dev|snap|var\/lib\/(kubelet|rancher\/k3s\/agent\/containerd|docker|containers)|boot\/efi)(\/|$)/

/** `df -PTk` (with a type column) or `df -Pk`; a device mounted twice counts once, where it was mounted first. */
export const parseDisks = (text: string): readonly Disk[] => {
  const disks = new Map<string, Disk>()
  for (const line of text.split('\n')) {
    const match = /^(\S+)\s+(?:([A-Za-z][\w.-]*)\s+)?(\d+)\s+(\d+)\s+-?\d+\s+\S+\s+(\/.*)$/.exec(line)
    if (!match) continue
    const [, device = '', type = '', size, used, mount = ''] = match
    if (NOT_DISKS.test(type) || NOT_DISKS.test(device) || NOT_MOUNTS.test(mount) || disks.has(device) || Number(size) === 0) continue
    disks.set(device, { mount, device, sizeBytes: Number(size) * 1024, usedBytes: Number(used) * 1024 })
  }
  return [...disks.values()]
}

/** What container networks and virtual bridges add; the machine's own interfaces remain. */
const VIRTUAL_NIC = /^(lo|veth|cni|flannel|cali|tunl|vxlan|kube-|docker|br-|virbr|dummy|ifb|nodelocaldns|sit|ip6tnl|gre|erspan|bonding_masters)/

const parseNics = (files: ReadonlyMap<string, string>, addresses: string): readonly Nic[] => {
  const of = (name: string, file: string) => files.get(`/sys/class/net/${name}/${file}`)
  const names = [...files.keys()].flatMap(path => /^\/sys\/class\/net\/([^/]+)\/operstate$/.exec(path)?.[1] ?? [])
  const byName = new Map<string, string[]>()
  let current = ''
  for (const line of addresses.split('\n')) {
    // With -o the name stands before each address; without, on a line of its own above them.
    current = /^\d+:\s+([^\s@:]+)/.exec(line)?.[1] ?? current
    const address = /\sinet6?\s+(\S+)/.exec(line)?.[1]
    // Link-local addresses say nothing about how to reach the machine.
    if (address && !address.startsWith('fe80:')) byName.set(current, [...(byName.get(current) ?? []), address])
  }
  return names
    .filter(name => !VIRTUAL_NIC.test(name))
    .map(name => {
      const speed = Number(of(name, 'speed'))
      return {
        name,
        mac: of(name, 'address') ?? '',
        addresses: byName.get(name) ?? [],
        up: of(name, 'operstate') === 'up' || (of(name, 'operstate') === 'unknown' && byName.has(name)),
        mtu: Number(of(name, 'mtu') ?? 0),
        // Down or wireless: the driver says -1, or nothing.
        speedMbps: speed > 0 ? speed : null,
      }
    })
}

/** Sensors of the processor itself, by the names drivers give them; other sensors only where none of these is. */
const CPU_SENSOR = /^(x86_pkg_temp|coretemp|k10temp|zenpower|cpu.?thermal|cpu_thermal|soc.?thermal|acpitz|TCPU)/i

const parseTemperature = (files: ReadonlyMap<string, string>): number | null => {
  const readings: { cpu: boolean; celsius: number }[] = []
  for (const [path, value] of files) {
    const zone = /^(\/sys\/class\/thermal\/thermal_zone\d+)\/temp$/.exec(path)?.[1]
    const chip = /^(\/sys\/class\/hwmon\/hwmon\d+)\/temp\d+_input$/.exec(path)?.[1]
    const name = files.get(zone ? `${zone}/type` : `${chip}/name`) ?? ''
    const celsius = Number(value) / 1000
    // An unconnected sensor reads 0, -273 or 127.
    if ((zone || chip) && celsius > 0 && celsius < 125) readings.push({ cpu: CPU_SENSOR.test(name), celsius })
  }
  const relevant = readings.some(({ cpu }) => cpu) ? readings.filter(({ cpu }) => cpu) : readings
  return relevant.length === 0 ? null : Math.max(...relevant.map(({ celsius }) => celsius))
}

/** Texts that board makers leave in place of a name. */
const NO_NAME =
  /^(to be filled by o\.?e\.?m\.?|system (product name|manufacturer|version)|default string|not (specified|applicable)|o\.?e\.?m\.?|none|unknown|n\/a|\.+|0+)$/i

const parseProduct = (files: ReadonlyMap<string, string>, deviceTree: string): string | null => {
  const dmi = (name: string) => {
    const value = files.get(`/sys/class/dmi/id/${name}`)?.trim() ?? ''
    return NO_NAME.test(value) ? '' : value
  }
  const vendor = dmi('sys_vendor')
  const name = dmi('product_name')
  const joined = name.startsWith(vendor) ? name : [vendor, name].filter(Boolean).join(' ')
  return joined || deviceTree.replaceAll('\0', '').trim() || null
}

const osName = (release: string | undefined): string => {
  const value = (key: string) => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(release ?? '')?.[1]
  return value('PRETTY_NAME') ?? value('NAME') ?? 'Linux'
}

const firstMatch = (...attempts: readonly (readonly [RegExp, string])[]): string | null => {
  for (const [pattern, text] of attempts) {
    const found = pattern.exec(text)?.[1]?.trim()
    if (found && found !== '-') return found
  }
  return null
}

const number = (text: string | undefined): number | null => (text === undefined || text === '' || Number.isNaN(Number(text)) ? null : Number(text))

/**
 * Makes a reading of what CAPACITY_COMMAND printed; undefined when that was not run by a Linux shell at all.
 * `previous` are the CPU times of the reading before, `now` the time of this one.
 */
export const parseCapacity = (output: string, previous: CpuTimes | undefined, now: Date): CapacityReading | undefined => {
  const parts = sections(output)
  const part = (name: string) => parts.get(name) ?? ''
  if (!parts.has('end') || !/^Linux /m.test(part('uname'))) return undefined
  const files = fileContents(part('files'))
  const memory = meminfo(part('meminfo'))
  const cpuTimes = parseCpuTimes(part('stat'))
  const [, kernel = '', architecture = ''] = part('uname').trim().split(/\s+/)
  const capacity: MachineCapacity = {
    readAt: now.toISOString(),
    hostname: files.get('/proc/sys/kernel/hostname')?.trim() ?? '',
    product: parseProduct(files, part('model')),
    cpuModel: firstMatch([/^model name\s*:\s*(.+)$/m, part('cpuinfo')], [/^Model name:\s*(.+)$/m, part('lscpu')], [/^Hardware\s*:\s*(.+)$/m, part('cpuinfo')]),
    architecture,
    cores: Number.parseInt(part('cores'), 10) || 1,
    cpuUsage: cpuUsage(previous, cpuTimes),
    load1: number(files.get('/proc/loadavg')?.split(' ')[0]),
    memoryTotalBytes: memory('MemTotal'),
    memoryAvailableBytes: available(memory, part('meminfo')),
    swapTotalBytes: memory('SwapTotal'),
    disks: parseDisks(part('df')),
    nics: parseNics(files, part('addr')),
    os: osName(files.get('/etc/os-release')),
    kernel,
    uptimeSeconds: Math.floor(number(files.get('/proc/uptime')?.split(' ')[0]) ?? 0),
    temperatureCelsius: parseTemperature(files),
    bootId: files.get('/proc/sys/kernel/random/boot_id')?.trim() ?? null,
    machineId: files.get('/etc/machine-id')?.trim() ?? null,
  }
  return { capacity, cpuTimes }
}
