import { rootUuid } from '../files/generated.ts'
import { partitions } from '../hardware/system.ts'
import type { SimulatedMachine } from '../machine.ts'
import type { Command } from './command.ts'
import { columns, humanSize, readOptions, refuse } from './options.ts'

interface Device {
  readonly fields: Readonly<Record<string, string | number | boolean | null | readonly (string | null)[]>>
  readonly children: readonly Device[]
}

const devices = (machine: SimulatedMachine): readonly Device[] => {
  const parts = partitions(machine.spec.diskBytes)
  const common = {
    rm: false,
    ro: false,
    rota: false,
    fssize: null,
    model: null,
    serial: null,
    vendor: null,
    tran: null,
    state: null,
    label: null,
    partlabel: null,
  }
  const partition = (number: number, size: number, fstype: string, uuid: string, mountpoint: string, used: number): Device => ({
    fields: {
      ...common,
      name: `nvme0n1p${number}`,
      kname: `nvme0n1p${number}`,
      path: `/dev/nvme0n1p${number}`,
      'maj:min': `259:${number}`,
      size,
      type: 'part',
      fstype,
      fsver: fstype === 'ext4' ? '1.0' : 'FAT32',
      uuid,
      partuuid: uuid.toLowerCase(),
      mountpoint,
      mountpoints: [mountpoint],
      pkname: 'nvme0n1',
      fsavail: Math.max(0, Math.floor(size * 0.93) - used),
      'fsuse%': `${Math.ceil((used / size) * 100)}%`,
    },
    children: [],
  })
  const id = machine.machineId
  return [
    {
      fields: {
        ...common,
        name: 'nvme0n1',
        kname: 'nvme0n1',
        path: '/dev/nvme0n1',
        'maj:min': '259:0',
        size: machine.spec.diskBytes,
        type: 'disk',
        fstype: null,
        fsver: null,
        uuid: null,
        partuuid: null,
        mountpoint: null,
        mountpoints: [null],
        pkname: null,
        fsavail: null,
        'fsuse%': null,
        model: machine.spec.diskModel,
        serial: `S${id.slice(0, 14).toUpperCase()}`,
        tran: 'nvme',
        state: 'live',
      },
      children: [
        partition(1, parts.efi, 'vfat', `${id.slice(0, 4)}-${id.slice(4, 8)}`.toUpperCase(), '/boot/efi', 6_438_912),
        partition(2, parts.root, 'ext4', rootUuid(machine), '/', machine.load.diskBytes),
      ],
    },
  ]
}

const SIZES = new Set(['size', 'fsavail', 'fssize'])
const DEFAULT = ['name', 'maj:min', 'rm', 'size', 'ro', 'type', 'mountpoints']

export const lsblk: Command = {
  name: 'lsblk',
  summary: 'list block devices',
  run: async (context, argv) => {
    const options = await readOptions(
      context,
      argv,
      ['J', 'b', 'n', 'd', 'f', 'a', 'p', 'l', 'r', 'P', 'm', 'i', 'json', 'bytes', 'noheadings', 'nodeps', 'fs', 'all', 'paths', 'list', 'raw', 'pairs'],
      ['o', 'output', 'e', 'exclude', 'I', 'include'],
    )
    if (!options) return 1
    const has = (...names: string[]) => names.some(name => options.flags.has(name))
    const wanted =
      (options.flags.get('o') ?? options.flags.get('output'))?.toLowerCase().split(',') ??
      (has('f', 'fs') ? ['name', 'fstype', 'fsver', 'label', 'uuid', 'fsavail', 'fsuse%', 'mountpoints'] : DEFAULT)
    const all = devices(context.machine)
    const unknown = wanted.find(field => all[0]!.fields[field] === undefined)
    if (unknown !== undefined) return refuse(context, 'lsblk', `unknown column: ${unknown}`)
    const chosen =
      options.operands.length === 0
        ? all
        : [...all, ...all.flatMap(device => device.children)].filter(device =>
            options.operands.some(operand => operand.replace(/^\/dev\//, '') === device.fields['name']),
          )
    if (chosen.length === 0) return refuse(context, 'lsblk', `${options.operands[0]}: not a block device`, 32)
    const bytes = has('b', 'bytes')
    const value = (device: Device, field: string) => {
      const raw = device.fields[field]!
      if (SIZES.has(field) && typeof raw === 'number') return bytes ? raw : humanSize(raw)
      if (field === 'name' && has('p', 'paths')) return device.fields['path']!
      return raw
    }
    const text = (device: Device, field: string) => {
      const raw = value(device, field)
      return raw === null || raw === undefined ? '' : typeof raw === 'boolean' ? (raw ? '1' : '0') : Array.isArray(raw) ? (raw[0] ?? '') : String(raw)
    }
    if (has('J', 'json')) {
      const toJson = (device: Device): object => ({
        ...Object.fromEntries(wanted.map(field => [field, value(device, field)])),
        ...(device.children.length > 0 && !has('d', 'nodeps') && !has('l', 'list') && { children: device.children.map(toJson) }),
      })
      const listed = has('l', 'list') && !has('d', 'nodeps') ? chosen.flatMap(device => [device, ...device.children]) : chosen
      await context.stdout.write(`${JSON.stringify({ blockdevices: listed.map(toJson) }, undefined, 3)}\n`)
      return 0
    }
    const rows: string[][] = []
    const pairs: string[] = []
    for (const device of chosen) {
      const children = has('d', 'nodeps') ? [] : device.children
      for (const [i, one] of [device, ...children].entries()) {
        const branch = i === 0 || (has('l', 'list', 'r', 'raw', 'n') && has('l', 'r')) ? '' : i === children.length ? '└─' : '├─'
        rows.push(wanted.map(field => (field === 'name' ? branch + text(one, field) : text(one, field))))
        pairs.push(wanted.map(field => `${field.toUpperCase()}="${text(one, field)}"`).join(' '))
      }
    }
    if (has('P', 'pairs')) await context.stdout.write(pairs.map(line => `${line}\n`).join(''))
    else {
      const right = wanted.flatMap((field, i) => (['size', 'rm', 'ro', 'fsavail', 'fsuse%', 'maj:min'].includes(field) && field !== 'maj:min' ? [i] : []))
      const table = has('n', 'noheadings') ? rows : [wanted.map(field => field.toUpperCase()), ...rows]
      await context.stdout.write(has('r', 'raw') ? table.map(row => `${row.join(' ')}\n`).join('') : columns(table, right, ' '))
    }
    return 0
  },
}
