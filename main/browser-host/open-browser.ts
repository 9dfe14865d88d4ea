import { spawn } from 'node:child_process'

/** The platform's own way to open an address in the default browser. No shell sees the address. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/** Opens `url` in the default browser, if there is one; its absence is no error, the address is printed anyway. */
export const openBrowser = (url: string): void => {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open']
  const child = spawn(command, [...args, url], { detached: true, stdio: 'ignore' })
  child.on('error', () => {})
  child.unref()
}
