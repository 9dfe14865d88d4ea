import { OS } from '../../machine/hardware/system.ts'
import { MiB, server, slashTime, type Image } from './image.ts'

const NEWEST = '1.31'

export const nginx: Image = {
  repositories: ['docker.io/library/nginx', 'docker.io/nginxinc/nginx-unprivileged'],
  sizeBytes: 72_324_501,
  newest: NEWEST,
  tags: ['mainline', 'stable', 'perl', 'mainline-alpine', 'stable-alpine'],
  entrypoint: ['/docker-entrypoint.sh'],
  cmd: ['nginx', '-g', 'daemon off;'],
  shell: true,
  programs: ['nginx', '/docker-entrypoint.sh', 'curl'],
  environment: { NGINX_VERSION: `${NEWEST}.0` },
  load: { cpuMilli: 1, memoryBytes: 7 * MiB },
  program: context => {
    const version = /^\d+\.\d+(\.\d+)?/.exec(context.tag)?.[0] ?? `${NEWEST}.0`
    const ports = [80]
    return server({
      ports,
      listenAfterMs: 120,
      httpStatus: path => (path === '/' || path === '/index.html' || path === '/50x.html' ? 200 : 404),
      *lines() {
        const script = '/docker-entrypoint.sh:'
        yield `${script} /docker-entrypoint.d/ is not empty, will attempt to perform configuration`
        yield `${script} Looking for shell scripts in /docker-entrypoint.d/`
        yield `${script} Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh`
        yield '10-listen-on-ipv6-by-default.sh: info: Getting the checksum of /etc/nginx/conf.d/default.conf'
        yield '10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6 in /etc/nginx/conf.d/default.conf'
        yield `${script} Sourcing /docker-entrypoint.d/15-local-resolvers.envsh`
        yield `${script} Launching /docker-entrypoint.d/20-envsubst-on-templates.sh`
        yield `${script} Launching /docker-entrypoint.d/30-tune-worker-processes.sh`
        yield `${script} Configuration complete; ready for start up`
        const head = `${slashTime(context.startedAt + 100)} [notice] 1#1:`
        yield `${head} using the "epoll" event method`
        yield `${head} nginx/${version.split('.').length === 2 ? `${version}.0` : version}`
        yield `${head} built by gcc 14.2.0 (Debian 14.2.0-19)`
        yield `${head} OS: Linux ${OS.kernel}`
        yield `${head} getrlimit(RLIMIT_NOFILE): 1048576:1048576`
        yield `${head} start worker processes`
        for (let worker = 29; worker < 33; worker++) yield `${head} start worker process ${worker}`
      },
    })
  },
}
