import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import { parse } from 'yaml'
import { z } from 'zod'
import { failure } from '../../shared/domain/errors.ts'

const named = <T extends z.ZodType>(key: string, value: T) =>
  z
    .array(z.looseObject({ name: z.string(), [key]: value }))
    .nullish()
    .transform(list => list ?? [])
const text = z.string().nullish()

const clusterSchema = z.looseObject({
  server: z.string().min(1),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().nullish(),
})
const userSchema = z
  .looseObject({
    'client-certificate': text,
    'client-certificate-data': text,
    'client-key': text,
    'client-key-data': text,
    token: text,
    tokenFile: text,
    exec: z.looseObject({ command: text }).nullish(),
    'auth-provider': z.looseObject({ name: text }).nullish(),
  }) // prettier-ignore
  .nullish()

const kubeconfigSchema = z.looseObject({
  kind: z.literal('Config').nullish(),
  clusters: named('cluster', clusterSchema),
  users: named('user', userSchema),
  contexts: named('context', z.looseObject({ cluster: z.string(), user: z.string().nullish() })),
  'current-context': text,
})

export interface ParsedKubeconfig {
  readonly context: string
  readonly cluster: string
  readonly server: string
  /** For client-node; paths in it are absolute. */
  load(): Promise<KubeConfig>
}

/** `~` and relative paths as a person types them. */
export const expandPath = (path: string): string =>
  path === '~' || /^~[\\/]/.test(path) ? join(homedir(), path.slice(1)) : isAbsolute(path) ? path : resolve(path)

/** Reads a kubeconfig file. Throws Failure (`kubeconfigUnreadable` and those of `parseKubeconfig`). */
export const readKubeconfig = (path: string, context?: string): ParsedKubeconfig => {
  const file = expandPath(path)
  let content: string
  try {
    content = readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw failure('kubeconfigUnreadable', { path: file, reason: code ?? '' }, { detail: message })
  }
  return parseKubeconfig(content, { context, directory: dirname(file) })
}

/**
 * Checks everything about a kubeconfig that can be known without the cluster, and says what is wrong with the field's
 * name. `directory` is what relative paths in it start from. A kubeconfig that names a program to run is refused:
 * text that somebody pasted must not start programs.
 */
export const parseKubeconfig = (content: string, options: { readonly context?: string | undefined; readonly directory?: string } = {}): ParsedKubeconfig => {
  const invalid = (reason: string) => failure('kubeconfigInvalid', { reason })
  let document: unknown
  try {
    document = parse(content, { maxAliasCount: 50 })
  } catch (error) {
    throw failure('kubeconfigInvalid', { reason: (error as Error).message.split('\n')[0]!.replace(/:$/, '') })
  }
  const checked = kubeconfigSchema.safeParse(document)
  if (!checked.success) {
    const [issue] = checked.error.issues
    throw invalid(`${issue!.path.join('.') || 'kubeconfig'}: ${issue!.message}`)
  }
  const { clusters, users, contexts } = checked.data
  const context = options.context ?? checked.data['current-context'] ?? ''
  if (contexts.length === 0 || context === '') throw failure('kubeconfigNoContext', {})
  const chosen = contexts.find(entry => entry.name === context)?.context as { cluster: string; user?: string } | undefined
  if (!chosen) throw failure('kubeconfigUnknownContext', { context, known: contexts.map(entry => entry.name).join(', ') })
  const cluster = clusters.find(entry => entry.name === chosen.cluster)?.cluster as z.infer<typeof clusterSchema> | undefined
  if (!cluster) throw failure('kubeconfigNoCluster', { context, cluster: chosen.cluster })
  const userEntry = users.find(entry => entry.name === chosen.user)
  if (!userEntry) throw failure('kubeconfigNoUser', { context, user: chosen.user ?? '' })
  const userName = userEntry.name as string
  const user = (userEntry.user ?? {}) as NonNullable<z.infer<typeof userSchema>>

  if (user.exec) throw failure('kubeconfigRunsProgram', { user: userName, command: user.exec.command ?? '' })
  if (user['auth-provider']) throw failure('kubeconfigRunsProgram', { user: userName, command: user['auth-provider'].name ?? '' })
  if (!URL.canParse(cluster.server)) throw invalid(`clusters.cluster.server: ${cluster.server}`)
  if (new URL(cluster.server).protocol !== 'https:') throw failure('kubeconfigInsecureServer', { server: cluster.server })

  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(options.directory ?? '.', path))
  const files = {
    'certificate-authority': cluster['certificate-authority'],
    'client-certificate': user['client-certificate'],
    'client-key': user['client-key'],
    tokenFile: user.tokenFile,
  }
  for (const [field, path] of Object.entries(files))
    if (path && !existsSync(absolute(path))) throw failure('kubeconfigMissingFile', { field, path: absolute(path) })
  for (const [field, data] of [
    ['certificate-authority-data', cluster['certificate-authority-data']],
    ['client-certificate-data', user['client-certificate-data']],
  ] as const) {
    if (!data) continue
    try {
      new X509Certificate(Buffer.from(data, 'base64'))
    } catch (error) {
      throw failure('kubeconfigBadCertificate', { field }, { detail: (error as Error).message })
    }
  }

  return {
    context,
    cluster: chosen.cluster,
    server: cluster.server,
    load: async () => {
      const { KubeConfig } = await import('@kubernetes/client-node')
      const config = new KubeConfig()
      config.loadFromString(content)
      config.makePathsAbsolute(options.directory ?? '.')
      config.setCurrentContext(context)
      return config
    },
  }
}
