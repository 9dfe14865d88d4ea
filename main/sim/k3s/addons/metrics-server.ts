import { K3S } from '../version.ts'
import { clusterRole, clusterRoleBinding, rule, serviceAccount, SYSTEM, tolerations, type Addon } from './addon.ts'

const labels = { 'k8s-app': 'metrics-server' }
const probe = (path: string) => ({ httpGet: { path, port: 'https', scheme: 'HTTPS' }, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 })

/** K3s keeps these in the directory metrics-server/, one kind a file. */
export const metricsServer: readonly Addon[] = [
  {
    name: 'aggregated-metrics-reader',
    file: 'metrics-server/aggregated-metrics-reader.yaml',
    manifests: [
      clusterRole('system:aggregated-metrics-reader', [rule(['metrics.k8s.io'], ['pods', 'nodes'], ['get', 'list', 'watch'])], {
        'rbac.authorization.k8s.io/aggregate-to-admin': 'true',
        'rbac.authorization.k8s.io/aggregate-to-edit': 'true',
        'rbac.authorization.k8s.io/aggregate-to-view': 'true',
      }),
    ],
  },
  {
    name: 'auth-delegator',
    file: 'metrics-server/auth-delegator.yaml',
    manifests: [clusterRoleBinding('metrics-server:system:auth-delegator', 'system:auth-delegator', 'metrics-server')],
  },
  {
    name: 'auth-reader',
    file: 'metrics-server/auth-reader.yaml',
    manifests: [
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: 'metrics-server-auth-reader', namespace: SYSTEM },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'extension-apiserver-authentication-reader' },
        subjects: [{ kind: 'ServiceAccount', name: 'metrics-server', namespace: SYSTEM }],
      },
    ],
  },
  {
    name: 'metrics-server-deployment',
    file: 'metrics-server/metrics-server-deployment.yaml',
    manifests: [
      serviceAccount('metrics-server'),
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'metrics-server', namespace: SYSTEM, labels },
        spec: {
          revisionHistoryLimit: 0,
          selector: { matchLabels: labels },
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } },
          template: {
            metadata: { name: 'metrics-server', labels },
            spec: {
              priorityClassName: 'system-node-critical',
              serviceAccountName: 'metrics-server',
              tolerations,
              nodeSelector: { 'kubernetes.io/os': 'linux' },
              volumes: [{ name: 'tmp-dir', emptyDir: {} }],
              containers: [
                {
                  name: 'metrics-server',
                  image: K3S.images.metricsServer,
                  imagePullPolicy: 'IfNotPresent',
                  args: [
                    '--cert-dir=/tmp',
                    '--secure-port=10250',
                    '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
                    '--kubelet-use-node-status-port',
                    '--metric-resolution=15s',
                  ],
                  ports: [{ name: 'https', containerPort: 10250, protocol: 'TCP' }],
                  readinessProbe: { ...probe('/readyz'), initialDelaySeconds: 0, periodSeconds: 2 },
                  livenessProbe: { ...probe('/livez'), initialDelaySeconds: 60, periodSeconds: 10 },
                  resources: { requests: { cpu: '100m', memory: '70Mi' } },
                  securityContext: {
                    readOnlyRootFilesystem: true,
                    runAsNonRoot: true,
                    runAsUser: 1000,
                    allowPrivilegeEscalation: false,
                    capabilities: { drop: ['ALL'] },
                    seccompProfile: { type: 'RuntimeDefault' },
                  },
                  volumeMounts: [{ name: 'tmp-dir', mountPath: '/tmp' }],
                },
              ],
            },
          },
        },
      },
    ],
  },
  {
    name: 'metrics-server-service',
    file: 'metrics-server/metrics-server-service.yaml',
    manifests: [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'metrics-server', namespace: SYSTEM, labels: { 'kubernetes.io/name': 'Metrics-server', 'kubernetes.io/cluster-service': 'true' } },
        spec: { selector: labels, ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 'https' }], ipFamilyPolicy: 'PreferDualStack' },
      },
    ],
  },
  {
    name: 'resource-reader',
    file: 'metrics-server/resource-reader.yaml',
    manifests: [
      clusterRole('system:metrics-server', [rule([''], ['nodes/metrics'], ['get']), rule([''], ['pods', 'nodes'], ['get', 'list', 'watch'])]),
      clusterRoleBinding('system:metrics-server', 'system:metrics-server', 'metrics-server'),
    ],
  },
]
