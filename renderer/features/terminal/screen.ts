import { FitAddon } from '@xterm/addon-fit'
import { SearchAddon } from '@xterm/addon-search'
import { SerializeAddon } from '@xterm/addon-serialize'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { WebglAddon } from '@xterm/addon-webgl'
import { Terminal } from '@xterm/xterm'
import { terminalColours } from './colours.ts'

/** An xterm.js terminal with the addons we use. Its element moves from pane to pane; its buffer stays while it is hidden. */
export interface Screen {
  readonly terminal: Terminal
  readonly search: SearchAddon
  /** Shows the terminal in an element; returns how to take it out again. */
  attach(host: HTMLElement): () => void
  fit(): void
  setFont(family: string, size: number): void
  /** Writes output for a screen reader too, or not; and how the input is called. */
  setVoice(reader: boolean, name: string): void
  /** Takes the desk's colours as they are now. */
  recolour(): void
  /** Switches off what an ended program left on: mouse reports, bracketed paste, the alternate screen, a hidden cursor. */
  sober(): void
  /** The whole buffer as an HTML page, colours included. */
  transcript(): string
  dispose(): void
}

/** 5,000 lines are some 12 MB when every cell is used: enough for a lab, little for ten tabs. */
const SCROLLBACK_LINES = 5_000

export const screen = (): Screen => {
  const terminal = new Terminal({
    allowProposedApi: true,
    cursorBlink: false,
    scrollback: SCROLLBACK_LINES,
    macOptionIsMeta: true,
    minimumContrastRatio: 4.5,
    rightClickSelectsWord: false,
    theme: terminalColours(),
  })
  const fitting = new FitAddon()
  const search = new SearchAddon()
  const serialize = new SerializeAddon()
  terminal.loadAddon(fitting)
  terminal.loadAddon(search)
  terminal.loadAddon(serialize)
  terminal.loadAddon(new Unicode11Addon())
  // Hangul syllables and newer emoji are two cells wide only under the newer tables.
  terminal.unicode.activeVersion = '11'
  terminal.loadAddon(new WebLinksAddon((_event, uri) => openLink(uri)))
  terminal.options.linkHandler = { activate: (_event, uri) => openLink(uri) }

  let webgl: WebglAddon | undefined
  let lostContext = false
  /** A window has some sixteen WebGL contexts: only shown terminals hold one, and one that was lost is not asked for again. */
  const accelerate = () => {
    if (lostContext || webgl) return
    try {
      const addon = new WebglAddon()
      addon.onContextLoss(() => {
        lostContext = true
        addon.dispose()
        webgl = undefined
      })
      terminal.loadAddon(addon)
      webgl = addon
    } catch {
      lostContext = true
    }
  }
  const fit = () => {
    const host = terminal.element?.parentElement
    if (host && host.clientWidth > 40 && host.clientHeight > 20) fitting.fit()
  }

  return {
    terminal,
    search,
    attach: host => {
      if (terminal.element) host.append(terminal.element)
      else terminal.open(host)
      accelerate()
      fit()
      const watch = new ResizeObserver(() => fit())
      watch.observe(host)
      return () => {
        watch.disconnect()
        webgl?.dispose()
        webgl = undefined
        terminal.element?.remove()
      }
    },
    fit,
    setFont: (family, size) => {
      terminal.options.fontFamily = family
      terminal.options.fontSize = size
      fit()
    },
    setVoice: (reader, name) => {
      terminal.options.screenReaderMode = reader
      terminal.textarea?.setAttribute('aria-label', name)
    },
    recolour: () => {
      terminal.options.theme = terminalColours()
    },
    sober: () =>
      // Leaving the alternate screen also brings back a saved cursor, so only where it was entered. Written in order, after all output.
      terminal.write('', () =>
        terminal.write(`${terminal.buffer.active.type === 'alternate' ? '\x1b[?1049l' : ''}\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?2004l\x1b[?25h\x1b[0m\r\n`),
      ),
    transcript: () => serialize.serializeAsHTML({ includeGlobalBackground: true }),
    dispose: () => terminal.dispose(),
  }
}

/** Only web addresses, and never with this window as their opener. */
const openLink = (uri: string) => {
  if (URL.canParse(uri) && ['http:', 'https:'].includes(new URL(uri).protocol)) window.open(uri, '_blank', 'noopener,noreferrer')
}
