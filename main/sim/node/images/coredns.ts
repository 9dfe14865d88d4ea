import { MiB, server, type Image } from './image.ts'

export const coredns: Image = {
  repositories: ['docker.io/rancher/mirrored-coredns-coredns', 'registry.k8s.io/coredns/coredns', 'docker.io/coredns/coredns'],
  sizeBytes: 23_553_139,
  newest: '1.14',
  entrypoint: ['/coredns'],
  cmd: [],
  shell: false,
  load: { cpuMilli: 3, memoryBytes: 17 * MiB },
  program: context =>
    server({
      ports: [53, 8080, 8181, 9153],
      listenAfterMs: 700,
      // The health plugin's lameduck is off in K3s' Corefile: it ends at once.
      onTerm: { afterMs: 60, code: 0 },
      *lines() {
        yield '[WARNING] No files matching import glob pattern: /etc/coredns/custom/*.override'
        yield '[WARNING] No files matching import glob pattern: /etc/coredns/custom/*.server'
        yield '.:53'
        yield `CoreDNS-${context.tag.replace(/^v/, '')}`
        yield 'linux/amd64, go1.26.7, '
        yield '[WARNING] No files matching import glob pattern: /etc/coredns/custom/*.override'
      },
    }),
}
