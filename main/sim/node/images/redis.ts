import { MiB, redisTime, server, type Image } from './image.ts'

const NEWEST = '8.6'

export const redis: Image = {
  repositories: ['docker.io/library/redis'],
  sizeBytes: 50_240_112,
  newest: NEWEST,
  tags: ['bookworm', 'trixie'],
  entrypoint: ['docker-entrypoint.sh'],
  cmd: ['redis-server'],
  shell: true,
  programs: ['redis-server', 'redis-cli', 'docker-entrypoint.sh'],
  load: { cpuMilli: 3, memoryBytes: 9 * MiB },
  program: context => {
    const version = /^\d+\.\d+(\.\d+)?/.exec(context.tag)?.[0] ?? `${NEWEST}.0`
    return server({
      ports: [6379],
      listenAfterMs: 60,
      *lines() {
        const at = (ms: number) => redisTime(context.startedAt + ms)
        yield `1:C ${at(20)} * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo`
        yield `1:C ${at(20)} * Redis version=${version}, bits=64, commit=00000000, modified=0, pid=1, just started`
        yield `1:C ${at(20)} # Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf`
        yield `1:M ${at(24)} * monotonic clock: POSIX clock_gettime`
        yield `1:M ${at(26)} * Running mode=standalone, port=6379.`
        yield `1:M ${at(28)} * Server initialized`
        yield `1:M ${at(30)} * Ready to accept connections tcp`
      },
    })
  },
}
