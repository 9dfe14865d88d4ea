import type { ITheme } from '@xterm/xterm'

/** By day: dark inks on paper. By night: the same inks, lit. Every colour holds 4.5:1 on its ground. */
const day = {
  red: '#a3301f',
  green: '#1c6d3f',
  yellow: '#7d4e00',
  blue: '#255d86',
  magenta: '#7d3c77',
  cyan: '#1b6464',
  white: '#6a5f50',
  black: '#2a231b',
  brightRed: '#b3402e',
  brightGreen: '#237a49',
  brightYellow: '#8a5804',
  brightBlue: '#2e6a96',
  brightMagenta: '#8c4a86',
  brightCyan: '#247070',
  brightWhite: '#453b30',
  brightBlack: '#756752',
}
const night = {
  red: '#f0907a',
  green: '#86d29e',
  yellow: '#e6bd68',
  blue: '#8fbbdb',
  magenta: '#d6a3d0',
  cyan: '#86cbc6',
  white: '#d8ccba',
  black: '#3a322a',
  brightRed: '#f7ab98',
  brightGreen: '#a3e0b6',
  brightYellow: '#f0d08a',
  brightBlue: '#aacde6',
  brightMagenta: '#e3bbde',
  brightCyan: '#a4dcd8',
  brightWhite: '#f6eee2',
  brightBlack: '#9a8d7b',
}

/** The terminal's colours under the desk's present light. */
export const terminalColours = (): ITheme => {
  const dark = document.documentElement.dataset['mantineColorScheme'] === 'dark'
  const ground = dark ? '#14110e' : '#fffdf8'
  return {
    ...(dark ? night : day),
    background: ground,
    foreground: dark ? '#ece2d3' : '#2a231b',
    cursor: dark ? '#e6bd68' : '#1b6549',
    cursorAccent: ground,
    selectionBackground: dark ? '#3d5f4d' : '#c4dfcf',
    selectionInactiveBackground: dark ? '#33423a' : '#dbe7dd',
    scrollbarSliderBackground: dark ? '#5e514588' : '#b9a68888',
    scrollbarSliderHoverBackground: dark ? '#5e5145cc' : '#b9a688cc',
    scrollbarSliderActiveBackground: dark ? '#5e5145' : '#b9a688',
  }
}

/** How found places are marked; the search addon wants plain hex. */
export const searchColours = () => {
  const dark = document.documentElement.dataset['mantineColorScheme'] === 'dark'
  return dark
    ? { matchBackground: '#5c4715', matchOverviewRuler: '#e0a63a', activeMatchBackground: '#8a6a1c', activeMatchColorOverviewRuler: '#f4d07d' }
    : { matchBackground: '#f6e3ae', matchOverviewRuler: '#c98a0c', activeMatchBackground: '#efc65c', activeMatchColorOverviewRuler: '#8a5204' }
}
