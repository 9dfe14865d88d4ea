import { klogHead, MiB, server, type Image } from './image.ts'

/** Ready only after its first scrape of the kubelets, which takes a metric resolution (15 s) and a bit. */
const FIRST_SCRAPE_MS = 19_000

export const metricsServer: Image = {
  repositories: ['docker.io/rancher/mirrored-metrics-server', 'registry.k8s.io/metrics-server/metrics-server'],
  sizeBytes: 22_511_903,
  newest: '0.9',
  entrypoint: ['/metrics-server'],
  cmd: [],
  shell: false,
  load: { cpuMilli: 6, memoryBytes: 24 * MiB },
  program: context =>
    server({
      ports: [10250],
      listenAfterMs: FIRST_SCRAPE_MS,
      onTerm: { afterMs: 300, code: 0 },
      *lines() {
        const at = (ms: number) => klogHead(context.startedAt + ms)
        yield `${at(310)} serving.go:380] Generated self-signed cert (/tmp/apiserver.crt, /tmp/apiserver.key)`
        yield `${at(820)} handler.go:286] Adding GroupVersion metrics.k8s.io v1beta1 to ResourceManager`
        yield `${at(930)} secure_serving.go:211] Serving securely on [::]:10250`
        yield `${at(930)} requestheader_controller.go:180] Starting RequestHeaderAuthRequestController`
        yield `${at(930)} shared_informer.go:349] "Waiting for caches to sync" controller="RequestHeaderAuthRequestController"`
        yield `${at(930)} dynamic_serving_content.go:135] "Starting controller" name="serving-cert::/tmp/apiserver.crt::/tmp/apiserver.key"`
        yield `${at(930)} tlsconfig.go:243] "Starting DynamicServingCertificateController"`
        yield `${at(1040)} shared_informer.go:356] "Caches are synced" controller="RequestHeaderAuthRequestController"`
      },
    }),
}
