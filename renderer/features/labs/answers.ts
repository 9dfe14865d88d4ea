/** Reads an answer that is kept as JSON; undefined when there is none yet. */
export const parsedAnswer = <T>(value: string): T | undefined => {
  try {
    return value === '' ? undefined : (JSON.parse(value) as T)
  } catch {
    return undefined
  }
}
