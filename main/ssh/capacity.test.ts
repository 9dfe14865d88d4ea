import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { CAPACITY_COMMAND, cpuUsage, parseCapacity, parseCpuTimes, parseDisks } from './capacity.ts'

const NOW = new Date('2026-03-01T00:00:00Z')

const MINI = `
@@k3lab files
==> /proc/sys/kernel/hostname <==
mini-1

==> /proc/sys/kernel/random/boot_id <==
9f0c5f5e-0000-4000-8000-000000000001

==> /proc/loadavg <==
0.42 0.36 0.30 2/512 1234

==> /proc/uptime <==
86400.55 340000.00

==> /etc/machine-id <==
0123456789abcdef0123456789abcdef

==> /etc/os-release <==
PRETTY_NAME="Ubuntu 24.04.3 LTS"
NAME="Ubuntu"

==> /sys/class/dmi/id/sys_vendor <==
AZW

==> /sys/class/dmi/id/product_name <==
MINI S

==> /sys/class/dmi/id/product_version <==
Default string

==> /sys/class/net/cni0/operstate <==
up

==> /sys/class/net/enp1s0/operstate <==
up

==> /sys/class/net/enp1s0/address <==
e8:ff:1e:00:00:01

==> /sys/class/net/enp1s0/mtu <==
1500

==> /sys/class/net/enp1s0/speed <==
1000

==> /sys/class/net/lo/operstate <==
unknown

==> /sys/class/net/wlp2s0/operstate <==
down

==> /sys/class/net/wlp2s0/address <==
e8:ff:1e:00:00:02

==> /sys/class/net/wlp2s0/mtu <==
1500

==> /sys/class/net/wlp2s0/speed <==

==> /sys/class/thermal/thermal_zone0/type <==
INT3400 Thermal

==> /sys/class/thermal/thermal_zone0/temp <==
20000

==> /sys/class/thermal/thermal_zone1/type <==
x86_pkg_temp

==> /sys/class/thermal/thermal_zone1/temp <==
47000

==> /sys/class/hwmon/hwmon3/name <==
nvme

==> /sys/class/hwmon/hwmon3/temp1_input <==
61850

@@k3lab stat
cpu  1000 10 500 8000 300 0 20 5 7 0

@@k3lab meminfo
MemTotal:       16000000 kB
MemFree:         1000000 kB
MemAvailable:   12000000 kB
SwapTotal:             0 kB

@@k3lab uname
Linux 6.8.0-106-generic x86_64

@@k3lab cores
4

@@k3lab lscpu
Architecture:            x86_64
Model name:              Intel(R) N100

@@k3lab cpuinfo
model name\t: Intel(R) N100
model name\t: Intel(R) N100

@@k3lab model

@@k3lab df
Filesystem     Type     1024-blocks     Used Available Capacity Mounted on
tmpfs          tmpfs        1600000     2000   1598000       1% /run
/dev/nvme0n1p2 ext4       490000000 90000000 375000000      20% /
/dev/nvme0n1p1 vfat         1100000     6000   1094000       1% /boot/efi
overlay        overlay    490000000 90000000 375000000      20% /run/k3s/containerd/x
/dev/sda1      ext4      1000000000   500000 999500000       1% /mnt/my data

@@k3lab addr
1: lo    inet 127.0.0.1/8 scope host lo
2: enp1s0    inet 192.168.10.11/24 brd 192.168.10.255 scope global enp1s0\\       valid_lft forever
2: enp1s0    inet6 fe80::1/64 scope link

@@k3lab end
`

/** A Raspberry Pi on Alpine: busybox's df and nproc, no DMI, no lscpu, no model name. */
const PI = `
@@k3lab files
==> /proc/sys/kernel/hostname <==
pi

==> /proc/loadavg <==
0.00 0.01 0.00 1/90 99

==> /proc/uptime <==
10.5 9.0

==> /sys/class/net/eth0/operstate <==
unknown

@@k3lab stat
cpu  1 0 1 10 0 0 0

@@k3lab meminfo
MemTotal:         900000 kB
MemFree:          100000 kB
Buffers:           50000 kB
Cached:           200000 kB

@@k3lab uname
Linux 6.6.31-0-rpi aarch64

@@k3lab cores
4

@@k3lab lscpu

@@k3lab cpuinfo
Hardware\t: BCM2835
Model\t\t: Raspberry Pi 4 Model B Rev 1.4

@@k3lab model
Raspberry Pi 4 Model B Rev 1.4\0
@@k3lab df
Filesystem           1024-blocks    Used Available Capacity Mounted on
devtmpfs                   10240       0     10240   0% /dev
/dev/mmcblk0p2          29000000 3000000  25000000  11% /

@@k3lab addr
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536
    inet 127.0.0.1/8 scope host lo
2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500
    link/ether dc:a6:32:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet 10.0.0.9/24 scope global eth0

@@k3lab end
`

