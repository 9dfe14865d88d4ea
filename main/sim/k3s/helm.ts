import { jobs, type Job } from '../apiserver/resources/types.ts'
import type { ApiClient } from '../client/client.ts'
import { informer } from '../client/informer.ts'
import { workqueue } from '../client/workqueue.ts'
import type { Clock } from '../time/clock.ts'
import { type Manifest, serviceAccount, SYSTEM } from './addons/addon.ts'
import { type Chart, charts } from './addons/traefik.ts'
import { ensure } from './deploy.ts'
import { K3S } from './version.ts'

const CHART_LABEL = 'helmcharts.helm.cattle.io/chart'

const installJob = ({ name, version, values }: Chart): Manifest => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: `helm-install-${name}`, namespace: SYSTEM, labels: { [CHART_LABEL]: name } },
  spec: {
    backoffLimit: 1000,
    template: {
      metadata: { labels: { [CHART_LABEL]: name } },
      spec: {
        restartPolicy: 'OnFailure',
        serviceAccountName: `helm-${name}`,
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'helm',
            image: K3S.images.klipperHelm,
            imagePullPolicy: 'IfNotPresent',
            args: ['install', '--set-string', 'global.systemDefaultRegistry='],
            env: [
              { name: 'NAME', value: name },
              { name: 'VERSION' },
              { name: 'REPO' },
              { name: 'HELM_DRIVER', value: 'secret' },
              { name: 'CHART_NAMESPACE', value: SYSTEM },
              { name: 'CHART', value: `https://%{KUBERNETES_API}%/static/charts/${name}-${version}.tgz` },
              { name: 'HELM_VERSION' },
              { name: 'TARGET_NAMESPACE', value: SYSTEM },
              { name: 'AUTH_PASS_CREDENTIALS', value: 'false' },
              { name: 'INSECURE_SKIP_TLS_VERIFY', value: 'false' },
              { name: 'PLAIN_HTTP', value: 'false' },
              { name: 'NO_PROXY', value: '.svc,.cluster.local,10.42.0.0/16,10.43.0.0/16' },
              { name: 'FAILURE_POLICY', value: 'reinstall' },
            ],
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
            volumeMounts: [
              { name: 'klipper-helm', mountPath: '/home/klipper-helm/.helm' },
              { name: 'values', mountPath: '/config' },
              { name: 'content', mountPath: '/chart' },
            ],
          },
        ],
        volumes: [
          { name: 'klipper-helm', emptyDir: { medium: 'Memory' } },
          { name: 'values', secret: { secretName: `chart-values-${name}`, ...(values === '' && { optional: true }) } },
          { name: 'content', configMap: { name: `chart-content-${name}` } },
        ],
      },
    },
  },
})

/** What a HelmChart becomes: an account that may do everything, the chart's values, and the job that installs it. */
const installation = (chart: Chart): readonly Manifest[] => [
  serviceAccount(`helm-${chart.name}`),
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `helm-kube-system-${chart.name}` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', name: `helm-${chart.name}`, namespace: SYSTEM }],
  },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `chart-content-${chart.name}`, namespace: SYSTEM } },
  ...(chart.values
    ? [
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: `chart-values-${chart.name}`, namespace: SYSTEM },
          type: 'Opaque',
          data: { 'values-01_HelmChart.yaml': Buffer.from(chart.values).toString('base64') },
        } satisfies Manifest,
      ]
    : []),
  installJob(chart),
]

/**
 * K3s' helm controller with the charts it ships: makes the install jobs, and does for a job that has completed what its
 * `helm install` did, under the job's own account.
 */
export const startHelmController = (
  clock: Clock,
  client: ApiClient,
  clientFor: (user: { readonly name: string; readonly groups: readonly string[] }) => ApiClient,
): { dispose(): void } => {
  const queue = workqueue(clock, async key => {
    const chart = charts.find(({ name }) => `${SYSTEM}/helm-install-${name}` === key)
    const job = chart && watched.get(SYSTEM, `helm-install-${chart.name}`)
    if (!chart || !job?.status.succeeded) return
    const account = clientFor({
      name: `system:serviceaccount:${SYSTEM}:helm-${chart.name}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${SYSTEM}`, 'system:authenticated'],
    })
    for (const manifest of chart.release) await ensure(account, manifest)
  })
  const watched = informer<Job>(clock, client, jobs, { namespace: SYSTEM })
  // Only the end of a job installs: what somebody deletes from a finished release stays deleted, as with Helm.
  watched.on({ updated: (job, old) => job.status.succeeded && !old.status.succeeded && queue.add(`${SYSTEM}/${job.metadata.name}`) })
  const install = workqueue(clock, async key => {
    for (const manifest of installation(charts.find(({ name }) => name === key)!)) await ensure(client, manifest)
  })
  for (const { name } of charts) install.add(name)
  return {
    dispose: () => {
      watched.dispose()
      queue.dispose()
      install.dispose()
    },
  }
}
