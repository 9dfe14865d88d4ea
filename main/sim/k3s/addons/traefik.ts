import { K3S } from '../version.ts'
import { clusterRole, clusterRoleBinding, rule, serviceAccount, SYSTEM, tolerations, type Manifest } from './addon.ts'

/** A chart that K3s installs with its helm controller (HelmChart objects in traefik.yaml). */
export interface Chart {
  readonly name: string
  readonly version: string
  readonly values: string
  /** What `helm install` puts into the cluster. */
  readonly release: readonly Manifest[]
}

const VERSION = '40.2.1+up40.2.0'
const selector = { 'app.kubernetes.io/instance': 'traefik-kube-system', 'app.kubernetes.io/name': 'traefik' }
const labels = { ...selector, 'app.kubernetes.io/managed-by': 'Helm', 'helm.sh/chart': `traefik-${VERSION.replace('+', '_')}` }
const annotations = { 'meta.helm.sh/release-name': 'traefik', 'meta.helm.sh/release-namespace': SYSTEM }
const owned = (manifest: Manifest): Manifest => ({
  ...manifest,
  metadata: { ...manifest.metadata, labels: { ...labels, ...manifest.metadata.labels }, annotations: { ...annotations, ...manifest.metadata.annotations } },
})

const ping = { httpGet: { path: '/ping', port: 8080, scheme: 'HTTP' }, initialDelaySeconds: 2, periodSeconds: 10, successThreshold: 1, timeoutSeconds: 2 }

const release: readonly Manifest[] = [
  serviceAccount('traefik'),
  clusterRole('traefik-kube-system', [
    rule([''], ['nodes', 'services'], ['get', 'list', 'watch']),
    rule(['discovery.k8s.io'], ['endpointslices'], ['list', 'watch']),
    rule([''], ['configmaps'], ['get', 'list', 'watch']),
    rule([''], ['secrets'], ['get', 'list', 'watch']),
    rule(['networking.k8s.io'], ['ingressclasses', 'ingresses'], ['get', 'list', 'watch']),
    rule(['networking.k8s.io'], ['ingresses/status'], ['update']),
    rule(
      ['traefik.io'],
      [
        'ingressroutes',
        'ingressroutetcps',
        'ingressrouteudps',
        'middlewares',
        'middlewaretcps',
        'serverstransports',
        'serverstransporttcps',
        'tlsoptions',
        'tlsstores',
        'traefikservices',
      ],
      ['get', 'list', 'watch'],
    ),
  ]),
  clusterRoleBinding('traefik-kube-system', 'traefik-kube-system', 'traefik'),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'traefik', namespace: SYSTEM },
    spec: {
      type: 'LoadBalancer',
      selector,
      ipFamilyPolicy: 'PreferDualStack',
      ports: [
        { name: 'web', port: 80, protocol: 'TCP', targetPort: 'web' },
        { name: 'websecure', port: 443, protocol: 'TCP', targetPort: 'websecure' },
      ],
    },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'traefik', namespace: SYSTEM },
    spec: {
      replicas: 1,
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      minReadySeconds: 0,
      template: {
        metadata: { labels, annotations: { 'prometheus.io/path': '/metrics', 'prometheus.io/port': '9100', 'prometheus.io/scrape': 'true' } },
        spec: {
          serviceAccountName: 'traefik',
          automountServiceAccountToken: true,
          terminationGracePeriodSeconds: 60,
          hostNetwork: false,
          priorityClassName: 'system-cluster-critical',
          tolerations,
          securityContext: { runAsGroup: 65532, runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'traefik',
              image: K3S.images.traefik,
              imagePullPolicy: 'IfNotPresent',
              args: [
                '--entryPoints.metrics.address=:9100/tcp',
                '--entryPoints.traefik.address=:8080/tcp',
                '--entryPoints.web.address=:8000/tcp',
                '--entryPoints.websecure.address=:8443/tcp',
                '--api.dashboard=true',
                '--ping=true',
                '--metrics.prometheus=true',
                '--metrics.prometheus.entrypoint=metrics',
                '--providers.kubernetescrd',
                '--providers.kubernetescrd.allowEmptyServices=true',
                '--providers.kubernetesingress',
                '--providers.kubernetesingress.allowEmptyServices=true',
                '--providers.kubernetesingress.ingressendpoint.publishedservice=kube-system/traefik',
                '--entryPoints.websecure.http.tls=true',
                '--log.level=INFO',
              ],
              env: [
                { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
                { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } } },
              ],
              ports: [
                { name: 'metrics', containerPort: 9100, protocol: 'TCP' },
                { name: 'traefik', containerPort: 8080, protocol: 'TCP' },
                { name: 'web', containerPort: 8000, protocol: 'TCP' },
                { name: 'websecure', containerPort: 8443, protocol: 'TCP' },
              ],
              readinessProbe: { ...ping, failureThreshold: 1 },
              livenessProbe: { ...ping, failureThreshold: 3 },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
              volumeMounts: [
                { name: 'data', mountPath: '/data' },
                { name: 'tmp', mountPath: '/tmp' },
              ],
            },
          ],
          volumes: [
            { name: 'data', emptyDir: {} },
            { name: 'tmp', emptyDir: {} },
          ],
        },
      },
    },
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'traefik', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
    spec: { controller: 'traefik.io/ingress-controller' },
  },
]

const values = `deployment:
  podAnnotations:
    prometheus.io/port: "8082"
    prometheus.io/scrape: "true"
providers:
  kubernetesIngress:
    publishedService:
      enabled: true
priorityClassName: "system-cluster-critical"
image:
  repository: "rancher/mirrored-library-traefik"
  tag: "${K3S.images.traefik.split(':')[1]}"
tolerations:
- key: "CriticalAddonsOnly"
  operator: "Exists"
- key: "node-role.kubernetes.io/control-plane"
  operator: "Exists"
  effect: "NoSchedule"
service:
  ipFamilyPolicy: "PreferDualStack"
`

/** In the order K3s names them; the custom resources of traefik-crd come with the API server's CRD support. */
export const charts: readonly Chart[] = [
  { name: 'traefik-crd', version: VERSION, values: '', release: [] },
  { name: 'traefik', version: VERSION, values, release: release.map(owned) },
]
