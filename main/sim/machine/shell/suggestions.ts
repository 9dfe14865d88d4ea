/** Programs people often try that a fresh Ubuntu server does not have, and the package that brings them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  htop: ['htop'],
  tree: ['tree'],
  docker: ['docker.io', 'podman-docker'],
  podman: ['podman'],
  gcc: ['gcc'],
  make: ['make'],
  ifconfig: ['net-tools'],
  netstat: ['net-tools'],
  route: ['net-tools'],
  arp: ['net-tools'],
  nmap: ['nmap'],
  traceroute: ['inetutils-traceroute', 'traceroute'],
  dig: ['bind9-dnsutils'],
  nslookup: ['bind9-dnsutils'],
  yq: ['yq'],
  rg: ['ripgrep'],
  zsh: ['zsh'],
  fish: ['fish'],
  emacs: ['emacs-nox'],
  iotop: ['iotop-c'],
  sensors: ['lm-sensors'],
  stress: ['stress'],
  'stress-ng': ['stress-ng'],
  iperf3: ['iperf3'],
  node: ['nodejs'],
  npm: ['npm'],
  go: ['golang-go'],
  java: ['default-jre'],
  ruby: ['ruby'],
  pip: ['python3-pip'],
  smartctl: ['smartmontools'],
  python: ['python-is-python3'],
  sqlite3: ['sqlite3'],
  neofetch: ['neofetch'],
}

const SNAPS: Readonly<Record<string, string>> = { kubectl: 'kubectl', helm: 'helm', k9s: 'k9s', microk8s: 'microk8s', kubeadm: 'kubeadm', kubelet: 'kubelet' }

/** What Ubuntu's command-not-found prints for a name it knows; undefined otherwise. */
export const suggestPackage = (name: string): string | undefined => {
  const snap = SNAPS[name]
  if (snap) return `Command '${name}' not found, but can be installed with:\nsudo snap install ${snap}\n`
  const packages = PACKAGES[name]
  if (!packages) return undefined
  return `Command '${name}' not found, but can be installed with:\n${packages.map(one => `sudo apt install ${one}\n`).join('')}`
}
