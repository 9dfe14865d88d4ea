import { tabwriter } from '../tabwriter.ts'

/** Collects the lines of one description; `level` indents by two spaces each (kubectl/pkg/describe PrefixWriter). */
export interface DescribeWriter {
  line(level: number, text: string): void
  /** `Name:` and the entries below each other, keys in order; `<none>` when there are none. */
  map(level: number, title: string, entries: Readonly<Record<string, string>> | undefined, separator?: string): void
  list(level: number, title: string, entries: readonly string[]): void
  end(): string
}

export const describeWriter = (): DescribeWriter => {
  const lines: string[] = []
  const writer: DescribeWriter = {
    line: (level, text) => void lines.push(...text.split('\n').map(part => '  '.repeat(level) + part)),
    map: (level, title, entries, separator = '=') =>
      writer.list(
        level,
        title,
        Object.keys(entries ?? {})
          .toSorted()
          .map(key => `${key}${separator}${entries![key]}`),
      ),
    list: (level, title, entries) => {
      if (entries.length === 0) return writer.line(level, `${title}:\t<none>`)
      entries.forEach((entry, index) => writer.line(level, index === 0 ? `${title}:\t${entry}` : `\t${entry}`))
    },
    end: () => `${tabwriter(lines.join('\n'), { minWidth: 0, padding: 2 })}\n`,
  }
  return writer
}

/** RFC 1123 with a numeric zone, as kubectl prints times. */
export const rfc1123 = (time: string): string => {
  const date = new Date(time)
  return `${date.toUTCString().replace('GMT', '+0000')}`
}

const HIDDEN_ANNOTATIONS = new Set(['kubectl.kubernetes.io/last-applied-configuration'])
/** maxAnnotationLen, less what quotes would take. */
const ANNOTATION_WIDTH = 138

/** Annotations of an object without what kubectl keeps there for itself; long values go on a line of their own. */
export const annotations = (writer: DescribeWriter, level: number, found: Readonly<Record<string, string>> | undefined): void => {
  const keys = Object.keys(found ?? {})
    .filter(key => !HIDDEN_ANNOTATIONS.has(key))
    .toSorted()
  if (keys.length === 0) return writer.line(level, 'Annotations:\t<none>')
  writer.line(level, 'Annotations:\t' + keys.map(key => annotationText(key, found![key]!)).join(`\n${'  '.repeat(level)}\t`))
}

const annotationText = (key: string, raw: string): string => {
  const value = raw.replace(/\n$/, '')
  if (`${key}: ${value}`.length <= ANNOTATION_WIDTH && !value.includes('\n')) return `${key}: ${value}`
  const shown = value.split('\n').map(part => (part.length > ANNOTATION_WIDTH ? `${part.slice(0, ANNOTATION_WIDTH)}...` : part))
  return [`${key}:`, ...shown.map(part => `  ${part}`)].join('\n\t')
}
