const pattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,]\d+)?(Z|[+-]\d{2}:\d{2})$/
const layout = ['2006', '-', '01', '-', '02', 'T', '15', ':', '04', ':', '05', 'Z07:00']

/** Where Go's time.Parse stops in a text that is no RFC 3339 time: the rest of the text and the layout's element. */
const failure = (text: string): string => {
  let rest = text
  for (const element of layout) {
    const matcher =
      element === 'Z07:00'
        ? /^(Z|[+-]\d{2}:\d{2})/
        : element === '2006'
          ? /^\d{4}/
          : element === '05'
            ? /^\d{2}(\.\d+)?/
            : /^\d/.test(element)
              ? /^\d{2}/
              : new RegExp(`^${element}`)
    const found = matcher.exec(rest)
    if (!found) return `: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(element)}`
    rest = rest.slice(found[0].length)
  }
  return rest === '' ? ': day out of range' : `: extra text: ${JSON.stringify(rest)}`
}

/**
 * Reads what a client may write for a metav1.Time (`fraction` 0) or MicroTime (`fraction` 6) and gives it as the
 * server writes it: in UTC. Throws an Error in the words of Go's time.Parse.
 */
export const canonicalTime = (text: string, fraction: 0 | 6): string => {
  // What the server wrote itself is by far the most frequent.
  if (fraction === 0 && text.length === 20 && text.endsWith('Z') && pattern.test(text)) return text
  const layoutText = fraction === 0 ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00'
  const milliseconds = pattern.test(text) ? Date.parse(text.replace(/[.,]\d+/, '')) : Number.NaN
  if (Number.isNaN(milliseconds)) throw new Error(`parsing time ${JSON.stringify(text)} as ${JSON.stringify(layoutText)}${failure(text)}`)
  const seconds = new Date(milliseconds).toISOString().slice(0, 19)
  if (fraction === 0) return `${seconds}Z`
  const digits = /[.,](\d+)/.exec(text)?.[1] ?? ''
  return `${seconds}.${digits.slice(0, 6).padEnd(6, '0')}Z`
}
