export type Host = 'electron' | 'browser'

export interface HostSurroundings {
  readonly wanted: Host | undefined
  /** Path of Electron's program; undefined when it is not installed. */
  readonly electron: string | undefined
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface HostChoice {
  readonly host: Host
  /** One line that says why it is not Electron, when it was not asked to be something else. */
  readonly why?: string
}

/** Electron where its program and a display exist; otherwise the browser, and why. */
export const chooseHost = ({ wanted, electron, platform, env }: HostSurroundings): HostChoice => {
  if (wanted === 'browser') return { host: 'browser' }
  if (electron === undefined) return { host: 'browser', why: 'Electron is not installed here, so the app is shown in the browser.' }
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY)
    return { host: 'browser', why: 'There is no display here, so the app is served to a browser.' }
  return { host: 'electron' }
}