describe('parseCapacity', () => {
  it('reads a mini-PC', () => {
    expect(parseCapacity(MINI, { busy: 1000, total: 9000 }, NOW)!.capacity).toEqual({
      readAt: '2026-03-01T00:00:00.000Z',
      hostname: 'mini-1',
      product: 'AZW MINI S',
      cpuModel: 'Intel(R) N100',
      architecture: 'x86_64',
      cores: 4,
      cpuUsage: (1535 - 1000) / (9835 - 9000),
      load1: 0.42,
      memoryTotalBytes: 16384000000,
      memoryAvailableBytes: 12288000000,
      swapTotalBytes: 0,
      disks: [
        { mount: '/', device: '/dev/nvme0n1p2', sizeBytes: 501760000000, usedBytes: 92160000000 },
        { mount: '/mnt/my data', device: '/dev/sda1', sizeBytes: 1024000000000, usedBytes: 512000000 },
      ],
      nics: [
        { name: 'enp1s0', mac: 'e8:ff:1e:00:00:01', addresses: ['192.168.10.11/24'], up: true, mtu: 1500, speedMbps: 1000 },
        { name: 'wlp2s0', mac: 'e8:ff:1e:00:00:02', addresses: [], up: false, mtu: 1500, speedMbps: null },
      ],
      os: 'Ubuntu 24.04.3 LTS',
      kernel: '6.8.0-106-generic',
      uptimeSeconds: 86400,
      temperatureCelsius: 47,
      bootId: '9f0c5f5e-0000-4000-8000-000000000001',
      machineId: '0123456789abcdef0123456789abcdef',
    })
  })

  it('does without what a Raspberry Pi with busybox has not', () => {
    expect(parseCapacity(PI, undefined, NOW)!.capacity).toMatchObject({
      product: 'Raspberry Pi 4 Model B Rev 1.4',
      cpuModel: 'BCM2835',
      architecture: 'aarch64',
      cpuUsage: null,
      memoryAvailableBytes: 350000 * 1024,
      disks: [{ mount: '/', device: '/dev/mmcblk0p2' }],
      nics: [{ name: 'eth0', addresses: ['10.0.0.9/24'], up: true, speedMbps: null }],
      os: 'Linux',
      temperatureCelsius: null,
      bootId: null,
      machineId: null,
    })
  })

  it('is nothing where no Linux answered', () => {
    expect(parseCapacity('', undefined, NOW)).toBeUndefined()
    expect(parseCapacity("'sh' is not recognized as an internal or external command", undefined, NOW)).toBeUndefined()
    expect(parseCapacity(MINI.slice(0, 900), undefined, NOW)).toBeUndefined()
  })

  it.skipIf(process.platform !== 'linux')('reads the machine it runs on', () => {
    const output = execFileSync('/bin/sh', ['-c', CAPACITY_COMMAND], { encoding: 'utf8' })
    const reading = parseCapacity(output, undefined, NOW)!
    expect(reading.capacity.memoryTotalBytes).toBeGreaterThan(0)
    expect(reading.cpuTimes!.total).toBeGreaterThan(reading.cpuTimes!.busy)
  })
})

describe('cpuUsage', () => {
  it('takes guest time once, and iowait as idle', () => {
    expect(parseCpuTimes('cpu  100 0 50 800 50 0 0 0 40 0')).toEqual({ busy: 150, total: 1000 })
  })
  it('is unknown without a reading before, or after a restart', () => {
    expect(cpuUsage(undefined, { busy: 1, total: 2 })).toBeNull()
    expect(cpuUsage({ busy: 90, total: 100 }, { busy: 1, total: 2 })).toBeNull()
    expect(cpuUsage({ busy: 10, total: 100 }, { busy: 60, total: 200 })).toBe(0.5)
  })
})

it('counts a device that is mounted twice once', () => {
  expect(parseDisks('/dev/sda1 ext4 100 10 90 10% /\n/dev/sda1 ext4 100 10 90 10% /srv/bind')).toEqual([
    { mount: '/', device: '/dev/sda1', sizeBytes: 102400, usedBytes: 10240 },
  ])
})
