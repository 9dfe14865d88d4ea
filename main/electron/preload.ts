import { contextBridge, ipcRenderer } from 'electron'
import { CHANNELS } from './policies.ts'

/** The page's window; the main process's sources are compiled without a browser's types. */
const page = globalThis as unknown as { postMessage(message: unknown, targetOrigin: string, transfer: unknown[]): void }

/** The whole bridge. A port cannot cross it as a value, so it arrives as a message of the window, marked with the nonce. */
contextBridge.exposeInMainWorld('k3lab', {
  connect: (): string => {
    const nonce = crypto.randomUUID()
    const receive = (event: Electron.IpcRendererEvent, marked: string) => {
      if (marked !== nonce) return
      ipcRenderer.off(CHANNELS.port, receive)
      page.postMessage({ k3labPort: nonce }, '*', [...event.ports])
    }
    ipcRenderer.on(CHANNELS.port, receive)
    ipcRenderer.send(CHANNELS.connect, nonce)
    return nonce
  },
})
