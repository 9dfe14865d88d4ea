import { K3S, NETWORK } from '../version.ts'
import { clusterRole, clusterRoleBinding, rule, serviceAccount, SYSTEM, tolerations, type Addon } from './addon.ts'

const BOOTSTRAPPING = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }

const corefile = `.:53 {
    errors
    health
    ready
    kubernetes ${NETWORK.domain} in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    hosts /etc/coredns/NodeHosts {
      ttl 60
      reload 15s
      fallthrough
    }
    prometheus :9153
    cache 30
    loop
    reload
    loadbalance
    import /etc/coredns/custom/*.override
    forward . /etc/resolv.conf
}
import /etc/coredns/custom/*.server
`

const labels = { 'k8s-app': 'kube-dns' }
const probe = (path: string, port: number) => ({ httpGet: { path, port, scheme: 'HTTP' }, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 })

export const coredns: Addon = {
  name: 'coredns',
  file: 'coredns.yaml',
  manifests: [
    serviceAccount('coredns'),
    clusterRole(
      'system:coredns',
      [rule([''], ['endpoints', 'services', 'pods', 'namespaces'], ['list', 'watch']), rule(['discovery.k8s.io'], ['endpointslices'], ['list', 'watch'])],
      BOOTSTRAPPING,
    ),
    clusterRoleBinding('system:coredns', 'system:coredns', 'coredns', {
      labels: BOOTSTRAPPING,
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    }),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'coredns', namespace: SYSTEM }, data: { Corefile: corefile } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'coredns', namespace: SYSTEM, labels: { ...labels, 'kubernetes.io/name': 'CoreDNS' } },
      spec: {
        revisionHistoryLimit: 0,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            priorityClassName: 'system-cluster-critical',
            serviceAccountName: 'coredns',
            securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
            tolerations,
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            topologySpreadConstraints: [
              { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: labels } },
              { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: labels } },
            ],
            containers: [
              {
                name: 'coredns',
                image: K3S.images.coredns,
                imagePullPolicy: 'IfNotPresent',
                resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
                args: ['-conf', '/etc/coredns/Corefile'],
                volumeMounts: [
                  { name: 'config-volume', mountPath: '/etc/coredns', readOnly: true },
                  { name: 'custom-config-volume', mountPath: '/etc/coredns/custom', readOnly: true },
                ],
                ports: [
                  { containerPort: 53, name: 'dns', protocol: 'UDP' },
                  { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
                  { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
                ],
                securityContext: { allowPrivilegeEscalation: false, capabilities: { add: ['NET_BIND_SERVICE'], drop: ['all'] }, readOnlyRootFilesystem: true },
                livenessProbe: { ...probe('/health', 8080), initialDelaySeconds: 60, periodSeconds: 10 },
                readinessProbe: { ...probe('/ready', 8181), periodSeconds: 2 },
              },
            ],
            dnsPolicy: 'Default',
            volumes: [
              {
                name: 'config-volume',
                configMap: {
                  name: 'coredns',
                  items: [
                    { key: 'Corefile', path: 'Corefile' },
                    { key: 'NodeHosts', path: 'NodeHosts' },
                  ],
                },
              },
              { name: 'custom-config-volume', configMap: { name: 'coredns-custom', optional: true } },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'kube-dns',
        namespace: SYSTEM,
        annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
        labels: { ...labels, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
      },
      spec: {
        selector: labels,
        clusterIP: NETWORK.clusterDNS,
        clusterIPs: [NETWORK.clusterDNS],
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
          { name: 'metrics', port: 9153, protocol: 'TCP' },
        ],
        ipFamilyPolicy: 'SingleStack',
      },
    },
  ],
}
