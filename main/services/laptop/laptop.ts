import { statfs } from 'node:fs/promises'
import type { LaptopFacts } from '../../../shared/domain/machine.ts'
import { fitness, SIZING } from './fitness.ts'

/** Facts of this computer and its fitness to be a K3s node; `dataDir` says which disk is meant. */
export const readLaptop = async (dataDir: string): Promise<LaptopFacts> => {
  // Only who opens the laptop's page pays for loading this.
  const { default: systeminformation } = await import('systeminformation')
  const [system, os, cpu, memory, disk] = await Promise.all([
    systeminformation.system(),
    systeminformation.osInfo(),
    systeminformation.cpu(),
    systeminformation.mem(),
    statfs(dataDir),
  ])
  const measures = {
    cores: cpu.cores,
    memoryTotalBytes: memory.total,
    diskFreeBytes: disk.bavail * disk.bsize,
    architecture: process.arch,
    platform: process.platform,
    virtual: system.virtual ?? null,
  }
  const product = [system.manufacturer, system.model].filter(part => part && part !== '-').join(' ')
  return {
    hostname: os.hostname,
    product: product === '' ? null : product,
    os: [os.distro, os.release].filter(Boolean).join(' '),
    kernel: os.kernel,
    architecture: measures.architecture,
    cpuModel: [cpu.manufacturer, cpu.brand].filter(Boolean).join(' '),
    cores: measures.cores,
    memoryTotalBytes: measures.memoryTotalBytes,
    memoryAvailableBytes: memory.available,
    diskTotalBytes: disk.blocks * disk.bsize,
    diskFreeBytes: measures.diskFreeBytes,
    fitness: { server: fitness(measures, SIZING.server), agent: fitness(measures, SIZING.agent) },
  }
}
