import { MiB, type Image } from './image.ts'
import { shellProgram } from './shell.ts'

export const busybox: Image = {
  repositories: ['docker.io/library/busybox', 'docker.io/rancher/mirrored-library-busybox', 'registry.k8s.io/busybox', 'gcr.io/google-containers/busybox'],
  sizeBytes: 2_223_684,
  newest: '1.37',
  tags: ['glibc', 'musl', 'uclibc', 'stable-glibc', 'stable-musl', 'stable-uclibc'],
  entrypoint: [],
  cmd: ['sh'],
  shell: true,
  load: { cpuMilli: 0.2, memoryBytes: 0.5 * MiB },
  program: shellProgram,
}
