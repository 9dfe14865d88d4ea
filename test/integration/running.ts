import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import WebSocket from 'ws'
import type { contract } from '../../shared/contract/contract.ts'

const ENTRY = join(import.meta.dirname, '../../main/cli/k3lab.ts')

export interface ReadyLine {
  readonly url: string
  readonly kubeconfig: string
  readonly sshConfig: string
  readonly machines: readonly { name: string; role: string; sshHost: string; sshPort: number }[]
  readonly pid: number
}

export interface Running {
  readonly line: ReadyLine
  readonly child: ChildProcess
  /** Everything it said on stderr so far. */
  stderr(): string
  /** Sends a signal and resolves with the exit code, or the signal's name. */
  stop(signal?: NodeJS.Signals): Promise<number | string>
}

export const temporaryDir = (name: string): string => mkdtempSync(join(tmpdir(), `k3lab-${name}-`))

export const removeDir = (path: string): void => rmSync(path, { recursive: true, force: true })

const exitOf = (child: ChildProcess): Promise<number | string> =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode ?? child.signalCode!)
    else child.once('exit', (code, signal) => resolve(code ?? signal!))
  })

/** Runs the command line to its end. */
export const runCli = async (...args: readonly string[]): Promise<{ readonly code: number | string; readonly stdout: string; readonly stderr: string }> => {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  const code = await new Promise<number | string>(resolve => child.once('close', (status, signal) => resolve(status ?? signal!)))
  return { code, ...output }
}

/** Starts k3lab from its sources with the browser host, and resolves with its one line. */
export const startK3lab = (dataDir: string, ...args: readonly string[]): Promise<Running> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [ENTRY, 'start', '--host', 'browser', '--no-open', '--json', '--data-dir', dataDir, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.once('exit', code => reject(new Error(`k3lab ended with ${code}: ${stderr}`)))
    createInterface(child.stdout).once('line', line => {
      resolve({
        line: JSON.parse(line) as ReadyLine,
        child,
        stderr: () => stderr,
        stop: signal => {
          child.kill(signal ?? 'SIGTERM')
          return exitOf(child)
        },
      })
    })
  })

/** Exchanges the launch token for the session cookie. */
export const logIn = async (url: string): Promise<string> => {
  const response = await fetch(url, { redirect: 'manual' })
  return response.headers.get('set-cookie')!.split(';')[0]!
}

export type Client = ContractRouterClient<typeof contract>

/** The contract as a page reaches it. */
export const connectClient = async (url: string): Promise<{ readonly client: Client; close(): void }> => {
  const { origin } = new URL(url)
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/rpc`, { headers: { cookie: await logIn(url), origin } })
  return { client: createORPCClient(new RPCLink({ websocket: socket as never })), close: () => socket.close() }
}
