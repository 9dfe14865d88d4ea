import { MiB, server, type Image } from './image.ts'
import { shellProgram } from './shell.ts'

/**
 * Well-known images whose inside no lab looks at: one row each. A server row listens and runs until it is stopped;
 * a row without ports and without `runs` ends at once with exit code 0, as a shell or interpreter without a terminal.
 */
interface Row {
  readonly repository: string
  readonly sizeMB: number
  readonly newest?: string
  readonly tags?: readonly string[]
  readonly ports?: readonly number[]
  readonly runs?: boolean
  readonly cmd: readonly string[]
  readonly programs?: readonly string[]
  readonly cpuMilli: number
  readonly memoryMiB: number
  readonly says?: string
  readonly startMs?: number
  readonly noShell?: boolean
}

const hub = 'docker.io/library'

const rows: readonly Row[] = [
  {
    repository: `${hub}/hello-world`,
    sizeMB: 0.01,
    tags: ['linux', 'nanoserver'],
    cmd: ['/hello'],
    cpuMilli: 0,
    memoryMiB: 1,
    says: 'Hello from Docker!\nThis message shows that your installation appears to be working correctly.',
    noShell: true,
  },
  {
    repository: `${hub}/ubuntu`,
    sizeMB: 29.7,
    newest: '26.10',
    tags: ['noble', 'jammy', 'focal', 'rolling', 'devel'],
    cmd: ['/bin/bash'],
    cpuMilli: 0.2,
    memoryMiB: 1,
  },
  {
    repository: `${hub}/debian`,
    sizeMB: 48.5,
    newest: '13.9',
    tags: ['trixie', 'bookworm', 'bullseye', 'sid', 'trixie-slim', 'bookworm-slim', 'stable-slim'],
    cmd: ['bash'],
    cpuMilli: 0.2,
    memoryMiB: 1,
  },
  { repository: `${hub}/python`, sizeMB: 390, newest: '3.15', cmd: ['python3'], programs: ['python', 'python3', 'pip'], cpuMilli: 2, memoryMiB: 12 },
  {
    repository: `${hub}/node`,
    sizeMB: 395,
    newest: '26.9',
    tags: ['lts', 'current', 'slim'],
    cmd: ['node'],
    programs: ['node', 'npm', 'docker-entrypoint.sh'],
    cpuMilli: 2,
    memoryMiB: 40,
  },
  { repository: `${hub}/golang`, sizeMB: 310, newest: '1.27', cmd: ['bash'], programs: ['go'], cpuMilli: 2, memoryMiB: 12 },
  { repository: `${hub}/memcached`, sizeMB: 32, newest: '1.6', cmd: ['memcached'], ports: [11211], cpuMilli: 1, memoryMiB: 3 },
  {
    repository: `${hub}/postgres`,
    sizeMB: 158,
    newest: '18.9',
    cmd: ['postgres'],
    ports: [5432],
    cpuMilli: 4,
    memoryMiB: 58,
    startMs: 2600,
    says: 'PostgreSQL init process complete; ready for start up.',
  },
  {
    repository: `${hub}/mysql`,
    sizeMB: 260,
    newest: '9.9',
    tags: ['lts', 'innovation'],
    cmd: ['mysqld'],
    ports: [3306, 33060],
    cpuMilli: 9,
    memoryMiB: 420,
    startMs: 7200,
    says: '[Entrypoint]: MySQL init process done. Ready for start up.',
  },
  {
    repository: `${hub}/mariadb`,
    sizeMB: 120,
    newest: '12.9',
    tags: ['lts'],
    cmd: ['mariadbd'],
    ports: [3306],
    cpuMilli: 6,
    memoryMiB: 98,
    startMs: 4800,
    says: '[Entrypoint]: MariaDB init process done. Ready for start up.',
  },
  { repository: `${hub}/mongo`, sizeMB: 280, newest: '8.9', cmd: ['mongod'], ports: [27017], cpuMilli: 9, memoryMiB: 150, startMs: 2200 },
  {
    repository: `${hub}/rabbitmq`,
    sizeMB: 95,
    newest: '4.9',
    tags: ['management'],
    cmd: ['rabbitmq-server'],
    ports: [5672, 15672],
    cpuMilli: 12,
    memoryMiB: 120,
    startMs: 6500,
  },
  { repository: `${hub}/caddy`, sizeMB: 19, newest: '2.11', cmd: ['caddy', 'run'], ports: [80, 443, 2019], cpuMilli: 1, memoryMiB: 12 },
  { repository: `${hub}/haproxy`, sizeMB: 38, newest: '3.4', cmd: ['haproxy'], ports: [], runs: true, cpuMilli: 1, memoryMiB: 10 },
  { repository: `${hub}/registry`, sizeMB: 18, newest: '3.1', cmd: ['registry'], ports: [5000], cpuMilli: 1, memoryMiB: 14 },
  { repository: `${hub}/wordpress`, sizeMB: 250, newest: '7.0', cmd: ['apache2-foreground'], ports: [80], cpuMilli: 3, memoryMiB: 60, startMs: 1500 },
  {
    repository: 'docker.io/traefik/whoami',
    sizeMB: 2.9,
    newest: '1.11',
    cmd: ['/whoami'],
    ports: [80],
    cpuMilli: 0.5,
    memoryMiB: 4,
    noShell: true,
    says: 'Starting up on port 80',
  },
  { repository: 'docker.io/hashicorp/http-echo', sizeMB: 3, newest: '1.0', cmd: ['/http-echo'], ports: [5678], cpuMilli: 0.5, memoryMiB: 4, noShell: true },
  { repository: 'docker.io/curlimages/curl', sizeMB: 10, newest: '8.20', cmd: ['curl'], programs: ['curl'], cpuMilli: 1, memoryMiB: 4 },
  { repository: 'docker.io/nicolaka/netshoot', sizeMB: 200, newest: '0.15', cmd: ['zsh'], programs: ['zsh', 'curl', 'dig'], cpuMilli: 1, memoryMiB: 4 },
  { repository: 'docker.io/polinux/stress', sizeMB: 4, newest: '1.0', cmd: ['stress'], programs: ['stress'], runs: true, cpuMilli: 1000, memoryMiB: 150 },
  { repository: 'docker.io/grafana/grafana', sizeMB: 205, newest: '13.9', cmd: ['/run.sh'], ports: [3000], cpuMilli: 6, memoryMiB: 95, startMs: 4000 },
  { repository: 'docker.io/prom/prometheus', sizeMB: 115, newest: '3.12', cmd: ['/bin/prometheus'], ports: [9090], cpuMilli: 8, memoryMiB: 60, startMs: 1500 },
  {
    repository: 'registry.k8s.io/e2e-test-images/agnhost',
    sizeMB: 53,
    newest: '2.60',
    cmd: ['/agnhost', 'pause'],
    programs: ['/agnhost'],
    ports: [8080],
    cpuMilli: 1,
    memoryMiB: 8,
  },
  { repository: 'registry.k8s.io/hpa-example', sizeMB: 180, cmd: ['apache2-foreground'], ports: [80], cpuMilli: 1, memoryMiB: 12 },
  { repository: 'registry.k8s.io/nginx-slim', sizeMB: 38, newest: '0.27', cmd: ['nginx'], ports: [80], programs: ['nginx'], cpuMilli: 1, memoryMiB: 4 },
  {
    repository: 'gcr.io/google-samples/hello-app',
    sizeMB: 12,
    newest: '2.0',
    cmd: ['./hello-app'],
    ports: [8080],
    cpuMilli: 0.5,
    memoryMiB: 4,
    says: 'Server listening on port 8080',
    noShell: true,
  },
]

export const wellKnown: readonly Image[] = rows.map(row => ({
  repositories: [row.repository],
  sizeBytes: Math.round(row.sizeMB * 1e6),
  newest: row.newest,
  tags: row.tags,
  entrypoint: [],
  cmd: row.cmd,
  shell: !row.noShell,
  programs: row.programs,
  load: { cpuMilli: row.cpuMilli, memoryBytes: row.memoryMiB * MiB },
  program: context => {
    const says = row.says?.split('\n') ?? []
    if (row.ports || row.runs || (row.programs?.includes(context.argv[0] ?? '') && context.argv.length > 1))
      return server({ ports: row.ports, listenAfterMs: row.startMs ?? 200, lines: () => says })
    return {
      ...shellProgram(context),
      *run() {
        for (const print of says) yield { print }
        return 0
      },
    }
  },
}))
