import { klogHead } from '../node/images/image.ts'
import type { MachineSpec } from '../machine/machine.ts'
import { rfc3339, type Clock } from '../time/clock.ts'
import { K3S, NETWORK } from './version.ts'

/** Writes k3s' journal: its own lines (logrus) and those of the Kubernetes components in it (klog). */
export interface K3sLog {
  info(message: string): void
  error(message: string): void
  klog(line: string, source: string, severity?: 'I' | 'W' | 'E'): void
}

export const k3sLog = (clock: Clock, write: (message: string) => void, pid: () => number): K3sLog => {
  const logrus = (level: string) => (message: string) => write(`time="${rfc3339(clock.now)}" level=${level} msg=${JSON.stringify(message)}`)
  return {
    info: logrus('info'),
    error: logrus('error'),
    klog: (line, source, severity = 'I') => write(`${klogHead(clock.now, pid(), severity)} ${source}] ${line}`),
  }
}

/** A line of a start, and how long it takes until the next; `step` names what happens then. */
export type StartLine = { readonly say: string; readonly ms: number } | { readonly step: 'control-plane' | 'kubelet' | 'ready' }

const DATA = '/var/lib/rancher/k3s'

const say = (text: string, ms = 40): StartLine => ({ say: text, ms })

const agentLines = (spec: MachineSpec, server: string): StartLine[] => [
  say('Module overlay was already loaded'),
  say('Module nf_conntrack was already loaded'),
  say('Module br_netfilter was already loaded'),
  say('Module iptable_nat was already loaded'),
  say("Set sysctl 'net/netfilter/nf_conntrack_max' to 131072"),
  say("Set sysctl 'net/netfilter/nf_conntrack_tcp_timeout_established' to 86400"),
  say("Set sysctl 'net/netfilter/nf_conntrack_tcp_timeout_close_wait' to 3600"),
  say(`Logging containerd to ${DATA}/agent/containerd/containerd.log`),
  say(`Running containerd -c ${DATA}/agent/etc/containerd/config.toml`, 1000),
  say('containerd is now running', 60),
  say(`Connecting to proxy url=wss://${server}:${NETWORK.apiPort}/v1-k3s/connect`),
  say(
    `Running kubelet --cloud-provider=external --config-dir=${DATA}/agent/etc/kubelet.conf.d --containerd=/run/k3s/containerd/containerd.sock --hostname-override=${spec.name} --kubeconfig=${DATA}/agent/kubelet.kubeconfig --node-ip=${spec.address} --node-labels= --read-only-port=0`,
    250,
  ),
  { step: 'kubelet' },
]

