import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { removeDir, type Running, startK3lab, temporaryDir } from './running.ts'

const run = promisify(execFile)

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const outcome = async (program: string, args: readonly string[]): Promise<Outcome> => {
  try {
    return { code: 0, ...(await run(program, args, { maxBuffer: 1 << 26 })) }
  } catch (error) {
    const { code, stdout, stderr } = error as Outcome
    return { code, stdout, stderr }
  }
}

/** Ages go on between the two runs, and widths follow them. */
const steady = (text: string): string =>
  text
    .replaceAll(/\b(\d+y)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(?<=\d[ydhms])\b/g, 'AGE')
    .replaceAll(/(RenewTime|LastHeartbeatTime|Renew Time):.*/g, '$1: TIME')
    .replaceAll(/\w{3}, \d\d \w{3} \d{4} [\d:]{8} \+0000/g, 'TIME')
    .replaceAll(/\b\d+(m|Mi|%)( |$)/gm, 'USED ')
    .replaceAll(/[ -]{2,}/g, ' ')

/** kubectl 1.32 words these in its own way; ours follows 1.36. */
const sinceThen = (text: string): string =>
  text
    .replaceAll('ConfigMapOptional: <nil>', 'Optional: false')
    .replaceAll(/^ *Kube-Proxy Version:.*\n/gm, '')
    .replaceAll(/^WARNING: version difference.*\n/gm, '')

/** Older clients word more of their messages in other ways. */
const OLDEST_MINOR = 32
const clientMinor = await run('kubectl', ['version', '--client', '-o', 'json']).then(
  ({ stdout }) => Number.parseInt((JSON.parse(stdout) as { clientVersion: { minor: string } }).clientVersion.minor, 10),
  () => 0,
)

/** Both the machine's kubectl and the real one ask the same API server; they have to say the same. */
describe.skipIf(clientMinor < OLDEST_MINOR)('the machines’ kubectl beside the real one (skipped where kubectl is missing or older than 1.32)', () => {
  const dataDir = temporaryDir('parity')
  let app: Running
  const real = (command: string) =>
    outcome('kubectl', ['--kubeconfig', app.line.kubeconfig, '--cache-dir', join(dataDir, 'kubectl-cache'), ...command.split(' ')])
  const ours = (command: string) => outcome('ssh', ['-F', app.line.sshConfig, 'mini-1', `kubectl ${command.replaceAll(/[[\]*{}@?()"'<>|;&$\\]/g, '\\$&')}`])

  beforeAll(async () => {
    app = await startK3lab(dataDir, '--seed', '3')
    for (const command of [
      'create deployment web --image=nginx --replicas=3',
      'expose deployment web --port=80 --type=NodePort',
      'rollout status deployment/web --timeout=60s',
    ]) {
      const { code, stderr } = await real(command)
      if (code !== 0) throw new Error(`kubectl ${command}: ${stderr}`)
    }
  })
  afterAll(async () => {
    await app?.stop()
    removeDir(dataDir)
  })

  const commands = [
    'get nodes',
    'get nodes -o wide',
    'get all -A',
    'get pods -o wide',
    'get pods --show-labels',
    'get pods -o name',
    'get pods -l app=web --no-headers',
    'get deploy,svc',
    'get deploy web -o yaml',
    'get deploy web -o json',
    'get pods -A -o yaml',
    'get nodes -o jsonpath={.items[*].metadata.name}',
    'get pods -o custom-columns=N:.metadata.name,I:.spec.containers[*].image,L:.metadata.labels',
    'get pods -A --sort-by=.metadata.name',
    'get pod nope',
    'get foo',
    'get pods web nope',
    'get endpointslices,endpoints,sc,ingressclass,lease -A',
    'get --raw /version',
    'describe deployment web',
    'describe replicaset -l app=web',
    'describe service web',
    'describe namespace default',
    'describe configmap kube-root-ca.crt',
    'describe serviceaccount default',
    'describe sc',
    'describe ingressclass',
    'describe endpointslice',
    'describe clusterrole view',
    'describe clusterrolebinding cluster-admin',
    'describe lease -n kube-node-lease mini-2',
    'describe job -n kube-system',
    'create deployment web --image=nginx',
    'create namespace default',
    'delete pod',
    'label pod nope a=b',
    'taint nodes mini-2 key',
    'rollout history deployment/web',
    'rollout status deployment/web',
    'auth can-i list pods',
    'api-versions',
    'api-resources -o wide',
    'top nodes',
  ]

  it.each(commands)('kubectl %s', async command => {
    const [theirs, mine] = await Promise.all([real(command), ours(command)])
    expect(mine.code).toBe(theirs.code)
    expect(steady(sinceThen(mine.stdout))).toBe(steady(sinceThen(theirs.stdout)))
    expect(steady(sinceThen(mine.stderr))).toBe(steady(sinceThen(theirs.stderr)))
  })
})
