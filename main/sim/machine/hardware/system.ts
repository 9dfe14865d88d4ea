/** The software every simulated mini-PC is installed with, as data. */
export const OS = {
  pretty: 'Ubuntu 24.04.4 LTS',
  version: '24.04.4 LTS (Noble Numbat)',
  kernel: '6.8.0-101-generic',
  kernelBuild: '#101-Ubuntu SMP PREEMPT_DYNAMIC Fri Feb  6 18:04:57 UTC 2026',
  compiler: '(buildd@lcy02-amd64-090) (x86_64-linux-gnu-gcc-13 (Ubuntu 13.3.0-6ubuntu2~24.04) 13.3.0, GNU ld (GNU Binutils for Ubuntu) 2.42)',
  openssh: 'OpenSSH_9.6p1 Ubuntu-3ubuntu13.14',
  systemd: '255 (255.4-1ubuntu8.12)',
} as const

/** Sector size of every disk here. */
export const SECTOR = 512

/** What the installer put on the disk and what the system itself keeps in memory. Bytes. */
export const BASE_DISK_USED = 6_871_947_674
export const BASE_MEMORY_USED = 420 * 1024 * 1024
export const BASE_MEMORY_CACHE = 1_350 * 1024 * 1024
/** Idle Ubuntu with its services. */
export const BASE_CPU_MILLI = 12

const GPT_GAP = 1024 * 1024
const EFI_BYTES = 1_127_219_200

/** Partitions as Ubuntu's installer lays them: EFI system partition, then ext4 on the rest. */
export const partitions = (diskBytes: number) => {
  const root = Math.floor((diskBytes - EFI_BYTES - 2 * GPT_GAP) / GPT_GAP) * GPT_GAP
  return { efi: EFI_BYTES, root, /** ext4 keeps about 1.7 % for itself. */ filesystem: Math.floor((root * 0.983) / 4096) * 4096 }
}

/** RAM as the kernel reports it: firmware and kernel take their part first. */
export const memoryTotal = (memoryBytes: number): number => Math.floor((memoryBytes - 380 * 1024 * 1024) / 4096) * 4096
