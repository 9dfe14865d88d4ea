import type { AnyObject, ApiResource, Client } from './client.ts'
import type { FlagSpec, Parsed } from './flags.ts'
import type { KubectlIo } from './io.ts'

/** What a command of kubectl works with. `namespace` is the effective one (`-n`, else the context's). */
export interface KubectlContext {
  readonly io: KubectlIo
  readonly client: Client
  readonly flags: Parsed
  readonly namespace: string
  readonly namespaceGiven: boolean
}

/** One kubectl command, one file in `commands/`, listed in `commands/index.ts`. */
export interface KubectlCommand {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly summary: string
  readonly usage: string
  readonly flags: readonly FlagSpec[]
  readonly subcommands?: readonly KubectlCommand[]
  /** Resolves with the exit code. */
  run?(context: KubectlContext): Promise<number>
}

/** `pod/web`, `deployment.apps/web` as kubectl names objects in its messages. */
export const displayName = (resource: Pick<ApiResource, 'singular' | 'group'>, name: string): string =>
  `${resource.group ? `${resource.singular}.${resource.group}` : resource.singular}/${name}`

export interface Found {
  readonly resource: ApiResource
  readonly object: AnyObject
}