/** `journalctl -u k3s` of a server's start, in order. */
export const serverStart = (spec: MachineSpec, firstStart: boolean): StartLine[] => [
  say(`Starting k3s ${K3S.version} (${K3S.commit})`),
  say('Configuring sqlite3 database connection pooling: maxIdleConns=2, maxOpenConns=0, connMaxLifetime=0s'),
  say('Configuring database table schema and indexes, this may take a moment...', 120),
  say('Database tables and indexes are up to date'),
  say('Kine available at unix://kine.sock', 200),
  ...(firstStart
    ? [
        ...['client', 'server', 'request-header', 'etcd-peer', 'etcd-server'].map(kind => say(`generated self-signed CA certificate CN=k3s-${kind}-ca`, 30)),
        ...[
          'system:admin,O=system:masters',
          'system:kube-controller-manager',
          'system:kube-scheduler',
          'system:apiserver,O=system:masters',
          'k3s-cloud-controller-manager',
          'kube-apiserver',
        ].map(name => say(`certificate CN=${name} signed by CN=k3s-${name === 'kube-apiserver' ? 'server' : 'client'}-ca`, 15)),
      ]
    : []),
  say('Saving cluster bootstrap data to datastore', 150),
  say(
    `Running kube-apiserver --advertise-port=${NETWORK.apiPort} --allow-privileged=true --anonymous-auth=false --api-audiences=https://kubernetes.default.svc.${NETWORK.domain},k3s --authorization-mode=Node,RBAC --bind-address=127.0.0.1 --cert-dir=${DATA}/server/tls/temporary-certs --enable-admission-plugins=NodeRestriction --enable-bootstrap-token-auth=true --etcd-servers=unix://kine.sock --profiling=false --secure-port=6444 --service-account-issuer=https://kubernetes.default.svc.${NETWORK.domain} --service-cluster-ip-range=${NETWORK.serviceCIDR} --service-node-port-range=30000-32767 --storage-backend=etcd3`,
    100,
  ),
  say(
    `Running kube-scheduler --authentication-kubeconfig=${DATA}/server/cred/scheduler.kubeconfig --bind-address=127.0.0.1 --kubeconfig=${DATA}/server/cred/scheduler.kubeconfig --profiling=false --secure-port=10259`,
  ),
  say('Waiting for API server to become available'),
  say(
    `Running kube-controller-manager --allocate-node-cidrs=true --bind-address=127.0.0.1 --cluster-cidr=${NETWORK.clusterCIDR} --controllers=*,tokencleaner,-service,-route,-cloud-node-lifecycle --kubeconfig=${DATA}/server/cred/controller.kubeconfig --profiling=false --secure-port=10257 --service-cluster-ip-range=${NETWORK.serviceCIDR} --use-service-account-credentials=true`,
  ),
  say(
    `Running cloud-controller-manager --allocate-node-cidrs=true --bind-address=127.0.0.1 --cloud-provider=k3s --cluster-cidr=${NETWORK.clusterCIDR} --controllers=*,-route --kubeconfig=${DATA}/server/cred/cloud-controller.kubeconfig --profiling=false`,
  ),
  say(`Server node token is available at ${DATA}/server/token`),
  say(`To join server node to cluster: k3s server -s https://${spec.address}:${NETWORK.apiPort} -t \${SERVER_NODE_TOKEN}`),
  say(`Agent node token is available at ${DATA}/server/agent-token`),
  say(`To join agent node to cluster: k3s agent -s https://${spec.address}:${NETWORK.apiPort} -t \${AGENT_NODE_TOKEN}`),
  say('Wrote kubeconfig /etc/rancher/k3s/k3s.yaml'),
  say('Run: k3s kubectl', 900),
  { step: 'control-plane' },
  ...agentLines(spec, '127.0.0.1'),
  say('Annotations and labels have been set successfully on node: ' + spec.name, 200),
  say('Starting flannel with backend vxlan', 100),
  say('Kube API server is now running'),
  say('k3s is up and running'),
  { step: 'ready' },
  say('Creating deploy event broadcaster'),
  say('Applying CRD addons.k3s.cattle.io'),
  say('Applying CRD etcdsnapshotfiles.k3s.cattle.io'),
  say('Creating helm-controller event broadcaster'),
  say('Applying CRD helmcharts.helm.cattle.io'),
  say('Applying CRD helmchartconfigs.helm.cattle.io'),
  say(`Control-plane role label has been set successfully on node: ${spec.name}`),
  say('Starting network policy controller version v2.6.0, built on 2026-08-20T00:00:00Z, go1.26.7'),
]

/** `journalctl -u k3s-agent`. */
export const agentStart = (spec: MachineSpec, server: string): StartLine[] => [
  say(`Starting k3s agent ${K3S.version} (${K3S.commit})`),
  say(`Adding server to load balancer k3s-agent-load-balancer: ${server}:${NETWORK.apiPort}`),
  say(`Running load balancer k3s-agent-load-balancer 127.0.0.1:6444 -> [${server}:${NETWORK.apiPort}] [default: ${server}:${NETWORK.apiPort}]`, 300),
  ...agentLines(spec, server),
  say('Annotations and labels have been set successfully on node: ' + spec.name, 200),
  say('Starting flannel with backend vxlan', 100),
  { step: 'ready' },
  say('Starting network policy controller version v2.6.0, built on 2026-08-20T00:00:00Z, go1.26.7'),
]
