import { MiB, server, type Image } from './image.ts'

export const localPathProvisioner: Image = {
  repositories: ['docker.io/rancher/local-path-provisioner'],
  sizeBytes: 20_183_558,
  newest: '0.0',
  entrypoint: [],
  cmd: ['local-path-provisioner'],
  shell: true,
  programs: ['local-path-provisioner'],
  load: { cpuMilli: 1, memoryBytes: 9 * MiB },
  program: context =>
    server({
      onTerm: { afterMs: 40, code: 0 },
      *lines() {
        const at = new Date(context.startedAt + 400).toISOString().replace(/\.\d+Z$/, 'Z')
        yield `time="${at}" level=info msg="Applied config: {\\"nodePathMap\\":[{\\"node\\":\\"DEFAULT_PATH_FOR_NON_LISTED_NODES\\",\\"paths\\":[\\"/var/lib/rancher/k3s/storage\\"]}]}"`
        yield `time="${at}" level=info msg="Provisioner started"`
      },
    }),
}
