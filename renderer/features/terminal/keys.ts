/** The dock's keyboard: what a key press means, before the shell gets it. */
export type DockKey =
  | 'toggle'
  | 'splitRow'
  | 'splitColumn'
  | 'closePane'
  | 'nextPane'
  | 'previousPane'
  | 'nextTab'
  | 'previousTab'
  | 'search'
  | 'copy'
  | 'paste'
  | 'larger'
  | 'smaller'
  | 'usual'

interface Binding {
  readonly key: DockKey
  /** Physical key, so that a Korean layout does not change it. */
  readonly code: string
  readonly ctrl?: true
  readonly shift?: true
  readonly alt?: true
  /** For the list of keys in the menu. */
  readonly label: string
}

/** Free in browsers and in readline; Windows Terminal's where it has one. `toggle` works everywhere in the window, the others in a terminal. */
const bindings: readonly Binding[] = [
  { key: 'toggle', code: 'Backquote', ctrl: true, shift: true, label: 'Ctrl+Shift+`' },
  { key: 'splitRow', code: 'Equal', alt: true, shift: true, label: 'Alt+Shift++' },
  { key: 'splitColumn', code: 'Minus', alt: true, shift: true, label: 'Alt+Shift+-' },
  { key: 'closePane', code: 'KeyX', alt: true, shift: true, label: 'Alt+Shift+X' },
  { key: 'nextPane', code: 'ArrowRight', alt: true, shift: true, label: 'Alt+Shift+→' },
  { key: 'previousPane', code: 'ArrowLeft', alt: true, shift: true, label: 'Alt+Shift+←' },
  { key: 'nextTab', code: 'BracketRight', alt: true, shift: true, label: 'Alt+Shift+]' },
  { key: 'previousTab', code: 'BracketLeft', alt: true, shift: true, label: 'Alt+Shift+[' },
  { key: 'search', code: 'KeyF', ctrl: true, label: 'Ctrl+F' },
  { key: 'search', code: 'KeyF', ctrl: true, shift: true, label: 'Ctrl+Shift+F' },
  { key: 'copy', code: 'KeyC', ctrl: true, shift: true, label: 'Ctrl+Shift+C' },
  { key: 'paste', code: 'KeyV', ctrl: true, shift: true, label: 'Ctrl+Shift+V' },
  { key: 'larger', code: 'Equal', ctrl: true, label: 'Ctrl+=' },
  { key: 'smaller', code: 'Minus', ctrl: true, label: 'Ctrl+-' },
  { key: 'usual', code: 'Digit0', ctrl: true, label: 'Ctrl+0' },
]

export const dockKey = (event: Pick<KeyboardEvent, 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>): DockKey | undefined =>
  bindings.find(
    one => one.code === event.code && !!one.ctrl === event.ctrlKey && !!one.shift === event.shiftKey && !!one.alt === event.altKey && !event.metaKey,
  )?.key

export const keyLabel = (key: DockKey): string => bindings.find(one => one.key === key)!.label
