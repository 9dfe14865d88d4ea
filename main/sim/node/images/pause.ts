import { MiB, server, type Image } from './image.ts'

export const pause: Image = {
  repositories: ['registry.k8s.io/pause', 'docker.io/rancher/mirrored-pause', 'gcr.io/google_containers/pause', 'k8s.gcr.io/pause'],
  sizeBytes: 320_448,
  newest: '3.10',
  entrypoint: ['/pause'],
  cmd: [],
  shell: false,
  load: { cpuMilli: 0, memoryBytes: 0.25 * MiB },
  program: () => server({ listenAfterMs: 0, onTerm: { afterMs: 5, code: 0 } }),
}
