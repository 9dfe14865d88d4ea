import type { MachineSpec } from './machine/machine.ts'

export type PresetName = 'class3' | 'solo' | 'none'

const GiB = 1024 ** 3

const miniPc = (index: number, role: MachineSpec['role']): MachineSpec => ({
  name: `mini-${index}`,
  role,
  vendor: 'AZW',
  product: 'MINI S',
  cpuModel: 'Intel(R) N100',
  cores: 4,
  maxMHz: 3400,
  memoryBytes: 16 * GiB,
  diskBytes: 512 * 1000 ** 3,
  diskModel: 'AIRDISK 512GB SSD',
  mac: `7c:83:34:b0:1e:${(0x20 + index).toString(16)}`,
  address: `192.168.50.${10 + index}`,
  gateway: '192.168.50.1',
})

/** What stands on the desk when a data directory is first used. */
export const presets: Readonly<Record<PresetName, readonly MachineSpec[]>> = {
  class3: [miniPc(1, 'server'), miniPc(2, 'agent'), miniPc(3, 'agent')],
  solo: [miniPc(1, 'server')],
  /** A control plane without machines: nodes made through the API stay as their maker says. */
  none: [],
}
