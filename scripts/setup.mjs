// Sets up what is missing before `npm start` or `npm test`. Runs on any Node from 18 on and needs no package:
// it is what installs them. `--for test` also looks for the system programs that the full test run uses.
import { createHash } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const say = text => process.stderr.write(`${text}\n`)

/** Program, the Debian package that brings it, and what the tests use it for. */
const PROGRAMS = [
  ['chromium', 'chromium', 'the browser tests'],
  ['/usr/sbin/sshd', 'openssh-server', 'the SSH client tests'],
  ['ssh', 'openssh-client', 'the simulated machines tests'],
  ['kubectl', 'kubernetes-client', 'the Kubernetes API tests'],
]

const run = (command, args, options = {}) =>
  spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32', ...options }).status === 0

const has = program =>
  program.startsWith('/')
    ? existsSync(program)
    : (process.env.PATH ?? '').split(process.platform === 'win32' ? ';' : ':').some(dir => existsSync(join(dir, program)))

const installPackages = () => {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.k3lab-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  say('k3lab: installing packages (npm ci) …')
  // npm hands its own settings down as variables; a nested npm must not take the outer command's.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(lifecycle|command|package)/.test(name)))
  if (!run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { env })) {
    say('k3lab: npm ci failed (its messages are above). Check that the npm registry can be reached, then run the same command again.')
    process.exit(1)
  }
  writeFileSync(stamp, wanted)
}

const installPrograms = () => {
  const missing = PROGRAMS.filter(([program]) => !has(program))
  if (missing.length === 0) return
  const debianRoot = existsSync('/etc/debian_version') && process.getuid?.() === 0
  for (const [program, name, use] of missing)
    say(`k3lab: ${program} is missing (Debian package ${name}, for ${use})${debianRoot ? '' : '; those tests will be skipped'}`)
  if (!debianRoot) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], { env })
  const names = missing.map(([, name]) => name)
  if (!run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...names], { env }))
    say('k3lab: some programs could not be installed; their tests will be skipped')
}

installPackages()
if (process.argv.includes('test')) installPrograms()
