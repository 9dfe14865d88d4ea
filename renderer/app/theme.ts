import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

/** Felt green: the one colour that asks to be pressed. */
const felt: MantineColorsTuple = ['#e8f5ef', '#d3e9df', '#a8d3c0', '#7bbda0', '#56aa85', '#3f9d74', '#2f8a63', '#1f6f50', '#165a41', '#0c4530']
const gray: MantineColorsTuple = ['#fbf7f0', '#f4ede1', '#e6dac6', '#d5c6ad', '#bfae93', '#9c8c74', '#7c6e5a', '#5f5343', '#443a2e', '#2a231b']
const dark: MantineColorsTuple = ['#f1e7d8', '#d9cdbb', '#b9ab98', '#8d8071', '#574c41', '#40372e', '#322a23', '#27211b', '#1e1915', '#181411']
const red: MantineColorsTuple = ['#fdeeea', '#f9dad2', '#f1b3a5', '#e88a75', '#dd6750', '#cf4f38', '#b93f2a', '#9c3221', '#7e281b', '#5f1d13']
const amber: MantineColorsTuple = ['#fdf4dd', '#fae7b8', '#f4d07d', '#edb945', '#e2a31f', '#c98a0c', '#a56f07', '#815605', '#644304', '#473003']

export const theme = createTheme({
  fontFamily: "'Pretendard Variable', Pretendard, -apple-system, 'Segoe UI', 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', sans-serif",
  // A Hangul syllable is two cells wide: the faces after the Latin ones are made for that.
  fontFamilyMonospace:
    "ui-monospace, 'Cascadia Mono', 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', D2Coding, 'Noto Sans Mono CJK KR', 'Nanum Gothic Coding', monospace",
  colors: { felt, gray, dark, red, amber },
  primaryColor: 'felt',
  primaryShade: 7,
  autoContrast: true,
  luminanceThreshold: 0.35,
  defaultRadius: 'md',
  cursorType: 'pointer',
  headings: { fontWeight: '650' },
  components: {
    Modal: { styles: { title: { fontSize: 17, fontWeight: 680 } }, defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.45, blur: 2 } } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true } },
  },
})

/** Mantine's own variables in terms of the desk's (app/desk.css holds the values for both lights). */
export const variables: CSSVariablesResolver = () => {
  const desk = {
    '--mantine-color-body': 'var(--paper)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--ink-soft)',
    '--mantine-color-placeholder': 'var(--ink-faint)',
    '--mantine-color-default': 'var(--paper-raised)',
    '--mantine-color-default-hover': 'var(--paper-hover)',
    '--mantine-color-default-color': 'var(--ink)',
    '--mantine-color-default-border': 'var(--rule)',
    '--mantine-color-anchor': 'var(--accent)',
    '--mantine-color-error': 'var(--bad)',
  }
  return { variables: {}, light: desk, dark: desk }
}
