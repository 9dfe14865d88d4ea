import { K3S } from '../../k3s/version.ts'

/** What `/version` says: the Kubernetes inside this K3s. */
export const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: K3S.version,
  gitCommit: K3S.commit,
  gitTreeState: 'clean',
  buildDate: '2026-08-19T00:00:00Z',
  goVersion: K3S.go,
  compiler: 'gc',
  platform: 'linux/amd64',
} as const
