import { MiB, type Image } from './image.ts'
import { shellProgram } from './shell.ts'

export const alpine: Image = {
  repositories: ['docker.io/library/alpine'],
  sizeBytes: 3_803_136,
  newest: '3.24',
  tags: ['edge'],
  entrypoint: [],
  cmd: ['/bin/sh'],
  shell: true,
  load: { cpuMilli: 0.2, memoryBytes: 0.6 * MiB },
  program: shellProgram,
}
