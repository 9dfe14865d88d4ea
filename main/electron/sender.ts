import { ipcMain, type IpcMainEvent } from 'electron'
import { sameOrigin } from './policies.ts'

/**
 * Listens to the page. The only place that touches ipcMain: a message counts when it comes from the top frame of a
 * window showing our own page, with the one argument it must have.
 */
export const onPageMessage = (channel: string, listener: (event: IpcMainEvent, nonce: string) => void): void => {
  ipcMain.on(channel, (event, nonce: unknown) => {
    const frame = event.senderFrame
    if (!frame || frame !== event.sender.mainFrame || !sameOrigin(frame.url)) return
    if (typeof nonce !== 'string' || !/^[\w-]{8,64}$/.test(nonce)) return
    listener(event, nonce)
  })
}
