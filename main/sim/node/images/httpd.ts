import { MiB, server, type Image } from './image.ts'

const stamp = (time: number) => `[${new Date(time).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5.120000 $4')}]`

export const httpd: Image = {
  repositories: ['docker.io/library/httpd'],
  sizeBytes: 46_881_344,
  newest: '2.4',
  entrypoint: [],
  cmd: ['httpd-foreground'],
  shell: true,
  programs: ['httpd-foreground', 'httpd'],
  load: { cpuMilli: 1, memoryBytes: 12 * MiB },
  program: context =>
    server({
      ports: [80],
      listenAfterMs: 150,
      httpStatus: path => (path === '/' || path === '/index.html' ? 200 : 404),
      *lines() {
        const name = `AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using ${context.podIP}. Set the 'ServerName' directive globally to suppress this message`
        yield name
        yield name
        const head = stamp(context.startedAt + 120)
        yield `${head} [mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.66 (Unix) configured -- resuming normal operations`
        yield `${head} [core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'`
      },
    }),
}
