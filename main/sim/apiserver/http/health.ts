import { RawAnswer, textAnswer } from './message.ts'

const HOOKS = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'peer-endpoint-reconciler-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'storage-readiness',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'aggregator-reload-proxy-client-cert',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-wait-for-first-sync',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
].map(name => `poststarthook/${name}`)

const TAIL = ['autoregister-completion', 'poststarthook/apiservice-openapi-controller', 'poststarthook/apiservice-openapiv3-controller']

const CHECKS: Record<string, readonly string[]> = {
  healthz: ['ping', 'log', 'loopback-serving-certificate', 'etcd', ...HOOKS, ...TAIL],
  livez: ['ping', 'log', 'loopback-serving-certificate', 'etcd', ...HOOKS, ...TAIL],
  readyz: ['ping', 'log', 'etcd', 'etcd-readiness', 'informer-sync', ...HOOKS, ...TAIL, 'shutdown'],
}

/** Every path below `/healthz`, `/livez` and `/readyz`. */
export const healthPaths = (): string[] =>
  Object.entries(CHECKS).flatMap(([endpoint, checks]) => [`/${endpoint}`, ...checks.map(check => `/${endpoint}/${check}`)])

/** The three health endpoints; `failing` names checks that do not hold. Undefined for other paths. */
export const healthAnswer = (path: string, query: URLSearchParams, failing: readonly string[]): RawAnswer | undefined => {
  const [endpoint = '', ...rest] = path.replace(/^\/|\/$/g, '').split('/')
  const checks = Object.hasOwn(CHECKS, endpoint) ? CHECKS[endpoint] : undefined
  if (!checks) return undefined
  if (rest.length > 0) {
    const one = rest.join('/')
    if (!checks.includes(one)) return undefined
    return failing.includes(one)
      ? textAnswer('internal server error: failed\n', 500)
      : new RawAnswer({ status: 200, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: 'ok' })
  }
  const excluded = query.getAll('exclude')
  const lines = checks.map(check =>
    excluded.includes(check) ? `[+]${check} excluded: ok` : failing.includes(check) ? `[-]${check} failed: reason withheld` : `[+]${check} ok`,
  )
  const bad = checks.some(check => failing.includes(check) && !excluded.includes(check))
  const unknown = excluded.filter(name => !checks.includes(name))
  if (unknown.length > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.map(name => JSON.stringify(name)).join(', ')}`)
  if (bad) return textAnswer(`${lines.join('\n')}\n${endpoint} check failed\n`, 500)
  return textAnswer(query.has('verbose') ? `${lines.join('\n')}\n${endpoint} check passed\n` : 'ok')
}
