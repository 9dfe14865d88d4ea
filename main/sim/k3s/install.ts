import { stringify } from 'yaml'
import type { SimulatedMachine } from '../machine/machine.ts'
import { addons } from './addons/index.ts'
import { charts } from './addons/traefik.ts'
import { NETWORK } from './version.ts'

const SERVER = '/var/lib/rancher/k3s/server'

/** What the installer and the first start leave on a machine's disk. */
export const installK3s = (
  machine: SimulatedMachine,
  facts: { readonly serverAddress: string; readonly kubeconfig: string; readonly token: string; readonly nodePassword: string },
): void => {
  const { spec } = machine
  const disk = machine.files(machine.users.find(({ name }) => name === 'root')!)
  const write = (path: string, content: string, mode: number) => {
    disk.mkdir(path.slice(0, path.lastIndexOf('/')), { recursive: true })
    disk.writeFile(path, content, mode)
  }
  write('/etc/rancher/node/password', `${facts.nodePassword}\n`, 0o600)
  if (spec.role === 'agent') {
    write('/etc/systemd/system/k3s-agent.service.env', `K3S_TOKEN='${facts.token}'\nK3S_URL='https://${facts.serverAddress}:${NETWORK.apiPort}'\n`, 0o600)
    return machine.flush()
  }
  // Installed with K3S_KUBECONFIG_MODE, so that the login user's kubectl works without sudo.
  write('/etc/systemd/system/k3s.service.env', `K3S_KUBECONFIG_MODE='644'\n`, 0o600)
  // As K3s writes it: for the machine itself, by the loopback address.
  write('/etc/rancher/k3s/k3s.yaml', facts.kubeconfig, 0o644)
  for (const name of ['token', 'node-token', 'agent-token']) write(`${SERVER}/${name}`, `${facts.token}\n`, 0o600)
  for (const addon of addons) write(`${SERVER}/manifests/${addon.file}`, addon.manifests.map(manifest => stringify(manifest)).join('---\n'), 0o600)
  write(
    `${SERVER}/manifests/traefik.yaml`,
    charts
      .map(
        ({ name, version, values }) =>
          `---\n${stringify({ apiVersion: 'helm.cattle.io/v1', kind: 'HelmChart', metadata: { name, namespace: 'kube-system' }, spec: { chart: `https://%{KUBERNETES_API}%/static/charts/${name}-${version}.tgz`, ...(values && { valuesContent: values }) } })}`,
      )
      .join(''),
    0o600,
  )
  machine.flush()
}
