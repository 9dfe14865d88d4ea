import { join } from 'node:path'
import { type App, BrowserWindow, dialog, shell, type WebContents } from 'electron'
import { decideLink, ORIGIN, WEB_PREFERENCES } from './policies.ts'

const openLink = async (link: string): Promise<void> => {
  const { decision, ...rest } = decideLink(link)
  if (decision === 'refuse' || !('url' in rest)) return
  if (decision === 'ask') {
    const { response } = await dialog.showMessageBox({
      type: 'question',
      message: '이 주소를 브라우저에서 열까요? · Open this address in the browser?',
      detail: rest.url,
      buttons: ['열기 · Open', '취소 · Cancel'],
      defaultId: 1,
      cancelId: 1,
    })
    if (response !== 0) return
  }
  await shell.openExternal(rest.url)
}

const harden = (contents: WebContents) => {
  contents.on('will-navigate', event => event.preventDefault())
  contents.on('will-frame-navigate', event => event.preventDefault())
  contents.on('will-redirect', event => event.preventDefault())
  contents.on('will-attach-webview', event => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    void openLink(url)
    return { action: 'deny' }
  })
}

/** Every page there will ever be, ours or not, may go nowhere else and open nothing. */
export const hardenAll = (app: App): void => void app.on('web-contents-created', (_event, contents) => harden(contents))

/** The window, shown once its first picture is there. */
export const openWindow = (preload: string, developer: boolean): BrowserWindow => {
  const window = new BrowserWindow({
    width: 1360,
    height: 860,
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: 'k3lab',
    webPreferences: { ...WEB_PREFERENCES, preload, devTools: developer },
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(`${ORIGIN}/`)
  return window
}

export const preloadPath = (root: string): string => join(root, 'dist', 'preload', 'preload.cjs')
