/** The newest K3s of the v1.36 line, and what it brings (https://github.com/k3s-io/k3s/releases/tag/v1.36.4+k3s1). */
export const K3S = {
  version: 'v1.36.4+k3s1',
  /** No build of our own: the journal shows it as the simulation it is. */
  commit: '00000000',
  kubernetes: 'v1.36.4',
  go: 'go1.26.7',
  containerd: '2.3.4-k3s1.36',
  runc: '1.4.2',
  flannel: 'v0.28.4',
  kine: 'v0.16.4',
  images: {
    pause: 'rancher/mirrored-pause:3.10.2',
    coredns: 'rancher/mirrored-coredns-coredns:1.14.6',
    localPathProvisioner: 'rancher/local-path-provisioner:v0.0.37',
    busybox: 'rancher/mirrored-library-busybox:1.37.0',
    metricsServer: 'rancher/mirrored-metrics-server:v0.9.0',
    traefik: 'rancher/mirrored-library-traefik:3.7.8',
    klipperHelm: 'rancher/klipper-helm:v0.13.3-build20260727',
    klipperLb: 'rancher/klipper-lb:v0.4.17',
  },
} as const

/** What K3s sets up networks with unless it is told otherwise. */
export const NETWORK = { clusterCIDR: '10.42.0.0/16', serviceCIDR: '10.43.0.0/16', clusterDNS: '10.43.0.10', domain: 'cluster.local', apiPort: 6443 } as const
