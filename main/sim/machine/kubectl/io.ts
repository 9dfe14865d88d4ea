import type { ApiEndpoint } from '../machine.ts'

/** What one run of kubectl has to do with the world around it. */
export interface KubectlIo {
  /** Absent where no kubeconfig is found: kubectl then tries localhost:8080. */
  readonly endpoint: ApiEndpoint | undefined
  /** What error messages call the API server: `127.0.0.1:6443`. */
  readonly server: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Milliseconds since the epoch. */
  now(): number
  sleep(ms: number): Promise<void>
  /** Whether standard output is a terminal: some commands colour only there. */
  readonly isTty: boolean
  stdout(text: string): void
  stderr(text: string): void
  /** Standard input up to its end. */
  stdin(): Promise<string>
  /** Text of a file (or the texts of a folder's files, sorted by name); rejects with an error whose code is ENOENT. */
  readFiles(path: string): Promise<readonly { readonly path: string; readonly text: string }[]>
}
