import { sessionOf } from './session.ts'

/** Copies what is selected in a pane; false when nothing is. */
export const copySelection = (paneId: string): boolean => {
  const terminal = sessionOf(paneId)?.screen.terminal
  if (!terminal?.hasSelection()) return false
  const text = terminal.getSelection()
  navigator.clipboard.writeText(text).catch(() => {
    // Where a page may not write to the clipboard by itself, xterm answers the copy command with its selection.
    terminal.focus()
    document.execCommand('copy')
  })
  return true
}

/** Pastes at the prompt. Where the page may not read the clipboard, the terminal takes the focus so that the keys for pasting work. */
export const pasteFromClipboard = async (paneId: string): Promise<void> => {
  const session = sessionOf(paneId)
  const text = await navigator.clipboard.readText().catch(() => '')
  if (text !== '') session?.paste(text)
  else session?.screen.terminal.focus()
}

/** Saves the pane's whole buffer as an HTML file. */
export const saveTranscript = (paneId: string): void => {
  const html = sessionOf(paneId)?.screen.transcript()
  if (html === undefined) return
  const address = URL.createObjectURL(new Blob([`<!doctype html><meta charset="utf-8"><title>k3lab</title>${html}`], { type: 'text/html' }))
  const link = document.createElement('a')
  link.href = address
  link.download = `terminal-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.html`
  link.click()
  URL.revokeObjectURL(address)
}
