import { K3S } from '../version.ts'
import { clusterRole, clusterRoleBinding, rule, serviceAccount, SYSTEM, tolerations, type Addon } from './addon.ts'

const ACCOUNT = 'local-path-provisioner-service-account'
const labels = { app: 'local-path-provisioner' }

const config = `{
  "nodePathMap":[
  {
    "node":"DEFAULT_PATH_FOR_NON_LISTED_NODES",
    "paths":["/var/lib/rancher/k3s/storage"]
  }
  ]
}`

const helperPod = `apiVersion: v1
kind: Pod
metadata:
  name: helper-pod
spec:
  containers:
  - name: helper-pod
    image: "${K3S.images.busybox}"
    imagePullPolicy: IfNotPresent
`

export const localStorage: Addon = {
  name: 'local-storage',
  file: 'local-storage.yaml',
  manifests: [
    serviceAccount(ACCOUNT),
    clusterRole('local-path-provisioner-role', [
      rule([''], ['nodes', 'persistentvolumeclaims', 'configmaps', 'pods/log'], ['get', 'list', 'watch']),
      rule([''], ['endpoints', 'persistentvolumes', 'pods'], ['*']),
      rule([''], ['events'], ['create', 'patch']),
      rule(['storage.k8s.io'], ['storageclasses'], ['get', 'list', 'watch']),
    ]),
    clusterRoleBinding('local-path-provisioner-bind', 'local-path-provisioner-role', ACCOUNT),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'local-path-provisioner', namespace: SYSTEM },
      spec: {
        revisionHistoryLimit: 0,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            priorityClassName: 'system-node-critical',
            serviceAccountName: ACCOUNT,
            tolerations,
            containers: [
              {
                name: 'local-path-provisioner',
                image: K3S.images.localPathProvisioner,
                imagePullPolicy: 'IfNotPresent',
                command: ['local-path-provisioner', 'start', '--config', '/etc/config/config.json'],
                volumeMounts: [{ name: 'config-volume', mountPath: '/etc/config/' }],
                env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
              },
            ],
            volumes: [{ name: 'config-volume', configMap: { name: 'local-path-config' } }],
          },
        },
      },
    },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'local-path', annotations: { defaultVolumeType: 'local', 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'rancher.io/local-path',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'local-path-config', namespace: SYSTEM },
      data: {
        'config.json': config,
        'helperPod.yaml': helperPod,
        setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "${VOL_DIR}"\nchmod 700 "${VOL_DIR}/.."\n',
        teardown: '#!/bin/sh\nset -eu\nrm -rf "${VOL_DIR}"\n',
      },
    },
  ],
}
