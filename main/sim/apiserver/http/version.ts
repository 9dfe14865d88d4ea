/** What `/version` says: the Kubernetes inside K3s v1.36.2+k3s1. */
export const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2+k3s1',
  gitCommit: '6bd04a9c0c2a2f0ed8f0b4b7f0b1e1f1c3fdd0d4',
  gitTreeState: 'clean',
  buildDate: '2026-07-21T18:05:22Z',
  goVersion: 'go1.26.4',
  compiler: 'gc',
  platform: 'linux/amd64',
} as const
