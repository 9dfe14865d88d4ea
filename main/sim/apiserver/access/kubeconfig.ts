import type { Certificates } from './certificates.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** The kubeconfig of system:admin, as K3s writes /etc/rancher/k3s/k3s.yaml. */
export const kubeconfig = (server: string, { serverCa, admin }: Certificates): string => `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${base64(serverCa)}
    server: ${server}
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
preferences: {}
users:
- name: default
  user:
    client-certificate-data: ${base64(admin.cert)}
    client-key-data: ${base64(admin.key)}
`
