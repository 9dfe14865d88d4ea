import { MiB, server, type Image } from './image.ts'

export const traefik: Image = {
  repositories: ['docker.io/rancher/mirrored-library-traefik', 'docker.io/library/traefik'],
  sizeBytes: 53_023_796,
  newest: '3.7',
  entrypoint: ['/entrypoint.sh'],
  cmd: ['traefik'],
  shell: true,
  programs: ['traefik', '/entrypoint.sh'],
  load: { cpuMilli: 4, memoryBytes: 38 * MiB },
  program: context =>
    server({
      ports: [8000, 8443, 8080, 9100],
      listenAfterMs: 1500,
      onTerm: { afterMs: 900, code: 0 },
      *lines() {
        const at = new Date(context.startedAt + 900).toISOString().replace(/\.\d+Z$/, 'Z')
        yield `${at} INF Traefik version ${context.tag.replace(/^v/, '')} built on 2026-08-04T09:21:45Z version=${context.tag.replace(/^v/, '')}`
        yield `${at} INF Stats collection is disabled.`
        yield `${at} INF Starting provider aggregator *aggregator.ProviderAggregator`
        yield `${at} INF Starting provider *traefik.Provider`
        yield `${at} INF Starting provider *crd.Provider`
        yield `${at} INF label selector is: "" providerName=kubernetescrd`
        yield `${at} INF Creating in-cluster Provider client providerName=kubernetescrd`
        yield `${at} INF Starting provider *ingress.Provider`
        yield `${at} INF ingress label selector is: "" providerName=kubernetes`
        yield `${at} INF Creating in-cluster Provider client providerName=kubernetes`
        yield `${at} INF Starting provider *acme.ChallengeTLSALPN`
      },
    }),
}
